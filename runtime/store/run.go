package store

import (
	"bytes"
	"context"

	"github.com/storegen/storegen/keys"
)

// byKey is the place of an index in a Run over the rows themselves.
const byKey = -1

// Run is a run of rows in the order of the key or of an index: what a query is
// but for the types of its rows. The generated type of a table's queries, and
// those of its indexes, are defined as a Run, so that a pointer to one is
// converted into a pointer to another for nothing.
//
// It is not changed: each method that narrows it returns another one. It may be
// run any number of times, and what it reads is of one state of the database.
type Run struct {
	t  *table
	s  *session
	ix int     // an index, or byKey
	b  *bounds // not changed once set; nil is the whole index
}

// bounds is what narrows a Run.
type bounds struct {
	start, end []byte // engine keys, not changed once set
	eq         int    // how many bytes of start are fixed by equality
	limit      int
	reverse    bool
	filter     func(row any) bool
}

// bounds returns what narrows the run.
//
//go:noinline
func (r *Run) bounds() bounds {
	switch {
	case r.b != nil:
		return *r.b
	case r.ix == byKey:
		return bounds{start: r.t.rows, end: r.t.end, eq: len(r.t.rows)}
	}
	ix := &r.t.indexes[r.ix]
	return bounds{start: ix.prefix, end: ix.end, eq: len(ix.prefix)}
}

// with is the run with other bounds, which lie in the same piece of memory.
func (r *Run) with(b bounds) *Run {
	n := &struct {
		run Run
		b   bounds
	}{*r, b}
	n.run.b = &n.b
	return &n.run
}

// Component says how a component of a key is encoded.
type Component uint8

const (
	// Asc is a self-delimiting component in ascending order.
	Asc Component = 0
	// Desc is one in descending order.
	Desc Component = 1
	// Whole is the last component of a table's key, where nothing follows.
	Whole Component = 2
)

// At returns a new buffer that holds what equality has fixed of the range, for
// the next component to be appended to.
//
//go:noinline
func (r *Run) At() []byte {
	var fixed []byte
	switch {
	case r.b != nil:
		fixed = r.b.start[:r.b.eq]
	case r.ix == byKey:
		fixed = r.t.rows
	default:
		fixed = r.t.indexes[r.ix].prefix
	}
	return append(make([]byte, 0, 2*len(fixed)+64), fixed...)
}

// Bound is a way to narrow a run by a component.
type Bound uint8

// The bounds.
const (
	Eq         Bound = iota // the component has this value
	From                    // it is this or greater
	After                   // it is greater
	To                      // it is this or smaller
	Before                  // it is smaller
	StartsWith              // it begins with this: the key ends with the prefix form of the component
)

// Narrow keeps the rows whose next component is bounded: key is what At returned
// with the component behind it, in the encoding c.
//
//go:noinline
func (r *Run) Narrow(how Bound, c Component, key []byte) *Run {
	n := r.bounds()
	if how == Eq || how == StartsWith {
		if how == Eq {
			n.eq = len(key)
		}
		n.start, n.end = prefixed(key)
		return r.with(n)
	}
	inclusive := how == From || how == To
	start := (how == From || how == After) != (c == Desc)
	if start != inclusive {
		key = behind(key, c)
	}
	if start {
		n.start = key
	} else {
		n.end = key
	}
	return r.with(n)
}

// prefixed is the run of keys that begin with b. Its end is put behind b where
// that has room.
func prefixed(b []byte) (start, end []byte) {
	end, _ = keys.AppendSuccessor(b[len(b):], b)
	return b[:len(b):len(b)], end
}

// behind is the first key after all that have the component b.
func behind(b []byte, c Component) []byte {
	if c == Whole {
		return append(bytes.Clone(b), 0)
	}
	return keys.Successor(b)
}

// Limit ends the run after n rows that match; 0 is no limit.
//
//go:noinline
func (r *Run) Limit(n int) *Run {
	b := r.bounds()
	b.limit = max(0, n)
	return r.with(b)
}

// Reverse turns the order around.
//
//go:noinline
func (r *Run) Reverse() *Run {
	b := r.bounds()
	b.reverse = !b.reverse
	return r.with(b)
}

// Filter keeps only rows for which keep returns true. The row is valid during the
// call only.
//
//go:noinline
func (r *Run) Filter(keep func(row any) bool) *Run {
	b := r.bounds()
	if before := b.filter; before != nil {
		b.filter = func(row any) bool { return before(row) && keep(row) }
	} else {
		b.filter = keep
	}
	return r.with(b)
}

// Rows calls visit with each row that matches, until it returns false. The row is
// valid during the call only; what it points to stays.
//
//go:noinline
func (r *Run) Rows(ctx context.Context, visit func(row any) bool) error {
	return r.rows(ctx, r.bounds(), nil, func(row any, _ []byte) (bool, error) { return visit(row), nil })
}

// Each is Rows for a visitor that ends it by an error, which comes back.
//
//go:noinline
func (r *Run) Each(ctx context.Context, visit func(row any) error) error {
	var own error
	err := r.rows(ctx, r.bounds(), nil, func(row any, _ []byte) (bool, error) {
		own = visit(row)
		return own == nil, nil
	})
	if own != nil {
		return own
	}
	return err
}

// Keys is Rows for rows of which only the key fields are to be used.
//
//go:noinline
func (r *Run) Keys(ctx context.Context, visit func(row any) bool) error {
	mem := r.t.scratch()
	defer r.t.release(mem)
	return r.keys(ctx, func(pk []byte) (bool, error) {
		if err := r.t.codec.DecodeRowKey(bytes.Clone(pk), mem.row); err != nil {
			return false, err
		}
		return visit(mem.row), nil
	})
}

// Count is the number of rows or, in an index over the elements of a list, of
// entries.
//
//go:noinline
func (r *Run) Count(ctx context.Context) (int, error) {
	n := 0
	err := r.keys(ctx, func([]byte) (bool, error) {
		n++
		return true, nil
	})
	return n, err
}

// First returns a slot that holds the first row, which is to be copied, and then
// released. It is ErrNotFound if there is none.
//
//go:noinline
func (r *Run) First(ctx context.Context) (*Slot, error) {
	found := false
	b := r.bounds()
	b.limit = 1
	mem := r.t.scratch()
	err := r.into(ctx, b, nil, mem, func(any, []byte) (bool, error) {
		found = true
		return false, nil
	})
	if err == nil && !found {
		err = r.t.fail(r.op(), nil, ErrNotFound)
	}
	return mem.filled(err)
}

// Delete removes the rows in one commit and returns how many there were.
//
//go:noinline
func (r *Run) Delete(ctx context.Context) (int, error) {
	n := 0
	err := r.s.write(ctx, false, func(w *writer) error {
		n = 0
		in := *r
		in.s = &session{db: w.db, r: w.tx, w: w, now: w.time(), who: r.s.who}
		if err := in.t.allow(in.s.who, "write", nil); err != nil {
			return err
		}
		var found [][]byte
		err := in.keys(ctx, func(pk []byte) (bool, error) {
			found = append(found, append(bytes.Clone(in.t.rows), pk...))
			return true, nil
		})
		if err != nil {
			return err
		}
		for _, key := range found {
			there, err := in.t.delete(ctx, w, key)
			if err != nil {
				return in.t.fail("delete", key, err)
			}
			if there {
				n++
			}
		}
		return nil
	})
	return n, r.t.fail("delete", nil, err)
}

// op names the walk in errors.
//
//go:noinline
func (r *Run) op() string {
	if r.ix == byKey {
		return "scan"
	}
	return "scan " + r.t.indexes[r.ix].desc.Name + " of"
}

// rows is Rows within bounds, with an error of the visitor's own and where the row
// is in the walk. from is a position to go on behind, or nil.
func (r *Run) rows(ctx context.Context, b bounds, from []byte, visit func(row any, where []byte) (bool, error)) error {
	mem := r.t.scratch()
	defer r.t.release(mem)
	return r.into(ctx, b, from, mem, visit)
}

// into is rows with the memory that a row is read into.
func (r *Run) into(ctx context.Context, b bounds, from []byte, mem *scratch, visit func(row any, where []byte) (bool, error)) error {
	codec := r.t.codec
	n := 0
	return r.each(ctx, &b, from, false, func(key, pk, body []byte) (bool, error) {
		if _, err := decodeRow(codec, pk, body, mem.row); err != nil {
			return false, corrupt(append(bytes.Clone(r.t.rows), pk...), err)
		}
		if b.filter != nil && !b.filter(mem.row) {
			return true, nil
		}
		n++
		more, err := visit(mem.row, key)
		return more && err == nil && (b.limit == 0 || n < b.limit), err
	})
}

// keys calls visit with the encoded key of each row that matches.
//
//go:noinline
func (r *Run) keys(ctx context.Context, visit func(pk []byte) (bool, error)) error {
	b := r.bounds()
	if b.filter != nil {
		var pk []byte
		return r.rows(ctx, b, nil, func(row any, _ []byte) (bool, error) {
			pk = r.t.codec.AppendRowKey(pk[:0], row)
			return visit(pk)
		})
	}
	n := 0
	return r.each(ctx, &b, nil, true, func(_, pk, _ []byte) (bool, error) {
		n++
		more, err := visit(pk)
		return more && err == nil && (b.limit == 0 || n < b.limit), err
	})
}

// each walks the run: key is the entry's, pk the row's, body its value unless
// only keys are wanted. pk and body may be kept, key may not.
//
//go:noinline
func (r *Run) each(ctx context.Context, b *bounds, from []byte, keysOnly bool, visit visitRow) error {
	err := r.t.allow(r.s.who, "read", nil)
	if err == nil {
		sc := scan{t: r.t, s: r.s, ix: r.ix, start: b.start, end: b.end, reverse: b.reverse, limit: b.limit, keysOnly: keysOnly}
		sc.clip(from)
		err = sc.run(ctx, visit)
	}
	if err == nil {
		return nil // and no name is made for the walk
	}
	return r.t.fail(r.op(), nil, err)
}
