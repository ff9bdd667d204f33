// Package rowguard keeps a cache of rows from holding what is not the latest committed
// value. It knows keys and values of an engine, and nothing of tables.
package rowguard

import (
	"bytes"
	"context"
	"hash/maphash"
	"sync"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/engine"
)

// Rows keeps stored rows in memory for WithRowCache. The store keeps it in
// step with what is committed; the cache decides how much it holds and may
// forget any row at any time. Its methods are called from several goroutines.
//
// Keys are those of the engine, so that several tables of one database can share
// a cache. They are lent, and so are the values that Set is given: what is to be kept
// is copied.
type Rows interface {
	// Get returns what Set was given last for a key. Nobody changes it.
	Get(key []byte) (value []byte, ok bool)
	// Set keeps a copy of a value. It may also not keep it, but must then forget what it
	// had.
	Set(key, value []byte)
	// Delete forgets a key. When it has returned, no Get may find what was set
	// before: a Set that takes effect later than that breaks the store.
	Delete(key []byte)
}

// Guard keeps a cache from holding what is not the latest committed value.
//
// A commit announces the rows that it writes before the engine makes it take
// effect, which takes them out of the cache, and ends when the engine has
// returned. A reader that did not find a row in the cache looks at the row's
// stripe, reads the engine, and puts the value into the cache only if no commit
// was under way at the first of these and none was announced up to the last. So
// what is in the cache was the latest value when it came in, and is taken out
// before that changes.
type Guard struct {
	Rows    Rows
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

// New guards a cache, which is empty.
func New(c Rows) *Guard { return &Guard{Rows: c, seed: maphash.MakeSeed()} }

func (g *Guard) stripe(key []byte) *guardStripe {
	return &g.stripes[maphash.Bytes(g.seed, key)%guardStripes]
}

// sight is a stripe as it was seen.
type sight struct {
	stripe *guardStripe
	state  uint64
}

// Look comes before the engine is read.
func (g *Guard) Look(key []byte) sight {
	s := g.stripe(key)
	return sight{s, s.state.Load()}
}

// quiet reports whether no commit was under way then.
func (s sight) quiet() bool { return s.state&underWay == 0 }

// holds reports whether no commit was announced since.
func (s sight) holds() bool { return s.stripe.state.Load() == s.state }

// Keep puts a value that was read after s was seen into the cache, if it is still
// the latest.
func (g *Guard) Keep(s sight, key, value []byte) {
	if !s.quiet() {
		return
	}
	s.stripe.mu.Lock()
	defer s.stripe.mu.Unlock()
	if s.holds() {
		g.Rows.Set(key, value)
	}
}

// announce takes a row that is about to change out of the cache.
func (g *Guard) announce(s *guardStripe, key []byte) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.Add(announcedOne)
	g.Rows.Delete(key)
}

// Many reads rows from the cache, and those that it does not have from the
// engine's latest state. one says that they are of one state: that no commit to
// any of them was under way meanwhile.
func (g *Guard) Many(ctx context.Context, r engine.Reader, keys, vals [][]byte) (one bool, err error) {
	seen := make([]sight, len(keys))
	for i, key := range keys {
		if seen[i] = g.Look(key); !seen[i].quiet() {
			return false, nil
		}
	}
	var missing [][]byte
	var places []int
	for i, key := range keys {
		if v, ok := g.Rows.Get(key); ok {
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
			g.Keep(seen[i], keys[i], read[j])
		}
	}
	return true, nil
}
