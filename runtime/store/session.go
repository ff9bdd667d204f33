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
	now  time.Time         // of a view or transaction: one time for all of it
	who  *access.Principal // nil: trusted code
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

	fn    func(w *writer) error                         // what is to be done
	enter func(ctx context.Context, tx engine.Tx) error // calls it
	tell  func()                                        // tells the hooks
}

func newWriter() *writer {
	w := new(writer)
	w.enter = func(_ context.Context, tx engine.Tx) error {
		w.tx = tx
		return w.fn(w)
	}
	w.tell = func() { w.changes.publish(w.db, w.now) }
	return w
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
	w.db, w.tx, w.fn, w.gone, w.changes = nil, nil, nil, w.gone[:0], changes{}
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
