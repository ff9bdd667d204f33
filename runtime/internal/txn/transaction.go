package txn

import (
	"context"
	"errors"
	"sync"

	"github.com/storegen/storegen/runtime/errs"
)

// Transaction is a transaction that is held open between calls, for programs
// that cannot do their work inside of a function as Update wants it: engines
// with BEGIN and COMMIT. Nobody can run it again, so a conflict comes back from
// Commit as ErrConflict, and nothing was committed.
//
// It and its Tx are for one goroutine at a time. It must be ended by Commit or
// Rollback: an open one keeps a snapshot.
type Transaction struct {
	ctx context.Context // of the commit
	w   *Writer
	tx  *Tx

	mu    sync.Mutex
	ended bool
}

// errRollback ends a transaction without a commit.
var errRollback = errors.New("rolled back")

// Begin opens a transaction over all tables. If ctx ends before the commit, the
// commit fails.
func (db *Runner) Begin(ctx context.Context, opts ...Option) (*Transaction, error) {
	w := db.writer(db.Usual())
	for _, opt := range opts {
		opt(&w.opts)
	}
	w.opts.Tries = 1 // nobody can run it again
	if err := w.begin(ctx, false); err != nil {
		_, err = w.end(ctx, err)
		w.release()
		return nil, err
	}
	return &Transaction{ctx: ctx, w: w, tx: w.lend()}, nil
}

// Tx is the transaction, for the methods that take one.
func (t *Transaction) Tx() *Tx { return t.tx }

// Commit makes the writes of the transaction take effect, all or none. A
// transaction that has ended is ErrTxDone.
func (t *Transaction) Commit() error { return t.end(nil) }

// Rollback drops the writes of the transaction. It is no error if that has
// ended, so that it can be deferred.
func (t *Transaction) Rollback() error {
	err := t.end(errRollback)
	if errors.Is(err, errRollback) || errors.Is(err, errs.ErrTxDone) {
		return nil
	}
	return err
}

func (t *Transaction) end(decision error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return errs.ErrTxDone
	}
	t.ended = true
	defer t.w.release()
	if left := t.tx.end(); decision == nil {
		decision = left
	}
	_, err := t.w.end(t.ctx, decision)
	return err
}
