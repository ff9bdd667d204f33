package occ

import (
	"context"
	"hash/maphash"
	"slices"
	"sync"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/engine"
)

const (
	stripeBits = 14
	stripes    = 1 << stripeBits

	// lookMax is how much of the log, in keys and points, is looked through
	// while the lock is held. More is looked through without it.
	lookMax = 512
)

// resolver decides the order of commits and which transactions conflict. Its
// lock is held for moments only, never while the base reads or writes.
type resolver struct {
	seed     maphash.Seed
	maxBytes int
	skip     bool // let everything pass, for tests of checkers

	records sync.Pool // of *record

	last atomic.Uint64 // version given to the latest commit; changed with the lock held

	mu        sync.Mutex
	done      uint64     // how many commits have ended
	inflight  []*record  // registered and not yet ended, by version
	spans     int        // how many of those have read ranges
	active    txList     // running transactions, by when they began
	exclusive *txState   // the transaction that keeps all others out
	owner     goroutines // where that was begun
	free      chan struct{}
	closed    bool

	// unmarked is the commit in flight whose stripes do not say so yet, or nil: one
	// that was given its version while nothing else ran. Its marks are only needed by
	// transactions that begin before it has ended, and mostly there are none; the stripes
	// are not in the processor's cache, and cost more than the rest of registering.
	unmarked *record

	// log holds the commits that a running transaction may have to look at, by
	// version and without gaps, from index head on.
	log      []*record
	head     int
	logBytes int
	dropped  uint64 // version of the last commit dropped while it may have been needed

	stripes [stripes]stripe
}

// stripe is what is known of the keys of a hash. There are many: beside dozens of
// goroutines a transaction meets hundreds of commits, and a stripe that it shares
// with one of them by chance costs it a look at all of these.
type stripe struct {
	wrote uint64 // version of the last commit that wrote a key of the stripe
	read  uint64 // version of the last commit that had read one
}

func newResolver(o *Options) *resolver {
	r := &resolver{
		seed:     maphash.MakeSeed(),
		maxBytes: o.LogBytes,
		skip:     o.UnsafeSkipValidation,
		free:     make(chan struct{}),
	}
	r.active.init()
	return r
}

// begin starts a transaction. Every commit that has ended by now is seen by a
// snapshot taken later; whether one still in flight is seen is open, so that it
// counts as a commit after the beginning. quiet says that none is.
func (r *resolver) begin(ctx context.Context, t *txState, exclusive bool) (quiet bool, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if exclusive {
		if err := r.lockOut(ctx, t); err != nil {
			return false, err
		}
	}
	if r.closed {
		r.letIn(t)
		return false, engine.ErrClosed
	}
	r.markLate()
	t.over = false
	t.began, t.checked = r.done, r.visible()
	t.state = t.checked
	r.active.push(t)
	// Without validation, nothing but a snapshot makes reads agree.
	return len(r.inflight) == 0 && !r.skip, nil
}

// visible is the version up to which every commit has ended. The lock is held.
func (r *resolver) visible() uint64 {
	if len(r.inflight) > 0 {
		return r.inflight[0].version - 1
	}
	return r.last.Load()
}

// moment is what began and checked are of a transaction that begins now.
func (r *resolver) moment() (began, checked uint64) {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.done, r.visible()
}

// rebase makes t one that began at a later moment, after which its snapshot was
// taken. It is a conflict where a commit since the first beginning wrote what t
// has read.
func (r *resolver) rebase(ctx context.Context, t *txState, began, checked uint64) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	// Those that the snapshot does not see yet are looked at too: what they write
	// would be a conflict in the end.
	if err := r.check(ctx, t); err != nil {
		return err
	}
	r.active.remove(t)
	t.began, t.checked = began, checked
	r.active.push(t)
	return nil
}

// lockOut keeps all other commits out for t, and waits until those in flight
// have ended.
func (r *resolver) lockOut(ctx context.Context, t *txState) error {
	for r.exclusive != nil && !r.closed {
		if err := r.waitForExclusive(ctx); err != nil {
			return err
		}
	}
	if r.closed {
		return engine.ErrClosed
	}
	r.exclusive, r.owner = t, callers()
	for len(r.inflight) > 0 {
		if err := r.waitFor(ctx, r.inflight[0]); err != nil {
			r.letIn(t)
			return err
		}
	}
	return nil
}

// letIn ends what lockOut began, if t began it.
func (r *resolver) letIn(t *txState) {
	if r.exclusive != t {
		return
	}
	r.exclusive, r.owner = nil, goroutines{}
	close(r.free)
	r.free = make(chan struct{})
}

// end forgets a transaction.
func (r *resolver) end(t *txState) {
	r.mu.Lock()
	r.active.remove(t)
	r.letIn(t)
	r.trim(nil)
	r.mu.Unlock()
}

// validate checks a transaction that writes nothing: with no error, all it has
// read was true at one moment, which is now.
func (r *resolver) validate(ctx context.Context, t *txState) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.check(ctx, t)
}

// register gives the commit c a version, which is its position in the order, after which it is in
// flight and the caller applies it to the base and calls finish. t is its
// transaction, nil for a blind write.
func (r *resolver) register(ctx context.Context, t *txState, c *record) (version uint64, err error) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for {
		if r.closed {
			return 0, engine.ErrClosed
		}
		if r.exclusive != nil && r.exclusive != t {
			if err := r.waitForExclusive(ctx); err != nil {
				return 0, err
			}
			continue
		}
		if t != nil {
			if err := r.check(ctx, t); err != nil {
				return 0, err
			}
			// The check may have given the lock up, so that the two conditions
			// above must be looked at once more.
			if r.closed || (r.exclusive != nil && r.exclusive != t) {
				continue
			}
		}
		other := r.blocker(c)
		if other == nil {
			break
		}
		if err := r.waitFor(ctx, other); err != nil {
			return 0, err
		}
	}
	version = r.last.Add(1)
	c.version = version
	if t != nil {
		c.reads = &t.rec.keySet
		if len(c.reads.spans.list) > 0 {
			r.spans++
		}
	}
	if len(r.inflight) == 0 && r.active.only(t) {
		r.unmarked = c
	} else {
		r.mark(c)
	}
	r.inflight = append(r.inflight, c)
	r.log = append(r.log, c)
	c.logged = c.size()
	r.logBytes += c.logged
	r.drop()
	return version, nil
}

// mark notes in the stripes what a commit writes and has read.
func (r *resolver) mark(c *record) {
	for i := range c.uses {
		if u := &c.uses[i]; u.write >= 0 {
			r.stripes[u.stripe()].wrote = c.version
		}
	}
	if c.reads == nil {
		return
	}
	for i := range c.reads.uses {
		if u := &c.reads.uses[i]; u.read {
			r.stripes[u.stripe()].read = c.version
		}
	}
}

// markLate marks the commit that was alone, since it no longer is. The lock is
// held.
func (r *resolver) markLate() {
	if r.unmarked != nil {
		r.mark(r.unmarked)
		r.unmarked = nil
	}
}

// finish ends a commit in flight, and its transaction t, nil for a blind write.
func (r *resolver) finish(c *record, t *txState) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if t != nil {
		t.over = true
		r.active.remove(t)
		r.letIn(t)
	}
	if r.unmarked == c {
		r.unmarked = nil // transactions that begin from now on see it
	}
	r.done++
	c.doneAt = r.done
	if c.reads != nil && len(c.reads.spans.list) > 0 {
		r.spans--
	}
	c.reads = nil
	if c.wait != nil {
		close(c.wait)
		c.wait = nil
	}
	if last := len(r.inflight) - 1; r.inflight[last] == c { // as a rule, it is alone
		r.inflight[last] = nil
		r.inflight = r.inflight[:last]
	} else {
		i := slices.Index(r.inflight, c)
		r.inflight = slices.Delete(r.inflight, i, i+1)
	}
	var own *record // stays with its transaction, unless others have to look at it
	if t != nil && t.rec == c {
		own = c
	}
	r.trim(own) // c may be another commit's from now on
	if own != nil && own.logged > 0 {
		t.rec = nil
		r.unread(own)
	}
}

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

// close makes everything that waits or comes later return engine.ErrClosed.
func (r *resolver) close() {
	r.mu.Lock()
	if !r.closed {
		r.closed = true
		close(r.free)
		r.free = make(chan struct{})
	}
	r.mu.Unlock()
}

// check returns a conflict if a commit that t does not see wrote what t has
// read. It may give the lock up meanwhile. Commits up to t.checked are not
// looked at again.
func (r *resolver) check(ctx context.Context, t *txState) error {
	if r.skip {
		return nil
	}
	for r.suspect(t) {
		if r.dropped > t.checked {
			return &engine.ConflictError{}
		}
		news := r.log[r.head:]
		if n := len(news); n > 0 && news[0].version <= t.checked {
			news = news[t.checked+1-news[0].version:]
		}
		look := len(t.rec.uses) + len(t.rec.spans.list)
		for _, c := range news {
			look += len(c.uses)
			if look > lookMax {
				break
			}
		}
		if look <= lookMax {
			for _, c := range news {
				if c.doneAt != 0 && c.doneAt <= t.began {
					continue
				}
				if key := t.rec.readOf(&c.keySet); key != nil {
					return r.lost(ctx, c, key)
				}
			}
			t.checked = r.last.Load()
			return nil
		}

		// The commits that t does not see stay in the log until it ends, or are
		// dropped and not reused, so that they can be read without the lock.
		unseen := make([]*record, 0, len(news))
		for _, c := range news {
			if c.doneAt == 0 || c.doneAt > t.began {
				unseen = append(unseen, c)
			}
		}
		upTo := r.last.Load()
		r.mu.Unlock()
		var by *record
		var key []byte
		for _, c := range unseen {
			if key = t.rec.readOf(&c.keySet); key != nil {
				by = c
				break
			}
		}
		r.mu.Lock()
		if by != nil {
			return r.lost(ctx, by, key)
		}
		t.checked = upTo
	}
	return nil
}

// suspect reports whether a commit after t.checked may have written what t has
// read.
func (r *resolver) suspect(t *txState) bool {
	if r.last.Load() == t.checked {
		return false
	}
	if len(t.rec.spans.list) > 0 {
		return true
	}
	for i := range t.rec.uses {
		if u := &t.rec.uses[i]; u.read && r.stripes[u.stripe()].wrote > t.checked {
			return true
		}
	}
	return false
}

// lost returns the conflict of a transaction with the commit c over a key, once
// c has ended: run again earlier, it would only lose to c again.
func (r *resolver) lost(ctx context.Context, c *record, key []byte) error {
	err := &engine.ConflictError{Key: slices.Clone(key)}
	if c.doneAt == 0 {
		if err := r.waitFor(ctx, c); err != nil {
			return err
		}
	}
	return err
}

// blocker returns a commit in flight that c must not overtake, or nil.
func (r *resolver) blocker(c *record) *record {
	if len(r.inflight) == 0 {
		return nil
	}
	r.markLate()
	suspect := r.spans > 0
	first := r.inflight[0].version
	for i := range c.uses {
		u := &c.uses[i]
		if s := &r.stripes[u.stripe()]; u.write >= 0 && (s.wrote >= first || s.read >= first) {
			suspect = true
			break
		}
	}
	if !suspect {
		return nil
	}
	for _, f := range r.inflight {
		if f.meets(&c.keySet) {
			return f
		}
		if f.reads != nil && f.reads.readOf(&c.keySet) != nil {
			return f
		}
	}
	return nil
}

// waitFor gives the lock up until c, which is in flight, has ended.
func (r *resolver) waitFor(ctx context.Context, c *record) error {
	if c.wait == nil {
		c.wait = make(chan struct{})
	}
	return r.sleep(ctx, c.wait)
}

// sleep gives the lock up until ch is closed, or returns the context's error.
func (r *resolver) sleep(ctx context.Context, ch <-chan struct{}) error {
	r.mu.Unlock()
	defer r.mu.Lock()
	select {
	case <-ch:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
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

// txList is a list of transactions, by when they began; the first is the oldest.
type txList struct {
	root txState // of the ring; not itself a transaction
}

func (l *txList) init() { l.root.prev, l.root.next = &l.root, &l.root }

func (l *txList) front() *txState {
	if l.root.next == &l.root {
		return nil
	}
	return l.root.next
}

// only reports whether no transaction is in the list but t, which may be nil.
func (l *txList) only(t *txState) bool {
	first := l.root.next
	return first == &l.root || first == t && t.next == &l.root
}

// push puts a transaction where it belongs, which is nearly always the end.
func (l *txList) push(t *txState) {
	at := l.root.prev
	for at != &l.root && at.began > t.began {
		at = at.prev
	}
	t.prev, t.next = at, at.next
	at.next.prev, at.next = t, t
}

// remove does nothing for a transaction that is not in the list.
func (l *txList) remove(t *txState) {
	if t.next == nil {
		return
	}
	t.prev.next, t.next.prev = t.next, t.prev
	t.prev, t.next = nil, nil
}
