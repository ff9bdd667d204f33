package commits

import (
	"context"
	"errors"
	"log/slog"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/storegen/storegen/runtime/engine"
)

// LogHookError writes the error of a hook to slog.Default.
func LogHookError(err error) {
	var e *HookError
	if errors.As(err, &e) && e.Stack != nil {
		slog.Error(err.Error(), "stack", string(e.Stack))
		return
	}
	slog.Error(err.Error())
}

// AddGeneral adds a hook on all tables.
func (hs *Hooks) AddGeneral(fn func(c *Commit)) (stop func()) {
	return hs.add(&hook{all: true, call: func(c *Commit) error {
		fn(c)
		return nil
	}})
}

// AddTo adds a hook on one table.
func (hs *Hooks) AddTo(table string, space uint64, call func(c *Commit) error) (stop func()) {
	return hs.add(&hook{table: table, space: space, call: call})
}

// Hooks are those of a database.
type Hooks struct {
	Set     hookPointer // nil: none
	Errors  func(err error)
	Refuse  error      // why there can be none, or nil
	mu      sync.Mutex // held while the set is changed
	order   deliveries
	commits uint64 // that hooks were told of; the lock of order guards it
}

// Wait returns once the hooks have seen every commit that had returned before.
func (hs *Hooks) Wait(ctx context.Context) error {
	if err := hs.order.wait(ctx, false); err != nil {
		return err
	}
	set := hs.Set.Load()
	if set == nil {
		return ctx.Err()
	}
	for _, h := range set.all {
		if err := h.wait(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Close ends all hooks, once they have seen what is there to be seen.
func (hs *Hooks) Close() {
	_ = hs.order.wait(context.Background(), true) // which never ends
	set := hs.Set.Load()
	if set == nil {
		return
	}
	for _, h := range set.all {
		_ = h.wait(context.Background()) // which never ends
		h.stop()
	}
}

// hookSet is the hooks at one time; it never changes. A transaction keeps to the
// one it began with.
type hookSet struct {
	all     []*hook
	tables  map[uint64][]*hook // by space
	general []*hook            // on all tables
}

// hookPointer is an atomic pointer to a hookSet. It is no atomic.Pointer, which
// the compiler would build again for each package that imports this one.
type hookPointer struct{ v atomic.Value }

// Load returns the set, or nil.
func (p *hookPointer) Load() *hookSet {
	s, _ := p.v.Load().(*hookSet)
	return s
}

// Store puts a set in place; nil is none.
func (p *hookPointer) Store(s *hookSet) { p.v.Store(s) }

// watches reports whether a hook is there for a table.
func (s *hookSet) watches(space uint64) bool { return len(s.general) > 0 || s.tables[space] != nil }

// change puts another set in place; it is nil where there are no hooks.
func (hs *Hooks) change(change func(all []*hook) []*hook) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	var all []*hook
	if old := hs.Set.Load(); old != nil {
		all = slices.Clone(old.all)
	}
	all = change(all)
	if len(all) == 0 {
		hs.Set.Store(nil)
		return
	}
	set := &hookSet{all: all, tables: map[uint64][]*hook{}}
	for _, h := range all {
		if h.all {
			set.general = append(set.general, h)
		} else {
			set.tables[h.space] = append(set.tables[h.space], h)
		}
	}
	hs.Set.Store(set)
}

// add adds a hook; stop takes it out again.
func (hs *Hooks) add(h *hook) (stop func()) {
	if hs.Refuse != nil {
		hs.Errors(&HookError{Table: h.table, Err: hs.Refuse})
		return func() {}
	}
	h.report, h.errors = reportAt, hs.Errors
	hs.change(func(all []*hook) []*hook { return append(all, h) })
	return func() {
		h.stop()
		hs.change(func(all []*hook) []*hook {
			return slices.DeleteFunc(all, func(o *hook) bool { return o == h })
		})
	}
}

// publish gives the hooks what a commit has done. It is called for one commit at
// a time, in their order.
func (hs *Hooks) publish(cs *Changes, now time.Time) {
	list := slices.DeleteFunc(cs.List, func(r RowChange) bool { return r.Old == nil && r.New == nil })
	if len(list) == 0 {
		return
	}
	hs.commits++
	c := &Commit{Number: hs.commits, Time: now, Changes: list}
	for _, h := range cs.Hooks.general {
		h.push(c)
	}
	for _, space := range cs.spaces {
		for _, h := range cs.Hooks.tables[space] {
			h.push(c)
		}
	}
}

// Commit commits a transaction that hooks are to hear of, and delivers what it did.
func (hs *Hooks) Commit(ctx context.Context, tx engine.Tx, cs Changes, at time.Time) error {
	ticket := hs.order.take()
	var number uint64
	defer func() { hs.order.end(hs, ticket, number, cs, at) }() // also where the engine panics
	n, err := tx.Commit(ctx)
	if err == nil {
		number = n
	}
	return err
}
