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
	"fmt"

	"github.com/maypok86/otter/v2"
	"github.com/maypok86/otter/v2/stats"
	"github.com/storegen/storegen/internal/view"
	"github.com/storegen/storegen/runtime/store"
)

// Cache is a store.RowCache. Its methods may be called from several goroutines.
type Cache struct {
	rows  *otter.Cache[string, []byte]
	count *stats.Counter
}

var _ store.RowCache = (*Cache)(nil)

// rowOverhead is about what a row costs besides its bytes: the cache's node, its
// place in the table and in the policy, and the headers of key and value.
const rowOverhead = 112

// New returns an empty cache that holds about so many bytes, all that a row costs
// counted; it may be over that for moments, as rows are dropped in the
// background. A bound that is not positive holds nothing.
//
// A cache belongs to one database and is thrown away with it.
func New(bytes int64) *Cache {
	c := &Cache{count: stats.NewCounter()}
	c.rows = otter.Must(&otter.Options[string, []byte]{
		MaximumWeight: uint64(max(bytes, 1)), // 0 would be no bound
		Weigher:       weigh,
		StatsRecorder: c.count,
	})
	return c
}

func weigh(key string, value []byte) uint32 {
	return uint32(min(int64(len(key))+int64(len(value))+rowOverhead, 1<<32-1))
}

// Get implements store.RowCache.
func (c *Cache) Get(key []byte) ([]byte, bool) {
	// A lookup does not keep the key, so that it need not be copied.
	return c.rows.GetIfPresent(view.String(key))
}

// Set implements store.RowCache.
func (c *Cache) Set(key, value []byte) { c.rows.Set(string(key), value) }

// Delete implements store.RowCache.
func (c *Cache) Delete(key []byte) {
	// Most rows that are written are not in the cache, and to see that is cheaper.
	if _, ok := c.rows.GetEntryQuietly(view.String(key)); ok {
		c.rows.Invalidate(string(key))
	}
}

// Stats is what a cache has done since it was made, and what it holds. The counts
// are taken one after the other, not at one moment.
type Stats struct {
	Hits      uint64 // reads that were answered
	Misses    uint64 // reads that were not
	Evictions uint64 // rows that were dropped for others
	Rows      int    // about
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
	n := c.count.Snapshot()
	return Stats{Hits: n.Hits, Misses: n.Misses, Evictions: n.Evictions, Rows: c.rows.EstimatedSize(), Bytes: c.rows.WeightedSize()}
}
