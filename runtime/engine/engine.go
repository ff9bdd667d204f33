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
	"time"
)

// Engine is an ordered, transactional key-value store. All methods may be
// called from several goroutines at once.
//
// Transactions are strictly serializable, blind batches among them: they take effect
// one after the other, in an order in which whatever began after another one had
// returned comes later. Reads of the engine, and snapshots, see the states between them,
// and never an older one than a read before has seen.
//
// A key has at least one byte and a value has at least one byte; either being
// empty is ErrInvalid.
type Engine interface {
	// Reader reads the latest committed state. Two calls may see two states:
	// take a Snapshot where they must agree.
	Reader

	// NewBatch returns an empty batch for Write.
	NewBatch() Batch

	// Write applies a batch atomically and without reading: it is one of the
	// commits, in their one order, and cannot conflict.
	Write(ctx context.Context, b Batch, o WriteOptions) error

	// Begin starts a transaction, which its holder ends by Commit or Rollback.
	Begin(ctx context.Context, o TxOptions) (Tx, error)

	// Snapshot returns a reader of the state as it is now. It must be closed.
	Snapshot(ctx context.Context) (Snapshot, error)

	// Limits says what the engine can hold. It is always the same. The store checks
	// them before it writes, so that a limit is an error and never half a commit.
	Limits() Limits

	// Shared reports whether other processes may write to the same data, as on a server.
	// It is always the same. What a store has in memory of such data may be out of date at
	// any time, and it does not hear of commits of other processes. So it keeps no rows in
	// memory and calls no hooks. To save round trips it reads some keys together there
	// that it may not need.
	Shared() bool

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
	// the same order, all of one state; nil stands for an absent key. On engines behind
	// a network it is one round trip; keys in order, or in reverse, may be faster than
	// others. The caller owns the values, several of which may share a block of memory.
	GetMany(ctx context.Context, keys, vals [][]byte) error

	// Iterate returns the pairs of a range in key order, or in reverse. It is
	// never nil; an error shows at the iterator's Err.
	Iterate(ctx context.Context, r Range) Iterator
}

// Range is the keys between two bounds: Start is the first key in it, End the first key
// behind it; nil means no bound. The iterator keeps both slices until closed.
type Range struct {
	Start, End []byte
	Reverse    bool // from the last key to the first
	KeysOnly   bool // values are not wanted; Value may return nil
	Limit      int  // how many pairs the caller expects to want, for paging engines; 0: unknown. Never a bound.
}

// Iterator goes through a range in one fixed direction. It is for one goroutine.
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

// Tx is a transaction that Begin has started: a Reader of one view of the engine in
// which the transaction's own writes are seen, in Iterate too. It is for one goroutine,
// and must be ended, by Commit or Rollback.
//
// An iterator shows the writes made before Iterate was called and none made
// later, so that a loop may change what it goes through. One that is left open
// when the transaction ends is closed; its Err is then ErrTxDone.
//
// A write that is refused fails the whole commit, should the holder go on
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

	// Commit makes the writes take effect, all or none. It fails with ErrConflict where
	// another commit has changed something that the transaction has read, ranges
	// included; its holder then runs the whole transaction again. Nothing was committed
	// where it fails, unless the error is ErrUnknown. The transaction has ended then,
	// whatever comes back.
	//
	// number is the commit's place in the order of all commits of the engine: of two
	// commits that depend on each other, or of which one was asked for after the other
	// had returned, the later one has the greater number. No two have the same; there
	// may be gaps. It is 0 where nothing was written.
	Commit(ctx context.Context) (number uint64, err error)
	// Rollback ends the transaction without effect. It is no error if that has ended.
	// ErrConflict says that a read has failed with that.
	Rollback() error
}

// TxOptions says how a transaction runs. The zero value is one that is not synced.
type TxOptions struct {
	// Sync is as in WriteOptions.
	Sync bool
	// Exclusive asks that no other commit happens while the transaction runs, so that it
	// cannot conflict: the way out after many conflicts. It is best effort: an engine
	// that cannot keep other processes out runs the transaction as any other. One that
	// does returns ErrNested for a write through the engine in the goroutine that began
	// the transaction, which would wait for itself.
	Exclusive bool
	// Hint is what the holder knows of the transaction beforehand.
	Hint Hint
}

// Hint tells an engine what its holder knows of a transaction beforehand, so that it may
// do with less. An engine may ignore all of it: a commit means the same with any hint.
type Hint struct {
	// Reads is what the reads must be like while the transaction runs.
	Reads Reads
	// Writes is about how many keys are written, for memory that fits; 0: unknown, as of
	// a few. Never a bound.
	Writes int
	// Reuse is a transaction that Begin has returned before and that has ended, or nil.
	// Nobody uses it any more, so that the engine may begin it again in place of a new
	// one. One of another engine is ignored; one that is still running is ErrInvalid.
	Reuse Tx
}

// Reads is what the reads of a transaction must be like while it runs. All of them are
// checked at the commit, whatever it is.
type Reads uint8

const (
	// ReadsOneState: they are of the state that the transaction began with.
	ReadsOneState Reads = iota
	// ReadsMayConflict: they are of one state, but one may fail with ErrConflict where
	// another commit has changed what was read before, and then so do all later ones and
	// Commit. It is for short transactions that are run again after a conflict: an engine
	// may do without a snapshot.
	ReadsMayConflict
	// ReadsMayDiffer: they need not be of one state, and calls of GetMany neither. It is
	// for operations on single rows.
	ReadsMayDiffer
)

// WriteOptions says how a batch is written. The zero value is not synced.
type WriteOptions struct {
	// Sync makes the commit survive a power cut: it returns after the engine
	// has flushed it to stable storage. Without it a commit survives the end of
	// the process, but the last ones may be lost with the machine.
	Sync bool
}

// Limits are the bounds of an engine; 0 means none.
type Limits struct {
	MaxKey      int           // bytes of a key
	MaxValue    int           // bytes of a value
	MaxTxOps    int           // writes in one commit
	MaxTxBytes  int           // bytes in one commit
	SnapshotTTL time.Duration // how long a snapshot lives
	// MaxSnapshots is how many snapshots, and iterators of the Engine itself, are open at
	// once. One more is ErrUnavailable at once, and never waits: a caller that waited could
	// wait for one that it has open itself.
	MaxSnapshots int
}

// Sizer is implemented by engines that can tell about how many bytes a range
// takes without reading it.
type Sizer interface {
	ApproximateSize(ctx context.Context, start, end []byte) (int64, error)
}

// Ingester is implemented by engines that take sorted pairs at less cost than by commits.
type Ingester interface {
	// Ingest adds pairs, which come in the order of their keys, each key once: all of them
	// at once or, where it fails, none, unless the error is ErrUnknown. Pairs in another
	// order, without a key, or without a value are ErrInvalid. An error of pairs is
	// returned. Pairs is not closed, and may use the engine.
	//
	// None of the keys is there, and nobody else reads or writes them meanwhile: no
	// transaction is told of it. Others may be there between them, and be read and written.
	// Reads and snapshots that begin later see all pairs, snapshots and iterators of before
	// see none. What was ingested outlives the process, and a power cut once a later commit
	// that is synced does.
	Ingest(ctx context.Context, pairs Iterator) error
}

// RangeDeleter is implemented by engines that delete the keys of a range at less cost than
// one by one.
type RangeDeleter interface {
	// DeleteRange has a transaction of the engine delete the keys from start up to but not
	// including end, as one of its writes: all that is there when it commits, whether it
	// has read that or not. Bounds are as keys are; where end is not behind start there is
	// nothing to delete.
	//
	// Until the commit everybody sees the keys, and snapshots and iterators that were
	// opened before it do so afterwards. A transaction that has read a key of the range, or
	// walked over a part of it, and commits later conflicts, also where nothing was there;
	// one that only writes there need not.
	//
	// The range is the transaction's last word on its keys. It must not have written one
	// of them, which is ErrInvalid here, and must not read or write one afterwards, which
	// is ErrInvalid there; but for the read, these fail the commit.
	DeleteRange(tx Tx, start, end []byte) error
}
