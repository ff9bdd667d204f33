package memory

import (
	"bytes"
	"sync"

	"github.com/google/btree"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/occ"
)

// limits are those of the embedded persistent engine.
var limits = engine.Limits{MaxKey: 64 << 10, MaxValue: 256 << 20}

// DB is an engine.Engine in memory. WriteOptions.Sync has no effect.
type DB struct {
	*occ.DB
}

// New returns an empty engine.
func New() *DB { return NewWithOptions(occ.Options{}) }

// NewWithOptions returns an empty engine with other settings of its concurrency
// control. Limits that are all zero stand for those that New has.
func NewWithOptions(o occ.Options) *DB {
	if o.Limits == (engine.Limits{}) {
		o.Limits = limits
	}
	return &DB{DB: occ.New(newBase(), o)}
}

var _ engine.RangeDeleter = (*DB)(nil)

// DeleteRange implements engine.RangeDeleter.
func (d *DB) DeleteRange(tx engine.Tx, start, end []byte) error {
	return occ.DeleteRange(d.DB, tx, start, end)
}

// degree of the tree: wide enough to be flat, narrow enough that copying a node
// is cheap.
const degree = 32

type pair struct {
	key, val []byte // never changed once in a tree
}

func less(a, b pair) bool { return bytes.Compare(a.key, b.key) < 0 }

// base is the occ.Base.
type base struct {
	mu     sync.RWMutex
	tree   *btree.BTreeG[pair]
	frozen *btree.BTreeG[pair] // a clone of tree as it is now, or nil
}

func newBase() *base { return &base{tree: btree.NewG(degree, less)} }

// freeze returns the current state, which never changes.
func (b *base) freeze() view {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.frozen == nil {
		b.frozen = b.tree.Clone()
	}
	return view{b.frozen}
}

func (b *base) Get(key []byte) ([]byte, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return view{b.tree}.Get(key)
}

func (b *base) Has(key []byte) (bool, error) {
	b.mu.RLock()
	defer b.mu.RUnlock()
	return view{b.tree}.Has(key)
}

func (b *base) Iterate(r engine.Range) engine.Iterator { return b.freeze().Iterate(r) }

func (b *base) Snapshot() (occ.BaseSnapshot, error) { return b.freeze(), nil }

func (b *base) NewBatch() occ.BaseBatch { return new(batch) }

func (b *base) Apply(ob occ.BaseBatch, _ bool) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.frozen = nil
	for _, o := range ob.(*batch).ops {
		switch {
		case o.end != nil:
			b.deleteRange(o.key, o.end)
		case o.val == nil:
			b.tree.Delete(o.pair)
		default:
			b.tree.ReplaceOrInsert(o.pair)
		}
	}
	return nil
}

func (b *base) deleteRange(start, end []byte) {
	var found []pair // the tree must not change while it is walked over
	b.tree.AscendRange(pair{key: start}, pair{key: end}, func(p pair) bool {
		found = append(found, p)
		return true
	})
	for _, p := range found {
		b.tree.Delete(p)
	}
}

func (b *base) Close() error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.tree, b.frozen = nil, nil
	return nil
}

// batch is the occ.BaseBatch. Its pairs go into the tree as they are.
type batch struct{ ops []op }

// op is a put; a delete, where val is nil; or a delete of the range from key to end.
type op struct {
	pair
	end []byte
}

func (b *batch) Put(key, value []byte) {
	// One allocation for both; neither can grow into the other.
	buf := append(append(make([]byte, 0, len(key)+len(value)), key...), value...)
	b.ops = append(b.ops, op{pair: pair{buf[:len(key):len(key)], buf[len(key):]}})
}

func (b *batch) Delete(key []byte) {
	b.ops = append(b.ops, op{pair: pair{key: bytes.Clone(key)}})
}

// DeleteRange implements occ.RangeBatch.
func (b *batch) DeleteRange(start, end []byte) {
	b.ops = append(b.ops, op{pair: pair{key: bytes.Clone(start)}, end: bytes.Clone(end)})
}

func (b *batch) Reset() {
	clear(b.ops)
	b.ops = b.ops[:0]
}

// view reads one state.
type view struct {
	tree *btree.BTreeG[pair]
}

func (v view) Get(key []byte) ([]byte, error) {
	p, ok := v.tree.Get(pair{key: key})
	if !ok {
		return nil, engine.ErrNotFound
	}
	return bytes.Clone(p.val), nil
}

func (v view) Has(key []byte) (bool, error) { return v.tree.Has(pair{key: key}), nil }

func (v view) Iterate(r engine.Range) engine.Iterator { return &iterator{tree: v.tree, rng: r} }

// Release does nothing: the state goes with its last reader.
func (v view) Release() {}
