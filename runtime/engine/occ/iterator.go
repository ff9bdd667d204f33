package occ

import (
	"bytes"
	"context"
	"sync"

	"github.com/storegen/storegen/runtime/engine"
)

// failed is an iterator that shows nothing but an error, or nothing at all.
type failed struct{ err error }

func (f failed) Next() bool    { return false }
func (f failed) Key() []byte   { return nil }
func (f failed) Value() []byte { return nil }
func (f failed) Err() error    { return f.err }
func (f failed) Close() error  { return f.err }

// emptyRange reports whether no key can be in r.
func emptyRange(r engine.Range) bool {
	return r.End != nil && bytes.Compare(r.Start, r.End) >= 0
}

// iterator guards an iterator of the base: it ends it at the first error, at the
// end of the range, when the context is done and when the DB is closed.
type iterator struct {
	db   *DB
	link link
	ctx  context.Context
	done <-chan struct{}

	// mu is for shut, which comes from another goroutine; without that it is
	// never contended. key and val are the user's alone.
	mu       sync.Mutex
	raw      engine.Iterator // nil once released
	step     Stepper         // raw, or what it wraps
	err      error
	key, val []byte
}

// counted is an iterator that counts in Limits.MaxSnapshots. It is a handle of its own, so
// that other iterators need no memory to say that they are none.
type counted struct{ *iterator }

// iterateLatest returns an iterator of the engine itself. The gate has been entered.
func (d *DB) iterateLatest(ctx context.Context, r engine.Range) engine.Iterator {
	if d.opts.Limits.MaxSnapshots == 0 {
		return d.iterate(ctx, d.base, r)
	}
	if err := d.count(); err != nil {
		return failed{err}
	}
	it := &counted{d.newIterator(ctx, d.base, r)}
	d.handles.add(&it.link, it)
	return it
}

// iterate returns an iterator of src. The gate has been entered.
func (d *DB) iterate(ctx context.Context, src BaseReader, r engine.Range) *iterator {
	it := d.newIterator(ctx, src, r)
	d.handles.add(&it.link, it)
	return it
}

func (d *DB) newIterator(ctx context.Context, src BaseReader, r engine.Range) *iterator {
	raw := src.Iterate(r)
	var it *iterator
	if w, ok := raw.(Wrapper); ok {
		step, room := w.Wrapped()
		it = &room.it
		it.step = step
	} else {
		it = &iterator{step: raw}
	}
	it.db, it.ctx, it.done, it.raw = d, ctx, ctx.Done(), raw
	return it
}

// Next implements engine.Iterator.
func (it *iterator) Next() bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	if it.raw == nil {
		it.key, it.val = nil, nil
		return false
	}
	if it.done != nil {
		select {
		case <-it.done:
			it.release(it.ctx.Err())
			it.key, it.val = nil, nil
			return false
		default:
		}
	}
	if !it.step.Next() {
		it.release(it.raw.Err())
		it.key, it.val = nil, nil
		return false
	}
	it.key, it.val = it.step.Key(), it.step.Value()
	return true
}

// Take implements engine.BulkIterator: what Next does at each step, it does once.
func (it *iterator) Take(n int, add func(key, value []byte) bool) bool {
	it.mu.Lock()
	defer it.mu.Unlock()
	it.key, it.val = nil, nil
	if it.raw == nil {
		return false
	}
	if it.done != nil {
		select {
		case <-it.done:
			it.release(it.ctx.Err())
			return false
		default:
		}
	}
	for range n {
		if !it.step.Next() {
			it.release(it.raw.Err())
			return false
		}
		if !add(it.step.Key(), it.step.Value()) {
			break
		}
	}
	return true
}

// Key implements engine.Iterator.
func (it *iterator) Key() []byte { return it.key }

// Value implements engine.Iterator.
func (it *iterator) Value() []byte { return it.val }

// Err implements engine.Iterator.
func (it *iterator) Err() error {
	it.mu.Lock()
	defer it.mu.Unlock()
	return it.err
}

// Close implements engine.Iterator.
func (it *iterator) Close() error { return it.stop(nil) }

// shut implements handle.
func (it *iterator) shut() {
	it.mu.Lock()
	it.release(engine.ErrClosed)
	it.mu.Unlock()
}

// stop releases the iterator, with err where it was still open, and drops the
// current pair.
func (it *iterator) stop(err error) error {
	it.mu.Lock()
	defer it.mu.Unlock()
	it.release(err)
	it.key, it.val = nil, nil
	return it.err
}

// release closes the base's iterator, once, with mu held.
func (it *iterator) release(err error) {
	if it.raw == nil {
		return
	}
	it.err = err
	if cerr := it.raw.Close(); it.err == nil {
		it.err = cerr
	}
	it.raw, it.step = nil, nil
	if _, ok := it.link.h.(*counted); ok {
		it.db.uncount()
	}
	it.db.handles.remove(&it.link)
}
