package occ

import (
	"context"
	"errors"
	"sync"

	"github.com/storegen/storegen/runtime/engine"
)

// Snapshot is the engine.Snapshot of a DB. Its methods may be called from
// several goroutines at once. Iterators opened from it outlive it.
type Snapshot struct {
	reader
	link link
	once sync.Once
	snap BaseSnapshot
}

var _ engine.Snapshot = (*Snapshot)(nil)

// Close releases the snapshot, after reads under way have ended.
func (s *Snapshot) Close() error {
	s.shut()
	return nil
}

// shut implements handle.
func (s *Snapshot) shut() {
	s.once.Do(func() {
		s.gate.close()
		s.snap.Release()
		s.db.handles.remove(&s.link)
		s.db.uncount()
	})
}

// reader is an engine.Reader of a state of the base, as long as its gate is
// open.
type reader struct {
	db   *DB
	gate *gate
	src  BaseReader
}

// Get implements engine.Reader.
func (r *reader) Get(ctx context.Context, key []byte) ([]byte, error) {
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if err := checkKey(key); err != nil {
		return nil, err
	}
	if !r.gate.enter() {
		return nil, engine.ErrClosed
	}
	defer r.gate.leave()
	return r.src.Get(key)
}

// Has implements engine.Reader.
func (r *reader) Has(ctx context.Context, key []byte) (bool, error) {
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if err := checkKey(key); err != nil {
		return false, err
	}
	if !r.gate.enter() {
		return false, engine.ErrClosed
	}
	defer r.gate.leave()
	return r.src.Has(key)
}

// GetMany implements engine.Reader. The values are all of one state.
func (r *reader) GetMany(ctx context.Context, keys, vals [][]byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkMany(keys, vals); err != nil {
		return err
	}
	if !r.gate.enter() {
		return engine.ErrClosed
	}
	defer r.gate.leave()
	src := r.src
	if base, ok := src.(Base); ok && len(keys) > 1 {
		snap, err := base.Snapshot()
		if err != nil {
			return err
		}
		defer snap.Release()
		src = snap
	}
	return getMany(ctx, src, keys, vals)
}

// getMany fills vals with the values of keys, nil where there is none.
func getMany(ctx context.Context, src BaseReader, keys, vals [][]byte) error {
	if m, ok := src.(ManyReader); ok {
		return m.GetMany(ctx, keys, vals)
	}
	for i, key := range keys {
		if err := getInto(ctx, src, key, &vals[i]); err != nil {
			return err
		}
	}
	return nil
}

// getInto sets *val to the value of key, or nil.
func getInto(ctx context.Context, src BaseReader, key []byte, val *[]byte) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	v, err := src.Get(key)
	if err == engine.ErrNotFound || err != nil && errors.Is(err, engine.ErrNotFound) {
		v, err = nil, nil
	}
	*val = v
	return err
}

// Iterate implements engine.Reader.
func (r *reader) Iterate(ctx context.Context, rng engine.Range) engine.Iterator {
	if err := ctx.Err(); err != nil {
		return failed{err}
	}
	if !r.gate.enter() {
		return failed{engine.ErrClosed}
	}
	defer r.gate.leave()
	if emptyRange(rng) {
		return failed{}
	}
	if r == &r.db.reader {
		return r.db.iterateLatest(ctx, rng)
	}
	return r.db.iterate(ctx, r.src, rng)
}
