package txn

import (
	"context"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
)

// Tx is a transaction, or a view of one snapshot. It belongs to the function that was
// given it, which may keep it: once it is over, nothing reaches the Writer, which is used
// again. It is as small as can be, since there is one for each transaction.
type Tx struct {
	session Session
	over    atomic.Bool
}

// SessionOf is the session of a transaction or view. It is a function, and so not for
// those who import no internal package.
func SessionOf(tx *Tx) *Session { return &tx.session }

// reader reads in a transaction until that is over.
type reader Tx

func (r *reader) tx() (engine.Tx, error) {
	if r.over.Load() {
		return nil, errs.ErrTxDone
	}
	return r.session.W.Tx, nil
}

// Get implements engine.Reader.
func (r *reader) Get(ctx context.Context, key []byte) ([]byte, error) {
	tx, err := r.tx()
	if err != nil {
		return nil, err
	}
	return tx.Get(ctx, key)
}

// Has implements engine.Reader.
func (r *reader) Has(ctx context.Context, key []byte) (bool, error) {
	tx, err := r.tx()
	if err != nil {
		return false, err
	}
	return tx.Has(ctx, key)
}

// GetMany implements engine.Reader.
func (r *reader) GetMany(ctx context.Context, keys, vals [][]byte) error {
	tx, err := r.tx()
	if err != nil {
		return err
	}
	return tx.GetMany(ctx, keys, vals)
}

// Iterate implements engine.Reader.
func (r *reader) Iterate(ctx context.Context, of engine.Range) engine.Iterator {
	tx, err := r.tx()
	if err != nil {
		return failedIterator{errs.ErrTxDone}
	}
	return tx.Iterate(ctx, of)
}

// failedIterator is one that could not be opened, as its transaction has ended.
type failedIterator struct{ err error }

func (failedIterator) Next() bool { return false }

func (failedIterator) Key() []byte { return nil }

func (failedIterator) Value() []byte { return nil }

func (it failedIterator) Err() error { return it.err }

func (it failedIterator) Close() error { return it.err }

// lend returns a Tx of this try for its user. It is never used again, as its user may keep
// it.
func (w *Writer) lend() *Tx {
	if len(w.unused) == 0 {
		w.unused = make([]Tx, txBlock)
	}
	tx := &w.unused[0]
	w.unused = w.unused[1:]
	tx.session = Session{Db: w.Db, R: (*reader)(tx), W: w, over: &tx.over, Iterators: &w.iterators}
	return tx
}

// txBlock is how many are made at once.
const txBlock = 16

// call runs fn as one try of the transaction.
func (w *Writer) call(fn func(tx *Tx) error) error {
	tx := w.lend()
	returned := false
	defer func() {
		if !returned {
			_ = tx.end() // fn has panicked, or ended its goroutine: no error gets to anybody
		}
	}()
	err := fn(tx)
	returned = true
	if left := tx.end(); err == nil {
		err = left
	}
	return err
}

// end takes the Tx from its user, and closes what is still open.
func (tx *Tx) end() error {
	tx.over.Store(true)
	return tx.session.Iterators.end()
}
