package occ

import (
	"bytes"

	"github.com/storegen/storegen/runtime/engine"
)

// write is one buffered put or delete.
type write struct {
	key, val []byte // in the arena; val is nil for a delete
	prev     int    // the write of the same key before this one, or -1
}

// chunkMax is how many keys a chunk of a writeSet's index holds at most.
const chunkMax = 256

// writeSet holds the writes of a transaction, by arrival and by key. Older
// writes of a key are kept, so that an iterator shows the writes made before it
// was opened and none made since.
type writeSet struct {
	mem    arena
	writes []write
	// chunks is the index of latest writes in key order, cut into pieces so that
	// an insertion moves few of them. No chunk is empty.
	chunks   [][]int
	first    [chunkMax]int // storage of the first chunk
	keys     int           // distinct keys
	keyBytes int           // of those
	live     int           // bytes of distinct keys and their latest values
	size     int           // the same, older writes included
	moves    int           // how often positions in chunks have changed
}

func (s *writeSet) reset() {
	if s.mem.reset() {
		clear(s.writes)
	}
	if cap(s.writes) > 1024 {
		s.writes = nil
	}
	s.writes = s.writes[:0]
	if len(s.chunks) > 1 {
		clear(s.chunks)
	}
	if cap(s.chunks) > 16 {
		s.chunks = nil
	}
	s.chunks = s.chunks[:0]
	s.keys, s.keyBytes, s.live, s.size, s.moves = 0, 0, 0, 0, 0
}

// add buffers a write; a nil val is a delete.
func (s *writeSet) add(key, val []byte) {
	n := len(s.writes)
	s.size += len(key) + len(val)
	c, i, found := s.find(key)
	if found {
		prev := s.chunks[c][i]
		s.live += len(val) - len(s.writes[prev].val)
		s.writes = append(s.writes, write{key: s.writes[prev].key, val: s.mem.copy(val), prev: prev})
		s.chunks[c][i] = n
		return
	}
	s.writes = append(s.writes, write{key: s.mem.copy(key), val: s.mem.copy(val), prev: -1})
	s.live += len(key) + len(val)
	s.keyBytes += len(key)
	s.insert(c, i, n)
}

// insert puts write n at position i of chunk c.
func (s *writeSet) insert(c, i, n int) {
	s.keys++
	s.moves++
	if len(s.chunks) == 0 {
		s.first[0] = n
		s.chunks = append(s.chunks, s.first[:1])
		return
	}
	chunk := s.chunks[c]
	if len(chunk) == chunkMax {
		// A run of ascending keys fills its chunks, any other splits in halves.
		at := chunkMax / 2
		if c == len(s.chunks)-1 && i == chunkMax {
			at = chunkMax
		}
		tail := append(make([]int, 0, chunkMax), chunk[at:]...)
		s.chunks = append(s.chunks, nil)
		copy(s.chunks[c+2:], s.chunks[c+1:])
		s.chunks[c], s.chunks[c+1] = chunk[:at], tail
		if i > at || at == chunkMax {
			c, i = c+1, i-at
		}
		chunk = s.chunks[c]
	}
	chunk = append(chunk, 0)
	copy(chunk[i+1:], chunk[i:])
	chunk[i] = n
	s.chunks[c] = chunk
}

// find returns the position of key, or where it would be inserted.
func (s *writeSet) find(key []byte) (c, i int, found bool) {
	if len(s.chunks) == 0 {
		return 0, 0, false
	}
	// The last chunk whose first key is not behind key.
	lo, hi := 1, len(s.chunks)
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		if bytes.Compare(s.writes[s.chunks[mid][0]].key, key) <= 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	c = lo - 1
	chunk := s.chunks[c]
	lo, hi = 0, len(chunk)
	// Many are written in order: the last one is looked at first.
	switch cmp := bytes.Compare(s.writes[chunk[hi-1]].key, key); {
	case cmp < 0:
		return c, hi, false
	case cmp == 0:
		return c, hi - 1, true
	}
	hi--
	for lo < hi {
		mid := int(uint(lo+hi) >> 1)
		switch cmp := bytes.Compare(s.writes[chunk[mid]].key, key); {
		case cmp == 0:
			return c, mid, true
		case cmp < 0:
			lo = mid + 1
		default:
			hi = mid
		}
	}
	return c, lo, false
}

// fill puts the latest writes into a batch: the one with the longest key, for
// which a base may need a buffer, and then the others by key.
func (s *writeSet) fill(b BaseBatch) {
	longest := s.chunks[0][0]
	for _, chunk := range s.chunks {
		for _, i := range chunk {
			if len(s.writes[i].key) > len(s.writes[longest].key) {
				longest = i
			}
		}
	}
	s.send(b, longest)
	for _, chunk := range s.chunks {
		for _, i := range chunk {
			if i != longest {
				s.send(b, i)
			}
		}
	}
}

func (s *writeSet) send(b BaseBatch, i int) {
	if w := &s.writes[i]; w.val == nil {
		b.Delete(w.key)
	} else {
		b.Put(w.key, w.val)
	}
}

// get returns the latest write of key.
func (s *writeSet) get(key []byte) (w *write, found bool) {
	if s.keys == 0 {
		return nil, false
	}
	c, i, found := s.find(key)
	if !found {
		return nil, false
	}
	return &s.writes[s.chunks[c][i]], true
}

// writeCursor walks the writes of a range that were made before it was opened.
type writeCursor struct {
	set   *writeSet
	rng   engine.Range
	asOf  int // writes from this one on are not seen
	moves int // of the set, when c and i were found
	c, i  int
	cur   *write // what the cursor stands on, nil at the end
}

// newWriteCursor opens a cursor that stands on the first write of r. Its cur may
// point into an outgrown array of writes: those never change.
func newWriteCursor(s *writeSet, r engine.Range) writeCursor {
	w := writeCursor{set: s, rng: r, asOf: len(s.writes)}
	if w.asOf == 0 {
		return w
	}
	w.moves = s.moves
	if !r.Reverse {
		if len(r.Start) > 0 {
			w.c, w.i, _ = s.find(r.Start)
		}
		w.settle()
		return w
	}
	if r.End == nil {
		w.c = len(s.chunks) - 1
		w.i = len(s.chunks[w.c]) - 1
	} else {
		w.c, w.i, _ = s.find(r.End)
		w.i--
	}
	w.settle()
	return w
}

// next moves to the next write of the range.
func (w *writeCursor) next() {
	if w.moves != w.set.moves {
		w.c, w.i, _ = w.set.find(w.cur.key)
		w.moves = w.set.moves
	}
	if w.rng.Reverse {
		w.i--
	} else {
		w.i++
	}
	w.settle()
}

// settle moves on from c and i, in the cursor's direction, to the first position
// whose key is in the range and has a write old enough.
func (w *writeCursor) settle() {
	s := w.set
	for {
		for w.i < 0 {
			if w.c--; w.c < 0 {
				w.cur = nil
				return
			}
			w.i = len(s.chunks[w.c]) - 1
		}
		for w.i >= len(s.chunks[w.c]) {
			if w.c++; w.c >= len(s.chunks) {
				w.cur = nil
				return
			}
			w.i = 0
		}
		n := s.chunks[w.c][w.i]
		key := s.writes[n].key
		if w.rng.Reverse {
			if bytes.Compare(key, w.rng.Start) < 0 {
				w.cur = nil
				return
			}
		} else if w.rng.End != nil && bytes.Compare(key, w.rng.End) >= 0 {
			w.cur = nil
			return
		}
		for n >= w.asOf {
			n = s.writes[n].prev
		}
		if n >= 0 {
			w.cur = &s.writes[n]
			return
		}
		if w.rng.Reverse {
			w.i--
		} else {
			w.i++
		}
	}
}
