package rowcache_test

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/namespaces"
	"github.com/storegen/storegen/rowcache"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

var ctx = context.Background()

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

func open(t testing.TB, eng engine.Engine, opts ...store.Option) *namespaces.Store {
	t.Helper()
	db, err := store.Open(ctx, eng, append(opts, store.WithoutSync())...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	st, err := namespaces.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	return st
}

func cached(c *rowcache.Cache) store.Option { return store.WithRowCache("system.namespaces", c) }

func TestCache(t *testing.T) {
	key := func(s string) []byte { return []byte(s) }
	c := rowcache.New(1 << 20)
	get := func(k string) string {
		v, ok := c.Get(key(k))
		if !ok {
			return "none"
		}
		return string(v)
	}
	steps := []struct {
		name string
		do   func()
		want string // of "a" then
	}{
		{"nothing", func() {}, "none"},
		{"set", func() { c.Set(key("a"), key("1")) }, "1"},
		{"set again", func() { c.Set(key("a"), key("2")) }, "2"},
		{"set of another", func() { c.Set(key("b"), key("3")) }, "2"},
		{"a key that is used again", func() {
			k := key("a")
			c.Set(k, key("4"))
			k[0] = 'b'
		}, "4"},
		{"delete", func() { c.Delete(key("a")) }, "none"},
		{"delete again", func() { c.Delete(key("a")) }, "none"},
	}
	for _, s := range steps {
		s.do()
		if diff := cmp.Diff(s.want, get("a")); diff != "" {
			t.Errorf("%s: (-want +got)\n%s", s.name, diff)
		}
	}
	got := c.Stats()
	want := rowcache.Stats{Hits: 4, Misses: 3, Rows: 2, Bytes: got.Bytes}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got.HitRate() != 4.0/7 || got.Bytes < 2 || got.Bytes > 2*200 {
		t.Errorf("%v: a hit rate of %v", got, got.HitRate())
	}
	if rate := (rowcache.Stats{}).HitRate(); rate != 0 {
		t.Errorf("a hit rate of %v without a read", rate)
	}
}

// What a cache holds stays within its bound, whatever the size of its rows.
func TestBound(t *testing.T) {
	for _, bound := range []int64{-1, 0, 10_000, 1 << 20} {
		c := rowcache.New(bound)
		for i := range 20_000 {
			c.Set(fmt.Append(nil, "key", i), make([]byte, i%500))
		}
		c.Set([]byte("giant"), make([]byte, 2<<20))
		s := c.Stats()
		if int64(s.Bytes) > max(bound, 1) {
			t.Errorf("a cache of %d bytes holds %v", bound, s)
		}
		if bound > 0 && int64(s.Bytes) < bound/2 || s.Evictions == 0 {
			t.Errorf("a cache of %d bytes is not used: %v", bound, s)
		}
	}
}

// Rows that are read often stay, though others go through.
func TestHotRowsStay(t *testing.T) {
	c := rowcache.New(64 << 10)
	st := open(t, memory.New(), cached(c))
	const rows, hot = 5000, 20
	id := func(i int) models.NamespaceID { return models.NamespaceID(fmt.Sprint("n", i)) }
	for i := range rows {
		if err := st.Insert(ctx, &namespaces.Namespace{NamespaceID: id(i), Name: fmt.Sprint(i)}); err != nil {
			t.Fatal(err)
		}
	}
	for i := range 20 * rows {
		n := i % hot
		if i%4 == 0 {
			n = i / 4 % rows
		}
		row := must(st.Get(ctx, id(n)))
		if row.Name != fmt.Sprint(n) || row.NamespaceID != id(n) {
			t.Fatalf("row %d is %v", n, row)
		}
	}
	if s := c.Stats(); s.HitRate() < 0.7 || s.Evictions == 0 {
		t.Errorf("of which three in four are for hot rows: %v", s)
	}
}

// No read that begins behind a commit returns what was there before.
func TestNeverStale(t *testing.T) {
	for _, bound := range []int64{500, 1 << 20} {
		c := rowcache.New(bound)
		st := open(t, memory.New(), cached(c))
		const rows, each = 4, 3000
		var committed [rows]atomic.Int64
		id := func(i int) models.NamespaceID { return models.NamespaceID(fmt.Sprint("n", i)) }
		var wg sync.WaitGroup
		for w := range rows {
			wg.Go(func() {
				for n := range each {
					err := st.Put(ctx, &namespaces.Namespace{NamespaceID: id(w), Name: fmt.Sprint(n + 1)})
					if err != nil {
						t.Error(err)
						return
					}
					committed[w].Store(int64(n + 1))
				}
			})
			wg.Go(func() {
				for n := range each {
					i := (n + w) % rows
					least := committed[i].Load()
					row, err := st.Get(ctx, id(i))
					if errors.Is(err, store.ErrNotFound) && least == 0 {
						continue
					}
					var got int64
					if _, serr := fmt.Sscan(row.Name, &got); err != nil || serr != nil || got < least {
						t.Errorf("read %q behind the commit of %d: %v", row.Name, least, err)
						return
					}
				}
			})
		}
		wg.Wait()
		if s := c.Stats(); s.Hits == 0 && bound > 500 {
			t.Errorf("nothing was read from the cache: %v", s)
		}
	}
}

func BenchmarkGet(b *testing.B) {
	const rows = 10_000
	ids := make([]models.NamespaceID, rows)
	row := func(i int) *namespaces.Namespace {
		return &namespaces.Namespace{NamespaceID: ids[i], Name: fmt.Sprint("the name of namespace ", i)}
	}
	for i := range ids {
		ids[i] = models.NamespaceID(fmt.Sprintf("namespace%06d", i))
	}
	fill := func(b *testing.B, st *namespaces.Store) *namespaces.Store {
		for i := range ids {
			if err := st.Insert(ctx, row(i)); err != nil {
				b.Fatal(err)
			}
			must(st.Get(ctx, ids[i]))
		}
		return st
	}
	// As the rows come in no order, so that no part is favoured.
	at := func(i int) models.NamespaceID { return ids[i*7919%rows] }
	read := func(st *namespaces.Store) func(b *testing.B) {
		return func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				if v, err := st.Get(ctx, at(i)); err != nil || v.Name == "" {
					b.Fatal(v, err)
				}
			}
		}
	}
	level := func(b *testing.B) engine.Engine { return must(leveldb.Open(b.TempDir(), nil)) }
	cache := rowcache.New(16 << 20)
	with := fill(b, open(b, level(b), cached(cache)))
	b.Run("leveldb/cached", read(with))
	b.Run("leveldb", read(fill(b, open(b, level(b)))))
	b.Run("memory", read(fill(b, open(b, memory.New()))))
	b.Run("leveldb/cached/parallel", func(b *testing.B) {
		b.ReportAllocs()
		b.RunParallel(func(pb *testing.PB) {
			for i := 0; pb.Next(); i++ {
				if _, err := with.Get(ctx, at(i)); err != nil {
					b.Error(err)
					return
				}
			}
		})
	})
	// What there is at least to do: to find a row and to copy it.
	b.Run("map", func(b *testing.B) {
		b.ReportAllocs()
		var mu sync.RWMutex
		m := map[models.NamespaceID]*namespaces.Namespace{}
		for i := range ids {
			m[ids[i]] = row(i)
		}
		for i := 0; b.Loop(); i++ {
			mu.RLock()
			v := *m[at(i)]
			mu.RUnlock()
			if v.Name == "" {
				b.Fatal(v)
			}
		}
	})
	if s := cache.Stats(); s.Evictions > 0 {
		b.Errorf("the rows were to be cached, all of them: %v", s)
	}
}

// What a cache adds to a write of a row that it holds, and of one that it does not.
func BenchmarkWrites(b *testing.B) {
	c := rowcache.New(256 << 20)
	keys := make([][]byte, 100_000)
	for i := range keys {
		keys[i] = fmt.Appendf(nil, "users/%06d", i)
	}
	fill := func() {
		for _, k := range keys {
			c.Set(k, make([]byte, 200))
		}
		c.DropNow()
	}
	b.Run("Delete", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			if i%len(keys) == 0 {
				b.StopTimer()
				fill()
				b.StartTimer()
			}
			c.Delete(keys[i%len(keys)])
		}
	})
	b.Run("DeleteAbsent", func(b *testing.B) {
		b.ReportAllocs()
		for i := 0; b.Loop(); i++ {
			c.Delete(fmt.Appendf(nil, "none%06d", i%1000))
		}
	})
	b.Run("Set", func(b *testing.B) {
		b.ReportAllocs()
		value := make([]byte, 200)
		for i := 0; b.Loop(); i++ {
			c.Set(keys[i%len(keys)], value)
		}
	})
}

// A full cache takes in what is read a second time, and a walk by keys over rows that are
// read once drops nothing.
func TestReadOnce(t *testing.T) {
	const size = 50_000
	c := rowcache.New(size)
	key := func(i int) []byte { return fmt.Appendf(nil, "key-%06d", i) }
	for i := range 1000 {
		c.Set(key(i), make([]byte, 100))
	}
	before := c.Stats()
	if before.Evictions == 0 {
		t.Fatalf("%v: the cache is not full", before)
	}
	for i := range 1000 {
		c.Set(key(10_000+i), make([]byte, 100))
	}
	if after := c.Stats(); after.Evictions != before.Evictions || after.Rows != before.Rows {
		t.Errorf("rows that were read once: %v, before %v", after, before)
	}
	c.Set(key(20_000), []byte("x"))
	if _, ok := c.Get(key(20_000)); ok {
		t.Error("a row that was read once is in the full cache")
	}
	c.Set(key(20_000), []byte("x"))
	if after := c.Stats(); after.Evictions <= before.Evictions {
		t.Errorf("a row that was read twice: %v, before %v", after, before)
	}
}

// A row keeps its place when it is written, and gets more room when it grows.
func TestRowsGrow(t *testing.T) {
	c := rowcache.New(1 << 20)
	key := []byte("key")
	for n := range 3000 {
		c.Delete(key)
		if _, ok := c.Get(key); ok {
			t.Fatal("a row is there after its write")
		}
		value := bytes.Repeat([]byte("x"), n)
		c.Set(key, value)
		clear(value) // it was lent
		if v, ok := c.Get(key); !ok || len(v) != n || bytes.Count(v, []byte("x")) != n {
			t.Fatalf("a row of %d bytes is %q, %v", n, v, ok)
		}
	}
	if s := c.Stats(); s.Rows != 1 || s.Bytes < 3000 || s.Bytes > 4100 || s.Hits != 3000 || s.Misses != 3000 {
		t.Errorf("%v, of which %d hit", s, s.Hits)
	}
}
