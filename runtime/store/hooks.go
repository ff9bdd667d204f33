package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"log/slog"
	"runtime/debug"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/storegen/storegen/runtime/access"
)

// Commit is what one commit did to the rows of the database: for each row that it
// touched, what was there before and what is there now.
type Commit struct {
	// Number counts commits, from 1 when the database was opened. Those that no
	// hook was there for, or that changed no row, may have none.
	Number uint64
	// Time is the transaction's time, by the clock of the database: the moment when it was
	// first asked for.
	Time time.Time
	// Changes are in the order in which the transaction first wrote the rows.
	Changes []RowChange
}

// RowChange is what a commit did to one row, as bytes, which must not be changed.
type RowChange struct {
	Table string // with its member where it belongs to a family
	Key   []byte // the encoded key
	// Old and New are the encoded fields, without those of the key: protobuf wire
	// format. Old is nil where there was no row, New where there is none any more.
	Old, New []byte
	// Expired says that Old had expired, so that nobody saw it any more. A nil New
	// then is its removal, any other a row in its place.
	Expired bool

	space uint64
}

// TableCommit is what one commit did to the rows of a table.
type TableCommit[K comparable, V any] struct {
	Number  uint64 // as in Commit; 0 for a principal, whom it would tell of others
	Time    time.Time
	Changes []Change[K, V]
}

// Change is what a commit did to one row. The rows belong to who got them.
type Change[K comparable, V any] struct {
	Key     K
	Old     *V   // nil: there was no row
	New     *V   // nil: there is none any more
	Expired bool // Old had expired, so that nobody saw it any more
}

// HookError is what went wrong with a hook of OnCommit. The commits themselves
// are not touched by it.
type HookError struct {
	Table  string // "" for a hook on the whole database
	Number uint64 // of the commit that the hook was called for; 0 where there is none
	Panic  any    // what the hook panicked with, or nil
	Stack  []byte // of that
	Behind int    // how many commits wait for the hook, where it is slow
	Err    error  // a row could not be decoded or, without a number, the hook was not set
}

// Error implements error.
func (e *HookError) Error() string {
	what := "hook on all tables"
	if e.Table != "" {
		what = "hook on " + e.Table
	}
	switch {
	case e.Behind > 0:
		return fmt.Sprintf("%s: %d commits wait for it", what, e.Behind)
	case e.Err != nil && e.Number == 0:
		return fmt.Sprintf("%s: it was not set: %v", what, e.Err)
	case e.Err != nil:
		return fmt.Sprintf("%s: commit %d was not delivered: %v", what, e.Number, e.Err)
	}
	return fmt.Sprintf("%s: commit %d: panic: %v", what, e.Number, e.Panic)
}

// Unwrap returns the cause.
func (e *HookError) Unwrap() error { return e.Err }

// WithHookErrors sets what gets the errors of hooks, each a *HookError; the
// default writes them to slog.Default. It is called from several goroutines.
func WithHookErrors(fn func(err error)) Option {
	return func(db *DB) { db.hooks.errors = fn }
}

func logHookError(err error) {
	var e *HookError
	if errors.As(err, &e) && e.Stack != nil {
		slog.Error(err.Error(), "stack", string(e.Stack))
		return
	}
	slog.Error(err.Error())
}

// OnCommit has fn called for each commit that changed a row of any table, in the
// order of the commits, until stop is called or the database is closed.
//
// A hook runs in a goroutine of its own, for one commit at a time, after the
// commit: it may read and write the database, and finds later commits in it.
// Commits never wait for hooks, nor hooks for each other. What a slow hook has
// still to see waits in memory, without a bound; that is reported at 10,000
// commits, and again at each doubling. A hook that panics is reported, and gets
// the next commit. A commit is delivered once all others have ended that were under way
// when it returned, as one of them may come before it.
//
// A hook sees the transactions that began after OnCommit returned, all of each.
// Once stop has returned, no call begins; one may be under way.
//
// Close has the hooks see every commit that was made before it, and waits for
// that, so a hook must not call it.
//
// On an engine that other processes write to (engine.Engine.Shared) a hook would see the
// commits of this one alone: none is set there, and WithHookErrors gets an
// engine.ErrShared.
func (db *DB) OnCommit(fn func(c Commit)) (stop func()) {
	return db.hooks.addGeneral(func(c *Commit) { fn(*c) })
}

// addGeneral adds a hook on all tables.
func (hs *hooks) addGeneral(fn func(c *Commit)) (stop func()) {
	return hs.add(&hook{all: true, call: func(c *Commit) error {
		fn(c)
		return nil
	}})
}

// addTo adds a hook on one table.
func (hs *hooks) addTo(table string, space uint64, call func(c *Commit) error) (stop func()) {
	return hs.add(&hook{table: table, space: space, call: call})
}

// ChangedRow is what a commit did to one row, as rows of the table, which belong
// to who got them.
type ChangedRow struct {
	Old, New any // nil: there was no row, or there is none any more
	Expired  bool
}

// Row is one of the two, whose key both have.
func (r *ChangedRow) Row() any {
	if r.New != nil {
		return r.New
	}
	return r.Old
}

// OnCommit has fn called for each commit that changed a row of this table, with
// all such changes, as DB.OnCommit does. Where the table is guarded for a
// principal, it gets the rows that this one may read, and none if it may not read
// the table: fn's Commit has no number and no other changes then.
//
// Tables without hooks pay nothing for those of others.
//
//go:noinline
func (h *Handle) OnCommit(fn func(c *Commit, rows []ChangedRow)) (stop func()) {
	t, who := h.t, h.s.who
	return t.db.hooks.addTo(t.name, t.space, func(c *Commit) error {
		var rows []ChangedRow
		shown := &Commit{Time: c.Time}
		for i := range c.Changes {
			r := &c.Changes[i]
			if r.space != t.space || !t.shows(who, r.Key) {
				continue
			}
			row, err := decodeChange(t.codec, r)
			if err != nil {
				return t.fail("watch", append(bytes.Clone(t.rows), r.Key...), err)
			}
			rows = append(rows, row)
			if who != nil {
				shown.Changes = append(shown.Changes, *r)
			}
		}
		if who == nil {
			shown = c
		}
		if len(rows) > 0 {
			fn(shown, rows)
		}
		return nil
	})
}

// OnCommit has fn called for each commit that changed a row of a table, with all
// such changes, as DB.OnCommit does. The table is a generated store, by its pointer,
// or a Table. Through one that As returned, fn gets the rows that the principal may
// read, and none if it may not read the table.
//
//	stop := store.OnCommit(&db.Users, func(c store.TableCommit[models.UserID, users.User]) { ... })
//
// It is a function, and OnExpired another, since methods of stores would be compiled
// for each table.
func OnCommit[K comparable, V any](s TypedStore[K, V], fn func(c TableCommit[K, V])) (stop func()) {
	h := s.Handle()
	key := keyOf(s)
	return h.OnCommit(func(c *Commit, rows []ChangedRow) {
		changes := make([]Change[K, V], len(rows))
		for i, r := range rows {
			ch := &changes[i]
			ch.Old, _ = r.Old.(*V)
			ch.New, _ = r.New.(*V)
			ch.Key = key(r.Row().(*V))
			ch.Expired = r.Expired
		}
		fn(TableCommit[K, V]{Number: c.Number, Time: c.Time, Changes: changes})
	})
}

// OnExpired has fn called with each row that was removed because it had expired,
// after the commit that removed it and before the call that made it returns, in its
// goroutine. So fn must not take long, may run in several goroutines at once, and
// may see commits in another order than they were made: OnCommit is the way to
// follow them. Rows that Delete removes before their time are not among them. The
// table is as in OnCommit.
func OnExpired[K comparable, V any](s TypedStore[K, V], fn func(v V)) {
	h := s.Handle()
	keyOf(s)
	h.OnExpired(func(row any) { fn(*row.(*V)) })
}

// keyOf is what takes the key out of a row of a store. Where the methods of a store
// have other types than its table, which no generated store has, it panics, as the
// hook would at each row.
func keyOf[K comparable, V any](s TypedStore[K, V]) func(v *V) K {
	if t, ok := s.(*Table[K, V]); ok {
		return t.key // TableOf takes another than the codec's
	}
	of, _ := partsOf(s.Handle())
	codec := of.codec
	row := codec.NewRow()
	key := codec.Key(row)
	_, isRow := row.(*V)
	if _, isKey := key.(K); !isRow || !isKey {
		panic(fmt.Sprintf("store: %s has rows %T under keys %T, and a hook is for %T under %T", codec.Desc().Name, row, key, (*V)(nil), *new(K)))
	}
	return func(v *V) K { return codec.Key(v).(K) }
}

// shows reports whether a principal may read a row.
func (t *table) shows(who *access.Principal, pk []byte) bool {
	return t.allow(who, access.Read, pk) == nil
}

func decodeChange(c RowCodec, r *RowChange) (ch ChangedRow, err error) {
	ch.Expired = r.Expired
	if ch.Old, err = ownRow(c, r.Key, r.Old); err == nil {
		ch.New, err = ownRow(c, r.Key, r.New)
	}
	return ch, err
}

// ownRow makes a row that shares no memory with anything else; nil where there
// is none.
func ownRow(c RowCodec, pk, body []byte) (any, error) {
	if body == nil {
		return nil, nil
	}
	row := c.NewRow()
	_, err := decodeRow(c, bytes.Clone(pk), cloneRow(body), row)
	return row, err
}

// WaitHooks returns once the hooks have seen every commit that had returned
// before the call, or ctx ends. A hook must not call it.
func (db *DB) WaitHooks(ctx context.Context) error { return db.hooks.wait(ctx) }

// hooks are those of a database.
type hooks struct {
	set     hookPointer // nil: none
	errors  func(err error)
	refuse  error      // why there can be none, or nil
	mu      sync.Mutex // held while the set is changed
	order   deliveries
	commits uint64 // that hooks were told of; the lock of order guards it
}

// wait returns once the hooks have seen every commit that had returned before.
func (hs *hooks) wait(ctx context.Context) error {
	if err := hs.order.wait(ctx, false); err != nil {
		return err
	}
	set := hs.set.Load()
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

// close ends all hooks, once they have seen what is there to be seen.
func (hs *hooks) close() {
	_ = hs.order.wait(context.Background(), true) // which never ends
	set := hs.set.Load()
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
func (hs *hooks) change(change func(all []*hook) []*hook) {
	hs.mu.Lock()
	defer hs.mu.Unlock()
	var all []*hook
	if old := hs.set.Load(); old != nil {
		all = slices.Clone(old.all)
	}
	all = change(all)
	if len(all) == 0 {
		hs.set.Store(nil)
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
	hs.set.Store(set)
}

// add adds a hook; stop takes it out again.
func (hs *hooks) add(h *hook) (stop func()) {
	if hs.refuse != nil {
		hs.errors(&HookError{Table: h.table, Err: hs.refuse})
		return func() {}
	}
	h.report, h.errors = reportAt, hs.errors
	hs.change(func(all []*hook) []*hook { return append(all, h) })
	return func() {
		h.stop()
		hs.change(func(all []*hook) []*hook {
			return slices.DeleteFunc(all, func(o *hook) bool { return o == h })
		})
	}
}

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

// changes are what a transaction has done to rows that hooks want to see.
type changes struct {
	hooks  *hookSet // when it began; nil: nobody wants to see anything
	list   []RowChange
	rows   map[string]int // by stored key: place in list
	spaces []uint64       // the tables that are in list
}

// watches reports whether somebody wants to see what is done to a table.
func (cs *changes) watches(space uint64) bool { return cs.hooks != nil && cs.hooks.watches(space) }

// note keeps what a write does to a row, for the hooks. old and new are the fields as
// they are stored, nil for no row; expired is about old.
func (t *table) note(w *writer, key, old, new []byte, expired bool) {
	if w.changes.watches(t.space) {
		w.changes.note(t.space, t.name, key, t.pk(key), old, new, expired)
	}
}

// note keeps what a write does to a row of a table that somebody watches.
func (cs *changes) note(space uint64, table string, key, pk, old, new []byte, expired bool) {
	if i, ok := cs.rows[string(key)]; ok {
		// What the transaction itself wrote before was never seen.
		cs.list[i].New = cloneRow(new)
		return
	}
	if cs.rows == nil {
		cs.rows = map[string]int{}
	}
	cs.rows[string(key)] = len(cs.list)
	cs.list = append(cs.list, RowChange{
		Table: table, Key: bytes.Clone(pk), Old: cloneRow(old), New: cloneRow(new),
		Expired: expired, space: space,
	})
	if !slices.Contains(cs.spaces, space) {
		cs.spaces = append(cs.spaces, space)
	}
}

// cloneRow copies encoded fields, of which there may be none: nil is no row.
func cloneRow(body []byte) []byte {
	if body == nil {
		return nil
	}
	return append(make([]byte, 0, len(body)), body...)
}

// publish gives the hooks what a commit has done. It is called for one commit at
// a time, in their order.
func (hs *hooks) publish(cs *changes, now time.Time) {
	list := slices.DeleteFunc(cs.list, func(r RowChange) bool { return r.Old == nil && r.New == nil })
	if len(list) == 0 {
		return
	}
	hs.commits++
	c := &Commit{Number: hs.commits, Time: now, Changes: list}
	for _, h := range cs.hooks.general {
		h.push(c)
	}
	for _, space := range cs.spaces {
		for _, h := range cs.hooks.tables[space] {
			h.push(c)
		}
	}
}
