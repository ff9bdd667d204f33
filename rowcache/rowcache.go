// Package rowcache is a cache of hot rows for store.WithRowCache: bounded in
// bytes, and with counts of what it was good for.
//
//	cache := rowcache.New(64 << 20)
//	db, err := store.Open(ctx, eng, store.WithRowCache("system.users", cache))
//	...
//	fmt.Println(cache.Stats())
//
// It puts otter, a concurrent cache that keeps what is read often (W-TinyLFU),
// behind the interface of the store, which keeps it in step with what is
// committed. It knows nothing of tables, rows or transactions. It is a module of
// its own so that only programs that want a cache depend on one.
package rowcache

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"sync/atomic"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
	"github.com/storegen/storegen/internal/view"
	"github.com/storegen/storegen/runtime/store"
)

// Cache is a store.RowCache. Its methods may be called from several goroutines.
type Cache struct {
	rows    *otter.Cache[string, *row]
	count   *stats.Counter
	emptied atomic.Uint64 // reads that found a row without a value
	full    atomic.Bool   // rows were dropped for others
	seed    maphash.Seed
	missed  []atomic.Uint32 // the hashes of keys that were read once while the cache was full
}

var _ store.RowCache = (*Cache)(nil)

// row is a row in the cache. A write takes its value away and leaves it in its place, as
// the next read brings another value: that takes half the time of taking it out of otter
// and putting it in again.
type row struct {
	value atomic.Pointer[[]byte]
	room  int // how many bytes otter counts for the value
}

func (r *row) set(value []byte) {
	value = bytes.Clone(value)
	r.value.Store(&value)
}

// rowOverhead is about what a row costs besides its bytes: the cache's node, its
// place in the table and in the policy, and the headers of key and value.
const rowOverhead = 160

// New returns an empty cache that holds about so many bytes, all that a row costs
// counted; it may be over that for moments, as rows are dropped in the
// background. A bound that is not positive holds nothing.
//
// Once it is full, it takes in rows that are read a second time: a row that is read once,
// as in a walk over the table by keys, costs it nothing and drops nothing.
//
// A cache belongs to one database and is thrown away with it.
func New(size int64) *Cache {
	c := &Cache{count: stats.NewCounter(), seed: maphash.MakeSeed()}
	c.missed = make([]atomic.Uint32, missedOf(size))
	c.rows = otter.Must(&otter.Options[string, *row]{
		MaximumWeight: uint64(max(size, 1)), // 0 would be no bound
		Weigher:       weigh,
		StatsRecorder: c.count,
		OnAtomicDeletion: func(e otter.DeletionEvent[string, *row]) {
			if e.WasEvicted() && !c.full.Load() {
				c.full.Store(true)
			}
		},
	})
	return c
}

// missedOf is of how many keys it is remembered that they were read: about as many as the
// cache has rows, which is 2 % of its memory. It is a power of two.
func missedOf(size int64) int {
	n := 1 << 8
	for int64(n)*(rowOverhead+40) < size && n < 1<<20 {
		n *= 2
	}
	return n
}

func weigh(key string, r *row) uint32 {
	return uint32(min(int64(len(key))+int64(r.room)+rowOverhead, 1<<32-1))
}

// Get implements store.RowCache.
func (c *Cache) Get(key []byte) ([]byte, bool) {
	// A lookup does not keep the key, so that it need not be copied.
	r, ok := c.rows.GetIfPresent(view.String(key))
	if !ok {
		return nil, false
	}
	if value := r.value.Load(); value != nil {
		return *value, true
	}
	c.emptied.Add(1)
	return nil, false
}

// Set implements store.RowCache.
func (c *Cache) Set(key, value []byte) {
	if e, ok := c.rows.GetEntryQuietly(view.String(key)); ok {
		if len(value) <= e.Value.room {
			e.Value.set(value)
			return
		}
	} else if c.full.Load() && !c.readBefore(key) {
		return
	}
	r := &row{room: len(value) + len(value)/4} // values that grow a little stay in their place
	r.set(value)
	c.rows.Set(string(key), r)
}

// readBefore reports whether a key was asked for before, and remembers that it was.
func (c *Cache) readBefore(key []byte) bool {
	h := maphash.Bytes(c.seed, key)
	mark := uint32(h>>32) | 1
	return c.missed[h&uint64(len(c.missed)-1)].Swap(mark) == mark
}

// Delete implements store.RowCache.
func (c *Cache) Delete(key []byte) {
	if e, ok := c.rows.GetEntryQuietly(view.String(key)); ok {
		e.Value.value.Store(nil)
	}
}

// Stats is what a cache has done since it was made, and what it holds. The counts
// are taken one after the other, not at one moment.
type Stats struct {
	Hits      uint64 // reads that were answered
	Misses    uint64 // reads that were not
	Evictions uint64 // rows that were dropped for others
	Rows      int    // about; those that were written and not read since are counted
	Bytes     uint64 // about, as New bounds them
}

// HitRate is the part of the reads that were answered, from 0 to 1; 0 where there
// were none.
func (s Stats) HitRate() float64 {
	if s.Hits == 0 {
		return 0
	}
	return float64(s.Hits) / float64(s.Hits+s.Misses)
}

// String is the numbers for people.
func (s Stats) String() string {
	return fmt.Sprintf("%.1f%% of %d reads hit; %d rows in %d bytes; %d evicted", 100*s.HitRate(), s.Hits+s.Misses, s.Rows, s.Bytes, s.Evictions)
}

// Stats returns the counts, for metrics.
func (c *Cache) Stats() Stats {
	c.rows.CleanUp() // otter counts what was just set, and drops what is too much, a little later
	n, emptied := c.count.Snapshot(), c.emptied.Load()
	return Stats{Hits: n.Hits - min(n.Hits, emptied), Misses: n.Misses + emptied, Evictions: n.Evictions, Rows: c.rows.EstimatedSize(), Bytes: c.rows.WeightedSize()}
}
