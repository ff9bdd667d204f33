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
	db   *runner
	r    engine.Reader
	w    *writer    // in a transaction only
	live *liveTx    // what w is lent to, where that is a transaction of the user's
	view *time.Time // of a view: one time for all of it

	walks *walks            // of a view or transaction: what is open
	who   *access.Principal // nil: trusted code
}

// time is the moment that decides what has expired.
func (s *session) time() time.Time {
	switch {
	case s.view != nil:
		return *s.view
	case s.w == nil:
		return s.db.Now()
	case s.over():
		return time.Time{} // the writer is another's, and reads of this one fail
	}
	return s.w.time()
}

// over reports whether the session is of a transaction that has ended.
func (s *session) over() bool { return s.live != nil && s.live.over.Load() }

// write runs fn in the session's transaction, or in one of its own. point is
// for a single row. fn must let go of the writer.
func (s *session) write(ctx context.Context, point bool, fn func(w *writer) error) error {
	switch {
	case s.over():
		return ErrTxDone
	case s.w != nil:
		return veil(s.who, fn(s.w))
	case s.view != nil:
		return ErrReadOnly
	}
	return veil(s.who, s.db.run(ctx, s.db.usual(), point, fn))
}

// steady returns a reader of one state for an operation that reads more than
// once, and what ends it.
func (s *session) steady(ctx context.Context) (engine.Reader, func() error, error) {
	if s.w != nil || s.view != nil {
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
	if s.w != nil && !s.over() {
		s.w.opts.guarded = true
	}
	return &guarded
}

// liveTx is a transaction that a user's function was given, which may keep it:
// once it is over, nothing reaches the writer, which is used again. It is as small as
// can be, since there is one for each transaction.
type liveTx struct {
	Tx
	own  session
	over atomic.Bool
}

// Get implements engine.Reader.
func (l *liveTx) Get(ctx context.Context, key []byte) ([]byte, error) {
	if l.over.Load() {
		return nil, ErrTxDone
	}
	return l.own.w.tx.Get(ctx, key)
}

// Has implements engine.Reader.
func (l *liveTx) Has(ctx context.Context, key []byte) (bool, error) {
	if l.over.Load() {
		return false, ErrTxDone
	}
	return l.own.w.tx.Has(ctx, key)
}

// GetMany implements engine.Reader.
func (l *liveTx) GetMany(ctx context.Context, keys, vals [][]byte) error {
	if l.over.Load() {
		return ErrTxDone
	}
	return l.own.w.tx.GetMany(ctx, keys, vals)
}

// Iterate implements engine.Reader.
func (l *liveTx) Iterate(ctx context.Context, r engine.Range) engine.Iterator {
	if l.over.Load() {
		return doneIterator{}
	}
	return l.own.w.tx.Iterate(ctx, r)
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
func (w *writer) lend() *liveTx {
	l := w.live()
	l.own = session{db: w.db, r: l, w: w, live: l, walks: &w.walks}
	l.s = &l.own
	return l
}

// end takes the handle from its user, and closes what is still open.
func (l *liveTx) end() error {
	l.over.Store(true)
	return l.own.w.walks.end()
}

// writer is a transaction, try by try.
type writer struct {
	db   *runner
	tx   engine.Tx // nil between tries
	idle engine.Tx // the last one, which the engine may begin again
	opts txOptions
	try  int
	set  bool // now and at are
	now  time.Time
	at   instant // now, as expiries are stored
	gone []goneRow

	unused []liveTx // handles for transactions to come
	walks  walks    // that a user's function has open
	before *before  // for those of them that go by an index; nil: there was none
	// The innermost of the updates whose functions are running.
	updating *updating
	changes  changes // for the hooks
	touched  touched // for the row caches

	clock func() time.Time // is the method utc
}

// exclusiveAfter is the number of conflicts after which a transaction runs
// alone, so that a long one is not starved by short ones.
const exclusiveAfter = 8

// begin begins the next try.
func (w *writer) begin(ctx context.Context, point bool) error {
	w.try++
	w.set, w.gone, w.before = false, w.gone[:0], nil
	hint := engine.Hint{Writes: w.opts.writes, Reuse: w.idle}
	switch {
	case point:
		hint.Reads = engine.ReadsMayDiffer
	case w.try == 1 && w.opts.tries > 1:
		// What is not run again, and what has lost before, reads one state from the
		// beginning.
		hint.Reads = engine.ReadsMayConflict
	}
	if hooks := w.db.hooks.set.Load(); hooks != nil || w.changes.hooks != nil {
		w.changes = changes{hooks: hooks}
	}
	tx, err := w.db.eng.Begin(ctx, engine.TxOptions{Sync: w.opts.sync, Exclusive: w.try > exclusiveAfter, Hint: hint})
	if err != nil {
		return err
	}
	w.tx, w.idle = tx, tx
	return nil
}

// commit commits the try, and has its changes delivered to the hooks.
func (w *writer) commit(ctx context.Context, tx engine.Tx) error {
	if w.try > 1 {
		defer func(start time.Time) { w.db.pace.saw(time.Since(start)) }(time.Now())
	}
	if len(w.changes.list) > 0 {
		return w.db.hooks.commit(ctx, tx, w.changes, w.time())
	}
	_, err := tx.Commit(ctx)
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
		err = w.commit(ctx, tx)
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
	case !errors.Is(err, ErrConflict), errors.Is(err, engine.ErrUnknown):
		return false, err // where the outcome is unknown, it may have happened
	case w.try >= w.opts.tries:
		if err = w.db.conflict(err, w.try); w.opts.guarded {
			err = veiled(err)
		}
		return false, err
	}
	if err := w.db.pace.pause(ctx, w.try); err != nil {
		return false, err
	}
	return true, nil
}

// newWriters is the pool of a database's writers, which are used again, since each
// commit needs one.
func newWriters(db *runner) pool {
	return &sync.Pool{New: func() any {
		w := &writer{db: db}
		w.clock = w.utc
		return w
	}}
}

func (db *runner) writer(o txOptions) *writer {
	w := db.writers.Get().(*writer)
	w.opts = o
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
	for u := w.updating; u != nil; u = u.outer {
		u.over = true
	}
	w.updating = nil
	w.tx, w.try, w.gone, w.before = nil, 0, w.gone[:0], nil
	if w.changes.hooks != nil {
		w.changes = changes{}
	}
	w.db.writers.Put(w)
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
	if isNotFound(err) {
		return nil, false, nil
	}
	return value, err == nil, err
}

// isNotFound is errors.Is, which mostly has nothing to look for: engines return the
// error as it is.
func isNotFound(err error) bool {
	return err == engine.ErrNotFound || err != nil && errors.Is(err, engine.ErrNotFound)
}

// goneRow is an expired row that a transaction has removed.
type goneRow struct {
	table string
	row   any
}

// committed tells the watchers what the commit has done.
func (w *writer) committed() {
	for _, g := range w.gone {
		for _, f := range w.db.watchers.get(g.table) {
			f(g.row)
		}
	}
}
