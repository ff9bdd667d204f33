package store

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"time"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
)

// runner runs transactions over an engine.
type runner struct {
	eng      engine.Engine
	limits   engine.Limits
	clock    Clock
	sync     bool // each commit, unless it says otherwise
	shared   bool // others write to the engine too
	pace     pace
	writers  pool // of *writer
	hooks    hooks
	watchers watchers
	// locate names the table and row of a key, for messages.
	locate func(key []byte) (table, row string)
}

// watchers are called with rows that were removed because they had expired.
type watchers struct {
	some atomic.Bool // there are any
	mu   sync.Mutex
	of   map[string][]func(row any) // by table, a member's of its own
}

// add adds one for a table.
func (ws *watchers) add(table string, fn func(row any)) {
	ws.mu.Lock()
	defer ws.mu.Unlock()
	if ws.of == nil {
		ws.of = map[string][]func(row any){}
	}
	ws.of[table] = append(ws.of[table], fn)
	ws.some.Store(true)
}

// get returns those of a table.
func (ws *watchers) get(table string) []func(row any) {
	if !ws.some.Load() {
		return nil // as a rule, and a sweep asks for each row
	}
	ws.mu.Lock()
	defer ws.mu.Unlock()
	return ws.of[table]
}

// DB is a database: tables over one engine. Its methods may be called from
// several goroutines.
type DB struct {
	runner
	outer  any  // the DB of package store
	change bool // Migrate

	root   *session
	closed atomic.Bool

	mu       sync.Mutex
	tables   map[uint64]*table       // opened, by space
	families map[string]memberOpener // opened, by name: makes a member's table
	caches   map[string]*rowGuard    // by name, a family's for all members

	// What Define found in the catalog to be as the code has it, with its space:
	// OpenTable need not look again. A change of the catalog ends it.
	described map[*catalog.Table]uint64
	changes   uint64 // of the catalog, so far

	forsaken map[uint64]bool // spaces that were or are being dropped

	unswept unswept // what sweeps need not look at

	cursors sealer // seals cursors
}

// Option sets how a database is opened.
type Option func(*DB)

// WithClock sets the clock; the default is SystemClock.
func WithClock(c Clock) Option { return func(db *DB) { db.clock = c } }

// WithoutSync makes commits return before they are on stable storage: they
// survive the end of the process, but a power cut may take the last ones. The
// default is to sync each commit; concurrent ones share the cost.
func WithoutSync() Option { return func(db *DB) { db.sync = false } }

// WithMigrate lets opening a table bring it to the schema of the program: new
// and changed indexes are built, removed ones dropped. Without it a difference
// is a SchemaError. Nothing else may use the table meanwhile. A unique index over rows
// that have the same value is a DuplicatesError. Where it fails, is cancelled or killed,
// the program that the table was of opens it as before.
func WithMigrate() Option { return func(db *DB) { db.change = true } }

// Open opens the database in an engine, which is empty or holds a database. The
// DB owns the engine from then on.
func Open(ctx context.Context, eng engine.Engine, opts ...Option) (*DB, error) {
	return open(ctx, eng, func(db *DB) {
		for _, o := range opts {
			o(db)
		}
	})
}

// open opens a database, of which set sets what the program wants to be otherwise.
func open(ctx context.Context, eng engine.Engine, set func(db *DB)) (*DB, error) {
	db := &DB{
		runner: runner{eng: eng, limits: eng.Limits(), shared: eng.Shared(), clock: SystemClock, sync: true},
		tables: map[uint64]*table{}, families: map[string]memberOpener{},
	}
	db.hooks.errors, db.locate = logHookError, db.locateKey
	set(db)
	if db.shared && len(db.caches) > 0 {
		return nil, fmt.Errorf("store.WithRowCache: %w, as the cache does not hear of what they write: open the database without it", engine.ErrShared)
	}
	if db.shared {
		db.hooks.refuse = fmt.Errorf("%w, as it would not hear of what they commit", engine.ErrShared)
	}
	db.root = &session{db: &db.runner, r: eng}
	db.writers = newWriters(&db.runner)
	if err := db.checkHeader(ctx); err != nil {
		return nil, err
	}
	return db, nil
}

// Close closes the database and its engine, after the hooks of OnCommit have seen
// all that was committed. Closing twice is no error.
func (db *DB) Close() error {
	db.closed.Store(true)
	// Once while hooks can still read, and once for commits that were under way.
	_ = db.hooks.wait(context.Background()) // which never ends
	err := db.eng.Close()
	db.hooks.close()
	return err
}

// Engine returns the engine below.
func (db *DB) Engine() engine.Engine { return db.eng }

// Clock returns the clock of the database.
func (db *DB) Clock() Clock { return db.clock }

// Now is the time by the clock of the database.
func (db *runner) Now() time.Time { return db.clock.Now() }

// Tx is a transaction, or a view of one snapshot. It belongs to the function
// that was given it.
type Tx struct {
	s *session
}

// TxOption changes how one transaction runs.
type TxOption func(*txOptions)

// usualTries is how often a transaction is run when nothing else is said.
const usualTries = 64

// usual is how a transaction runs when nothing else is said.
func (db *runner) usual() txOptions { return txOptions{sync: db.sync, tries: usualTries} }

type txOptions struct {
	sync   bool
	tries  int
	writes int // about how many there will be, if that is known

	guarded bool // a principal has part in it, and is not told what it lost on
}

// NoSync makes this commit return before it is on stable storage.
func NoSync() TxOption { return func(o *txOptions) { o.sync = false } }

// Sync makes this commit return after it is on stable storage, also in a
// database that was opened WithoutSync.
func Sync() TxOption { return func(o *txOptions) { o.sync = true } }

// NoRetry makes a conflict an ErrConflict at once.
func NoRetry() TxOption { return func(o *txOptions) { o.tries = 1 } }

// Tries bounds how often the function is run; the default is 64.
func Tries(n int) TxOption { return func(o *txOptions) { o.tries = max(1, n) } }

// Update runs fn in a transaction over all tables and commits, unless fn returns
// an error. A transaction that lost against another is run again, after a pause
// that grows; ErrConflict comes back when the tries are used up. A read in fn may
// be what finds out, and fail with it: whatever fn returns then, it is run again.
// All that fn reads is of one state of the database. Nothing is
// committed, and ErrLeftOpen comes back, where fn leaves an iterator open.
func (db *runner) Update(ctx context.Context, fn func(tx *Tx) error, opts ...TxOption) error {
	w := db.writer(db.usual())
	defer w.release()
	for _, opt := range opts {
		opt(&w.opts)
	}
	for {
		err := w.begin(ctx, false)
		if err == nil {
			err = w.call(fn)
		}
		again, err := w.end(ctx, err)
		if !again {
			return err
		}
	}
}

// View runs fn with a view of one snapshot. Writes in it are ErrReadOnly.
func (db *runner) View(ctx context.Context, fn func(tx *Tx) error) (err error) {
	snap, err := db.Snapshot(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, snap.Close()) }() // also where fn panics
	return fn(snap.tx)
}

// run runs fn in a transaction until it commits. point is for operations whose
// reads need not agree with each other, so that they need no snapshot. fn must
// let go of the writer: it is used again.
func (db *runner) run(ctx context.Context, o txOptions, point bool, fn func(w *writer) error) error {
	w := db.writer(o)
	defer w.release()
	for {
		err := w.begin(ctx, point)
		if err == nil {
			err = fn(w)
		}
		again, err := w.end(ctx, err)
		if !again {
			return err
		}
	}
}

// conflict makes the engine's error say which row the transaction lost on.
func (db *runner) conflict(err error, tries int) error {
	var c *engine.ConflictError
	found := errors.As(err, &c) && len(c.Key) > 0
	if tries > 1 {
		err = fmt.Errorf("after %d tries: %w", tries, err)
	}
	if !found {
		return err
	}
	table, key := db.locate(c.Key)
	return &Error{Op: "commit", Table: table, Key: key, Err: err}
}
