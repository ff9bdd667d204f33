package store

import (
	"bytes"
	"context"

	"github.com/storegen/storegen/keys"
)

// byKey is the place of an index in a Range over the rows themselves.
const byKey = -1

// Range is a run of rows in the order of the key or of an index: what a Query is
// but for the types of its rows. Generated code narrows it, by encoded
// components that its typed methods take. It is a value: each method returns a
// new one.
type Range struct {
	t  *table
	s  *session
	ix int     // an index, or byKey
	b  *bounds // not changed once set; nil is the whole index
}

// bounds is what narrows a Range.
type bounds struct {
	start, end []byte // engine keys, not changed once set
	eq         int    // how many bytes of start are fixed by equality
	limit      int
	reverse    bool
	filter     func(row any) bool
}

// bounds returns what narrows the range.
//
//go:noinline
func (r Range) bounds() bounds {
	switch {
	case r.b != nil:
		return *r.b
	case r.ix == byKey:
		return bounds{start: r.t.rows, end: r.t.end, eq: len(r.t.rows)}
	}
	ix := &r.t.indexes[r.ix]
	return bounds{start: ix.prefix, end: ix.end, eq: len(ix.prefix)}
}

//go:noinline
func (r Range) with(b bounds) Range {
	r.b = &b
	return r
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
func (r Range) At() []byte {
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

// Eq fixes the next component: b is what At returned with the component behind
// it.
//
//go:noinline
func (r Range) Eq(b []byte) Range {
	n := r.bounds()
	n.eq = len(b)
	n.start, n.end = prefixed(b)
	return r.with(n)
}

// StartsWith keeps values that begin with a prefix: b is as for Eq, with the
// prefix form of the component.
//
//go:noinline
func (r Range) StartsWith(b []byte) Range {
	n := r.bounds()
	n.start, n.end = prefixed(b)
	return r.with(n)
}

// From keeps values at b and greater, After only greater ones, To those at b
// and smaller, Before only smaller ones.
//
//go:noinline
func (r Range) From(b []byte, c Component) Range {
	n := r.bounds()
	if c == Desc {
		n.end = behind(b, c)
	} else {
		n.start = b
	}
	return r.with(n)
}

// After: see From.
//
//go:noinline
func (r Range) After(b []byte, c Component) Range {
	n := r.bounds()
	if c == Desc {
		n.end = b
	} else {
		n.start = behind(b, c)
	}
	return r.with(n)
}

// To: see From.
//
//go:noinline
func (r Range) To(b []byte, c Component) Range {
	n := r.bounds()
	if c == Desc {
		n.start = b
	} else {
		n.end = behind(b, c)
	}
	return r.with(n)
}

// Before: see From.
//
//go:noinline
func (r Range) Before(b []byte, c Component) Range {
	n := r.bounds()
	if c == Desc {
		n.start = behind(b, c)
	} else {
		n.end = b
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

//go:noinline
func (r Range) limit(n int) Range {
	b := r.bounds()
	b.limit = max(0, n)
	return r.with(b)
}

//go:noinline
func (r Range) reversed() Range {
	b := r.bounds()
	b.reverse = !b.reverse
	return r.with(b)
}

//go:noinline
func (r Range) filter(keep func(row any) bool) Range {
	b := r.bounds()
	if before := b.filter; before != nil {
		b.filter = func(row any) bool { return before(row) && keep(row) }
	} else {
		b.filter = keep
	}
	return r.with(b)
}

// op names the walk in errors.
//
//go:noinline
func (r Range) op() string {
	if r.ix == byKey {
		return "scan"
	}
	return "scan " + r.t.indexes[r.ix].desc.Name + " of"
}

// rows calls visit with each row that matches, until it returns false. from is a
// position to go on behind, or nil. The row and where are valid during the call
// only; what the row points to stays.
//
//go:noinline
func (r Range) rows(ctx context.Context, from []byte, visit func(row any, where []byte) (bool, error)) error {
	b := r.bounds()
	codec := r.t.codec
	mem := r.t.scratch()
	defer r.t.release(mem)
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
func (r Range) keys(ctx context.Context, visit func(pk []byte) (bool, error)) error {
	b := r.bounds()
	if b.filter != nil {
		var pk []byte
		return r.rows(ctx, nil, func(row any, _ []byte) (bool, error) {
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
func (r Range) each(ctx context.Context, b *bounds, from []byte, keysOnly bool, visit visitRow) error {
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

// count is the number of rows or, in an index over the elements of a list, of
// entries.
//
//go:noinline
func (r Range) count(ctx context.Context) (int, error) {
	n := 0
	err := r.keys(ctx, func([]byte) (bool, error) {
		n++
		return true, nil
	})
	return n, err
}

// first gives the first row to take.
//
//go:noinline
func (r Range) first(ctx context.Context, take func(row any)) error {
	found := false
	err := r.limit(1).rows(ctx, nil, func(row any, _ []byte) (bool, error) {
		take(row)
		found = true
		return false, nil
	})
	if err == nil && !found {
		err = r.t.fail(r.op(), nil, ErrNotFound)
	}
	return err
}

// delete removes the rows in one commit and returns how many there were.
//
//go:noinline
func (r Range) delete(ctx context.Context) (int, error) {
	n := 0
	err := r.s.write(ctx, false, func(w *writer) error {
		n = 0
		in := r
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
