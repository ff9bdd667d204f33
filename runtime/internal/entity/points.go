package entity

import (
	"bytes"
	"errors"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
)

// MostPoints is how many points are read together.
const MostPoints = 128

// Points is the keys of the engine that points of an index, or of the rows, are.
func (t *Table) Points(index int, points [][]byte) [][]byte {
	prefix, _ := t.rangeOf(index)
	size := 0
	for _, p := range points {
		size += len(prefix) + len(p)
	}
	memory, out := make([]byte, 0, size), make([][]byte, len(points))
	for i, p := range points {
		at := len(memory)
		memory = append(append(memory, prefix...), p...)
		out[i] = memory[at:len(memory):len(memory)]
	}
	return out
}

// points is an iterator over pairs whose keys are known: it looks them up, without an
// iterator of the engine. The first ones are read when it is made, as an iterator shows
// the state of the time when it was opened.
type points struct {
	w    *Walk
	keys [][]byte // that have yet to be read
	here [][]byte // that were read together
	vals [][]byte // theirs; nil where there is none
	one  [1][]byte
	at   int
	err  error
}

// openPoints opens the iterator of a walk over points.
func (w *Walk) openPoints() engine.Iterator {
	p := &points{w: w, keys: w.Points}
	p.read()
	return p
}

// read reads the next points.
func (p *points) read() {
	p.here, p.keys = p.keys[:min(len(p.keys), MostPoints)], p.keys[min(len(p.keys), MostPoints):]
	p.at = -1
	if p.w.owned && p.w.Index == ByKey {
		p.own()
	}
	switch len(p.here) {
	case 0:
	case 1:
		p.vals = p.one[:]
		if p.one[0], p.err = p.get(p.here[0]); errors.Is(p.err, errs.ErrNotFound) {
			p.one[0], p.err = nil, nil
		}
	default:
		p.vals, p.err = p.getMany(p.here)
	}
	if p.err != nil {
		p.here = nil
		return
	}
	if len(p.here) > 0 && p.w.Index == ByKey {
		p.w.past.Restore(p.here, p.vals)
	}
}

// own leaves those that are of rows of the walk's principal.
func (p *points) own() {
	var own [][]byte
	for _, key := range p.here {
		if bytes.Compare(key, p.w.start) >= 0 && bytes.Compare(key, p.w.end) < 0 {
			own = append(own, key)
		}
	}
	p.here = own
}

// get reads a pair, a row's by way of the table's cache.
func (p *points) get(key []byte) ([]byte, error) {
	if p.w.Index == ByKey && p.w.endReader == nil {
		return p.w.t.stored(p.w.ctx, p.w.s, key)
	}
	return p.w.reader.Get(p.w.ctx, key)
}

func (p *points) getMany(keys [][]byte) ([][]byte, error) {
	if p.w.Index == ByKey && p.w.endReader == nil {
		return p.w.t.storedMany(p.w.ctx, p.w.s, keys)
	}
	vals := make([][]byte, len(keys))
	return vals, p.w.reader.GetMany(p.w.ctx, keys, vals)
}

// Next implements engine.Iterator.
func (p *points) Next() bool {
	for p.err == nil {
		if p.at++; p.at >= len(p.here) {
			if len(p.keys) == 0 {
				return false
			}
			p.read()
			continue
		}
		if p.vals[p.at] != nil {
			return true
		}
	}
	return false
}

// Key implements engine.Iterator.
func (p *points) Key() []byte {
	if !p.on() {
		return nil
	}
	return p.here[p.at]
}

// on reports whether there is a current pair.
func (p *points) on() bool { return p.at >= 0 && p.at < len(p.here) }

// Value implements engine.Iterator.
func (p *points) Value() []byte {
	if !p.on() {
		return nil
	}
	return p.vals[p.at]
}

// Err implements engine.Iterator.
func (p *points) Err() error { return p.err }

// Close implements engine.Iterator.
func (p *points) Close() error {
	p.here, p.keys = nil, nil
	return p.err
}
