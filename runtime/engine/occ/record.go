package occ

import (
	"bytes"
	"hash/maphash"
	"slices"
	"sync"
)

// recordOverhead is about what a record takes beside its keys, and recordKey
// what each key takes beside its bytes.
const (
	recordOverhead = 160
	recordKey      = 28
)

// record is a commit: what it writes, and how far it is. After it was
// registered its keys do not change; the other fields belong to the resolver's
// lock.
type record struct {
	blob    []byte   // bytes of the keys
	keys    [][]byte // the keys written, sorted
	stripes []uint32 // of the keys
	version uint64   // its place in the order of commits
	doneAt  uint64   // how many commits had ended, it included; 0 while in flight
	reads   *readSet // while in flight: what its transaction has read; nil for a blind write
	wait    chan struct{}
	notice  *notice // nil: nobody wants to know
}

var recordPool = sync.Pool{New: func() any { return new(record) }}

func getRecord() *record { return recordPool.Get().(*record) }

// putRecord gives a record up for reuse. What it leaves in keys points into blobs
// that are no larger than its own.
func putRecord(c *record) {
	if cap(c.blob) > arenaKeep || cap(c.keys) > 4096 {
		return
	}
	*c = record{blob: c.blob[:0], keys: c.keys[:0], stripes: c.stripes[:0]}
	recordPool.Put(c)
}

// size is about how many bytes the record holds in memory.
func (c *record) size() int {
	return recordOverhead + len(c.blob) + recordKey*len(c.keys)
}

// setWrites takes over the keys of a transaction's writes.
func (c *record) setWrites(seed maphash.Seed, s *writeSet) {
	c.blob = slices.Grow(c.blob[:0], s.keyBytes)
	c.keys = slices.Grow(c.keys[:0], s.keys)
	for _, chunk := range s.chunks {
		for _, i := range chunk {
			key := s.writes[i].key
			o := len(c.blob)
			c.blob = append(c.blob, key...)
			c.keys = append(c.keys, c.blob[o:len(c.blob):len(c.blob)])
		}
	}
	c.hash(seed)
}

// setBatch takes over the keys of a blind batch.
func (c *record) setBatch(seed maphash.Seed, b *Batch) {
	c.blob = append(c.blob[:0], b.blob...)
	c.keys = slices.Grow(c.keys[:0], len(b.ends))
	o := 0
	for _, end := range b.ends {
		c.keys = append(c.keys, c.blob[o:end:end])
		o = end
	}
	if !slices.IsSortedFunc(c.keys, bytes.Compare) {
		slices.SortFunc(c.keys, bytes.Compare)
	}
	c.hash(seed)
}

func (c *record) hash(seed maphash.Seed) {
	c.stripes = slices.Grow(c.stripes[:0], len(c.keys))
	for _, key := range c.keys {
		c.stripes = append(c.stripes, stripeOf(maphash.Bytes(seed, key)))
	}
}
