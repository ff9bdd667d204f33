package engine

import "errors"

// Errors that every engine returns, to be tested with errors.Is.
var (
	// ErrNotFound: Get of a key that is not there.
	ErrNotFound = errors.New("not found")
	// ErrConflict: another commit changed what the transaction has read. Nothing
	// was committed; running it again may succeed.
	ErrConflict = errors.New("conflict with another commit, retry")
	// ErrUnknown: the connection or device failed while a commit was under way;
	// it may or may not have happened. Run it again only if doing it twice does no harm.
	ErrUnknown = errors.New("commit outcome unknown")
	// ErrUnavailable: the engine cannot be reached, or has as many snapshots open as it
	// can; nothing was committed.
	ErrUnavailable = errors.New("engine unavailable")
	// ErrTooLarge: a key, value or commit is over the engine's Limits; nothing
	// was written.
	ErrTooLarge = errors.New("too large for the engine")
	// ErrSnapshotExpired: the snapshot is older than the engine keeps them.
	ErrSnapshotExpired = errors.New("snapshot expired")
	// ErrReadOnly: the engine takes no writes, by choice or since a write failed.
	ErrReadOnly = errors.New("read-only")
	// ErrClosed: the engine or snapshot was closed.
	ErrClosed = errors.New("closed")
	// ErrTxDone: a transaction was used after it had ended.
	ErrTxDone = errors.New("transaction has ended")
	// ErrNested: a write through the engine, in the goroutine whose exclusive
	// transaction it would wait for.
	ErrNested = errors.New("written through the database inside of an Update of its own, which has the database to itself: use tx")
	// ErrShared: what was asked for cannot be right on an engine whose data others write
	// to as well.
	ErrShared = errors.New("not possible on an engine that is shared with other processes")
	// ErrCorrupt: stored bytes are not what was written.
	ErrCorrupt = errors.New("corrupt")
	// ErrInvalid: an argument no engine takes, such as an empty key.
	ErrInvalid = errors.New("invalid argument")
)

// ConflictError is an ErrConflict that knows a key on which the transaction
// lost.
type ConflictError struct {
	Key []byte
}

// Error implements error.
func (e *ConflictError) Error() string { return ErrConflict.Error() }

// Is makes errors.Is(err, ErrConflict) hold.
func (e *ConflictError) Is(target error) bool { return target == ErrConflict }
