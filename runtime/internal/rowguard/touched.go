package rowguard

import (
	"errors"

	"github.com/storegen/storegen/runtime/engine"
)

// Touched are the rows of cached tables that a transaction has written.
type Touched struct {
	list      []touchedRow
	keys      []byte // one behind the other
	announced bool
}

type touchedRow struct {
	guard  *Guard
	stripe *guardStripe
	start  int // in keys
	end    int
}

// mostTouched is how many rows' worth of memory is kept for the next transaction.
const mostTouched = 1 << 10

// Note keeps a row that is written.
func (ts *Touched) Note(g *Guard, key []byte) {
	start := len(ts.keys)
	ts.keys = append(ts.keys, key...)
	ts.list = append(ts.list, touchedRow{g, g.stripe(key), start, len(ts.keys)})
}

// Announce tells the caches of a commit that the engine is about to make.
func (ts *Touched) Announce() {
	ts.announced = true
	for _, r := range ts.list {
		r.guard.announce(r.stripe, ts.keys[r.start:r.end])
	}
}

// End tells the caches that the engine has returned from an announced commit, and
// forgets the rows. Where it does not know what came of the commit, that may yet
// take effect: its stripes are never quiet again, and so their rows not cached.
func (ts *Touched) End(err error) {
	if ts.announced && !errors.Is(err, engine.ErrUnknown) {
		for _, r := range ts.list {
			r.stripe.state.Add(^uint64(0))
		}
	}
	ts.Reset()
}

// Reset forgets the rows.
func (ts *Touched) Reset() {
	ts.announced = false
	if len(ts.list) == 0 {
		return // as a rule: few tables have a cache
	}
	if cap(ts.list) > mostTouched {
		*ts = Touched{}
		return
	}
	clear(ts.list)
	ts.list, ts.keys = ts.list[:0], ts.keys[:0]
}
