package occ

// unread lets go of the ranges that a commit in the log has read: once it has ended,
// others look at what it wrote alone.
func (r *resolver) unread(c *record) {
	if len(c.spans.list) == 0 {
		return
	}
	c.forgetSpans()
	c.logged += c.spans.size()
	r.logBytes += c.spans.size()
}

// trim takes the commits from the log that every running transaction sees. Their
// records are used again, but for keep, whose owner does that.
func (r *resolver) trim(keep *record) {
	seen := r.done
	if t := r.active.front(); t != nil {
		seen = t.began
	}
	for r.head < len(r.log) {
		c := r.log[r.head]
		if c.doneAt == 0 || c.doneAt > seen {
			break
		}
		r.pop()
		if c != keep {
			r.putRecord(c)
		}
	}
	r.compact()
}

// drop takes the oldest commits from the log while it is too large. They are not
// reused, as a transaction may just be looking at them.
func (r *resolver) drop() {
	for r.logBytes > r.maxBytes && r.head < len(r.log) && r.log[r.head].doneAt != 0 {
		r.dropped = r.log[r.head].version
		r.pop()
	}
	r.compact()
}

// pop takes the oldest commit from the log.
func (r *resolver) pop() {
	c := r.log[r.head]
	r.logBytes -= c.logged
	c.logged = 0
	r.log[r.head] = nil
	r.head++
}

// compact moves the log to the front of its array once most of that is unused.
func (r *resolver) compact() {
	if r.head == len(r.log) {
		r.log, r.head = r.log[:0], 0
		return
	}
	if r.head > 64 && r.head > len(r.log)/2 {
		n := copy(r.log, r.log[r.head:])
		clear(r.log[n:])
		r.log, r.head = r.log[:n], 0
	}
}
