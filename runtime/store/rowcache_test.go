package store_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/namespaces"
	"github.com/storegen/storegen/generated/user"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/store"
)

// rowMap is a RowCache of a few rows, which drops any of them for a new one. It
// fails the test where somebody has changed what it holds.
type rowMap struct {
	t    testing.TB
	most int

	mu     sync.Mutex
	rows   map[string]cachedRow
	hits   int
	misses int
}

type cachedRow struct {
	value []byte
	as    string // what it was at first
}

func newRowMap(t testing.TB, most int) *rowMap {
	return &rowMap{t: t, most: most, rows: map[string]cachedRow{}}
}

func (c *rowMap) Get(key []byte) ([]byte, bool) {
	c.mu.Lock()
	defer c.mu.Unlock()
	r, ok := c.rows[string(key)]
	if !ok {
		c.misses++
		return nil, false
	}
	c.hits++
	if string(r.value) != r.as {
		c.t.Errorf("row %x of the cache was changed by somebody", key)
	}
	return r.value, true
}

func (c *rowMap) Set(key, value []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for k := range c.rows {
		if len(c.rows) < c.most {
			break
		}
		delete(c.rows, k)
	}
	c.rows[string(key)] = cachedRow{slices.Clone(value), string(value)}
}

func (c *rowMap) Delete(key []byte) {
	c.mu.Lock()
	defer c.mu.Unlock()
	delete(c.rows, string(key))
}

func (c *rowMap) len() int {
	c.mu.Lock()
	defer c.mu.Unlock()
	return len(c.rows)
}

// stepped is an engine in whose way a test steps.
type stepped struct {
	engine.Engine
	afterGet     func() // an operation has read, and not yet returned
	beforeCommit func() // a transaction's function has returned
	after        func(err error) error
}

func (e *stepped) Get(ctx context.Context, key []byte) ([]byte, error) {
	v, err := e.Engine.Get(ctx, key)
	if f := e.afterGet; f != nil {
		e.afterGet = nil
		f()
	}
	return v, err
}

func (e *stepped) GetMany(ctx context.Context, keys, vals [][]byte) error {
	err := e.Engine.GetMany(ctx, keys, vals)
	if f := e.afterGet; f != nil {
		e.afterGet = nil
		f()
	}
	return err
}

func (e *stepped) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	tx, err := e.Engine.Begin(ctx, o)
	if err != nil {
		return nil, err
	}
	return steppedTx{tx, e}, nil
}

func (e *stepped) Write(ctx context.Context, b engine.Batch, o engine.WriteOptions) error {
	if f := e.beforeCommit; f != nil {
		e.beforeCommit = nil
		f()
	}
	return e.came(e.Engine.Write(ctx, b, o))
}

type steppedTx struct {
	engine.Tx
	e *stepped
}

func (tx steppedTx) Commit(ctx context.Context) (uint64, error) {
	if f := tx.e.beforeCommit; f != nil {
		tx.e.beforeCommit = nil
		f()
	}
	number, err := tx.Tx.Commit(ctx)
	return number, tx.e.came(err)
}

func (tx steppedTx) Rollback() error { return tx.e.came(tx.Tx.Rollback()) }

// came is called with what came of a transaction.
func (e *stepped) came(err error) error {
	if f := e.after; f != nil {
		e.after = nil
		return f(err)
	}
	return err
}

// cachedEnv is a database in memory with one cache for all its tables.
type cachedEnv struct {
	*env
	cache *rowMap
	step  *stepped
	reads *spy
}

func newCachedEnv(t *testing.T) *cachedEnv {
	e := &cachedEnv{cache: newRowMap(t, 1000)}
	e.env = &env{TB: t, clock: store.NewManualClock(start)}
	for _, table := range []string{"system.users", "system.jobs", "system.namespaces", "user"} {
		e.opts = append(e.opts, store.WithRowCache(table, e.cache))
	}
	e.engine = func() (engine.Engine, error) {
		e.reads = newSpy(memory.New())
		e.step = &stepped{Engine: e.reads}
		return e.step, nil
	}
	e.open()
	t.Cleanup(func() {
		if !t.Failed() {
			e.whole()
		}
		e.db.Close()
	})
	return e
}

// gets is how many keys f looked up in the engine.
func (e *cachedEnv) gets(f func()) int64 {
	e.reads.reads()
	f()
	n, _ := e.reads.reads()
	return n
}

func (e *cachedEnv) name(id models.NamespaceID) string {
	e.Helper()
	row, err := e.sys.Namespaces.Get(ctx, id)
	if errors.Is(err, store.ErrNotFound) {
		return "none"
	}
	e.ok(err)
	return row.Name
}

func (e *cachedEnv) put(id models.NamespaceID, name string) {
	e.Helper()
	e.ok(e.sys.Namespaces.Put(ctx, &namespaces.Namespace{NamespaceID: id, Name: name}))
}

func TestRowCacheServes(t *testing.T) {
	e := newCachedEnv(t)
	e.put("a", "1")
	e.put("b", "1")
	e.ok(e.sys.Users.Insert(ctx, newUser("u", "name", 0)))
	notes := must(user.Open(ctx, e.db, "app", "notes"))
	e.ok(notes.Insert(ctx, &user.Row{UserID: "u", RowID: "r"}))
	note := models.UserRowID{User: "u", Row: "r"}
	key := must(e.sys.Namespaces.Get(ctx, "a")) // also the first read of a
	pk := keys.AppendStringLast(nil, string(key.NamespaceID))
	tests := []struct {
		name  string
		do    func()
		first int64 // keys that are read
		again int64
	}{
		{"get", func() { same(t, "name", e.name("b"), "1") }, 1, 0},
		{"has", func() { same(t, "has", must(e.sys.Namespaces.Has(ctx, "b")), true) }, 0, 0},
		{"get of what is not there", func() { same(t, "name", e.name("c"), "none") }, 1, 1},
		{"raw get", func() { must(rawstore.Of(e.sys.Namespaces.Handle()).Get(ctx, pk)) }, 0, 0},
		{"many", func() {
			rows := must(e.sys.Namespaces.GetMany(ctx, []models.NamespaceID{"a", "c", "b", "a"}))
			same(t, "there", []bool{rows[0] != nil, rows[1] != nil, rows[2] != nil, rows[3] != nil}, []bool{true, false, true, true})
		}, 1, 1},
		{"many of a member of a family", func() { same(t, "rows", len(must(notes.GetMany(ctx, []models.UserRowID{note}))), 1) }, 1, 0},
		{"member of a family", func() { must(notes.Get(ctx, note)) }, 0, 0},
		{"unique", func() { must(e.sys.Users.ByUsername.Get(ctx, "name")) }, 2, 1},
		{"table without a cache", func() { must(e.sys.Tables.Has(ctx, models.TableID{Namespace: "a", Table: "t"})) }, 1, 1},
		{"view", func() {
			e.ok(e.db.View(ctx, func(tx *store.Tx) error { _, err := e.sys.Namespaces.In(tx).Get(ctx, "a"); return err }))
		}, 1, 1},
		{"transaction with nothing to write", func() {
			// The spy sees what is read outside of transactions only.
			hits := e.cache.hits
			e.ok(e.db.Update(ctx, func(tx *store.Tx) error { _, err := e.sys.Namespaces.In(tx).Get(ctx, "a"); return err }))
			same(t, "hits", e.cache.hits, hits)
		}, 0, 0},
	}
	for _, tt := range tests {
		same(t, tt.name, e.gets(tt.do), tt.first)
		same(t, tt.name+" again", e.gets(tt.do), tt.again)
	}
}

// Whatever writes a row, the next read sees it.
func TestRowCacheWrites(t *testing.T) {
	e := newCachedEnv(t)
	ns := e.sys.Namespaces
	raw := rawstore.Of(ns.Handle())
	pk := keys.AppendStringLast(nil, "a")
	tests := []struct {
		name string
		do   func() error
		want string
	}{
		{"insert", func() error { return ns.Insert(ctx, &namespaces.Namespace{NamespaceID: "a", Name: "1"}) }, "1"},
		{"put", func() error { return ns.Put(ctx, &namespaces.Namespace{NamespaceID: "a", Name: "2"}) }, "2"},
		{"put many", func() error { return ns.PutMany(ctx, []*namespaces.Namespace{{NamespaceID: "a", Name: "3"}}) }, "3"},
		{"update", func() error {
			return ns.Update(ctx, "a", func(v *namespaces.Namespace) error { v.Name = "4"; return nil })
		}, "4"},
		{"update that fails", func() error {
			err := ns.Update(ctx, "a", func(v *namespaces.Namespace) error { v.Name = "5"; return errStop })
			same(t, "error", errors.Is(err, errStop), true)
			return nil
		}, "4"},
		{"transaction", func() error {
			return e.sys.Update(ctx, func(tx *system.Tx) error {
				if _, err := tx.Namespaces.Delete(ctx, "a"); err != nil {
					return err
				}
				// What reads the latest state meanwhile sees the old row.
				same(t, "outside", e.name("a"), "4")
				return tx.Namespaces.Insert(ctx, &namespaces.Namespace{NamespaceID: "a", Name: "6"})
			})
		}, "6"},
		{"delete", func() error {
			_, err := ns.Delete(ctx, "a")
			return err
		}, "none"},
		{"raw insert", func() error { _, err := raw.Insert(ctx, pk, e.value("7")); return err }, "7"},
		{"raw update", func() error {
			return raw.Update(ctx, pk, func([]byte) ([]byte, error) { return e.value("8"), nil })
		}, "8"},
		{"raw delete", func() error { _, err := raw.Delete(ctx, pk); return err }, "none"},
		{"insert again", func() error { return ns.Insert(ctx, &namespaces.Namespace{NamespaceID: "a", Name: "9"}) }, "9"},
		{"delete of a range", func() error { _, err := ns.DeleteRange(ctx, "a", "b"); return err }, "none"},
	}
	for _, tt := range tests {
		e.name("a") // so that it is cached, if it is there
		e.ok(tt.do())
		same(t, tt.name, e.name("a"), tt.want)
		same(t, tt.name+", cached", e.name("a"), tt.want)
	}
}

// value is the encoded fields of a namespace.
func (e *cachedEnv) value(name string) []byte {
	e.put("other", name)
	return must(rawstore.Of(e.sys.Namespaces.Handle()).Get(ctx, keys.AppendStringLast(nil, "other")))
}

// What comes between a reader's look at the engine and its return, or between a
// transaction's function and its commit.
func TestRowCacheBetween(t *testing.T) {
	unknown := func(error) error { return fmt.Errorf("%w: the line is dead", engine.ErrUnknown) }
	tests := []struct {
		name   string
		do     func(e *cachedEnv)
		want   string // then
		cached bool   // what is read then
	}{
		{"a commit while a reader reads", func(e *cachedEnv) {
			e.step.afterGet = func() { e.put("a", "new") }
			same(t, "what it read", e.name("a"), "old")
		}, "new", true},
		{"a commit while many are read", func(e *cachedEnv) {
			e.step.afterGet = func() { e.put("a", "new") }
			rows := must(e.sys.Namespaces.GetMany(ctx, []models.NamespaceID{"a", "b"}))
			same(t, "what it read", rows[0].Name, "new") // from a snapshot, as it was disturbed
		}, "new", true},
		{"a reader while a commit is made", func(e *cachedEnv) {
			e.step.beforeCommit = func() {
				same(t, "before", e.name("a"), "old")
				same(t, "many before", must(e.sys.Namespaces.GetMany(ctx, []models.NamespaceID{"a"}))[0].Name, "old")
				same(t, "cached", e.cache.len(), 0)
			}
			e.put("a", "new")
		}, "new", true},
		{"a reader when a commit is made and has not ended", func(e *cachedEnv) {
			e.step.after = func(err error) error {
				same(t, "made", e.name("a"), "new")
				same(t, "cached", e.cache.len(), 0)
				return err
			}
			e.put("a", "new")
		}, "new", true},
		{"a reader that begins in a commit and ends behind it", func(e *cachedEnv) {
			read, end := make(chan struct{}), make(chan struct{})
			var reader sync.WaitGroup
			e.step.beforeCommit = func() {
				e.step.afterGet = func() { close(read); <-end }
				reader.Go(func() { same(t, "what it read", e.name("a"), "old") })
				<-read
			}
			e.put("a", "new")
			close(end)
			reader.Wait()
			same(t, "cached", e.cache.len(), 0)
		}, "new", true},
		{"many that are read around a commit", func(e *cachedEnv) {
			e.put("b", "old")
			read, end := make(chan struct{}), make(chan struct{})
			var reader sync.WaitGroup
			e.step.beforeCommit = func() {
				e.step.afterGet = func() { read <- struct{}{}; <-end }
				reader.Go(func() {
					rows := must(e.sys.Namespaces.GetMany(ctx, []models.NamespaceID{"a", "b"}))
					same(t, "rows of one state", rows[0].Name, rows[1].Name)
					close(read)
				})
				<-read
			}
			e.step.after = func(err error) error { // it is made, and the store does not know yet
				close(end)
				reader.Wait()
				return err
			}
			e.ok(e.sys.Namespaces.PutMany(ctx, []*namespaces.Namespace{{NamespaceID: "a", Name: "new"}, {NamespaceID: "b", Name: "new"}}))
			e.step.afterGet = nil
		}, "new", true},
		{"a commit that is refused", func(e *cachedEnv) {
			e.name("a")
			err := e.sys.Namespaces.Insert(ctx, &namespaces.Namespace{NamespaceID: "a"})
			same(t, "refused", errors.Is(err, store.ErrExists), true)
			same(t, "still cached", e.cache.len(), 1)
		}, "old", true},
		{"a commit that loses", func(e *cachedEnv) {
			tx := must(e.db.Begin(ctx))
			ns := e.sys.Namespaces.In(tx.Tx())
			e.ok(ns.Update(ctx, "a", func(v *namespaces.Namespace) error { v.Name = "lost"; return nil }))
			e.put("a", "new")
			e.name("a")
			same(t, "lost", errors.Is(tx.Commit(), store.ErrConflict), true)
		}, "new", true},
		{"a panic", func(e *cachedEnv) {
			e.name("a")
			func() {
				defer func() { same(t, "panic", recover() != nil, true) }()
				_ = e.sys.Namespaces.Update(ctx, "a", func(*namespaces.Namespace) error { panic("stop") })
			}()
		}, "old", true},
		{"a commit of unknown outcome that was made", func(e *cachedEnv) {
			e.name("a")
			e.step.after = unknown
			err := e.sys.Namespaces.Put(ctx, &namespaces.Namespace{NamespaceID: "a", Name: "new"})
			same(t, "unknown", errors.Is(err, engine.ErrUnknown), true)
		}, "new", false},
		{"a commit of unknown outcome that is made later", func(e *cachedEnv) {
			e.name("a")
			key := storedKey(e.sys.Namespaces.Handle(), &namespaces.Namespace{NamespaceID: "a"})
			e.put("a", "new")
			late := must(e.step.Engine.Get(ctx, key))
			e.put("a", "old")
			e.step.after = unknown
			_ = e.sys.Namespaces.Put(ctx, &namespaces.Namespace{NamespaceID: "a", Name: "old"})
			same(t, "before", e.name("a"), "old")
			b := e.step.Engine.NewBatch()
			b.Put(key, late)
			e.ok(e.step.Engine.Write(ctx, b, engine.WriteOptions{}))
		}, "new", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			e := newCachedEnv(t)
			e.put("a", "old")
			tt.do(e)
			same(t, "then", e.name("a"), tt.want)
			same(t, "then again", e.name("a"), tt.want)
			same(t, "cached", e.gets(func() { e.name("a") }) == 0, tt.cached)
		})
	}
}

func TestRowCacheSnapshots(t *testing.T) {
	e := newCachedEnv(t)
	e.put("a", "old")
	e.name("a")
	snap := must(e.db.Snapshot(ctx))
	defer snap.Close()
	e.put("a", "new")
	same(t, "latest", e.name("a"), "new")
	old := e.sys.Namespaces.In(snap.Tx())
	same(t, "snapshot", must(old.Get(ctx, "a")).Name, "old")
	same(t, "many of the snapshot", must(old.GetMany(ctx, []models.NamespaceID{"a"}))[0].Name, "old")
	same(t, "latest again", e.name("a"), "new")
}

// A row in the cache is gone when it expires, and when it is swept.
func TestRowCacheExpiry(t *testing.T) {
	e := newCachedEnv(t)
	j := newJob("j", models.JobStatusCompleted, start)
	j.FinishedAt = ptr(start)
	e.ok(e.sys.Jobs.Insert(ctx, j))
	must(e.sys.Jobs.Get(ctx, "j"))
	same(t, "cached", e.gets(func() { must(e.sys.Jobs.Get(ctx, "j")) }), 0)
	e.clock.Advance(30 * 24 * time.Hour)
	gone := func(when string) {
		t.Helper()
		_, err := e.sys.Jobs.Get(ctx, "j")
		same(t, when+": get", errors.Is(err, store.ErrNotFound), true)
		same(t, when+": has", must(e.sys.Jobs.Has(ctx, "j")), false)
		same(t, when+": many", must(e.sys.Jobs.GetMany(ctx, []models.JobID{"j"})), []*jobs.Job{nil})
	}
	gone("expired")
	same(t, "swept", must(admin.Sweep(ctx, e.db, 0)).Removed, 1)
	same(t, "cached rows", e.cache.len(), 0)
	gone("swept")
	e.ok(e.sys.Jobs.Insert(ctx, newJob("j", models.JobStatusQueued, start)))
	must(e.sys.Jobs.Get(ctx, "j"))
}

// Who got a row may change it, and its bytes in place.
func TestRowCacheOwnRows(t *testing.T) {
	e := newCachedEnv(t)
	j := newJob("j", models.JobStatusQueued, start)
	j.Parameters = []byte(`{"a":1}`)
	e.ok(e.sys.Jobs.Insert(ctx, j))
	for i := range 3 { // the first of them fills the cache
		got := must(e.sys.Jobs.Get(ctx, "j"))
		same(t, fmt.Sprint("parameters at read ", i), string(got.Parameters), `{"a":1}`)
		got.Parameters[2] = 'x'
		many := must(e.sys.Jobs.GetMany(ctx, []models.JobID{"j"}))
		same(t, fmt.Sprint("of many at read ", i), string(many[0].Parameters), `{"a":1}`)
		many[0].Parameters[2] = 'x'
		raw := must(rawstore.Of(e.sys.Jobs.Handle()).Get(ctx, keys.AppendStringLast(nil, "j")))
		clear(raw)
	}
}

// A closed database and a context that has ended are refused as without a cache.
func TestRowCacheRefuses(t *testing.T) {
	e := newCachedEnv(t)
	e.put("a", "1")
	e.name("a")
	ended, cancel := context.WithCancel(ctx)
	cancel()
	all := func(ctx context.Context, want error) {
		t.Helper()
		_, err := e.sys.Namespaces.Get(ctx, "a")
		same(t, "get", errors.Is(err, want), true)
		_, err = e.sys.Namespaces.Has(ctx, "a")
		same(t, "has", errors.Is(err, want), true)
		_, err = e.sys.Namespaces.GetMany(ctx, []models.NamespaceID{"a"})
		same(t, "many", errors.Is(err, want), true)
	}
	all(ended, context.Canceled)
	e.whole()
	e.ok(e.db.Close())
	all(ctx, store.ErrClosed)
	e.open() // for what comes behind the test
}

// A row that Repair puts aside is not shown any more.
func TestRowCacheRepair(t *testing.T) {
	e := newCachedEnv(t)
	e.put("a", "1")
	e.name("a")
	key := storedKey(e.sys.Namespaces.Handle(), &namespaces.Namespace{NamespaceID: "a"})
	b := e.step.Engine.NewBatch()
	b.Put(key, append(bytes.Clone(must(e.step.Engine.Get(ctx, key))), 0xFF))
	e.ok(e.step.Engine.Write(ctx, b, engine.WriteOptions{}))
	same(t, "put aside", must(admin.Repair(ctx, e.db, admin.VerifyOptions{})).Aside, 1)
	same(t, "then", e.name("a"), "none")
	b.Reset()
	for _, row := range must(admin.Aside(ctx, e.db)) {
		b.Delete(append(keys.AppendUvarint(nil, 2), row.Key...))
	}
	e.ok(e.step.Engine.Write(ctx, b, engine.WriteOptions{})) // so that the database is whole
}

// lateCache is a cache whose Set takes effect at the next call of another: what a
// store without its guard would do to a cache.
type lateCache struct {
	*rowMap
	late sync.Map
}

func (c *lateCache) Set(key, value []byte) {
	c.late.Range(func(k, v any) bool {
		c.late.Delete(k)
		c.rowMap.Set([]byte(k.(string)), v.([]byte))
		return true
	})
	c.late.Store(string(key), slices.Clone(value))
}

// stale lets some write rows that always change together while others read them,
// and returns what was read wrongly.
func stale(t *testing.T, cache store.RowCache, each int) error {
	t.Helper()
	db := must(store.Open(ctx, memory.New(), store.WithoutSync(), store.WithRowCache("system.namespaces", cache)))
	defer db.Close()
	ns := must(namespaces.Open(ctx, db))
	ids := []models.NamespaceID{"a", "b"}
	var written atomic.Int64 // what was committed last
	put := func(n int64) error {
		return db.Update(ctx, func(tx *store.Tx) error {
			for _, id := range ids {
				if err := ns.In(tx).Put(ctx, &namespaces.Namespace{NamespaceID: id, Name: fmt.Sprint(n)}); err != nil {
					return err
				}
			}
			return nil
		})
	}
	if err := put(0); err != nil {
		return err
	}
	var wrong atomic.Pointer[error]
	number := func(row *namespaces.Namespace) (n int64) {
		if _, err := fmt.Sscan(row.Name, &n); err != nil {
			t.Error(err)
		}
		return n
	}
	together(t, 4, func(i int) error {
		for n := range each {
			if i == 0 {
				if err := put(int64(n)); err != nil {
					return err
				}
				written.Store(int64(n))
				continue
			}
			least := written.Load()
			row, err := ns.Get(ctx, ids[n%2])
			if err != nil {
				return err
			}
			if got := number(&row); got < least {
				err := fmt.Errorf("read %d behind the commit of %d", got, least)
				wrong.Store(&err)
			}
			rows, err := ns.GetMany(ctx, ids)
			if err != nil {
				return err
			}
			if a, b := number(rows[0]), number(rows[1]); a != b || a < least {
				err := fmt.Errorf("read %d and %d, which always change together, behind the commit of %d", a, b, least)
				wrong.Store(&err)
			}
		}
		return nil
	})
	if err := wrong.Load(); err != nil {
		return *err
	}
	return nil
}

func TestRowCacheNeverStale(t *testing.T) {
	for _, most := range []int{1, 100} {
		cache := newRowMap(t, most)
		if err := stale(t, cache, 2000); err != nil {
			t.Errorf("a cache of %d rows: %v", most, err)
		}
		if cache.hits == 0 {
			t.Errorf("a cache of %d rows was never hit", most)
		}
	}
}

// TestRowCacheStaleCatches makes sure that the check above can fail.
func TestRowCacheStaleCatches(t *testing.T) {
	for range 50 {
		if stale(t, &lateCache{rowMap: newRowMap(t, 100)}, 500) != nil {
			return
		}
	}
	t.Error("50 runs with a cache that is late, and none read anything stale")
}
