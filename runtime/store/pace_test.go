package store_test

import (
	"testing"
	"time"
)

// Pauses grow with the tries up to a bound, and with what commits take on the engine.
func TestPausesFollowTheEngine(t *testing.T) {
	for _, c := range []struct {
		name    string
		commits []time.Duration // that were seen
		try     int
		want    time.Duration
	}{
		{"nothing seen", nil, 3, 160 * time.Microsecond},
		{"fast commits", []time.Duration{5 * time.Microsecond}, 3, 160 * time.Microsecond},
		{"fast commits, more tries", []time.Duration{5 * time.Microsecond}, 4, 320 * time.Microsecond},
		{"fast commits, the bound", []time.Duration{5 * time.Microsecond}, 60, 10 * time.Millisecond},
		{"commits by a disk", []time.Duration{200 * time.Microsecond}, 3, 1600 * time.Microsecond},
		{"commits by a network", []time.Duration{5 * time.Millisecond}, 3, 40 * time.Millisecond},
		{"commits by a network, the bound", []time.Duration{5 * time.Millisecond}, 60, 80 * time.Millisecond},
		{"one that was slow", []time.Duration{5 * time.Millisecond, 45 * time.Millisecond}, 3, 80 * time.Millisecond},
		{"no time at all", []time.Duration{0}, 3, 160 * time.Microsecond},
	} {
		same(t, c.name, longestPause(c.try, c.commits...), c.want)
	}
}
