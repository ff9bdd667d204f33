package txn

import (
	"slices"

	"github.com/storegen/storegen/runtime/internal/layout"
)

// A walk shows the rows as they were when it began, whatever its own transaction
// writes meanwhile. The engine's iterators keep to that by themselves, so that walks
// by key, and those over index entries alone, have nothing to do for it. A walk by an
// index reads rows as it goes: it needs those that were written since as they were.

// Before is rows as they were before a transaction wrote them, for the walks by an
// index that it has open. A transaction that has none open keeps nothing.
type Before struct {
	walks   int // open ones
	writes  int // of rows, so far
	newest  int // the number of writes when the latest walk began
	rows    map[string][]oldRow
	Pending []Pending // that have yet to open iterators
}

// Pending is a walk over several runs, which opens them one after the other.
type Pending interface {
	// openRest opens the rest, as the transaction is about to write what they must not
	// show.
	OpenRest()
}

// oldRow is a row before a write; its value is nil where there was none.
type oldRow struct {
	write int // which one it was
	value []byte
}

// Past is the rows as a walk has to show them. It is nil where nothing is written
// meanwhile: outside of transactions.
type Past struct {
	of    *Before
	since int // the number of writes when the walk began
}

// BeginWalk begins a walk by an index, in the session's transaction if there is one. The
// iterator over the entries is opened right behind it.
func (s *Session) BeginWalk() *Past {
	if s.W == nil || s.Over() {
		return nil
	}
	b := s.W.RowsBefore()
	b.walks++
	b.newest = b.writes
	return &Past{of: b, since: b.writes}
}

// RowsBefore is the before of this try.
func (w *Writer) RowsBefore() *Before {
	if w.before == nil {
		w.before = new(Before)
	}
	return w.before
}

// End ends the walk. It may be called late, when the transaction is no more.
func (p *Past) End() {
	if p == nil || p.of == nil {
		return
	}
	if p.of.walks--; p.of.walks == 0 {
		p.of.rows = nil
	}
	p.of = nil
}

// Restore puts those values of rows right that are of writes since the walk began.
func (p *Past) Restore(keys, values [][]byte) {
	if p == nil || p.of == nil || len(p.of.rows) == 0 {
		return
	}
	for i, key := range keys {
		old := p.of.rows[string(key)]
		if at := slices.IndexFunc(old, func(o oldRow) bool { return o.write >= p.since }); at >= 0 {
			values[i] = old[at].value
		}
	}
}

// Walked reports whether walks are open that a write of a row matters to.
func (w *Writer) Walked() bool {
	return w.before != nil && (w.before.walks > 0 || len(w.before.Pending) > 0)
}

// Keep is called before a row is written, with its body as it was or nil, and before
// anything else that belongs to the row is. Both are kept only where walks are open;
// body is not changed then.
func (w *Writer) Keep(key, body []byte) {
	if w.Walked() {
		w.before.keep(key, body)
	}
}

func (b *Before) keep(key, body []byte) {
	if b.hold(key) {
		var value []byte
		if body != nil {
			value = append(append(make([]byte, 0, len(layout.PlainHeader)+len(body)), layout.PlainHeader...), body...)
		}
		b.rows[string(key)] = append(b.rows[string(key)], oldRow{b.writes, value})
	}
	b.writes++
}

// keepStored is keep with the value as it is stored.
func (b *Before) keepStored(key, value []byte) {
	if b.hold(key) {
		b.rows[string(key)] = append(b.rows[string(key)], oldRow{b.writes, value})
	}
	b.writes++
}

// hold makes ready for a write, and reports whether what the row was is to be kept.
func (b *Before) hold(key []byte) bool {
	for _, c := range b.Pending {
		c.OpenRest()
	}
	b.Pending = nil
	if b.walks == 0 {
		return false
	}
	old := b.rows[string(key)]
	if n := len(old); n > 0 && old[n-1].write >= b.newest {
		return false
	}
	if b.rows == nil {
		b.rows = map[string][]oldRow{}
	}
	return true
}
