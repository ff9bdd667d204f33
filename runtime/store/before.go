package store

import "slices"

// A walk shows the rows as they were when it began, whatever its own transaction
// writes meanwhile. The engine's iterators keep to that by themselves, so that walks
// by key, and those over index entries alone, have nothing to do for it. A walk by an
// index reads rows as it goes: it needs those that were written since as they were.

// before is rows as they were before a transaction wrote them, for the walks by an
// index that it has open. A transaction that has none open keeps nothing.
type before struct {
	walks   int // open ones
	writes  int // of rows, so far
	newest  int // the number of writes when the latest walk began
	rows    map[string][]oldRow
	pending []opener // that have yet to open iterators
}

// opener is a walk over several runs, which opens them one after the other.
type opener interface {
	// openRest opens the rest, as the transaction is about to write what they must not
	// show.
	openRest()
}

// oldRow is a row before a write; its value is nil where there was none.
type oldRow struct {
	write int // which one it was
	value []byte
}

// past is the rows as a walk has to show them. It is nil where nothing is written
// meanwhile: outside of transactions.
type past struct {
	of    *before
	since int // the number of writes when the walk began
}

// walk begins a walk by an index, in the session's transaction if there is one. The
// iterator over the entries is opened right behind it.
func (s *session) walk() *past {
	if s.w == nil || s.over() {
		return nil
	}
	b := s.w.rowsBefore()
	b.walks++
	b.newest = b.writes
	return &past{of: b, since: b.writes}
}

// rowsBefore is the before of this try.
func (w *writer) rowsBefore() *before {
	if w.before == nil {
		w.before = new(before)
	}
	return w.before
}

// end ends the walk. It may be called late, when the transaction is no more.
func (p *past) end() {
	if p == nil || p.of == nil {
		return
	}
	if p.of.walks--; p.of.walks == 0 {
		p.of.rows = nil
	}
	p.of = nil
}

// restore puts those values of rows right that are of writes since the walk began.
func (p *past) restore(keys, values [][]byte) {
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

// walked reports whether walks are open that a write of a row matters to.
func (w *writer) walked() bool {
	return w.before != nil && (w.before.walks > 0 || len(w.before.pending) > 0)
}

// keep is called before a row is written, with its body as it was or nil, and before
// anything else that belongs to the row is. Both are kept only where walks are open;
// body is not changed then.
func (w *writer) keep(key, body []byte) {
	if w.walked() {
		w.before.keep(key, body)
	}
}

func (b *before) keep(key, body []byte) {
	for _, c := range b.pending {
		c.openRest()
	}
	b.pending = nil
	if b.walks == 0 {
		return
	}
	old := b.rows[string(key)]
	if n := len(old); n == 0 || old[n-1].write < b.newest {
		var value []byte
		if body != nil {
			value = append(append(make([]byte, 0, len(plainHeader)+len(body)), plainHeader...), body...)
		}
		if b.rows == nil {
			b.rows = map[string][]oldRow{}
		}
		b.rows[string(key)] = append(old, oldRow{b.writes, value})
	}
	b.writes++
}
