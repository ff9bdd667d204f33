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
	spans     int        // how many of those have read ranges or delete some
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
	cleared  uint64 // version of the last commit that deletes a range

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
	}
	if c.ranged() {
		r.spans++
	}
	if len(c.gone.list) > 0 {
		r.cleared = version
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
	if c.ranged() {
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
