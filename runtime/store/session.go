package store

import (
	"context"
	"errors"
	"sync"
	"sync/atomic"
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
	live *liveTx // what w is lent to, where that is a transaction of the user's
	view bool

	now   time.Time         // of a view: one time for all of it
	walks *walks            // of a view or transaction: what is open
	who   *access.Principal // nil: trusted code
}

// time is the moment that decides what has expired.
func (s *session) time() time.Time {
	switch {
	case s.view:
		return s.now
	case s.w == nil:
		return s.db.Now()
	case s.live != nil && s.live.over.Load():
		return time.Time{} // the writer is another's, and reads of this one fail
	}
	return s.w.time()
}

// write runs fn in the session's transaction, or in one of its own. point is
// for a single row. fn must let go of the writer.
func (s *session) write(ctx context.Context, point bool, fn func(w *writer) error) error {
	switch {
	case s.live != nil && s.live.over.Load():
		return ErrTxDone
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

// liveTx is a transaction that a user's function was given, which may keep it:
// once it is over, nothing reaches the writer, which is used again.
type liveTx struct {
	Tx
	own   session
	walks walks
	tx    engine.Tx
	over  atomic.Bool
}

// Get implements engine.Reader.
func (l *liveTx) Get(ctx context.Context, key []byte) ([]byte, error) {
	if l.over.Load() {
		return nil, ErrTxDone
	}
	return l.tx.Get(ctx, key)
}

// Has implements engine.Reader.
func (l *liveTx) Has(ctx context.Context, key []byte) (bool, error) {
	if l.over.Load() {
		return false, ErrTxDone
	}
	return l.tx.Has(ctx, key)
}

// GetMany implements engine.Reader.
func (l *liveTx) GetMany(ctx context.Context, keys, vals [][]byte) error {
	if l.over.Load() {
		return ErrTxDone
	}
	return l.tx.GetMany(ctx, keys, vals)
}

// Iterate implements engine.Reader.
func (l *liveTx) Iterate(ctx context.Context, r engine.Range) engine.Iterator {
	if l.over.Load() {
		return doneIterator{}
	}
	return l.tx.Iterate(ctx, r)
}

// doneIterator is one of a transaction that has ended.
type doneIterator struct{}

func (doneIterator) Next() bool    { return false }
func (doneIterator) Key() []byte   { return nil }
func (doneIterator) Value() []byte { return nil }
func (doneIterator) Err() error    { return ErrTxDone }
func (doneIterator) Close() error  { return ErrTxDone }

// live returns a handle that nobody has had. It is never used again, as its user
// may keep it.
func (w *writer) live() *liveTx {
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
func (w *writer) call(fn func(tx *Tx) error) error {
	l := w.live()
	l.tx = w.tx
	l.own = session{db: w.db, r: l, w: w, live: l, walks: &l.walks}
	l.s = &l.own
	defer l.over.Store(true)
	err := fn(&l.Tx)
	if left := l.walks.end(); err == nil {
		err = left
	}
	return err
}

// writer is a transaction, try by try.
type writer struct {
	db   *DB
	tx   engine.OpenTx // nil between tries
	opts txOptions
	try  int
	set  bool // now and at are
	now  time.Time
	at   instant // now, as expiries are stored
	gone []goneRow

	unused  []liveTx // handles for transactions to come
	changes changes  // for the hooks
	touched touched  // for the row caches
	tell    func()   // see teller

	clock func() time.Time // is the method utc
}

// exclusiveAfter is the number of conflicts after which a transaction runs
// alone, so that a long one is not starved by short ones.
const exclusiveAfter = 8

// begin begins the next try.
func (w *writer) begin(ctx context.Context, point bool) (err error) {
	w.try++
	w.set, w.gone = false, w.gone[:0]
	wo := engine.WriteOptions{Sync: w.opts.sync, Point: point, Lent: true, Exclusive: w.try > exclusiveAfter}
	// What nobody runs again, and what has lost before, gets its snapshot.
	wo.Brief = w.try == 1 && w.opts.tries > 1
	w.changes = changes{hooks: w.db.hooks.Load()}
	if w.changes.hooks != nil {
		wo.Committed = w.teller()
	}
	w.tx, err = w.db.eng.Begin(ctx, wo)
	return err
}

// end ends a try, of which err came back. It reports whether there is to be
// another one.
func (w *writer) end(ctx context.Context, err error) (again bool, _ error) {
	tx := w.tx
	w.tx = nil // also where the commit panics
	switch {
	case tx == nil:
	case err == nil:
		w.touched.announce()
		err = tx.Commit(ctx)
	default:
		// What the function made of a read that lost is no matter.
		if lost := tx.Rollback(); lost != nil {
			err = lost
		}
	}
	w.touched.end(err)
	switch {
	case err == nil:
		w.committed()
		return false, nil
	case !errors.Is(err, ErrConflict):
		return false, err
	case w.try >= w.opts.tries:
		return false, w.db.conflict(err, w.try)
	}
	if err := backoff(ctx, w.try); err != nil {
		return false, err
	}
	return true, nil
}

// teller tells the hooks of the commit.
func (w *writer) teller() func() {
	if w.tell == nil {
		w.tell = func() { w.changes.publish(w.db, w.time()) }
	}
	return w.tell
}

// writers are used again, since each commit needs one.
var writers = sync.Pool{New: func() any {
	w := new(writer)
	w.clock = w.utc
	return w
}}

func (db *DB) writer(o txOptions) *writer {
	w := writers.Get().(*writer)
	w.db, w.opts = db, o
	return w
}

// release gives the writer back, with nothing that belongs to its transaction.
// One that has not ended, as its function did not return, is rolled back.
func (w *writer) release() {
	if w.tx != nil {
		_ = w.tx.Rollback() // there is nobody to tell
	}
	if len(w.gone) > 0 {
		clear(w.gone)
	}
	w.touched.reset() // which a panic may have left
	w.db, w.tx, w.try, w.gone = nil, nil, 0, w.gone[:0]
	w.changes = changes{}
	writers.Put(w)
}

// time is the moment that decides what has expired, one for all of a try. Many
// writes need none.
func (w *writer) time() time.Time {
	if !w.set {
		w.set, w.now = true, w.db.Now()
		w.at = instantOf(w.now)
	}
	return w.now
}

// utc is time as rows hold it.
func (w *writer) utc() time.Time { return w.time().UTC() }

// expired reports whether something that expires then, or never, is gone.
func (w *writer) expired(expiry []byte) bool {
	if expiry == nil {
		return false
	}
	w.time()
	return w.at.expired(expiry)
}

// find reads a key that the transaction is about to write.
func (w *writer) find(ctx context.Context, key []byte) (value []byte, found bool, err error) {
	value, err = w.tx.GetForUpdate(ctx, key)
	if errors.Is(err, engine.ErrNotFound) {
		return nil, false, nil
	}
	return value, err == nil, err
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
