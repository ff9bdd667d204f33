// Package txn runs transactions over an engine: again where they lost against others, and
// with what belongs to them, as open walks, hooks, caches and watchers. Its words are
//
//   - Tx, what the function of a transaction or view is given,
//   - Writer, a transaction as the store works with it, from try to try,
//   - Session, where the operations of a table run: on the latest state, in a view, or in
//     a transaction.
//
// It knows tables by their names and spaces, and rows as bytes.
package txn

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"github.com/storegen/storegen/runtime/clock"
	"github.com/storegen/storegen/runtime/commits"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/mem"
)

// Runner runs transactions over an engine.
type Runner struct {
	Eng      engine.Engine
	Limits   engine.Limits
	Clock    clock.Clock
	Sync     bool // each commit, unless it says otherwise
	Shared   bool // others write to the engine too
	pace     Pace
	Writers  mem.Pool // of *writer
	Hooks    commits.Hooks
	Watchers watchers
	// locate names the table and row of a key, for messages.
	Locate func(key []byte) (table, row string)
}

// Now is the time by the clock of the database.
func (db *Runner) Now() time.Time { return db.Clock.Now() }

// usualTries is how often a transaction is run when nothing else is said.
const usualTries = 64

// Usual is how a transaction runs when nothing else is said.
func (db *Runner) Usual() Options { return Options{Sync: db.Sync, Tries: usualTries} }

// Update is Run for a function of a user's: see store.DB.
func (db *Runner) Update(ctx context.Context, fn func(tx *Tx) error, opts ...Option) error {
	w := db.writer(db.Usual())
	defer w.release()
	for _, opt := range opts {
		opt(&w.opts)
	}
	return w.run(ctx, false, func(w *Writer) error { return w.call(fn) })
}

// View runs fn with a view of one snapshot. Writes in it are ErrReadOnly.
func (db *Runner) View(ctx context.Context, fn func(tx *Tx) error) (err error) {
	snap, err := db.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, snap.Close()) }() // also where fn panics
	return fn(snap.tx)
}

// Run runs fn in a transaction until it commits, or fails for good. point is for operations whose
// reads need not agree with each other, so that they need no snapshot. fn must
// let go of the writer: it is used again.
func (db *Runner) Run(ctx context.Context, o Options, point bool, fn func(w *Writer) error) error {
	w := db.writer(o)
	defer w.release()
	return w.run(ctx, point, fn)
}

// conflict makes the engine's error say which row the transaction lost on.
func (db *Runner) conflict(err error, tries int) error {
	var c *engine.ConflictError
	found := errors.As(err, &c) && len(c.Key) > 0
	if tries > 1 {
		err = fmt.Errorf("after %d tries: %w", tries, err)
	}
	if !found {
		return err
	}
	table, key := db.Locate(c.Key)
	return &errs.Error{Op: "commit", Table: table, Key: key, Err: err}
}

// NewWriters is the pool of a database's writers, which are used again, since each
// commit needs one.
func NewWriters(db *Runner) mem.Pool {
	return &sync.Pool{New: func() any {
		w := &Writer{Db: db}
		w.Clock = w.utc
		return w
	}}
}

func (db *Runner) writer(o Options) *Writer {
	w := db.Writers.Get().(*Writer)
	w.opts = o
	return w
}
