package txn

import (
	"context"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
)

// Tx is a transaction, or a view of one snapshot. It belongs to the function
// that was given it.
type Tx struct {
	S *Session
}

// liveTx is a transaction that a user's function was given, which may keep it:
// once it is over, nothing reaches the writer, which is used again. It is as small as
// can be, since there is one for each transaction.
type liveTx struct {
	Tx
	own  Session
	over atomic.Bool
}

// Get implements engine.Reader.
func (l *liveTx) Get(ctx context.Context, key []byte) ([]byte, error) {
	if l.over.Load() {
		return nil, errs.ErrTxDone
	}
	return l.own.W.Tx.Get(ctx, key)
}

// Has implements engine.Reader.
func (l *liveTx) Has(ctx context.Context, key []byte) (bool, error) {
	if l.over.Load() {
		return false, errs.ErrTxDone
	}
	return l.own.W.Tx.Has(ctx, key)
}

// GetMany implements engine.Reader.
func (l *liveTx) GetMany(ctx context.Context, keys, vals [][]byte) error {
	if l.over.Load() {
		return errs.ErrTxDone
	}
	return l.own.W.Tx.GetMany(ctx, keys, vals)
}

// Iterate implements engine.Reader.
func (l *liveTx) Iterate(ctx context.Context, r engine.Range) engine.Iterator {
	if l.over.Load() {
		return doneIterator{}
	}
	return l.own.W.Tx.Iterate(ctx, r)
}

// doneIterator is one of a transaction that has ended.
type doneIterator struct{}

func (doneIterator) Next() bool { return false }

func (doneIterator) Key() []byte { return nil }

func (doneIterator) Value() []byte { return nil }

func (doneIterator) Err() error { return errs.ErrTxDone }

func (doneIterator) Close() error { return errs.ErrTxDone }

// live returns a handle that nobody has had. It is never used again, as its user
// may keep it.
func (w *Writer) live() *liveTx {
	if len(w.unused) == 0 {
		w.unused = make([]liveTx, liveBlock)
	}
	l := &w.unused[0]
	w.unused = w.unused[1:]
	return l
}

// liveBlock is how many handles are made at once.
const liveBlock = 16

// call runs fn as one try of the transaction.
func (w *Writer) call(fn func(tx *Tx) error) error {
	l := w.lend()
	returned := false
	defer func() {
		if !returned {
			_ = l.end() // there is nobody to tell
		}
	}()
	err := fn(&l.Tx)
	returned = true
	if left := l.end(); err == nil {
		err = left
	}
	return err
}

// lend returns a handle of this try for its user.
func (w *Writer) lend() *liveTx {
	l := w.live()
	l.own = Session{Db: w.Db, R: l, W: w, live: l, Iterators: &w.iterators}
	l.S = &l.own
	return l
}

// end takes the handle from its user, and closes what is still open.
func (l *liveTx) end() error {
	l.over.Store(true)
	return l.own.W.iterators.end()
}
