package occ

import (
	"bytes"
	"context"

	"github.com/storegen/storegen/runtime/engine"
)

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
