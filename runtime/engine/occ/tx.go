package occ

import (
	"bytes"
	"context"
	"sync/atomic"

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
	return t, checkKey(key)
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

func (t *txState) has(key []byte) (bool, error) {
	if !t.db.gate.enter() {
		return false, engine.ErrClosed
	}
	defer t.db.gate.leave()
	return t.src.Has(key)
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

// write buffers a write unless err refuses it.
func (t *txState) write(key, value []byte, err error) error {
	if err != nil {
		if t.err == nil {
			t.err = err
		}
		return err
	}
	t.writes.add(key, value)
	return nil
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

// iterate opens an iterator of the base or snapshot. It reads the state of this
// moment.
func (t *txState) iterate(ctx context.Context, r engine.Range) (*iterator, error) {
	if !t.db.gate.enter() {
		return nil, engine.ErrClosed
	}
	defer t.db.gate.leave()
	return t.db.iterate(ctx, t.src, r), nil
}

// txIterator goes through the pairs of the base and the transaction's own writes as one
// sequence, and records the range it has covered.
type txIterator struct {
	t    *txState // nil once ended
	ctx  context.Context
	rng  engine.Range
	base *iterator
	own  writeCursor
	slot int // its index among the transaction's open iterators

	ahead    bool // base stands on a pair not yet shown
	drained  bool // base has no more
	shown    bool // it stands on a pair
	moved    bool // the transaction reads another state than base does
	key, val []byte
	err      error
}

// Next implements engine.Iterator.
func (it *txIterator) Next() bool {
	if it.t == nil {
		return false
	}
	if it.moved {
		if err := it.follow(); err != nil {
			it.end(err)
			return false
		}
	}
	for {
		if !it.ahead && !it.drained {
			if it.base.Next() {
				it.ahead = true
			} else if err := it.base.Err(); err != nil {
				it.coverAll()
				it.end(err)
				return false
			} else {
				it.drained = true
			}
		}
		w := &it.own
		switch {
		case !w.there && it.drained:
			it.coverAll()
			it.end(nil)
			return false
		case !w.there || it.ahead && it.before(it.base.key, w.key):
			it.ahead = false
			it.show(it.base.key, it.base.val)
			return true
		}
		if it.ahead && bytes.Equal(it.base.key, w.key) {
			it.ahead = false
		}
		key, val := w.key, w.val
		w.next()
		if val != nil {
			it.show(key, val)
			return true
		}
	}
}

// follow goes on in the state that the transaction has moved to, behind what was
// shown. It is put off until the next step, since the pair shown last is valid until
// then. A pair that was read ahead is read again.
func (it *txIterator) follow() error {
	if it.t.lost != nil {
		return it.t.lost
	}
	left := it.rng
	switch {
	case !it.shown:
	case left.Reverse:
		left.End = bytes.Clone(it.key)
	default:
		left.Start = append(bytes.Clone(it.key), 0)
	}
	if emptyRange(left) {
		it.ahead, it.drained, it.moved = false, true, false
		return nil
	}
	base, err := it.t.iterate(it.ctx, left)
	if err != nil {
		return err
	}
	_ = it.base.Close() // what it has read was checked
	it.base, it.ahead, it.drained, it.moved = base, false, false, false
	return nil
}

func (it *txIterator) show(key, val []byte) {
	it.key, it.val, it.shown = key, val, true
}

// before reports whether key a comes before key b in the iterator's direction.
func (it *txIterator) before(a, b []byte) bool {
	if it.rng.Reverse {
		return bytes.Compare(a, b) > 0
	}
	return bytes.Compare(a, b) < 0
}

// Key implements engine.Iterator.
func (it *txIterator) Key() []byte { return it.key }

// Value implements engine.Iterator.
func (it *txIterator) Value() []byte { return it.val }

// Err implements engine.Iterator.
func (it *txIterator) Err() error { return it.err }

// Close implements engine.Iterator.
func (it *txIterator) Close() error {
	it.end(nil)
	return it.err
}

// end releases the iterator, with err where it was still open, and records what
// it has covered.
func (it *txIterator) end(err error) {
	t := it.t
	if t == nil {
		return
	}
	if it.shown {
		it.coverShown()
	}
	it.err = err
	if cerr := it.base.Close(); it.err == nil {
		it.err = cerr
	}
	it.key, it.val = nil, nil
	last := len(t.iters) - 1
	t.iters[it.slot] = t.iters[last]
	t.iters[it.slot].slot = it.slot
	t.iters[last] = nil
	t.iters = t.iters[:last]
	it.t = nil
	it.own = writeCursor{}
}

// coverShown records the range from where the iterator began up to the pair it
// stands on: nothing behind that was shown, so nothing there can conflict.
func (it *txIterator) coverShown() {
	if it.rng.Reverse {
		it.t.rec.spans.add(it.key, it.rng.End)
	} else {
		it.t.rec.spans.addThrough(it.rng.Start, it.key)
	}
}

// coverAll records the whole range.
func (it *txIterator) coverAll() {
	it.t.rec.spans.add(it.rng.Start, it.rng.End)
	it.shown = false
}
