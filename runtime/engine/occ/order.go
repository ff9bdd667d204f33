package occ

import (
	"bytes"
	"slices"

	"github.com/storegen/storegen/runtime/engine"
)

// chunkMax is how many keys a chunk of an order holds at most.
const chunkMax = 256

// order is the keys that a transaction has written, in their order. Most
// transactions never need it, so that it is made when the first iterator is opened,
// and kept up from then on.
type order struct {
	built bool
	// chunks are slots in a keySet in key order, cut into pieces so that an
	// insertion moves few of them. No chunk is empty.
	chunks [][]int
	moves  int // how often positions in chunks have changed
}

// build makes the order of the keys written so far.
func (o *order) build(s *keySet) {
	o.built = true
	slots := make([]int, 0, s.written)
	for i := range s.uses {
		if s.uses[i].write >= 0 {
			slots = append(slots, i)
		}
	}
	slices.SortFunc(slots, func(a, b int) int { return bytes.Compare(s.key(a), s.key(b)) })
	for chunk := range slices.Chunk(slots, chunkMax) {
		o.chunks = append(o.chunks, chunk)
	}
}

// insert takes in the key at a slot, which has just been written for the first time.
func (o *order) insert(s *keySet, slot int) {
	o.moves++
	if len(o.chunks) == 0 {
		o.chunks = append(o.chunks, []int{slot})
		return
	}
	c, i := o.find(s, s.key(slot))
	chunk := o.chunks[c]
	if len(chunk) == chunkMax {
		// Ascending keys fill their chunks, others split them in halves.
		at := chunkMax / 2
		if c == len(o.chunks)-1 && i == chunkMax {
			at = chunkMax
		}
		tail := append(make([]int, 0, chunkMax), chunk[at:]...)
		o.chunks = slices.Insert(o.chunks, c+1, tail)
		o.chunks[c] = chunk[:at]
		if i > at || at == chunkMax {
			c, i = c+1, i-at
		}
		chunk = o.chunks[c]
	}
	o.chunks[c] = slices.Insert(chunk, i, slot)
}

// find returns the position of key, or where it would be inserted. There is a chunk.
func (o *order) find(s *keySet, key []byte) (c, i int) {
	// The last chunk whose first key is not behind key.
	lo, hi := 1, len(o.chunks)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if bytes.Compare(s.key(o.chunks[mid][0]), key) <= 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	c = lo - 1
	i, _ = slices.BinarySearchFunc(o.chunks[c], key, func(slot int, key []byte) int {
		return bytes.Compare(s.key(slot), key)
	})
	return c, i
}

// writeCursor goes through the writes of a range that were made before it was opened.
type writeCursor struct {
	set   *writeSet
	rng   engine.Range
	asOf  int // writes from this one on are not seen
	moves int // of the order, when c and i were found
	c, i  int

	// What the cursor stands on. They do not change when more is written.
	there    bool   // false at the end
	key, val []byte // val is nil for a delete
}

// newWriteCursor opens a cursor that stands on the first write of r.
func newWriteCursor(s *writeSet, r engine.Range) writeCursor {
	w := writeCursor{set: s, rng: r, asOf: len(s.writes)}
	if w.asOf == 0 {
		return w
	}
	o := &s.order
	if !o.built {
		o.build(s.keys)
	}
	w.moves = o.moves
	if !r.Reverse {
		if len(r.Start) > 0 {
			w.c, w.i = o.find(s.keys, r.Start)
		}
		w.toVisible()
		return w
	}
	if r.End == nil {
		w.c = len(o.chunks) - 1
		w.i = len(o.chunks[w.c]) - 1
	} else {
		w.c, w.i = o.find(s.keys, r.End)
		w.i--
	}
	w.toVisible()
	return w
}

// next moves to the next write of the range.
func (w *writeCursor) next() {
	if o := &w.set.order; w.moves != o.moves {
		w.c, w.i = o.find(w.set.keys, w.key)
		w.moves = o.moves
	}
	if w.rng.Reverse {
		w.i--
	} else {
		w.i++
	}
	w.toVisible()
}

// toVisible moves on from c and i, in the cursor's direction, to the first position
// whose key is in the range and has a write old enough.
func (w *writeCursor) toVisible() {
	s := w.set
	chunks := s.order.chunks
	w.there, w.key, w.val = false, nil, nil
	for {
		for w.i < 0 {
			if w.c--; w.c < 0 {
				return
			}
			w.i = len(chunks[w.c]) - 1
		}
		for w.i >= len(chunks[w.c]) {
			if w.c++; w.c >= len(chunks) {
				return
			}
			w.i = 0
		}
		slot := chunks[w.c][w.i]
		key := s.keys.key(slot)
		if w.rng.Reverse {
			if bytes.Compare(key, w.rng.Start) < 0 {
				return
			}
		} else if w.rng.End != nil && bytes.Compare(key, w.rng.End) >= 0 {
			return
		}
		n := s.keys.uses[slot].write
		for n >= w.asOf {
			n = s.writes[n].prev
		}
		if n >= 0 {
			w.there, w.key, w.val = true, key, s.val(n)
			return
		}
		if w.rng.Reverse {
			w.i--
		} else {
			w.i++
		}
	}
}
