package enginetest

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync"

	"github.com/storegen/storegen/runtime/engine"
)

// Counting is an engine that counts the round trips that an engine behind a network makes
// for what is asked of it, over any engine: one for each read, iterator, snapshot and
// batch, and one for the commit of a transaction that did anything. A transaction begins
// with its first read, and reads of its own writes are none.
type Counting struct {
	engine.Engine
	Others bool // it says that it is shared

	mu    sync.Mutex
	trips map[string]int
}

// Trips is how many round trips there were since the last call, and what they were for.
func (c *Counting) Trips() (n int, what string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	var parts []string
	for name, of := range c.trips {
		n += of
		parts = append(parts, fmt.Sprint(of, " ", name))
	}
	c.trips = nil
	slices.Sort(parts)
	return n, strings.Join(parts, ", ")
}

func (c *Counting) trip(name string) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.trips == nil {
		c.trips = map[string]int{}
	}
	c.trips[name]++
}

// Shared implements engine.Engine.
func (c *Counting) Shared() bool { return c.Others || c.Engine.Shared() }

// Get implements engine.Reader.
func (c *Counting) Get(ctx context.Context, key []byte) ([]byte, error) {
	return counted{c.Engine, c}.Get(ctx, key)
}

// Has implements engine.Reader.
func (c *Counting) Has(ctx context.Context, key []byte) (bool, error) {
	return counted{c.Engine, c}.Has(ctx, key)
}

// GetMany implements engine.Reader.
func (c *Counting) GetMany(ctx context.Context, keys, vals [][]byte) error {
	return counted{c.Engine, c}.GetMany(ctx, keys, vals)
}

// Iterate implements engine.Reader.
func (c *Counting) Iterate(ctx context.Context, r engine.Range) engine.Iterator {
	return counted{c.Engine, c}.Iterate(ctx, r)
}

// Write implements engine.Engine.
func (c *Counting) Write(ctx context.Context, b engine.Batch, o engine.WriteOptions) error {
	c.trip("Write")
	return c.Engine.Write(ctx, b, o)
}

// Snapshot implements engine.Engine.
func (c *Counting) Snapshot(ctx context.Context) (engine.Snapshot, error) {
	c.trip("Snapshot")
	s, err := c.Engine.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return countedSnapshot{counted{s, c}, s}, nil
}

// Begin implements engine.Engine.
func (c *Counting) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	if own, ok := o.Hint.Reuse.(*countedTx); ok {
		o.Hint.Reuse = own.Tx
	}
	tx, err := c.Engine.Begin(ctx, o)
	if err != nil {
		return nil, err
	}
	return &countedTx{Tx: tx, c: c, own: map[string]bool{}}, nil
}

type counted struct {
	engine.Reader
	c *Counting
}

func (r counted) Get(ctx context.Context, key []byte) ([]byte, error) {
	r.c.trip("Get")
	return r.Reader.Get(ctx, key)
}

func (r counted) Has(ctx context.Context, key []byte) (bool, error) {
	r.c.trip("Has")
	return r.Reader.Has(ctx, key)
}

func (r counted) GetMany(ctx context.Context, keys, vals [][]byte) error {
	if len(keys) > 0 {
		r.c.trip("GetMany")
	}
	return r.Reader.GetMany(ctx, keys, vals)
}

func (r counted) Iterate(ctx context.Context, rng engine.Range) engine.Iterator {
	r.c.trip("Iterate")
	return r.Reader.Iterate(ctx, rng)
}

type countedSnapshot struct {
	counted
	snap engine.Snapshot
}

func (s countedSnapshot) Close() error { return s.snap.Close() }

type countedTx struct {
	engine.Tx
	c    *Counting
	own  map[string]bool // keys that were written
	does bool            // it has read or written something
}

// trip counts a read of keys, unless all are its own.
func (t *countedTx) trip(name string, keys ...[]byte) {
	for _, key := range keys {
		if !t.own[string(key)] {
			t.does = true
			t.c.trip(name)
			return
		}
	}
}

func (t *countedTx) Get(ctx context.Context, key []byte) ([]byte, error) {
	t.trip("Get", key)
	return t.Tx.Get(ctx, key)
}

func (t *countedTx) GetForUpdate(ctx context.Context, key []byte) ([]byte, error) {
	t.trip("GetForUpdate", key)
	return t.Tx.GetForUpdate(ctx, key)
}

func (t *countedTx) Has(ctx context.Context, key []byte) (bool, error) {
	t.trip("Has", key)
	return t.Tx.Has(ctx, key)
}

func (t *countedTx) GetMany(ctx context.Context, keys, vals [][]byte) error {
	t.trip("GetMany", keys...)
	return t.Tx.GetMany(ctx, keys, vals)
}

func (t *countedTx) GetManyForUpdate(ctx context.Context, keys, vals [][]byte) error {
	t.trip("GetManyForUpdate", keys...)
	return t.Tx.GetManyForUpdate(ctx, keys, vals)
}

func (t *countedTx) Iterate(ctx context.Context, rng engine.Range) engine.Iterator {
	t.does = true
	t.c.trip("Iterate")
	return t.Tx.Iterate(ctx, rng)
}

func (t *countedTx) Put(key, value []byte) error {
	t.does, t.own[string(key)] = true, true
	return t.Tx.Put(key, value)
}

func (t *countedTx) Delete(key []byte) error {
	t.does, t.own[string(key)] = true, true
	return t.Tx.Delete(key)
}

func (t *countedTx) Commit(ctx context.Context) (uint64, error) {
	if t.does {
		t.c.trip("Commit")
	}
	return t.Tx.Commit(ctx)
}
