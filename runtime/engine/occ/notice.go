package occ

import (
	"slices"
	"sync"
)

// notice is what a commit has to call in its turn.
type notice struct {
	fn   func()
	over bool          // the commit has ended
	ok   bool          // and has happened
	told bool          // its turn is over
	done chan struct{} // closed then; nil unless its goroutine waits
}

// notices are used again, unless their commit failed.
var notices = sync.Pool{New: func() any { return new(notice) }}

// announce takes the notice of a commit that has just been given its version
// into the order. The lock is held.
func (r *resolver) announce(c *record, fn func()) {
	if fn == nil {
		return
	}
	c.notice = notices.Get().(*notice)
	c.notice.fn = fn
	r.notices = append(r.notices, c.notice)
}

// deliver calls the notices whose turn it is, one after the other, unless another
// goroutine is at it. The lock is held, but not while one is called.
func (r *resolver) deliver() {
	if r.delivering {
		return
	}
	r.delivering = true
	for len(r.notices) > 0 && r.notices[0].over {
		r.call(r.notices[0])
	}
	r.delivering = false
}

// call calls the first notice. Should that panic, the goroutine that happens to
// be the caller has it, but the others go on.
func (r *resolver) call(n *notice) {
	r.notices = slices.Delete(r.notices, 0, 1)
	fine := false
	defer func() {
		n.told = true
		if n.done != nil {
			close(n.done)
		}
		if !fine {
			r.delivering = false
			r.deliver()
		}
	}()
	if n.ok {
		r.mu.Unlock()
		defer r.mu.Lock()
		n.fn()
	}
	fine = true
}

// settle ends the notice of a commit. Of one that has happened it returns once the
// notice was called. The lock is held.
func (r *resolver) settle(n *notice, ok bool) {
	n.over, n.ok = true, ok
	r.deliver()
	if !ok {
		return // it may still be in the queue
	}
	if !n.told {
		n.done = make(chan struct{})
		r.mu.Unlock()
		<-n.done
		r.mu.Lock()
	}
	*n = notice{}
	notices.Put(n)
}
