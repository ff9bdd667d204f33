// Package engine is the interface between the stores and a key-value engine:
// an ordered map from bytes to bytes, with snapshots, atomic batches and
// serializable transactions. (Systems that follow the EntityStore pattern call
// it the storage backend.)
//
// The store layer knows an engine only through this package; an engine knows
// nothing of tables, rows or indexes. Package enginetest is the conformance
// suite that every engine passes.
package engine

import (
	"context"
	"errors"
	"time"
)

// Engine is an ordered, transactional key-value store. All methods may be
// called from several goroutines at once.
//
// A key has at least one byte and a value has at least one byte; either being
// empty is ErrInvalid.
type Engine interface {
	// Reader reads the latest committed state. Two calls may see two states:
	// take a Snapshot where they must agree.
	Reader

	// NewBatch returns an empty batch for Write.
	NewBatch() Batch

	// Write applies a batch atomically and without reading: it takes its place
	// in the one order of all commits and cannot conflict.
	Write(ctx context.Context, b Batch, o WriteOptions) error

	// Update runs fn once in a transaction and commits what it wrote, unless fn
	// returns an error. The commit fails with ErrConflict, and has no effect,
	// where another commit changed something fn has read, ranges included; the
	// caller then runs the whole thing again. tx is not valid after fn returns.
	Update(ctx context.Context, o WriteOptions, fn func(ctx context.Context, tx Tx) error) error

	// Begin starts a transaction whose holder ends it: Update in two halves.
	Begin(ctx context.Context, o WriteOptions) (OpenTx, error)

	// Snapshot returns a reader of the state as it is now. It must be closed.
	Snapshot(ctx context.Context) (Snapshot, error)

	// Limits says what the engine can hold. The store checks them before it
	// writes, so that a limit is an error and never half a commit.
	Limits() Limits

	// Close releases the engine. Closing twice is no error.
	Close() error
}

// Reader reads one state of an engine.
type Reader interface {
	// Get returns the value of key, which the caller owns, or ErrNotFound.
	Get(ctx context.Context, key []byte) ([]byte, error)

	// Has reports whether key is there.
	Has(ctx context.Context, key []byte) (bool, error)

	// GetMany fills vals, which is as long as keys, with the values of keys in
	// the same order; nil stands for an absent key. On engines behind a network
	// it is one round trip; keys in order, or in reverse, may be faster than others.
	// The caller owns the values, several of which may share a block of memory.
	GetMany(ctx context.Context, keys, vals [][]byte) error

	// Iterate returns the pairs of a range in key order, or in reverse. It is
	// never nil; an error shows at the iterator's Err.
	Iterate(ctx context.Context, r Range) Iterator
}

// Range is a run of keys: Start is the first key in it, End the first key
// behind it; nil means no bound. The iterator keeps both slices until closed.
type Range struct {
	Start, End []byte
	Reverse    bool // from the last key to the first
	KeysOnly   bool // values are not wanted; Value may return nil
	Limit      int  // how many pairs the caller expects to want, for paging engines; 0: unknown. Never a bound.
}

// Iterator walks a range in one fixed direction. It is for one goroutine.
//
//	it := r.Iterate(ctx, rng)
//	defer it.Close()
//	for it.Next() { use(it.Key(), it.Value()) }
//	return it.Err()
type Iterator interface {
	// Next moves to the next pair, to the first at the first call. It returns
	// false at the end, after an error, and after Close.
	Next() bool
	// Key and Value are valid until the next call of Next or Close, and must not
	// be modified. They are nil where there is no pair.
	Key() []byte
	Value() []byte
	// Err is the error that ended the walk early; nil at a true end.
	Err() error
	// Close releases the iterator and returns Err. Closing twice is no error.
	Close() error
}

// A BulkIterator is an Iterator that hands over several pairs at once, for walks
// that copy what they see. It is optional; Take does the same for any Iterator.
type BulkIterator interface {
	Iterator
	// Take calls add with the next pairs, until it has done so n times, or add
	// returns false, or there are no more: it returns false then, as Next would.
	// Keys and values are valid during the call only. add must not use the engine.
	// There is no current pair afterwards.
	Take(n int, add func(key, value []byte) bool) bool
}

// Take is BulkIterator.Take for any Iterator.
func Take(it Iterator, n int, add func(key, value []byte) bool) bool {
	if b, ok := it.(BulkIterator); ok {
		return b.Take(n, add)
	}
	for range n {
		if !it.Next() {
			return false
		}
		if !add(it.Key(), it.Value()) {
			break
		}
	}
	return true
}

// Snapshot is one state of the engine, which no later commit changes.
type Snapshot interface {
	Reader
	// Close releases the snapshot; reads then return ErrClosed. Closing twice
	// is no error.
	Close() error
}

// Batch collects puts and deletes for one Write. It belongs to the engine that
// made it and is for one goroutine. Arguments may be reused on return.
type Batch interface {
	Put(key, value []byte)
	Delete(key []byte)
	Len() int  // operations
	Size() int // bytes of keys and values
	Reset()
}

// Tx is a running transaction: a Reader of one view of the engine in which the
// transaction's own writes are seen, in Iterate too. It is for one goroutine.
//
// An iterator shows the writes made before Iterate was called and none made
// later, so that a loop may change what it walks over. One that is left open
// when the function returns is closed; its Err is then ErrTxDone.
//
// A write that is refused fails the whole commit, should the function go on
// regardless.
type Tx interface {
	Reader
	// GetForUpdate is Get for a key that the transaction is about to write: an
	// engine with locks takes the lock here.
	GetForUpdate(ctx context.Context, key []byte) ([]byte, error)
	// GetManyForUpdate is GetMany in the same sense.
	GetManyForUpdate(ctx context.Context, keys, vals [][]byte) error
	// Put and Delete buffer a write; arguments may be reused on return.
	Put(key, value []byte) error
	Delete(key []byte) error
}

// OpenTx is a transaction that Begin has started. It must be ended, by Commit or
// Rollback.
type OpenTx interface {
	Tx
	// Commit commits what was written, as Update does at its end. The transaction
	// has ended then, whatever comes back.
	Commit(ctx context.Context) error
	// Rollback ends the transaction without effect. It returns what reads of a
	// Brief transaction have failed with, as others have committed: ErrConflict.
	Rollback() error
}

// A Restarter is an Engine that begins a transaction again which has ended, for
// holders that have one after the other. It is optional.
type Restarter interface {
	// Restart is Begin with Lent. tx is what Restart has returned before, and has
	// ended; it is nil at first. What comes back is not given to others, and an error
	// leaves tx as it was.
	Restart(ctx context.Context, tx OpenTx, o WriteOptions) (OpenTx, error)
}

// WriteOptions says how one commit is made. The zero value is not synced.
type WriteOptions struct {
	// Sync makes the commit survive a power cut: it returns after the engine
	// has flushed it to stable storage. Without it a commit survives the end of
	// the process, but the last ones may be lost with the machine.
	Sync bool
	// Point says that the function's reads need not agree with each other while
	// it runs, as they are all checked at the commit anyway: a single-row
	// operation saves the cost of a snapshot.
	Point bool
	// Brief says that the function reads little and will be run again after a
	// conflict: the engine may do without a snapshot for as long as nobody else
	// commits, and fail a read with ErrConflict where somebody has changed what was
	// read before. The reads that succeed are of one state as ever.
	Brief bool
	// Lent says that the function lets go of its Tx before it returns, or its
	// holder once it has ended it: the engine may give the same one out again.
	Lent bool
	// Exclusive lets no other commit happen while the function runs, so that it
	// cannot conflict: the way out after many conflicts. A write through the engine
	// in the goroutine that began it, which would wait for itself, is ErrNested.
	Exclusive bool
	// Writes is about how many keys the function writes, for memory that fits; 0:
	// unknown, as of a few. Never a bound.
	Writes int
	// Committed, if set, is called once when the commit has happened, before Write
	// or Update returns, in one of the goroutines that commit: never before that
	// of an earlier commit, and never two at once. It is not called where the
	// commit failed, where its outcome is unknown, and where there was nothing to
	// write. Later commits that have one wait for it, so it must be quick, and it
	// must not use the engine.
	Committed func()
}

// Limits are the bounds of an engine; 0 means none.
type Limits struct {
	MaxKey      int           // bytes of a key
	MaxValue    int           // bytes of a value
	MaxTxOps    int           // writes in one commit
	MaxTxBytes  int           // bytes in one commit
	SnapshotTTL time.Duration // how long a snapshot lives
}

// Sizer is implemented by engines that can tell about how many bytes a range
// takes without reading it.
type Sizer interface {
	ApproximateSize(ctx context.Context, start, end []byte) (int64, error)
}

// Errors that every engine returns, to be tested with errors.Is.
var (
	// ErrNotFound: Get of a key that is not there.
	ErrNotFound = errors.New("not found")
	// ErrConflict: another commit changed what the transaction has read. Nothing
	// was committed; running it again may succeed.
	ErrConflict = errors.New("conflict with another commit, retry")
	// ErrUnknown: the connection or device failed while a commit was under way;
	// it may or may not have happened.
	ErrUnknown = errors.New("commit outcome unknown")
	// ErrUnavailable: the engine cannot be reached; nothing was committed.
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
	// ErrTxDone: a transaction was used after its function had returned.
	ErrTxDone = errors.New("transaction has ended")
	// ErrNested: a write through the engine, in the goroutine whose exclusive
	// transaction it would wait for.
	ErrNested = errors.New("written through the database inside of an Update of its own, which has the database to itself: use tx")
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
