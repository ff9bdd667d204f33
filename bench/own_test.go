package bench

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/occ"
	"github.com/storegen/storegen/runtime/store"
)

// stillBase is an occ.Base that takes writes until it is frozen, and from then on
// lets them pass without an effect: what an operation over it costs is the store's
// and the transactions' own part.
type stillBase struct {
	pairs  map[string][]byte
	frozen bool
}

type stillBatch struct {
	keys, vals [][]byte // a nil value deletes
	skip       bool
}

func (b *stillBatch) Put(key, value []byte) {
	if !b.skip {
		b.keys, b.vals = append(b.keys, bytes.Clone(key)), append(b.vals, bytes.Clone(value))
	}
}

func (b *stillBatch) Delete(key []byte) {
	if !b.skip {
		b.keys, b.vals = append(b.keys, bytes.Clone(key)), append(b.vals, nil)
	}
}

func (b *stillBatch) Reset() { b.keys, b.vals = b.keys[:0], b.vals[:0] }

func (s *stillBase) Get(key []byte) ([]byte, error) {
	if v, ok := s.pairs[string(key)]; ok {
		return bytes.Clone(v), nil
	}
	return nil, engine.ErrNotFound
}

func (s *stillBase) Has(key []byte) (bool, error) {
	_, ok := s.pairs[string(key)]
	return ok, nil
}

func (s *stillBase) Iterate(r engine.Range) engine.Iterator {
	it := &stillIterator{base: s}
	for k := range s.pairs {
		if k >= string(r.Start) && (r.End == nil || k < string(r.End)) {
			it.keys = append(it.keys, k)
		}
	}
	slices.SortFunc(it.keys, strings.Compare)
	if r.Reverse {
		slices.Reverse(it.keys)
	}
	return it
}

func (s *stillBase) Snapshot() (occ.BaseSnapshot, error) { return stillSnapshot{s}, nil }
func (s *stillBase) NewBatch() occ.BaseBatch             { return &stillBatch{skip: s.frozen} }
func (s *stillBase) Close() error                        { return nil }

func (s *stillBase) Apply(b occ.BaseBatch, _ bool) error {
	sb := b.(*stillBatch)
	sb.skip = sb.skip || s.frozen
	for i, k := range sb.keys {
		switch {
		case s.frozen:
		case sb.vals[i] == nil:
			delete(s.pairs, string(k))
		default:
			s.pairs[string(k)] = sb.vals[i]
		}
	}
	return nil
}

type stillSnapshot struct{ *stillBase }

func (stillSnapshot) Release() {}

type stillIterator struct {
	base *stillBase
	keys []string
	at   int
}

func (it *stillIterator) Next() bool    { it.at++; return it.at <= len(it.keys) }
func (it *stillIterator) Key() []byte   { return []byte(it.keys[it.at-1]) }
func (it *stillIterator) Value() []byte { return it.base.pairs[it.keys[it.at-1]] }
func (it *stillIterator) Err() error    { return nil }
func (it *stillIterator) Close() error  { return nil }

// BenchmarkOwn measures the part of an operation that is not the engine's base.
func BenchmarkOwn(b *testing.B) {
	check := func(err error) {
		if err != nil {
			b.Fatal(err)
		}
	}
	base := &stillBase{pairs: map[string][]byte{}}
	db, err := store.Open(ctx, occ.New(base, occ.Options{}), store.WithoutSync())
	check(err)
	defer db.Close()
	g := &generated{db: db}
	check(g.open())
	u, v := Row(1), Row(2)
	check(g.Insert(u))
	check(g.AddAccounts([]string{"a", "b"}))
	var due []*Session
	for i := range 256 {
		due = append(due, SessionRow(i, true))
	}
	check(g.AddSessions(due))
	base.frozen = true
	for _, op := range []struct {
		name string
		do   func() error
	}{
		{"Get", func() error { var got User; _, err := g.Get(u.ID, &got); return err }},
		{"Has", func() error { _, err := g.Has(u.ID); return err }},
		{"GetByUsername", func() error { var got User; _, err := g.GetByUsername(u.Username, &got); return err }},
		{"Insert", func() error { return g.Insert(v) }},
		{"Update", func() error { return g.Update(u.ID, "other") }},
		{"Touch", func() error { return g.Touch(u.ID, v.Hash) }},
		{"Delete", func() error { return g.Delete(u.ID) }},
		{"Transfer", func() error { return g.Transfer("a", "b", 1) }},
	} {
		b.Run(op.name, func(b *testing.B) {
			check(op.do())
			b.ReportAllocs()
			for b.Loop() {
				check(op.do())
			}
		})
	}
}
