package store

import (
	"context"
	"errors"
	"time"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
)

// session is where the operations of a table run: on the latest state, each
// commit alone; in a view; or in a transaction.
type session struct {
	db   *DB
	r    engine.Reader
	w    *writer // in a transaction only
	view bool

	now   time.Time         // of a view or transaction: one time for all of it
	walks *walks            // of a view or transaction: what is open
	who   *access.Principal // nil: trusted code
}

// time is the moment that decides what has expired.
func (s *session) time() time.Time {
	if s.w == nil && !s.view {
		return s.db.Now()
	}
	return s.now
}

// write runs fn in the session's transaction, or in one of its own. point is
// for a single row.
func (s *session) write(ctx context.Context, point bool, fn func(w *writer) error) error {
	switch {
	case s.w != nil:
		return fn(s.w)
	case s.view:
		return ErrReadOnly
	}
	return s.db.run(ctx, s.db.usual(), point, fn)
}

// writeRow runs a task in the session's transaction, or in one of its own.
func (s *session) writeRow(ctx context.Context, task rowTask) error {
	task.who = s.who
	switch {
	case s.w != nil:
		return task.run(ctx, s.w)
	case s.view:
		return ErrReadOnly
	}
	w := writers.Get().(*writer)
	defer w.release()
	w.task = task
	return s.db.runWith(ctx, w, s.db.usual(), true, nil)
}

// rowTask is what a transaction of a few rows of one table does: the usual ones
// need no function then.
type rowTask struct {
	t      *table
	who    *access.Principal
	row    any             // to put
	rows   func(i int) any // to put, n of them
	n      int
	m      mode
	change changer // to update
	key    []byte  // to update or delete
}

// changer changes a row.
type changer interface{ change(row any) error }

func (k *rowTask) run(ctx context.Context, w *writer) error {
	switch {
	case k.row != nil:
		return k.t.put(ctx, w, k.who, k.row, k.m)
	case k.rows != nil:
		for i := range k.n {
			if err := k.t.put(ctx, w, k.who, k.rows(i), k.m); err != nil {
				return err
			}
		}
		return nil
	case k.change != nil:
		return k.t.update(ctx, w, k.key, k.change)
	}
	_, err := k.t.delete(ctx, w, k.key)
	return err
}

// steady returns a reader of one state for an operation that reads more than
// once, and what ends it.
func (s *session) steady(ctx context.Context) (engine.Reader, func() error, error) {
	if s.w != nil || s.view {
		return s.r, func() error { return nil }, nil
	}
	snap, err := s.db.eng.Snapshot(ctx)
	if err != nil {
		return nil, nil, err
	}
	return snap, snap.Close, nil
}

// as is the session under the rules for a principal.
func (s *session) as(p access.Principal) *session {
	guarded := *s
	guarded.who = &p
	return &guarded
}

// writer is one try of a transaction.
type writer struct {
	db   *DB
	tx   engine.Tx
	now  time.Time
	at   instant // now, as expiries are stored
	gone []goneRow

	changes changes // for the hooks
	touched touched // for the row caches

	fn    func(w *writer) error // what is to be done; nil: the task
	task  rowTask
	enter func(ctx context.Context, tx engine.Tx) error // calls it
	tell  func()                                        // see teller
}

func newWriter() *writer {
	w := new(writer)
	w.enter = func(ctx context.Context, tx engine.Tx) error {
		w.tx = tx
		err := w.do(ctx)
		if err == nil {
			w.touched.announce()
		}
		return err
	}
	return w
}

// do does what is to be done.
func (w *writer) do(ctx context.Context) error {
	if w.fn == nil {
		return w.task.run(ctx, w)
	}
	return w.fn(w)
}

// teller tells the hooks of the commit.
func (w *writer) teller() func() {
	if w.tell == nil {
		w.tell = func() { w.changes.publish(w.db, w.now) }
	}
	return w.tell
}

// find reads a key that the transaction is about to write.
func (w *writer) find(ctx context.Context, key []byte) (value []byte, found bool, err error) {
	value, err = w.tx.GetForUpdate(ctx, key)
	if errors.Is(err, engine.ErrNotFound) {
		return nil, false, nil
	}
	return value, err == nil, err
}

// release gives the writer back, with nothing that belongs to its transaction.
func (w *writer) release() {
	clear(w.gone[:cap(w.gone)])
	w.touched.reset() // which a panic may have left
	w.db, w.tx, w.fn, w.task, w.gone, w.changes = nil, nil, nil, rowTask{}, w.gone[:0], changes{}
	writers.Put(w)
}

// goneRow is an expired row that a transaction has removed.
type goneRow struct {
	table *table
	row   any
}

// committed tells the watchers what the commit has done.
func (w *writer) committed() {
	for _, g := range w.gone {
		w.db.mu.Lock()
		watchers := w.db.watchers[g.table.name]
		w.db.mu.Unlock()
		for _, f := range watchers {
			f(g.row)
		}
	}
}
