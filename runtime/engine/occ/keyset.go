package occ

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// Of the memory of a keySet: fewKeys is up to how many keys are looked through one
// by one; keptKeys is how many it has room for at most when it is used again, enough for
// batches of some thousand rows: with room for 1,024, batches above 340 rows with two
// entries took twice the memory a row, and a sixth more time; keptSpans is how many bytes
// it keeps at most for ranges while a commit is logged.
const (
	fewKeys   = 16
	keptKeys  = 16 << 10
	keptSpans = 1 << 10
)

// use is what was done to a key.
type use struct {
	hash  uint64
	end   int // where the key ends in blob; it begins where the one before ends
	write int // the latest write of it, by its number in a writeSet, or -1
	read  bool
}

// stripe is where the resolver keeps what is known of keys with this hash.
func (u *use) stripe() uint64 { return u.hash & (stripes - 1) }

// keySet is the keys that a transaction has read or written, each once, and the
// ranges that it has read or deleted. It is for one goroutine; once the commit is in flight it
// does not change but for the order of spans, which the resolver's lock guards.
type keySet struct {
	seed    maphash.Seed
	blob    []byte // the keys, one behind the other; bytes in it never change
	uses    []use
	written int // how many were written
	next    int // the slot of the key that is mostly written next: as a rule keys are read first, in the same order
	// table finds a key's slot, which is its index in uses, once there are more than a
	// few: by hash. It has twice as many cells at least, with a slot plus 1 or 0 in each.
	table []uint32
	spans spans
	gone  spans // ranges that were deleted
}

// What a keySet takes of memory: useBytes for a use, cellBytes for a cell of the
// table, keyBytes for a key that is not long.
const (
	useBytes  = 32
	cellBytes = 4
	keyBytes  = 40
)

// size is about how many bytes the set holds in memory, without the ranges that were read.
func (s *keySet) size() int {
	return cap(s.blob) + useBytes*cap(s.uses) + cellBytes*cap(s.table) + s.gone.size()
}

// forgetSpans lets go of the ranges, and of their memory unless that is little.
func (s *keySet) forgetSpans() {
	if s.spans.size() > keptSpans {
		s.spans = spans{}
	} else if len(s.spans.list) > 0 {
		s.spans.reset()
	}
}

func (s *keySet) reset() {
	if cap(s.blob) > arenaKeep {
		s.blob = nil
	}
	if cap(s.uses) > keptKeys {
		s.uses = nil
	}
	if cap(s.table) > 4*keptKeys {
		s.table = nil
	}
	s.blob, s.uses, s.table, s.written, s.next = s.blob[:0], s.uses[:0], s.table[:0], 0, 0
	if len(s.spans.list) > 0 {
		s.spans.reset()
	}
	if len(s.gone.list) > 0 {
		s.gone.reset()
	}
}

// reserve makes room for n keys that are not long.
func (s *keySet) reserve(n int) {
	s.blob = slices.Grow(s.blob, n*keyBytes)
	s.uses = slices.Grow(s.uses, n)
	if cap(s.table) < 2*n {
		s.table = make([]uint32, 0, 2*n)
	}
}

// key is the key in a slot.
func (s *keySet) key(i int) []byte {
	start, end := 0, s.uses[i].end
	if i > 0 {
		start = s.uses[i-1].end
	}
	return s.blob[start:end:end]
}

func (s *keySet) hash(key []byte) uint64 { return maphash.Bytes(s.seed, key) }

// find returns the slot of a key by its hash, or -1.
func (s *keySet) find(hash uint64, key []byte) int {
	if len(s.table) > 0 {
		return int(s.table[s.cell(hash, key)]) - 1
	}
	for i := range s.uses {
		if s.uses[i].hash == hash && bytes.Equal(s.key(i), key) {
			return i
		}
	}
	return -1
}

// add takes in a key that is not there, and returns its slot.
func (s *keySet) add(hash uint64, key []byte) int {
	n := len(s.uses)
	s.blob = append(s.blob, key...)
	s.uses = append(s.uses, use{hash: hash, end: len(s.blob), write: -1})
	if n >= fewKeys {
		s.note(n)
	}
	return n
}

// note gives the last key a cell of the table.
func (s *keySet) note(n int) {
	if 2*n < len(s.table) {
		s.table[s.cell(s.uses[n].hash, nil)] = uint32(n + 1)
		return
	}
	if s.table = s.table[:cap(s.table)]; len(s.table) <= 2*n {
		s.table = make([]uint32, 4*n)
	}
	clear(s.table)
	for i := range s.uses {
		s.table[s.cell(s.uses[i].hash, nil)] = uint32(i + 1)
	}
}

// cell is where in the table a key is, or may be put. A nil key is one
// that is not there.
func (s *keySet) cell(hash uint64, key []byte) int {
	at := int(hash >> 32 * uint64(len(s.table)) >> 32)
	for s.table[at] != 0 {
		if i := int(s.table[at] - 1); key != nil && s.uses[i].hash == hash && bytes.Equal(s.key(i), key) {
			return at
		}
		if at++; at == len(s.table) {
			at = 0
		}
	}
	return at
}

// read notes that a key was read, which find has found or not.
func (s *keySet) read(slot int, hash uint64, key []byte) {
	if slot < 0 {
		slot = s.add(hash, key)
	}
	s.uses[slot].read = true
}

// write notes that a key was written, by the write of that number, and returns the
// number of the one before, or -1.
func (s *keySet) write(key []byte, number int) (slot, before int) {
	if slot = s.next; slot < len(s.uses) && bytes.Equal(s.key(slot), key) {
		s.next++
	} else {
		h := s.hash(key)
		if slot = s.find(h, key); slot < 0 {
			slot = s.add(h, key)
		}
	}
	u := &s.uses[slot]
	before = u.write
	if u.write = number; before < 0 {
		s.written++
	}
	return slot, before
}

// readOf returns a key that was written in the set o and read in this one, or nil.
func (s *keySet) readOf(o *keySet) []byte {
	if len(o.gone.list) > 0 {
		if key := s.readIn(&o.gone); key != nil {
			return key
		}
	}
	if len(s.uses) <= len(o.uses) { // the shorter one is looked up in the longer one
		for i := range s.uses {
			if !s.uses[i].read {
				continue
			}
			key := s.key(i)
			if at := o.find(s.uses[i].hash, key); at >= 0 && o.uses[at].write >= 0 {
				return key
			}
		}
	} else {
		for i := range o.uses {
			if o.uses[i].write < 0 {
				continue
			}
			key := o.key(i)
			if at := s.find(o.uses[i].hash, key); at >= 0 && s.uses[at].read {
				return key
			}
		}
	}
	if len(s.spans.list) == 0 {
		return nil
	}
	for i := range o.uses {
		if key := o.key(i); o.uses[i].write >= 0 && s.spans.has(key) {
			return key
		}
	}
	return nil
}

// meets reports whether two sets have written the same key.
func (s *keySet) meets(o *keySet) bool {
	if s.wroteIn(&o.gone) || o.wroteIn(&s.gone) {
		return true
	}
	if len(s.uses) > len(o.uses) {
		s, o = o, s
	}
	for i := range s.uses {
		if s.uses[i].write < 0 {
			continue
		}
		if at := o.find(s.uses[i].hash, s.key(i)); at >= 0 && o.uses[at].write >= 0 {
			return true
		}
	}
	return false
}
