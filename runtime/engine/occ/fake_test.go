package occ

import (
	"bytes"
	"maps"
	"slices"
	"sync"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

// fakeBase is a Base over a map that is copied for every commit. It checks that
// the DB keeps its side of the contract, and can hold up or fail Apply.
type fakeBase struct {
	t testing.TB

	mu     sync.Mutex
	state  map[string]string // replaced, never changed
	open   int               // iterators and snapshots
	closed bool
	synced []bool // of each batch: whether it was to be

	// apply, where set, is called before a batch is applied, without a lock.
	apply func(ops []fakeOp) error
	// got, where set, is called after a key was looked up, here or in a snapshot.
	got func()
}

type fakeOp struct {
	key, val string
	del      bool
	end      string // of a range that is deleted
}

func newFakeBase(t testing.TB) *fakeBase {
	return &fakeBase{t: t, state: map[string]string{}}
}

// use checks that the base is open, and changes the number of open handles.
func (b *fakeBase) use(what string, open int) map[string]string {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.closed {
		b.t.Errorf("%s after Close", what)
	}
	b.open += open
	return b.state
}

func (b *fakeBase) Get(key []byte) ([]byte, error) { return b.get(b.use("Get", 0), key) }

func (b *fakeBase) Has(key []byte) (bool, error) {
	_, ok := b.use("Has", 0)[string(key)]
	return ok, nil
}

func (b *fakeBase) Iterate(r engine.Range) engine.Iterator {
	return fakeIterate(b, b.use("Iterate", 1), r)
}

func (b *fakeBase) Snapshot() (BaseSnapshot, error) {
	return &fakeSnapshot{b: b, state: b.use("Snapshot", 1)}, nil
}

func (b *fakeBase) NewBatch() BaseBatch { return new(fakeBatch) }

func (b *fakeBase) Apply(ob BaseBatch, sync bool) error {
	b.use("Apply", 0)
	ops := ob.(*fakeBatch).ops
	if b.apply != nil {
		if err := b.apply(ops); err != nil {
			return err
		}
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	b.synced = append(b.synced, sync)
	state := maps.Clone(b.state)
	for _, op := range ops {
		if op.end != "" {
			maps.DeleteFunc(state, func(k, _ string) bool { return op.key <= k && k < op.end })
		} else if op.del {
			delete(state, op.key)
		} else {
			state[op.key] = op.val
		}
	}
	b.state = state
	return nil
}

func (b *fakeBase) Close() error {
	b.use("Close", 0)
	b.mu.Lock()
	defer b.mu.Unlock()
	b.closed = true
	if b.open != 0 {
		b.t.Errorf("%d iterators and snapshots are open at Close", b.open)
	}
	return nil
}

func (b *fakeBase) get(state map[string]string, key []byte) ([]byte, error) {
	if b.got != nil {
		defer b.got()
	}
	v, ok := state[string(key)]
	if !ok {
		return nil, engine.ErrNotFound
	}
	return []byte(v), nil
}

type fakeBatch struct{ ops []fakeOp }

func (b *fakeBatch) Put(key, value []byte) {
	b.ops = append(b.ops, fakeOp{key: string(key), val: string(value)})
}
func (b *fakeBatch) Delete(key []byte) { b.ops = append(b.ops, fakeOp{key: string(key), del: true}) }
func (b *fakeBatch) DeleteRange(start, end []byte) {
	b.ops = append(b.ops, fakeOp{key: string(start), end: string(end)})
}
func (b *fakeBatch) Reset() { b.ops = nil }

// ranged is a DB that deletes ranges.
type ranged struct{ *DB }

func (r ranged) DeleteRange(tx engine.Tx, start, end []byte) error {
	return DeleteRange(r.DB, tx, start, end)
}

type fakeSnapshot struct {
	b        *fakeBase
	state    map[string]string
	released bool
}

func (s *fakeSnapshot) use(what string, open int) map[string]string {
	if s.released {
		s.b.t.Errorf("%s of a snapshot after Release", what)
	}
	s.b.use(what+" of a snapshot", open)
	return s.state
}

func (s *fakeSnapshot) Get(key []byte) ([]byte, error) { return s.b.get(s.use("Get", 0), key) }

func (s *fakeSnapshot) Has(key []byte) (bool, error) {
	_, ok := s.use("Has", 0)[string(key)]
	return ok, nil
}

func (s *fakeSnapshot) Iterate(r engine.Range) engine.Iterator {
	return fakeIterate(s.b, s.use("Iterate", 1), r)
}

func (s *fakeSnapshot) Release() {
	s.use("Release", -1)
	s.released = true
}

func fakeIterate(b *fakeBase, state map[string]string, r engine.Range) engine.Iterator {
	it := &fakeIterator{b: b, state: state, i: -1}
	for _, k := range slices.Sorted(maps.Keys(state)) {
		if k >= string(r.Start) && (r.End == nil || k < string(r.End)) {
			it.keys = append(it.keys, k)
		}
	}
	if r.Reverse {
		slices.Reverse(it.keys)
	}
	return it
}

// fakeIterator overwrites the pair it has shown with the next one.
type fakeIterator struct {
	b        *fakeBase
	state    map[string]string
	keys     []string
	i        int
	key, val []byte
	closed   bool
}

func (it *fakeIterator) Next() bool {
	if it.closed {
		it.b.t.Error("Next of an iterator after Close")
	}
	it.b.use("Next", 0)
	clear(it.key)
	clear(it.val)
	if it.i++; it.i >= len(it.keys) {
		return false
	}
	it.key = append(it.key[:0], it.keys[it.i]...)
	it.val = append(it.val[:0], it.state[it.keys[it.i]]...)
	return true
}

func (it *fakeIterator) Key() []byte   { return it.key }
func (it *fakeIterator) Value() []byte { return bytes.Clone(it.val) }
func (it *fakeIterator) Err() error    { return nil }

func (it *fakeIterator) Close() error {
	if it.closed {
		it.b.t.Error("an iterator is closed twice")
	}
	it.closed = true
	it.b.use("Close of an iterator", -1)
	return nil
}
