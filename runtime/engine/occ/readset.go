package occ

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// dedupFrom is how many points a read set holds before it looks for repeated
// ones: few are cheaper to keep twice. dedupKeep is the largest table for that
// which is kept for the next transaction.
const (
	dedupFrom = 64
	dedupKeep = 4096
)

// point is a key that was read.
type point struct {
	key    []byte
	hash   uint32
	stripe uint32
}

// span is a range that was read: from start (nil: the first key there may be) to
// before end (nil: no end).
type span struct {
	start, end []byte
}

// readSet is what a transaction has read. It is for one goroutine; once the
// commit is in flight it does not change, and the resolver's lock guards it.
type readSet struct {
	seed   maphash.Seed
	mem    arena
	points []point
	spans  []span
	// seen finds a key's place in points, when there are many: a table by hash, of
	// twice as many places at least, that holds places from 1 on.
	seen   []uint32
	sorted bool // points are in key order, and seen is void
}

func (s *readSet) reset() {
	if s.mem.reset() {
		clear(s.points)
		clear(s.spans)
	}
	if cap(s.points) > 1024 {
		s.points = nil
	}
	s.points = s.points[:0]
	if cap(s.spans) > 256 {
		s.spans = nil
	}
	s.spans = s.spans[:0]
	if cap(s.seen) > dedupKeep {
		s.seen = nil
	}
	s.seen = s.seen[:0]
	s.sorted = false
}

// addPoint records that key was read.
func (s *readSet) addPoint(key []byte) {
	n := len(s.points)
	if n > 0 && bytes.Equal(s.points[n-1].key, key) {
		return
	}
	h := maphash.Bytes(s.seed, key)
	p := point{key: key, hash: uint32(h >> 32), stripe: stripeOf(h)}
	if n >= dedupFrom && !s.note(&p) {
		return
	}
	p.key = s.mem.copy(key)
	s.points, s.sorted = append(s.points, p), false
}

// note gives the next point its place in seen. It returns false for one that is
// there.
func (s *readSet) note(p *point) bool {
	if n := len(s.points); 2*n >= len(s.seen) {
		if s.seen = s.seen[:cap(s.seen)]; len(s.seen) < 4*n {
			s.seen = make([]uint32, 4*n)
		}
		clear(s.seen)
		for i := range s.points {
			s.seen[s.free(&s.points[i])] = uint32(i + 1)
		}
	}
	at := s.free(p)
	if s.seen[at] != 0 {
		return false
	}
	s.seen[at] = uint32(len(s.points) + 1)
	return true
}

// free is the place in seen where a point is, or may be put.
func (s *readSet) free(p *point) int {
	at := int(uint64(p.hash) * uint64(len(s.seen)) >> 32)
	for s.seen[at] != 0 {
		if o := &s.points[s.seen[at]-1]; o.hash == p.hash && bytes.Equal(o.key, p.key) {
			return at
		}
		if at++; at == len(s.seen) {
			at = 0
		}
	}
	return at
}

// addSpan records that a range was read.
func (s *readSet) addSpan(start, end []byte) {
	s.spans = append(s.spans, span{start: s.mem.copy(start), end: s.mem.copy(end)})
}

// addSpanThrough records that a range was read up to the key last, it included.
func (s *readSet) addSpanThrough(start, last []byte) {
	end := s.mem.alloc(len(last) + 1) // the key right behind last
	end[copy(end, last)] = 0
	s.spans = append(s.spans, span{start: s.mem.copy(start), end: end})
}

// sort puts the points in order, for overlap. Positions in seen are void then.
func (s *readSet) sort() {
	if s.sorted {
		return
	}
	s.sorted = true
	s.seen = s.seen[:0]
	slices.SortFunc(s.points, func(a, b point) int { return bytes.Compare(a.key, b.key) })
}

// overlap returns one of keys, which are sorted, that was read, or nil.
func (s *readSet) overlap(keys [][]byte) []byte {
	s.sort()
	// The shorter side is looked up in the longer one.
	if len(s.points) <= len(keys) {
		for i := range s.points {
			if _, found := searchKeys(keys, s.points[i].key); found {
				return s.points[i].key
			}
		}
	} else {
		for _, key := range keys {
			_, found := slices.BinarySearchFunc(s.points, key, func(p point, key []byte) int {
				return bytes.Compare(p.key, key)
			})
			if found {
				return key
			}
		}
	}
	for i := range s.spans {
		sp := &s.spans[i]
		n, _ := searchKeys(keys, sp.start)
		if n < len(keys) && (sp.end == nil || bytes.Compare(keys[n], sp.end) < 0) {
			return keys[n]
		}
	}
	return nil
}

// searchKeys returns the place of key in keys, or where it would be.
func searchKeys(keys [][]byte, key []byte) (int, bool) {
	return slices.BinarySearchFunc(keys, key, bytes.Compare)
}

// overlapKeys reports whether two sorted lists have a key in common.
func overlapKeys(a, b [][]byte) bool {
	if len(a) > len(b) {
		a, b = b, a
	}
	for _, key := range a {
		if _, found := searchKeys(b, key); found {
			return true
		}
	}
	return false
}
