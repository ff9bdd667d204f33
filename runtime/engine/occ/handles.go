package occ

import "sync"

// handle is something open on the base that must be closed before it.
type handle interface {
	// shut closes the handle, so that its user gets engine.ErrClosed from now on.
	// It returns once the handle no longer uses the base.
	shut()
}

// handles is the iterators and snapshots that are open, in a ring: they come and
// go with each read.
type handles struct {
	mu   sync.Mutex
	root link
}

// link is what holds a handle in the ring.
type link struct {
	prev, next *link // nil outside of it
	h          handle
}

func (s *handles) init() { s.root.prev, s.root.next = &s.root, &s.root }

// add takes a handle in, by its link.
func (s *handles) add(l *link, h handle) {
	s.mu.Lock()
	l.h, l.prev, l.next = h, s.root.prev, &s.root
	l.prev.next, s.root.prev = l, l
	s.mu.Unlock()
}

// remove takes a handle out that is in.
func (s *handles) remove(l *link) {
	s.mu.Lock()
	l.prev.next, l.next.prev = l.next, l.prev
	*l = link{}
	s.mu.Unlock()
}

// shut shuts them all. Nothing may be added any more.
func (s *handles) shut() {
	s.mu.Lock()
	var open []handle
	for l := s.root.next; l != &s.root; l = l.next {
		open = append(open, l.h)
	}
	s.mu.Unlock()
	for _, h := range open {
		h.shut()
	}
}

// gate lets operations through until it is closed for good.
type gate struct {
	mu sync.RWMutex
}

// enter reports whether the gate is open; leave must then follow. It never
// waits: the write lock is only ever taken to close, and a reader that finds it
// wanted or taken turns away.
func (g *gate) enter() bool { return g.mu.TryRLock() }

func (g *gate) leave() { g.mu.RUnlock() }

// close waits for those inside to leave. It may be called once.
func (g *gate) close() { g.mu.Lock() }
