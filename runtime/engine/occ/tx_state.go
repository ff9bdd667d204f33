package occ

import (
	"bytes"
	"context"

	"github.com/storegen/storegen/runtime/engine"
)

// txState is a running transaction, or the memory for another one. What its holder has
// is handle.
type txState struct {
	db     *DB
	sync   bool
	reads  engine.Reads
	snap   BaseSnapshot // nil where there is none; guarded by the DB's gate
	src    BaseReader   // what is read: the snapshot or the base
	latest bool         // src is the base, for as long as there is no other commit
	state  uint64       // the version that the base is at then
	lost   error        // what reads fail with as others have committed
	rec    *record      // what it does to which keys; nil once that is the resolver's
	writes writeSet
	batch  BaseBatch
	iters  []*txIterator // open ones
	err    error         // of the first write refused, which fails the commit
	over   bool          // the resolver has forgotten it
	handle Tx

	// These belong to the resolver.
	prev, next *txState
	began      uint64 // how many commits had ended
	checked    uint64 // commits up to this version are known not to conflict
}

// snapshot takes the snapshot that the transaction reads from now on.
func (t *txState) snapshot() error {
	if !t.db.gate.enter() {
		return engine.ErrClosed
	}
	defer t.db.gate.leave()
	snap, err := t.db.base.Snapshot()
	if err != nil {
		return err
	}
	t.snap, t.src, t.latest = snap, snap, false
	return nil
}

// overtaken reports whether what was just read may be of a later state than what was
// read before: whether anybody has begun to commit since the transaction began.
func (t *txState) overtaken() bool { return t.latest && t.db.res.last.Load() != t.state }

// toSnapshot takes a snapshot, as others commit, and makes sure that all that was
// read before is in it as it was. It is followed by another read. Iterators that are
// open have read as far as they have shown, and go on in the snapshot behind that.
func (t *txState) toSnapshot(ctx context.Context) error {
	began, checked := t.db.res.moment()
	if err := t.snapshot(); err != nil {
		return err
	}
	if !t.db.opts.UnsafeLeaveIterators {
		for _, it := range t.iters {
			it.moved = true
			if it.shown {
				it.coverShown()
			}
		}
	}
	t.lost = t.db.res.rebase(ctx, t, began, checked)
	return t.lost
}

// leave ends reading. It returns false when the DB is closed and has yet to
// release the snapshot.
func (t *txState) leave() bool {
	t.closeIterators()
	if t.snap == nil {
		return true
	}
	if !t.db.gate.enter() {
		return false
	}
	defer t.db.gate.leave()
	t.snap.Release()
	t.snap = nil
	return true
}

// end ends the transaction. Its memory stays with its holder, who may begin it again.
func (t *txState) end() {
	if !t.over {
		t.db.res.end(t)
	}
	t.reset()
}

// closeIterators ends the iterators that were left open.
func (t *txState) closeIterators() {
	for len(t.iters) > 0 {
		t.iters[len(t.iters)-1].end(engine.ErrTxDone)
	}
}

// reset makes the state fit for another transaction. It keeps no large memory.
func (t *txState) reset() {
	if t.writes.live > arenaMax {
		t.batch = t.db.base.NewBatch()
	} else {
		t.batch.Reset()
	}
	t.src, t.err, t.lost = nil, nil, nil
	if t.rec != nil {
		t.rec.reset()
	}
	t.writes.reset()
	if cap(t.iters) > 64 {
		t.iters = nil
	}
}

// slot is where the transaction keeps a key, or -1 where it has not met it, and the
// key's hash.
func (t *txState) slot(key []byte) (slot int, hash uint64) {
	hash = t.rec.hash(key)
	return t.rec.find(hash, key), hash
}

// get reads a key of the base or snapshot.
func (t *txState) get(key []byte) ([]byte, error) {
	if !t.db.gate.enter() {
		return nil, engine.ErrClosed
	}
	defer t.db.gate.leave()
	return t.src.Get(key)
}

func (t *txState) has(key []byte) (bool, error) {
	if !t.db.gate.enter() {
		return false, engine.ErrClosed
	}
	defer t.db.gate.leave()
	return t.src.Has(key)
}

func (t *txState) getMany(ctx context.Context, keys, vals [][]byte) error {
	if !t.db.gate.enter() {
		return engine.ErrClosed
	}
	defer t.db.gate.leave()
	if !t.wrote(keys) {
		return getMany(ctx, t.src, keys, vals)
	}
	for i, key := range keys {
		slot, _ := t.slot(key)
		if val, ok := t.writes.get(slot); ok {
			vals[i] = bytes.Clone(val)
			continue
		}
		if err := getInto(ctx, t.src, key, &vals[i]); err != nil {
			return err
		}
	}
	return nil
}

// wrote reports whether the transaction has written one of the keys.
func (t *txState) wrote(keys [][]byte) bool {
	if len(t.writes.writes) == 0 {
		return false
	}
	for _, key := range keys {
		slot, _ := t.slot(key)
		if _, ok := t.writes.get(slot); ok {
			return true
		}
	}
	return false
}

// write buffers a write unless err refuses it.
func (t *txState) write(key, value []byte, err error) error {
	if err == nil {
		err = t.rec.left(key)
	}
	if err != nil {
		if t.err == nil {
			t.err = err
		}
		return err
	}
	t.writes.add(key, value)
	return nil
}

// iterate opens an iterator of the base or snapshot. It reads the state of this
// moment.
func (t *txState) iterate(ctx context.Context, r engine.Range) (*iterator, error) {
	if !t.db.gate.enter() {
		return nil, engine.ErrClosed
	}
	defer t.db.gate.leave()
	return t.db.iterate(ctx, t.src, r), nil
}
