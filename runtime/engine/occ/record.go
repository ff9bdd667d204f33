package occ

// recordOverhead is about what a record takes beside its keys.
const recordOverhead = 240

// record is a commit: what it writes, and how far it is. It is filled by the
// transaction itself, and goes over to the resolver with the commit, where it stays
// for as long as others may have to look at it. After it was registered its keys do
// not change; the other fields belong to the resolver's lock.
type record struct {
	keySet         // the keys written; those that were only read may be among them
	version uint64 // its position in the order of commits
	doneAt  uint64 // how many commits had ended, it included; 0 while in flight
	logged  int    // as how many bytes it is in the log; 0: it is not
	// While in flight: what its transaction has read, which is its own keys as a
	// rule; nil for a blind write.
	reads *keySet
	wait  chan struct{}
}

// record returns an empty record.
func (r *resolver) record() *record {
	if c, _ := r.records.Get().(*record); c != nil {
		return c
	}
	return &record{keySet: keySet{seed: r.seed, blob: make([]byte, 0, 256), uses: make([]use, 0, 8)}}
}

// putRecord gives a record up for reuse.
func (r *resolver) putRecord(c *record) {
	c.reset()
	r.records.Put(c)
}

func (c *record) reset() {
	c.keySet.reset()
	c.version, c.doneAt, c.logged, c.reads, c.wait = 0, 0, 0, nil, nil
}

// size is about how many bytes the record holds in memory, without the ranges that were
// read, which are its transaction's while that is in flight.
func (c *record) size() int { return recordOverhead + c.keySet.size() }

// setWritten takes over the keys that were written, of a transaction that has read
// many others.
func (c *record) setWritten(s *keySet) {
	for i := range s.uses {
		if s.uses[i].write >= 0 {
			at := c.add(s.uses[i].hash, s.key(i))
			c.uses[at].write = 0
		}
	}
	c.written = s.written
	for _, sp := range s.gone.list {
		c.gone.add(sp.start, sp.end)
	}
	c.gone.merge()
}

// ranged reports whether a commit in flight has read ranges or deletes some.
func (c *record) ranged() bool {
	return c.reads != nil && len(c.reads.spans.list) > 0 || len(c.gone.list) > 0
}

// setBatch takes over the keys of a blind batch.
func (c *record) setBatch(b *Batch) {
	start := 0
	for _, end := range b.ends {
		c.write(b.blob[start:end], 0)
		start = end
	}
}
