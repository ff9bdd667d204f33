package entity

import (
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/txn"
	"github.com/storegen/storegen/runtime/record"
)

// change has the user's function change the row in sc, which was read in w.
func (sc *Scratch) change(w *txn.Writer, change func(row any) error) error {
	u := &sc.updating
	*u = txn.Updating{Outer: w.Updating, Key: sc.Key}
	w.Updating = u
	defer func() { // also where the function panics
		if !u.Over {
			w.Updating = u.Outer
		}
		*u = txn.Updating{}
	}()
	err := change(sc.row)
	switch {
	case u.Over:
		return errs.ErrTxDone
	case err == nil && u.Written:
		return record.Invalid("", "the function of the update has written the row itself: change the row that the function is given, or write the row before or behind the update")
	}
	return err
}
