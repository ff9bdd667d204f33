package occ

import (
	"bytes"
	"slices"
	"sort"
)

// span is a range that was read: from start (nil: the first key there may be) to
// before end (nil: no end).
type span struct {
	start, end []byte
}

// spans is ranges of keys.
type spans struct {
	mem    arena
	list   []span
	merged bool // they are in order, and none meets another
}

// spanBytes is what a span takes beside its keys.
const spanBytes = 48

// size is about how many bytes the ranges hold in memory.
func (s *spans) size() int { return s.mem.size() + spanBytes*cap(s.list) }

func (s *spans) reset() {
	if s.mem.reset() {
		clear(s.list)
	}
	if cap(s.list) > 256 {
		s.list = nil
	}
	s.list, s.merged = s.list[:0], false
}

// add takes in a range.
func (s *spans) add(start, end []byte) {
	s.list = append(s.list, span{start: s.mem.copy(start), end: s.mem.copy(end)})
	s.merged = false
}

// addThrough takes in a range up to the key last, it included.
func (s *spans) addThrough(start, last []byte) {
	end := s.mem.alloc(len(last) + 1) // the key right behind last
	end[copy(end, last)] = 0
	s.list = append(s.list, span{start: s.mem.copy(start), end: end})
	s.merged = false
}

// has reports whether a key is in one of the ranges.
func (s *spans) has(key []byte) bool {
	s.merge()
	// The last one that does not start behind the key.
	i := sort.Search(len(s.list), func(i int) bool { return bytes.Compare(s.list[i].start, key) > 0 }) - 1
	return i >= 0 && (s.list[i].end == nil || bytes.Compare(key, s.list[i].end) < 0)
}

// merge puts the ranges in order, and makes one of those that meet.
func (s *spans) merge() {
	if s.merged {
		return
	}
	s.merged = true
	slices.SortFunc(s.list, func(a, b span) int { return bytes.Compare(a.start, b.start) })
	n := 0
	for _, sp := range s.list {
		last := &s.list[max(n-1, 0)]
		switch {
		case n == 0 || last.end != nil && bytes.Compare(last.end, sp.start) < 0:
			s.list[n] = sp
			n++
		case sp.end == nil || last.end != nil && bytes.Compare(last.end, sp.end) < 0:
			last.end = sp.end
		}
	}
	s.list = s.list[:n]
}
