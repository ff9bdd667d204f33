package store

import (
	"context"
	"errors"
	"sync"

	"github.com/storegen/storegen/runtime/engine"
)

// Snapshot is one state of the database, for readers that cannot do their work
// inside of a function as View wants it: query engines.
type Snapshot struct {
	tx   *Tx
	snap engine.Snapshot
}

// Snapshot returns the state of the database as it is now, which must be
// closed. One time decides in it what has expired.
func (db *runner) Snapshot(ctx context.Context) (*Snapshot, error) {
	snap, err := db.eng.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	now := db.Now()
	return &Snapshot{tx: &Tx{s: &session{db: db, r: snap, view: &now, walks: new(walks)}}, snap: snap}, nil
}

// Tx is the view of the snapshot, for the methods that take one.
func (s *Snapshot) Tx() *Tx { return s.tx }

// Close releases the snapshot. It is an ErrLeftOpen if an iterator of it was
// still open, which is closed then. Closing twice is no error.
func (s *Snapshot) Close() error { return errors.Join(s.tx.s.walks.end(), s.snap.Close()) }

// Transaction is a transaction that is held open between calls, for programs
// that cannot do their work inside of a function as Update wants it: engines
// with BEGIN and COMMIT. Nobody can run it again, so a conflict comes back from
// Commit as ErrConflict, and nothing was committed.
//
// It and its Tx are for one goroutine at a time. It must be ended by Commit or
// Rollback: an open one keeps a snapshot.
type Transaction struct {
	ctx context.Context // of the commit
	w   *writer
	own *liveTx

	mu    sync.Mutex
	ended bool
}

// errRollback ends a transaction without a commit.
var errRollback = errors.New("rolled back")

// Begin opens a transaction over all tables. If ctx ends before the commit, the
// commit fails.
func (db *runner) Begin(ctx context.Context, opts ...TxOption) (*Transaction, error) {
	w := db.writer(db.usual())
	for _, opt := range opts {
		opt(&w.opts)
	}
	w.opts.tries = 1 // nobody can run it again
	if err := w.begin(ctx, false); err != nil {
		_, err = w.end(ctx, err)
		w.release()
		return nil, err
	}
	return &Transaction{ctx: ctx, w: w, own: w.lend()}, nil
}

// Tx is the transaction, for the methods that take one.
func (t *Transaction) Tx() *Tx { return &t.own.Tx }

// Commit makes the writes of the transaction take effect, all or none. A
// transaction that has ended is ErrTxDone.
func (t *Transaction) Commit() error { return t.end(nil) }

// Rollback drops the writes of the transaction. It is no error if that has
// ended, so that it can be deferred.
func (t *Transaction) Rollback() error {
	err := t.end(errRollback)
	if errors.Is(err, errRollback) || errors.Is(err, ErrTxDone) {
		return nil
	}
	return err
}

func (t *Transaction) end(decision error) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return ErrTxDone
	}
	t.ended = true
	defer t.w.release()
	if left := t.own.end(); decision == nil {
		decision = left
	}
	_, err := t.w.end(t.ctx, decision)
	return err
}
