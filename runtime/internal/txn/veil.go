package txn

import (
	"errors"
	"fmt"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/errs"
)

// A principal learns nothing of others from errors. What a guarded operation fails
// with may be about a row that the principal cannot see: who holds a unique value, at
// which key a transaction lost, where stored bytes are wrong. Trusted code is told;
// a principal is told what kind of error it is, and in which table.

// Veil takes out of an error what the principal, if there is one, may not know.
func Veil(who *access.Principal, err error) error {
	if who == nil || err == nil {
		return err
	}
	return veiled(err)
}

func veiled(err error) error {
	var e *errs.Error
	hasPlace := errors.As(err, &e)
	var u *errs.UniqueError
	switch {
	case errors.As(err, &u):
		// The key is that of the row that was to be written.
		err = &errs.UniqueError{Table: u.Table, Index: u.Index}
		if hasPlace {
			return &errs.Error{Op: e.Op, Table: e.Table, Key: e.Key, Err: err}
		}
		return err
	case errors.Is(err, errs.ErrCorrupt):
		err = fmt.Errorf("%w; where, is told to trusted code alone: run Verify", errs.ErrCorrupt)
	case errors.Is(err, errs.ErrConflict):
		err = fmt.Errorf("%w; run it again", errs.ErrConflict)
	default:
		return err
	}
	if hasPlace {
		return &errs.Error{Op: e.Op, Table: e.Table, Err: err}
	}
	return err
}
