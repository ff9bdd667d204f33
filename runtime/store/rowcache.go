package store

import (
	"bytes"
	"context"
	"errors"
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/engine"
)

// RowCache keeps stored rows in memory for WithRowCache. The store keeps it in
// step with what is committed; the cache decides how much it holds and may
// forget any row at any time. Its methods are called from several goroutines.
//
// Keys are those of the engine, so that several tables of one database can share
// a cache. They are lent: what is to be kept of one is copied.
type RowCache interface {
	// Get returns what Set was given last for a key. Nobody changes it.
	Get(key []byte) (value []byte, ok bool)
	// Set keeps a value, which is the cache's from then on. It may also not keep it,
	// but must then forget what it had.
	Set(key, value []byte)
	// Delete forgets a key. When it has returned, no Get may find what was set
	// before: a Set that takes effect later than that breaks the store.
	Delete(key []byte)
}

// WithRowCache lets reads of the latest rows of a table use a cache: Get, Has,
// GetMany and look-ups by a unique value, outside of views and transactions,
// which always read the engine. Nobody sees a row that is older than without the
// cache. The name is a table's, a family's for all of its members, or a member's.
//
// The cache must be empty, and belongs to this database while that is open: what
// is written to the engine by any other way than through the DB is not noticed.
// Open refuses it, as engine.ErrShared, on an engine that other processes write to.
func WithRowCache(table string, c RowCache) Option {
	return func(db *DB) {
		if db.caches == nil {
			db.caches = map[string]*rowGuard{}
		}
		db.caches[table] = newRowGuard(c)
	}
}

// guardOf is the guard of a table's cache, or nil. The map is not changed once
// the database is open.
func (db *DB) guardOf(name, family string) *rowGuard {
	if g := db.caches[name]; g != nil {
		return g
	}
	return db.caches[family]
}

// rowGuard keeps a cache from holding what is not the latest committed value.
//
// A commit announces the rows that it writes before the engine makes it take
// effect, which takes them out of the cache, and ends when the engine has
// returned. A reader that did not find a row in the cache looks at the row's
// stripe, reads the engine, and puts the value into the cache only if no commit
// was under way at the first of these and none was announced up to the last. So
// what is in the cache was the latest value when it came in, and is taken out
// before that changes.
type rowGuard struct {
	rows    RowCache
	seed    maphash.Seed
	stripes [guardStripes]guardStripe
}

const guardStripes = 256

// guardStripe is what is going on with the keys of one hash.
type guardStripe struct {
	mu sync.Mutex // held while the cache is changed
	// state is how many commits were announced, in the upper half, and how many of
	// those have not ended, in the lower half.
	state atomic.Uint64
	_     [48]byte // a cache line of its own
}

const (
	announcedOne = 1<<32 + 1
	underWay     = 1<<32 - 1
)

func newRowGuard(c RowCache) *rowGuard { return &rowGuard{rows: c, seed: maphash.MakeSeed()} }

func (g *rowGuard) stripe(key []byte) *guardStripe {
	return &g.stripes[maphash.Bytes(g.seed, key)%guardStripes]
}

// sight is a stripe as it was seen.
type sight struct {
	stripe *guardStripe
	state  uint64
}

// look comes before the engine is read.
func (g *rowGuard) look(key []byte) sight {
	s := g.stripe(key)
	return sight{s, s.state.Load()}
}

// quiet reports whether no commit was under way then.
func (s sight) quiet() bool { return s.state&underWay == 0 }

// holds reports whether no commit was announced since.
func (s sight) holds() bool { return s.stripe.state.Load() == s.state }

// keep puts a value that was read after s was seen into the cache, if it is still
// the latest.
func (g *rowGuard) keep(s sight, key, value []byte) {
	if !s.quiet() {
		return
	}
	value = bytes.Clone(value) // the one that was read belongs to the caller
	s.stripe.mu.Lock()
	defer s.stripe.mu.Unlock()
	if s.holds() {
		g.rows.Set(key, value)
	}
}

// announce takes a row that is about to change out of the cache.
func (g *rowGuard) announce(s *guardStripe, key []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Add(announcedOne)
	g.rows.Delete(key)
}

// hit is the stored value of a row, where the cache has it and the session reads
// the latest state. It must not be changed.
func (t *table) hit(ctx context.Context, s *session, key []byte) (value []byte, ok bool) {
	if !t.caches(ctx, s) {
		return nil, false
	}
	return t.guard.rows.Get(key)
}

// caches reports whether a read may be answered by a cache. A closed database and
// a context that has ended are the engine's to refuse.
func (t *table) caches(ctx context.Context, s *session) bool {
	return t.guard != nil && s.w == nil && s.view == nil && !t.db.closed.Load() && ctx.Err() == nil
}

// stored reads the stored value of the row at key, which the caller owns.
func (t *table) stored(ctx context.Context, s *session, key []byte) ([]byte, error) {
	if !t.caches(ctx, s) {
		return s.r.Get(ctx, key)
	}
	if v, ok := t.guard.rows.Get(key); ok {
		return bytes.Clone(v), nil
	}
	seen := t.guard.look(key)
	v, err := s.r.Get(ctx, key)
	if err == nil {
		t.guard.keep(seen, key, v)
	}
	return v, err
}

// storedMany reads the stored values of rows, all of one state of the database,
// nil for those that are not there.
func (t *table) storedMany(ctx context.Context, s *session, keys [][]byte) ([][]byte, error) {
	vals := make([][]byte, len(keys))
	if t.caches(ctx, s) {
		if one, err := t.guard.many(ctx, s.r, keys, vals); one || err != nil {
			return vals, err
		}
		clear(vals)
	}
	return vals, s.r.GetMany(ctx, keys, vals)
}

// many reads rows from the cache, and those that it does not have from the
// engine's latest state. one says that they are of one state: that no commit to
// any of them was under way meanwhile.
func (g *rowGuard) many(ctx context.Context, r engine.Reader, keys, vals [][]byte) (one bool, err error) {
	seen := make([]sight, len(keys))
	for i, key := range keys {
		if seen[i] = g.look(key); !seen[i].quiet() {
			return false, nil
		}
	}
	var missing [][]byte
	var places []int
	for i, key := range keys {
		if v, ok := g.rows.Get(key); ok {
			vals[i] = bytes.Clone(v)
			continue
		}
		missing, places = append(missing, key), append(places, i)
	}
	read := make([][]byte, len(missing))
	if len(missing) > 0 {
		if err := r.GetMany(ctx, missing, read); err != nil {
			return false, err
		}
	}
	for i := range seen {
		if !seen[i].holds() {
			return false, nil
		}
	}
	for j, i := range places {
		if vals[i] = read[j]; read[j] != nil {
			g.keep(seen[i], keys[i], read[j])
		}
	}
	return true, nil
}

// touched are the rows of cached tables that a transaction has written.
type touched struct {
	list      []touchedRow
	keys      []byte // one behind the other
	announced bool
}

type touchedRow struct {
	guard  *rowGuard
	stripe *guardStripe
	start  int // in keys
	end    int
}

// mostTouched is how many rows' worth of memory is kept for the next transaction.
const mostTouched = 1 << 10

// touch notes that the row at key is written. It comes before each write of a
// row.
func (t *table) touch(w *writer, key []byte) {
	if w.updating != nil {
		w.updating.note(key)
	}
	if t.guard != nil {
		w.touched.note(t.guard, key)
	}
}

// note keeps a row that is written.
func (ts *touched) note(g *rowGuard, key []byte) {
	start := len(ts.keys)
	ts.keys = append(ts.keys, key...)
	ts.list = append(ts.list, touchedRow{g, g.stripe(key), start, len(ts.keys)})
}

// announce tells the caches of a commit that the engine is about to make.
func (ts *touched) announce() {
	ts.announced = true
	for _, r := range ts.list {
		r.guard.announce(r.stripe, ts.keys[r.start:r.end])
	}
}

// end tells the caches that the engine has returned from an announced commit, and
// forgets the rows. Where it does not know what came of the commit, that may yet
// take effect: its stripes are never quiet again, and so their rows not cached.
func (ts *touched) end(err error) {
	if ts.announced && !errors.Is(err, engine.ErrUnknown) {
		for _, r := range ts.list {
			r.stripe.state.Add(^uint64(0))
		}
	}
	ts.reset()
}

// reset forgets the rows.
func (ts *touched) reset() {
	ts.announced = false
	if len(ts.list) == 0 {
		return // as a rule: few tables have a cache
	}
	if cap(ts.list) > mostTouched {
		*ts = touched{}
		return
	}
	clear(ts.list)
	ts.list, ts.keys = ts.list[:0], ts.keys[:0]
}
