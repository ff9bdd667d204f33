package entity

import (
	"bytes"
	"sync"
	"sync/atomic"
)

// unswept is the beginning of the order of expiry in which a sweep has found only rows
// of tables that this program has not opened, so that those of a table that no program
// opens any more are not gone through by each sweep. The next ones begin behind it, unless
// a table was opened or a row written there since. What other programs write there, or
// remove, is seen by every sixteenth sweep.
type unswept struct {
	known atomic.Bool // for writers: there is such a beginning

	mu   sync.Mutex
	to   []byte // its end; nil: there is none
	rows int    // in it
	used int    // by so many sweeps
}

// fullSweep is how many sweeps trust what one has found.
const fullSweep = 16

// Begin is where a sweep begins, and how many rows it leaves out.
func (u *unswept) Begin(first []byte) (start []byte, left int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.used++; u.to == nil || u.used >= fullSweep {
		u.drop()
		return first, 0
	}
	return u.to, u.rows
}

// End says that a sweep that went up to a key has left that many rows.
func (u *unswept) End(to []byte, left int) {
	u.mu.Lock()
	defer u.mu.Unlock()
	if left == 0 {
		u.drop()
		return
	}
	if u.to == nil {
		u.used = 0
	}
	u.to, u.rows = bytes.Clone(to), left
	u.known.Store(true)
}

// Forget is called where rows may be swept that were not.
func (u *unswept) Forget() {
	u.mu.Lock()
	defer u.mu.Unlock()
	u.drop()
}

func (u *unswept) drop() {
	u.to, u.rows = nil, 0
	u.known.Store(false)
}

// written is called with each entry in the order of expiry that is written.
func (u *unswept) written(place []byte) {
	if !u.known.Load() {
		return // as a rule
	}
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.to != nil && bytes.Compare(place, u.to) < 0 {
		u.drop()
	}
}
