package occ

import "sync"

// handle is something open on the base that must be closed before it.
type handle interface {
	// shut closes the handle, so that its user gets engine.ErrClosed from now on.
	// It returns once the handle no longer uses the base.
	shut()
}

// handles is the set of iterators and snapshots that are open.
type handles struct {
	mu   sync.Mutex
	open map[handle]struct{}
}

func (s *handles) add(h handle) {
	s.mu.Lock()
	if s.open == nil {
		s.open = make(map[handle]struct{})
	}
	s.open[h] = struct{}{}
	s.mu.Unlock()
}

func (s *handles) remove(h handle) {
	s.mu.Lock()
	delete(s.open, h)
	s.mu.Unlock()
}

// shut shuts them all. Nothing may be added any more.
func (s *handles) shut() {
	s.mu.Lock()
	open := make([]handle, 0, len(s.open))
	for h := range s.open {
		open = append(open, h)
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
