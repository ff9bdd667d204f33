package occ

import (
	"context"

	"github.com/storegen/storegen/runtime/engine"
)

// Base is the ordered store under a DB. The DB makes sure that keys and values
// are not empty, that no method runs during or after Close, and that all
// snapshots and iterators are closed before it; otherwise methods may be called
// from several goroutines at once.
//
// Two demands make it fit: Apply is atomic, and readers and snapshots see whole
// batches in one order. A batch whose Apply has returned is seen by every read
// that starts later.
type Base interface {
	BaseReader

	// Snapshot returns the state as it is now.
	Snapshot() (BaseSnapshot, error)

	// NewBatch returns an empty batch for Apply.
	NewBatch() BaseBatch

	// Apply writes a batch that came from NewBatch, and returns once it is seen
	// by readers and, with sync, on stable storage. An error that may leave the
	// batch written matches engine.ErrUnknown.
	Apply(b BaseBatch, sync bool) error

	// Close releases the store. It is called once.
	Close() error
}

// BaseReader reads one state of a Base.
type BaseReader interface {
	// Get returns the value of key, owned by the caller, or engine.ErrNotFound.
	Get(key []byte) ([]byte, error)
	// Has reports whether key is there.
	Has(key []byte) (bool, error)
	// Iterate goes through a range. Its iterator reads the state as of this call. Close
	// is called exactly once, and nothing after it. It may be a Wrapper.
	Iterate(r engine.Range) engine.Iterator
}

// ManyReader is a BaseReader with a faster way to many keys than a Get for each.
type ManyReader interface {
	// GetMany is engine.Reader's. Errors are those of Get, and that of a context that
	// is done.
	GetMany(ctx context.Context, keys, vals [][]byte) error
}

// Stepper is what is called of an iterator for each pair, as engine.Iterator has
// it.
type Stepper interface {
	Next() bool
	Key() []byte
	Value() []byte
}

// Wrapper is an iterator that does these by another one, which is then called
// without it.
type Wrapper interface {
	// Wrapped returns the other one, and room within the wrapper, which the DB has
	// from then on. It is called once.
	Wrapped() (Stepper, *Room)
}

// Room is memory for what a DB keeps of an open iterator. A Wrapper has it, so that
// an iterator is one piece. The zero value is ready to use.
type Room struct{ it iterator }

// BaseSnapshot is one state of a Base. Release is called exactly once, with no
// other call during or after it.
type BaseSnapshot interface {
	BaseReader
	Release()
}

// BaseBatch collects writes. Arguments may be reused when a method returns.
type BaseBatch interface {
	Put(key, value []byte)
	Delete(key []byte)
	Reset()
}

// Options are the settings of a DB. The zero value is ready to use.
type Options struct {
	// Limits are what the base can hold; they are checked before anything is
	// written.
	Limits engine.Limits

	// LogBytes bounds the memory, in bytes, of the log of recent commits that
	// conflicts are looked up in. It fills up only while a transaction runs for
	// long beside many commits; past the bound that transaction may conflict
	// without need. 0 stands for 64 MiB.
	LogBytes int

	// LongestFirst has the write with the longest key come first in the batch of a
	// transaction, for a base that needs a buffer for one key at a time.
	LongestFirst bool

	// UnsafeSkipValidation lets every transaction commit, whatever happened to
	// what it has read. It makes a broken engine, for tests that prove that a
	// checker of histories notices one, and has no other use.
	UnsafeSkipValidation bool

	// UnsafeLeaveIterators lets iterators that are open when their transaction moves to
	// a snapshot go on in the state of before, and takes no notice of what they have
	// shown by then. It makes a broken engine, as UnsafeSkipValidation does.
	UnsafeLeaveIterators bool
}

const defaultLogBytes = 64 << 20
