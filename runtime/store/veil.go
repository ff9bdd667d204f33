package store

import (
	"errors"
	"fmt"

	"github.com/storegen/storegen/runtime/access"
)

// A principal learns nothing of others from errors. What a guarded operation fails
// with may be about a row that the principal cannot see: who holds a unique value, at
// which key a transaction lost, where stored bytes are wrong. Trusted code is told;
// a principal is told what kind of error it is, and in which table.

// veil takes out of an error what the principal, if there is one, may not know.
func veil(who *access.Principal, err error) error {
	if who == nil || err == nil {
		return err
	}
	return veiled(err)
}

func veiled(err error) error {
	var e *Error
	hasPlace := errors.As(err, &e)
	var u *UniqueError
	switch {
	case errors.As(err, &u):
		// The key is that of the row that was to be written.
		err = &UniqueError{Table: u.Table, Index: u.Index}
		if hasPlace {
			return &Error{Op: e.Op, Table: e.Table, Key: e.Key, Err: err}
		}
		return err
	case errors.Is(err, ErrCorrupt):
		err = fmt.Errorf("%w; where, is told to trusted code alone: run Verify", ErrCorrupt)
	case errors.Is(err, ErrConflict):
		err = fmt.Errorf("%w; run it again", ErrConflict)
	default:
		return err
	}
	if hasPlace {
		return &Error{Op: e.Op, Table: e.Table, Err: err}
	}
	return err
}

// failFor is fail for an operation of a principal, if who is not nil.
func (t *table) failFor(who *access.Principal, op string, key []byte, err error) error {
	if err == nil {
		return nil
	}
	return veil(who, t.fail(op, key, err))
}
