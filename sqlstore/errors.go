package sqlstore

import (
	"context"
	"errors"
	"io"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/store"
)

// SQLite hands errors of virtual tables on as a code and a text. A session remembers the
// last one of the store, and the connection joins the two: errors.Is and errors.As find
// SQLite's codes and the store's errors in it.

// Error is an error of a statement, with both its causes.
type Error struct {
	SQLite error // with a code, as sqlite3.CONSTRAINT
	Store  error // of the store, as store.ErrUnique
}

// Error is the text of the cause.
func (e *Error) Error() string { return "sql: " + e.Store.Error() }

// Unwrap returns the causes.
func (e *Error) Unwrap() []error { return []error{e.Store, e.SQLite, codeOf(e.Store)} }

// coded is an error of the store with the code that SQLite is to hand on.
type coded struct {
	error
	code sqlite3.ExtendedErrorCode
}

// As tells package sqlite3 the code.
func (e coded) As(target any) bool {
	if c, ok := target.(*sqlite3.ExtendedErrorCode); ok {
		*c = e.code
		return true
	}
	return false
}

// codes are the codes of the store's errors; others are sqlite3.ERROR.
var codes = []struct {
	is   error
	code sqlite3.ExtendedErrorCode
}{
	{errMissing, sqlite3.CONSTRAINT_NOTNULL},
	{store.ErrUnique, sqlite3.CONSTRAINT_UNIQUE},
	{store.ErrExists, sqlite3.CONSTRAINT_PRIMARYKEY},
	{store.ErrInvalid, sqlite3.CONSTRAINT_CHECK},
	{store.ErrDenied, sqlite3.AUTH.ExtendedCode()},
	{store.ErrConflict, sqlite3.CONSTRAINT_VTAB},
	{store.ErrReadOnly, sqlite3.READONLY.ExtendedCode()},
	{store.ErrTooLarge, sqlite3.TOOBIG.ExtendedCode()},
	{store.ErrCorrupt, sqlite3.CORRUPT_VTAB},
	{context.Canceled, sqlite3.INTERRUPT.ExtendedCode()},
	{context.DeadlineExceeded, sqlite3.INTERRUPT.ExtendedCode()},
}

// codeOf is the code of an error of the store.
func codeOf(err error) sqlite3.ExtendedErrorCode {
	for _, c := range codes {
		if errors.Is(err, c.is) {
			return c.code
		}
	}
	return sqlite3.ERROR.ExtendedCode()
}

// fail remembers an error for the connection, and gives it the code for SQLite.
func (s *session) fail(err error) error {
	if err == nil {
		return nil
	}
	s.last = err
	return coded{err, codeOf(err)}
}

// refuse is fail for a row that is refused. What breaks a rule SQLite passes over with OR
// IGNORE, and a transaction that has lost is not to be passed over.
func (s *session) refuse(err error) error {
	if errors.Is(err, store.ErrConflict) {
		s.last = err
		return coded{err, sqlite3.BUSY.ExtendedCode()}
	}
	return s.fail(err)
}

// explain joins an error of SQLite with what the session remembers of it, or knows besides.
func (s *session) explain(ctx context.Context, err error) error {
	last := s.last
	s.last = nil
	var joined *Error
	if err == nil || err == io.EOF || errors.As(err, &joined) {
		return err
	}
	switch {
	case last != nil && (errors.Is(err, sqlite3.AUTH) || strings.Contains(err.Error(), last.Error())):
		return &Error{SQLite: err, Store: last}
	case s.reads && errors.Is(err, sqlite3.READONLY):
		return &Error{SQLite: err, Store: errReads}
	case errors.Is(err, sqlite3.INTERRUPT) && ctx.Err() != nil:
		return &Error{SQLite: err, Store: ctx.Err()}
	}
	if _, name, ok := strings.Cut(err.Error(), "no such table: "); ok {
		if why := s.pool.why(name); why != nil {
			return &Error{SQLite: err, Store: why}
		}
	}
	return err
}
