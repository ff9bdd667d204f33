// Package errs is the errors of stores: values for errors.Is, and types for errors.As
// that say which operation, table, key or value it was. Package store has each of them
// under the same name, for those who import only that.
//
// It knows what is wrong, and nothing of how it came about.
package errs

import (
	"errors"
	"fmt"
	"strings"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/record"
)

// ErrBackup is returned for a stream that is no backup, or not a whole one.
var ErrBackup = errors.New("bad backup")

// Errors to be tested with errors.Is. Errors of an operation on a table are of
// type *Error, which says which operation, table and key it was.
var (
	// ErrNotFound: Get, First, Last or Update of a row that is not there or has
	// expired.
	ErrNotFound = engine.ErrNotFound
	// ErrExists: Insert of a key that is there.
	ErrExists = errors.New("already exists")
	// ErrUnique: a write would give a unique index a second holder of a value.
	// The error is a *UniqueError.
	ErrUnique = errors.New("unique violation")
	// ErrConflict: a transaction lost against others, more often than it was to
	// be retried. Nothing was committed; it may be run again.
	ErrConflict = engine.ErrConflict
	// ErrInvalid: a row breaks a rule of its schema. Nothing was written.
	ErrInvalid = record.ErrInvalid
	// ErrCorrupt: stored bytes are not what the store wrote.
	ErrCorrupt = engine.ErrCorrupt
	// ErrSchema: the database holds the table in a form that the code does not
	// fit. The error is a *SchemaError.
	ErrSchema = errors.New("schema mismatch")
	// ErrStaleCursor: a cursor was used with another table, index, order, schema,
	// database or principal than it was made with, or it was altered.
	ErrStaleCursor = errors.New("stale cursor")
	// ErrDenied: the principal of a view may not do this.
	ErrDenied = access.ErrDenied
	// ErrReadOnly: a write in a View, or on a database that takes none.
	ErrReadOnly = engine.ErrReadOnly
	// ErrClosed: the database is closed.
	ErrClosed = engine.ErrClosed
	// ErrTxDone: a transaction or view was used after its function had returned.
	ErrTxDone = engine.ErrTxDone
	// ErrNested: a write through the database inside of an Update that has the
	// database to itself, since it has lost many times, and that the write would wait
	// for. It belongs into the transaction: use tx.
	ErrNested = engine.ErrNested
	// ErrInUse: a table is to be dropped or loaded that this program has open, or opened
	// while it is dropped or loaded.
	ErrInUse = errors.New("in use")
	// ErrTooLarge: a key, value or commit is over a limit of the engine.
	ErrTooLarge = engine.ErrTooLarge
)

// Error is an error of an operation on a table.
type Error struct {
	Op    string // "get", "insert", ...
	Table string
	Key   string // the row's key as text; "" where no single row is meant
	Err   error
}

// Error prints it as "get system.users/alice: not found".
func (e *Error) Error() string {
	if e.Key == "" {
		return e.Op + " " + e.Table + ": " + e.Err.Error()
	}
	return e.Op + " " + e.Table + "/" + e.Key + ": " + e.Err.Error()
}

// Unwrap returns the cause.
func (e *Error) Unwrap() error { return e.Err }

// UniqueError says which row holds the value that a write wanted. A principal is
// told the index alone: Value, Holder and HolderKey are empty then.
type UniqueError struct {
	Table  string
	Index  string
	Value  string // the value refused, as text
	Holder string // the key of the row that has it, as text
	// HolderKey is the encoded key of that row.
	HolderKey []byte
}

// Error implements error.
func (e *UniqueError) Error() string {
	if e.HolderKey == nil {
		return fmt.Sprintf("unique violation: %s of %s already has the value", e.Index, e.Table)
	}
	return fmt.Sprintf("unique violation: %s of %s already has %s, held by %s", e.Index, e.Table, e.Value, e.Holder)
}

// Is makes errors.Is(err, ErrUnique) hold.
func (e *UniqueError) Is(target error) bool { return target == ErrUnique }

// InvalidError says which rule of its schema a row breaks.
type InvalidError = record.InvalidError

// SchemaError says in what the stored table and the code's differ.
type SchemaError struct {
	Table       string
	Differences []catalog.Difference
	Fix         string
}

// Error prints both sides of each difference, and what to do.
func (e *SchemaError) Error() string {
	var b strings.Builder
	fmt.Fprintf(&b, "schema mismatch in table %s", e.Table)
	for _, d := range e.Differences {
		b.WriteString("; ")
		b.WriteString(d.String())
	}
	b.WriteString("; ")
	b.WriteString(e.Fix)
	return b.String()
}

// Is makes errors.Is(err, ErrSchema) hold.
func (e *SchemaError) Is(target error) bool { return target == ErrSchema }

// Corrupt wraps a decoding error, so that errors.Is finds ErrCorrupt in it, and
// says where in the database the bytes are.
func Corrupt(key []byte, err error) error {
	if err == nil || errors.Is(err, ErrCorrupt) {
		return err
	}
	return fmt.Errorf("%w at key %s: %w", ErrCorrupt, keys.Format(key), err)
}

// IsDecodeError reports whether an error is what codecs return for bytes that they did not
// write.
func IsDecodeError(err error) bool {
	return errors.Is(err, record.ErrMalformed) || errors.Is(err, keys.ErrMalformed)
}

// ErrLeftOpen is what a transaction or view returns whose function ended while an
// iterator of it was still open, as one that iter.Pull made and nobody stopped.
// The iterator is closed, and ErrTxDone from then on; a transaction is not
// committed, since its function was not through with it.
var ErrLeftOpen = errors.New("an iterator was left open")
