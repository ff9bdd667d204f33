package testtable

import (
	"context"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/engine"
)

// Counting is an engine that counts what is read of it.
type Counting struct {
	engine.Engine
	Gets  atomic.Int64 // keys looked up one by one
	Iters atomic.Int64 // iterators opened
	Pairs atomic.Int64 // pairs that they showed
	Snaps atomic.Int64 // snapshots taken
	Open  atomic.Int64 // snapshots and iterators not yet closed
	Err   atomic.Pointer[error]
}

// Reset sets the counts to zero.
func (c *Counting) Reset() {
	c.Gets.Store(0)
	c.Iters.Store(0)
	c.Pairs.Store(0)
	c.Snaps.Store(0)
}

// Snapshot implements engine.Engine.
func (c *Counting) Snapshot(ctx context.Context) (engine.Snapshot, error) {
	s, err := c.Engine.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	c.Snaps.Add(1)
	c.Open.Add(1)
	return &countingSnapshot{countingReader{s, c}, s, false}, nil
}

// Get implements engine.Reader.
func (c *Counting) Get(ctx context.Context, key []byte) ([]byte, error) {
	return countingReader{c.Engine, c}.Get(ctx, key)
}

// GetMany implements engine.Reader.
func (c *Counting) GetMany(ctx context.Context, keys, vals [][]byte) error {
	return countingReader{c.Engine, c}.GetMany(ctx, keys, vals)
}

// Iterate implements engine.Reader.
func (c *Counting) Iterate(ctx context.Context, r engine.Range) engine.Iterator {
	return countingReader{c.Engine, c}.Iterate(ctx, r)
}

// ApproximateSize implements engine.Sizer: every table has 64000 bytes.
func (c *Counting) ApproximateSize(context.Context, []byte, []byte) (int64, error) {
	return 64000, nil
}

type countingReader struct {
	engine.Reader
	c *Counting
}

func (r countingReader) Get(ctx context.Context, key []byte) ([]byte, error) {
	r.c.Gets.Add(1)
	return r.Reader.Get(ctx, key)
}

func (r countingReader) GetMany(ctx context.Context, keys, vals [][]byte) error {
	r.c.Gets.Add(int64(len(keys)))
	return r.Reader.GetMany(ctx, keys, vals)
}

func (r countingReader) Iterate(ctx context.Context, rng engine.Range) engine.Iterator {
	r.c.Open.Add(1)
	r.c.Iters.Add(1)
	return &countingIterator{Iterator: r.Reader.Iterate(ctx, rng), c: r.c}
}

type countingSnapshot struct {
	countingReader
	snap   engine.Snapshot
	closed bool
}

func (s *countingSnapshot) Close() error {
	if !s.closed {
		s.closed = true
		s.c.Open.Add(-1)
	}
	return s.snap.Close()
}

type countingIterator struct {
	engine.Iterator
	c      *Counting
	err    error
	closed bool
}

func (it *countingIterator) Next() bool {
	if err := it.c.Err.Load(); err != nil {
		it.err = *err
		return false
	}
	if !it.Iterator.Next() {
		return false
	}
	it.c.Pairs.Add(1)
	return true
}

func (it *countingIterator) Err() error {
	if it.err != nil {
		return it.err
	}
	return it.Iterator.Err()
}

func (it *countingIterator) Close() error {
	if !it.closed {
		it.closed = true
		it.c.Open.Add(-1)
	}
	if err := it.Iterator.Close(); err != nil {
		return err
	}
	return it.err
}
