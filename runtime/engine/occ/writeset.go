package occ

import "slices"

// write is one buffered put or delete.
type write struct {
	key  int // its slot in the keySet
	end  int // where the value ends in vals; it begins where the one before ends
	prev int // the write of the same key before this one, or -1
}

// writeSet holds the writes of a transaction as they came. Older writes of a key are
// kept, so that an iterator shows the writes made before it was opened and none made
// since.
type writeSet struct {
	keys   *keySet
	vals   []byte // the values, one behind the other; bytes in it never change
	writes []write
	live   int   // bytes of distinct keys and their latest values
	order  order // of the keys written, once an iterator was opened
}

func (s *writeSet) reset() {
	if cap(s.vals) > arenaKeep {
		s.vals = nil
	}
	if cap(s.writes) > keptKeys {
		s.writes = nil
	}
	s.vals, s.writes, s.live = s.vals[:0], s.writes[:0], 0
	if s.order.built {
		s.order = order{}
	}
}

// reserve makes room for n writes.
func (s *writeSet) reserve(n int) {
	s.writes = slices.Grow(s.writes, n)
	s.keys.reserve(n)
}

// add buffers a write; a nil val is a delete.
func (s *writeSet) add(key, val []byte) {
	slot, prev := s.keys.write(key, len(s.writes))
	s.vals = append(s.vals, val...)
	s.writes = append(s.writes, write{key: slot, end: len(s.vals), prev: prev})
	s.live += len(val)
	if prev >= 0 {
		s.live -= len(s.val(prev))
		return
	}
	s.live += len(key)
	if s.order.built {
		s.order.insert(s.keys, slot)
	}
}

// val is what a write puts, or nil where it deletes. (No value is empty.)
func (s *writeSet) val(n int) []byte {
	start, end := 0, s.writes[n].end
	if n > 0 {
		start = s.writes[n-1].end
	}
	if start == end {
		return nil
	}
	return s.vals[start:end:end]
}

// get returns the latest write of a key of the keySet.
func (s *writeSet) get(slot int) (val []byte, written bool) {
	if slot < 0 {
		return nil, false
	}
	n := s.keys.uses[slot].write
	if n < 0 {
		return nil, false
	}
	return s.val(n), true
}

// fill puts the latest writes into a batch as they came but, where the base likes that,
// the one with the longest key first.
func (s *writeSet) fill(b BaseBatch, longestFirst bool) {
	longest := -1
	if longestFirst && len(s.writes) > 0 {
		longest = s.longest()
		s.send(b, longest)
	}
	for n := range s.writes {
		if n != longest && s.keys.uses[s.writes[n].key].write == n {
			s.send(b, n)
		}
	}
}

// longest is the latest write of the longest key.
func (s *writeSet) longest() int {
	longest, most := -1, 0
	for n := range s.writes {
		slot := s.writes[n].key
		if size := len(s.keys.key(slot)); size > most && s.keys.uses[slot].write == n {
			longest, most = n, size
		}
	}
	return longest
}

func (s *writeSet) send(b BaseBatch, n int) {
	key := s.keys.key(s.writes[n].key)
	if val := s.val(n); val == nil {
		b.Delete(key)
	} else {
		b.Put(key, val)
	}
}
