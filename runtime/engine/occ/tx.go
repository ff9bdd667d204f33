package occ

import (
	"bytes"
	"context"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/engine"
)

// Tx is the engine.Tx of a DB. Once it has ended, every method returns
// engine.ErrTxDone.
type Tx struct {
	state  atomic.Pointer[txState] // memory while it runs, and then nil
	memory *txState                // which it is a part of
}

var _ engine.Tx = (*Tx)(nil)

// use returns the running transaction for an operation on key.
func (tx *Tx) use(ctx context.Context, key []byte) (*txState, error) {
	t := tx.state.Load()
	if t == nil {
		return nil, engine.ErrTxDone
	}
	if err := ctx.Err(); err != nil {
		return nil, err
	}
	if t.lost != nil {
		return nil, t.lost
	}
	if err := checkKey(key); err != nil {
		return t, err
	}
	return t, t.rec.left(key)
}

// Get implements engine.Reader.
func (tx *Tx) Get(ctx context.Context, key []byte) ([]byte, error) {
	t, err := tx.use(ctx, key)
	if err != nil {
		return nil, err
	}
	slot, hash := t.slot(key)
	if val, ok := t.writes.get(slot); ok {
		if val == nil {
			return nil, engine.ErrNotFound
		}
		return bytes.Clone(val), nil
	}
	v, err := t.get(key)
	if t.overtaken() {
		if err := t.toSnapshot(ctx); err != nil {
			return nil, err
		}
		v, err = t.get(key)
	}
	t.rec.read(slot, hash, key)
	return v, err
}

// GetForUpdate implements engine.Tx. It is Get: there are no locks to take.
func (tx *Tx) GetForUpdate(ctx context.Context, key []byte) ([]byte, error) {
	return tx.Get(ctx, key)
}

// Has implements engine.Reader.
func (tx *Tx) Has(ctx context.Context, key []byte) (bool, error) {
	t, err := tx.use(ctx, key)
	if err != nil {
		return false, err
	}
	slot, hash := t.slot(key)
	if val, ok := t.writes.get(slot); ok {
		return val != nil, nil
	}
	has, err := t.has(key)
	if t.overtaken() {
		if err := t.toSnapshot(ctx); err != nil {
			return false, err
		}
		has, err = t.has(key)
	}
	t.rec.read(slot, hash, key)
	return has, err
}

// GetMany implements engine.Reader.
func (tx *Tx) GetMany(ctx context.Context, keys, vals [][]byte) error {
	t := tx.state.Load()
	if t == nil {
		return engine.ErrTxDone
	}
	if err := ctx.Err(); err != nil {
		return err
	}
	if err := checkMany(keys, vals); err != nil {
		return err
	}
	if t.lost != nil {
		return t.lost
	}
	for _, key := range keys {
		if err := t.rec.left(key); err != nil {
			return err
		}
	}
	err := t.getMany(ctx, keys, vals)
	if t.overtaken() {
		if err := t.toSnapshot(ctx); err != nil {
			return err
		}
		err = t.getMany(ctx, keys, vals)
	}
	for _, key := range keys {
		slot, hash := t.slot(key)
		if _, ok := t.writes.get(slot); !ok {
			t.rec.read(slot, hash, key)
		}
	}
	return err
}

// GetManyForUpdate implements engine.Tx. It is GetMany: there are no locks to
// take.
func (tx *Tx) GetManyForUpdate(ctx context.Context, keys, vals [][]byte) error {
	return tx.GetMany(ctx, keys, vals)
}

// Put implements engine.Tx. A put that is refused fails the whole commit, should
// the function go on regardless.
func (tx *Tx) Put(key, value []byte) error {
	t := tx.state.Load()
	if t == nil {
		return engine.ErrTxDone
	}
	return t.write(key, value, checkPut(&t.db.opts.Limits, key, value))
}

// Delete implements engine.Tx. A delete that is refused fails the whole commit,
// should the function go on regardless.
func (tx *Tx) Delete(key []byte) error {
	t := tx.state.Load()
	if t == nil {
		return engine.ErrTxDone
	}
	return t.write(key, nil, checkDelete(&t.db.opts.Limits, key))
}

// Iterate implements engine.Reader. The iterator shows the transaction's writes
// made before this call and none made later, so that a loop may change what it
// goes through.
func (tx *Tx) Iterate(ctx context.Context, r engine.Range) engine.Iterator {
	t := tx.state.Load()
	if t == nil {
		return failed{engine.ErrTxDone}
	}
	if err := ctx.Err(); err != nil {
		return failed{err}
	}
	if t.lost != nil {
		return failed{t.lost}
	}
	if emptyRange(r) {
		return failed{}
	}
	if err := t.rec.leftOf(r); err != nil {
		return failed{err}
	}
	base, err := t.iterate(ctx, r)
	if err == nil && t.overtaken() {
		_ = base.Close() // nothing was read from it
		if err = t.toSnapshot(ctx); err == nil {
			base, err = t.iterate(ctx, r)
		}
	}
	if err != nil {
		return failed{err}
	}
	it := &txIterator{
		t:    t,
		ctx:  ctx,
		rng:  r,
		base: base,
		own:  newWriteCursor(&t.writes, r),
		slot: len(t.iters),
	}
	t.iters = append(t.iters, it)
	return it
}
