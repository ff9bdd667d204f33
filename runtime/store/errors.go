package store

import (
	"github.com/storegen/storegen/runtime/commits"
	"github.com/storegen/storegen/runtime/errs"
)

// Errors to be tested with errors.Is. Errors of an operation on a table are of
// type *Error, which says which operation, table and key it was. Package errs has the
// types of all of them.
var (
	// ErrNotFound: Get, First, Last or Update of a row that is not there or has
	// expired.
	ErrNotFound = errs.ErrNotFound
	// ErrExists: Insert of a key that is there.
	ErrExists = errs.ErrExists
	// ErrUnique: a write would give a unique index a second holder of a value.
	// The error is a *UniqueError.
	ErrUnique = errs.ErrUnique
	// ErrConflict: a transaction lost against others, more often than it was to
	// be retried. Nothing was committed; it may be run again.
	ErrConflict = errs.ErrConflict
	// ErrInvalid: a row breaks a rule of its schema, or something is asked for that cannot
	// be, such as entries of a query with a filter. Nothing was written.
	ErrInvalid = errs.ErrInvalid
	// ErrCorrupt: stored bytes are not what the store wrote.
	ErrCorrupt = errs.ErrCorrupt
	// ErrSchema: the database holds the table in a form that the code does not
	// fit. The error is a *SchemaError.
	ErrSchema = errs.ErrSchema
	// ErrStaleCursor: a cursor was used with another table, index, order, schema,
	// database or principal than it was made with, or it was altered.
	ErrStaleCursor = errs.ErrStaleCursor
	// ErrDenied: the principal of a view may not do this.
	ErrDenied = errs.ErrDenied
	// ErrReadOnly: a write in a View, or on a database that takes none.
	ErrReadOnly = errs.ErrReadOnly
	// ErrClosed: the database is closed.
	ErrClosed = errs.ErrClosed
	// ErrTxDone: a transaction or view was used after its function had returned.
	ErrTxDone = errs.ErrTxDone
	// ErrNested: a write through the database inside of an Update that has the
	// database to itself, since it has lost many times, and that the write would wait
	// for. It belongs into the transaction: use tx.
	ErrNested = errs.ErrNested
	// ErrInUse: a table is to be dropped that this program has open, or opened while it
	// is dropped.
	ErrInUse = errs.ErrInUse
	// ErrTooLarge: a key, value or commit is over a limit of the engine.
	ErrTooLarge = errs.ErrTooLarge
	// ErrLeftOpen: the function of a transaction or view ended while an iterator of it
	// was still open. The transaction is not committed.
	ErrLeftOpen = errs.ErrLeftOpen
	// ErrBackup: a stream that is no backup, or not a whole one.
	ErrBackup = errs.ErrBackup
)

// The types of errors, and of what hooks of all tables get.
type (
	// Error is an error of an operation on a table.
	Error = errs.Error
	// UniqueError says which row holds the value that a write wanted.
	UniqueError = errs.UniqueError
	// InvalidError says which rule of its schema a row breaks.
	InvalidError = errs.InvalidError
	// SchemaError says in what the stored table and the code's differ.
	SchemaError = errs.SchemaError
	// DuplicatesError says that a unique index cannot be built, since rows have the
	// same value.
	DuplicatesError = errs.DuplicatesError
	// Duplicate is a value that a row has although another one has it already.
	Duplicate = errs.Duplicate
	// HookError is what went wrong with a hook of OnCommit.
	HookError = commits.HookError
	// Commit is what one commit did to the rows of the database.
	Commit = commits.Commit
	// RowChange is what a commit did to one row, as bytes.
	RowChange = commits.RowChange
)
