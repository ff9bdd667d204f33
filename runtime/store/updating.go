package store

import "github.com/storegen/storegen/runtime/record"

// An update holds what it has read of its row while the user's function runs. The
// function may write by the same transaction. If it writes this very row, what was
// read is no longer so: the update would write over that, and would take index entries
// for the row's that it has no more.

// updating is an update whose function is running.
type updating struct {
	outer   *updating // within whose function it runs
	key     []byte    // of its row
	written bool      // the row was
	over    bool      // the transaction has ended, and the writer may be another's
}

// note marks the updates of a row that is written.
func (u *updating) note(key []byte) {
	for ; u != nil; u = u.outer {
		u.written = u.written || string(u.key) == string(key)
	}
}

// change has the user's function change the row in sc, which was read in w.
func (sc *scratch) change(w *writer, change func(row any) error) error {
	u := &sc.updating
	*u = updating{outer: w.updating, key: sc.key}
	w.updating = u
	defer func() { // also where the function panics
		if !u.over {
			w.updating = u.outer
		}
		*u = updating{}
	}()
	err := change(sc.row)
	switch {
	case u.over:
		return ErrTxDone
	case err == nil && u.written:
		return record.Invalid("", "the function of the update has written the row itself: change the row that the function is given, or write the row before or behind the update")
	}
	return err
}
