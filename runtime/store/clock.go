package store

import (
	"time"

	"github.com/storegen/storegen/runtime/clock"
)

// Clock tells the time to a database, which decides what has expired and what
// "now" is as a default.
type Clock = clock.Clock

// ManualClock is a clock for tests: it stands still until it is told to move.
type ManualClock = clock.ManualClock

// SystemClock is the clock of the machine.
var SystemClock = clock.SystemClock

// NewManualClock returns a clock that stands at now.
func NewManualClock(now time.Time) *ManualClock { return clock.NewManualClock(now) }
