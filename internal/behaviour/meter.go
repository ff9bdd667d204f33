package behaviour

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/storegen/storegen/runtime/engine"
)

// meter is an engine that counts what is asked of the engine below, and that can lose its
// power.
type meter struct {
	engine.Engine

	mu    sync.Mutex
	count counts
	left  int   // so many commits, and then each fails; negative: no end
	fails error // with this
}

// counts is what was asked for.
type counts struct {
	keys, pairs            int // looked up; shown by iterators
	commits, puts, deletes int
}

// String leaves out what is zero.
func (c counts) String() string {
	var parts []string
	if c.keys > 0 {
		parts = append(parts, some(c.keys, "key"))
	}
	if c.pairs > 0 {
		parts = append(parts, some(c.pairs, "pair"))
	}
	if c.commits > 0 {
		parts = append(parts, some(c.commits, "commit")+" of "+some(c.puts, "put")+" and "+some(c.deletes, "delete"))
	}
	return strings.Join(parts, ", ")
}

// some is a number of things.
func some(n int, what string) string {
	if n != 1 {
		what += "s"
	}
	return fmt.Sprint(n, " ", what)
}

func newMeter(eng engine.Engine) *meter { return &meter{Engine: eng, left: -1} }

// take is what was counted since the last call.
func (m *meter) take() counts {
	m.mu.Lock()
	defer m.mu.Unlock()
	c := m.count
	m.count = counts{}
	return c
}

func (m *meter) add(c counts) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.count.keys += c.keys
	m.count.pairs += c.pairs
	m.count.commits += c.commits
	m.count.puts += c.puts
	m.count.deletes += c.deletes
}

var errPower = errors.New("the power is off")

// commits reports whether one more commit goes through.
func (m *meter) commits() error {
	m.mu.Lock()
	defer m.mu.Unlock()
	switch {
	case m.left == 0:
		return m.fails
	case m.left > 0:
		m.left--
	}
	return nil
}

// cut has commits fail behind so many; negative is never.
func (m *meter) cut(behind int, fails error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	m.left, m.fails = behind, fails
}

func (m *meter) Get(ctx context.Context, key []byte) ([]byte, error) {
	return metered{m.Engine, m}.Get(ctx, key)
}

func (m *meter) Has(ctx context.Context, key []byte) (bool, error) {
	return metered{m.Engine, m}.Has(ctx, key)
}

func (m *meter) GetMany(ctx context.Context, keys, vals [][]byte) error {
	return metered{m.Engine, m}.GetMany(ctx, keys, vals)
}

func (m *meter) Iterate(ctx context.Context, r engine.Range) engine.Iterator {
	return metered{m.Engine, m}.Iterate(ctx, r)
}

func (m *meter) Write(ctx context.Context, b engine.Batch, o engine.WriteOptions) error {
	if err := m.commits(); err != nil {
		return err
	}
	m.add(counts{commits: 1, puts: b.Len()})
	return m.Engine.Write(ctx, b, o)
}

func (m *meter) Snapshot(ctx context.Context) (engine.Snapshot, error) {
	s, err := m.Engine.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return meteredSnapshot{metered{s, m}, s}, nil
}

func (m *meter) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	o.Hint.Reuse = nil // it is a meteredTx
	tx, err := m.Engine.Begin(ctx, o)
	if err != nil {
		return nil, err
	}
	return &meteredTx{metered: metered{tx, m}, tx: tx}, nil
}

// metered is a reader whose reads are counted.
type metered struct {
	r engine.Reader
	m *meter
}

func (r metered) Get(ctx context.Context, key []byte) ([]byte, error) {
	r.m.add(counts{keys: 1})
	return r.r.Get(ctx, key)
}

func (r metered) Has(ctx context.Context, key []byte) (bool, error) {
	r.m.add(counts{keys: 1})
	return r.r.Has(ctx, key)
}

func (r metered) GetMany(ctx context.Context, keys, vals [][]byte) error {
	r.m.add(counts{keys: len(keys)})
	return r.r.GetMany(ctx, keys, vals)
}

func (r metered) Iterate(ctx context.Context, of engine.Range) engine.Iterator {
	return &meteredIterator{r.r.Iterate(ctx, of), r.m}
}

type meteredSnapshot struct {
	metered
	s engine.Snapshot
}

func (s meteredSnapshot) Close() error { return s.s.Close() }

type meteredIterator struct {
	engine.Iterator
	m *meter
}

func (it *meteredIterator) Next() bool {
	more := it.Iterator.Next()
	if more {
		it.m.add(counts{pairs: 1})
	}
	return more
}

// Take implements engine.BulkIterator.
func (it *meteredIterator) Take(n int, add func(key, value []byte) bool) bool {
	return engine.Take(it.Iterator, n, func(key, value []byte) bool {
		it.m.add(counts{pairs: 1})
		return add(key, value)
	})
}

type meteredTx struct {
	metered
	tx    engine.Tx
	wrote counts
}

func (t *meteredTx) GetForUpdate(ctx context.Context, key []byte) ([]byte, error) {
	t.m.add(counts{keys: 1})
	return t.tx.GetForUpdate(ctx, key)
}

func (t *meteredTx) GetManyForUpdate(ctx context.Context, keys, vals [][]byte) error {
	t.m.add(counts{keys: len(keys)})
	return t.tx.GetManyForUpdate(ctx, keys, vals)
}

func (t *meteredTx) Put(key, value []byte) error {
	t.wrote.puts++
	return t.tx.Put(key, value)
}

func (t *meteredTx) Delete(key []byte) error {
	t.wrote.deletes++
	return t.tx.Delete(key)
}

func (t *meteredTx) Commit(ctx context.Context) (uint64, error) {
	if t.wrote.puts+t.wrote.deletes == 0 {
		return t.tx.Commit(ctx)
	}
	if err := t.m.commits(); err != nil {
		return 0, errors.Join(err, t.tx.Rollback())
	}
	n, err := t.tx.Commit(ctx)
	if err == nil {
		t.wrote.commits = 1
		t.m.add(t.wrote)
	}
	return n, err
}

func (t *meteredTx) Rollback() error { return t.tx.Rollback() }
