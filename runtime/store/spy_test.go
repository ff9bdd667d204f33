package store_test

import (
	"context"
	"errors"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/engine"
)

// spy is an engine that counts what is read and fails when it is told to. The
// zero settings count only.
type spy struct {
	engine.Engine
	gets  atomic.Int64 // keys looked up
	pairs atomic.Int64 // pairs that iterators showed

	failNext atomic.Int64 // iterators fail behind so many pairs; 0 is never
	failPut  atomic.Int64 // counts down at each Put of a transaction, which fails at 0
}

var errSpy = errors.New("the device is gone")

func newSpy(eng engine.Engine) *spy {
	s := &spy{Engine: eng}
	s.failPut.Store(1 << 40)
	return s
}

// reads is how many keys and pairs were read since the last call.
func (s *spy) reads() (gets, pairs int64) { return s.gets.Swap(0), s.pairs.Swap(0) }

func (s *spy) Get(ctx context.Context, key []byte) ([]byte, error) {
	return spyReader{s.Engine, s}.Get(ctx, key)
}

func (s *spy) Has(ctx context.Context, key []byte) (bool, error) {
	return spyReader{s.Engine, s}.Has(ctx, key)
}

func (s *spy) GetMany(ctx context.Context, keys, vals [][]byte) error {
	return spyReader{s.Engine, s}.GetMany(ctx, keys, vals)
}

func (s *spy) Iterate(ctx context.Context, r engine.Range) engine.Iterator {
	return spyReader{s.Engine, s}.Iterate(ctx, r)
}

func (s *spy) Snapshot(ctx context.Context) (engine.Snapshot, error) {
	snap, err := s.Engine.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	return spySnapshot{spyReader{snap, s}, snap}, nil
}

func (s *spy) Begin(ctx context.Context, o engine.TxOptions) (engine.Tx, error) {
	tx, err := s.Engine.Begin(ctx, o)
	if err != nil {
		return nil, err
	}
	return spyTx{tx, s}, nil
}

type spyReader struct {
	engine.Reader
	s *spy
}

func (r spyReader) Get(ctx context.Context, key []byte) ([]byte, error) {
	r.s.gets.Add(1)
	return r.Reader.Get(ctx, key)
}

func (r spyReader) Has(ctx context.Context, key []byte) (bool, error) {
	r.s.gets.Add(1)
	return r.Reader.Has(ctx, key)
}

func (r spyReader) GetMany(ctx context.Context, keys, vals [][]byte) error {
	r.s.gets.Add(int64(len(keys)))
	return r.Reader.GetMany(ctx, keys, vals)
}

func (r spyReader) Iterate(ctx context.Context, rng engine.Range) engine.Iterator {
	return &spyIterator{Iterator: r.Reader.Iterate(ctx, rng), s: r.s}
}

type spySnapshot struct {
	spyReader
	snap engine.Snapshot
}

func (s spySnapshot) Close() error { return s.snap.Close() }

type spyTx struct {
	engine.Tx
	s *spy
}

func (t spyTx) Iterate(ctx context.Context, rng engine.Range) engine.Iterator {
	return &spyIterator{Iterator: t.Tx.Iterate(ctx, rng), s: t.s}
}

func (t spyTx) Put(key, value []byte) error {
	if t.s.failPut.Add(-1) == 0 {
		return errSpy
	}
	return t.Tx.Put(key, value)
}

type spyIterator struct {
	engine.Iterator
	s      *spy
	n      int64
	broken bool
}

func (it *spyIterator) Next() bool {
	if most := it.s.failNext.Load(); it.broken || most > 0 && it.n >= most {
		it.broken = true
		return false
	}
	if !it.Iterator.Next() {
		return false
	}
	it.n++
	it.s.pairs.Add(1)
	return true
}

func (it *spyIterator) Err() error {
	if it.broken {
		return errSpy
	}
	return it.Iterator.Err()
}

func (it *spyIterator) Close() error {
	err := it.Iterator.Close()
	if it.broken {
		return errSpy
	}
	return err
}
