package commits

import (
	"context"
	"runtime/debug"
	"slices"
	"sync"
)

// reportAt is the number of waiting commits at which a slow hook is reported
// first.
const reportAt = 10000

// hook is one function of OnCommit, and the commits that wait for it.
type hook struct {
	all    bool
	table  string
	space  uint64
	call   func(c *Commit) error
	errors func(err error)

	mu      sync.Mutex
	queue   []*Commit
	running bool // a goroutine is at it
	stopped bool
	report  int    // the length of the queue that is reported next
	pushed  uint64 // commits since the beginning
	called  uint64 // of those, the ones that are done with
	waiters []hookWaiter
}

// hookWaiter waits until that many calls are done.
type hookWaiter struct {
	until uint64
	done  chan struct{}
}

// push gives the hook another commit. It is called in the order of commits.
func (h *hook) push(c *Commit) {
	h.mu.Lock()
	defer h.mu.Unlock()
	if h.stopped {
		return
	}
	h.queue = append(h.queue, c)
	h.pushed++
	if !h.running {
		h.running = true
		go h.run()
	}
	if n := len(h.queue); n >= h.report {
		h.report *= 2
		go h.fail(&HookError{Behind: n})
	}
}

// run calls the hook for all that waits.
func (h *hook) run() {
	through := false
	defer func() {
		if !through {
			go h.run() // the hook has ended this goroutine
		}
	}()
	for c := h.take(); c != nil; c = h.take() {
		h.deliver(c)
	}
	through = true
}

// take returns the next commit, or nil, with which the goroutine ends.
func (h *hook) take() *Commit {
	h.mu.Lock()
	defer h.mu.Unlock()
	if len(h.queue) == 0 {
		h.queue, h.report, h.running = nil, reportAt, false
		return nil
	}
	c := h.queue[0]
	h.queue[0] = nil
	h.queue = h.queue[1:]
	return c
}

// deliver calls the hook once.
func (h *hook) deliver(c *Commit) {
	fine := false
	defer func() {
		if !fine {
			h.fail(&HookError{Number: c.Number, Panic: cause(recover()), Stack: debug.Stack()})
		}
		h.mu.Lock()
		defer h.mu.Unlock()
		h.called++
		h.wake()
	}()
	err := h.call(c)
	fine = true
	if err != nil {
		h.fail(&HookError{Number: c.Number, Err: err})
	}
}

// cause is what a call that did not return was ended by.
func cause(p any) any {
	if p == nil {
		return "runtime.Goexit was called"
	}
	return p
}

func (h *hook) fail(e *HookError) {
	e.Table = h.table
	h.errors(e)
}

// stop drops what waits and keeps further calls from beginning.
func (h *hook) stop() {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.stopped = true
	h.called += uint64(len(h.queue))
	h.queue = nil
	h.wake()
}

// wake lets those go who waited for calls that are done. The lock is held.
func (h *hook) wake() {
	h.waiters = slices.DeleteFunc(h.waiters, func(w hookWaiter) bool {
		if h.called < w.until {
			return false
		}
		close(w.done)
		return true
	})
}

func (h *hook) wait(ctx context.Context) error {
	h.mu.Lock()
	if h.called >= h.pushed {
		h.mu.Unlock()
		return ctx.Err()
	}
	w := hookWaiter{until: h.pushed, done: make(chan struct{})}
	h.waiters = append(h.waiters, w)
	h.mu.Unlock()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
