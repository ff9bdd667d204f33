package entity

import (
	"bytes"
	"context"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// byKey is the place of an index in a Query over the rows themselves.
const ByKey = -1

// Query is a run of rows in the order of the key or of an index: what a query is
// but for the types of its rows. The generated type of a table's queries, and
// those of its indexes, are defined as a Query, so that a pointer to one is
// converted into a pointer to another for nothing.
//
// It is not changed: each method that narrows it returns another one. It may be
// run any number of times, and what it reads is of one state of the database: a walk
// shows the rows as they were when it began, whatever its own transaction writes
// meanwhile.
type Query struct {
	_ [0]func() // none is compared: the compiler would make functions for it in each table

	t       *Table
	s       *txn.Session
	ix      int     // an index, or byKey
	b       *bounds // not changed once set; nil is the whole index
	limit   int     // of rows that match; 0 is none
	peek    bool    // the last row within the limit need not be read, only be there
	reverse bool
}

// bounds is what narrows a Query.
type bounds struct {
	start, end []byte // engine keys, not changed once set
	eq         int    // how many bytes of start are fixed by equality
	filter     func(row any) bool
}

// bounds returns what narrows the run.
//
//go:noinline
func (r *Query) bounds() bounds {
	switch {
	case r.b != nil:
		return *r.b
	case r.ix == ByKey:
		return bounds{start: r.t.Rows, end: r.t.End, eq: len(r.t.Rows)}
	}
	ix := &r.t.Indexes[r.ix]
	return bounds{start: ix.Prefix, end: ix.End, eq: len(ix.Prefix)}
}

// Narrowing is a run that is about to be narrowed: one with bounds of its own and,
// where they are short, the keys of those, in one piece of memory.
type Narrowing struct {
	run Query
	b   bounds
	mem [64]byte
}

// Narrowing is the run with a copy of its bounds. It is for one call of Narrow.
//
//go:noinline
func (r *Query) Narrowing() *Narrowing {
	n := &Narrowing{run: *r, b: r.bounds()}
	n.run.b = &n.b
	return n
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
func (r *Query) At() []byte { return append(make([]byte, 0, 64), r.fixed()...) }

// At is Query.At with the buffer that Narrow has for its key.
//
//go:noinline
func (n *Narrowing) At() []byte { return append(n.mem[:0], n.b.start[:n.b.eq]...) }

// fixed is what equality has fixed of the range.
//
//go:noinline
func (r *Query) fixed() []byte {
	switch {
	case r.b != nil:
		return r.b.start[:r.b.eq]
	case r.ix == ByKey:
		return r.t.Rows
	}
	return r.t.Indexes[r.ix].Prefix
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
// with the component behind it, in the encoding c. It is kept, where it is in the
// buffer of Narrowing.At, or else copied.
//
//go:noinline
func (n *Narrowing) Narrow(how Bound, c Component, key []byte) *Query {
	if how == Eq || how == StartsWith {
		if how == Eq {
			n.b.eq = len(key)
		}
		start := append(n.mem[:0], key...)
		n.b.start = start[:len(start):len(start)]
		n.b.end, _ = keys.AppendSuccessor(start[len(start):], start)
		return &n.run
	}
	inclusive := how == From || how == To
	start := (how == From || how == After) != (c == Desc)
	var at []byte
	if start != inclusive {
		at = behind(n.mem[:0], key, c)
	} else {
		at = append(n.mem[:0], key...)
	}
	if start {
		n.b.start = at
	} else {
		n.b.end = at
	}
	return &n.run
}

// behind appends the first key after all that have the component b.
func behind(dst, b []byte, c Component) []byte {
	if c == Whole {
		return append(append(dst, b...), 0)
	}
	dst, _ = keys.AppendSuccessor(dst, b)
	return dst
}

// Limit ends the run after n rows that match; 0 is no limit. It is small enough to
// be inlined, as is Reverse, so that what it returns need not outlive its caller.
func (r *Query) Limit(n int) *Query {
	limited := *r
	limited.limit = max(0, n)
	return &limited
}

// Reverse turns the order around.
func (r *Query) Reverse() *Query {
	turned := *r
	turned.reverse = !r.reverse
	return &turned
}

// Filter keeps only rows for which keep returns true. The row is valid during the
// call only.
//
//go:noinline
func (r *Query) Filter(keep func(row any) bool) *Query {
	n := r.Narrowing()
	if before := n.b.filter; before != nil {
		n.b.filter = func(row any) bool { return before(row) && keep(row) }
	} else {
		n.b.filter = keep
	}
	return &n.run
}

// Rows calls visit with each row that matches, until it returns false. The row is
// valid during the call only; what it points to stays.
//
//go:noinline
func (r *Query) Rows(ctx context.Context, visit func(row any) bool) error {
	return r.visitRows(ctx, nil, func(row any, _ *Walk) (bool, error) { return visit(row), nil })
}

// Each is Rows for a visitor that ends it by an error, which comes back.
//
//go:noinline
func (r *Query) Each(ctx context.Context, visit func(row any) error) error {
	var own error
	err := r.visitRows(ctx, nil, func(row any, _ *Walk) (bool, error) {
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
func (r *Query) Keys(ctx context.Context, visit func(row any) bool) error {
	mem := r.t.Scratch()
	defer r.t.Release(mem)
	return r.visitKeys(ctx, nil, r.t.plainKey, func(pk []byte, _ *Walk) (bool, error) {
		if err := r.t.Codec.DecodeRowKey(pk, mem.Stored.Row); err != nil {
			return false, err
		}
		return visit(mem.Stored.Row), nil
	})
}

// Count is the number of rows or, in an index over the elements of a list, of
// entries.
//
//go:noinline
func (r *Query) Count(ctx context.Context) (int, error) {
	n := 0
	err := r.visitKeys(ctx, nil, true, func([]byte, *Walk) (bool, error) {
		n++
		return true, nil
	})
	return n, err
}

// First returns a slot that holds the first row, which is to be copied, and then
// released. It is ErrNotFound if there is none.
//
//go:noinline
func (r *Query) First(ctx context.Context) (*Slot, error) {
	found := false
	one := *r
	one.limit = 1
	mem := r.t.Scratch()
	err := one.visitRowsIn(ctx, nil, mem, func(any, *Walk) (bool, error) {
		found = true
		return false, nil
	})
	if err == nil && !found {
		err = r.t.Fail(r.op(), nil, errs.ErrNotFound)
	}
	return mem.filled(err)
}

// op names the walk in errors.
//
//go:noinline
func (r *Query) op() string {
	if r.ix == ByKey {
		return "scan"
	}
	return "scan " + r.t.Indexes[r.ix].Desc.Name + " of"
}

// mostValues is how many rows at most must be read; 0 is all.
func (r *Query) mostValues(b *bounds) int {
	switch {
	case b.filter != nil:
		return 0 // who knows how many match
	case r.peek:
		return r.limit - 1
	}
	return r.limit
}

// visitRows is Rows, with an error of the visitor's own and the walk that the row is from.
// from is a place to go on behind, or nil. A row that need not be read is nil.
func (r *Query) visitRows(ctx context.Context, from []byte, visit func(row any, w *Walk) (bool, error)) error {
	mem := r.t.Scratch()
	defer r.t.Release(mem)
	return r.visitRowsIn(ctx, from, mem, visit)
}

// visitRowsIn is visitRows with the memory that a row is read into.
func (r *Query) visitRowsIn(ctx context.Context, from []byte, mem *Scratch, visit func(row any, w *Walk) (bool, error)) (err error) {
	codec, row := r.t.Codec, mem.Stored.Row
	b := r.bounds()
	n, most := 0, r.mostValues(&b)
	w, err := r.walk(ctx, &b, WalkOptions{From: from, Values: true, MostValues: most})
	if err != nil {
		return err
	}
	through := false
	defer func() { err = r.endWalk(w, through, err) }() // also where visit panics
	for w.Next() {
		if n > 0 && n == most {
			if more, err := visit(nil, w); err != nil || !more {
				return err
			}
			continue
		}
		if _, err := layout.DecodeRow(codec, w.Key(), w.Body(), row, &w.batch.lists); err != nil {
			return errs.Corrupt(append(bytes.Clone(r.t.Rows), w.Key()...), err)
		}
		if b.filter != nil && !b.filter(row) {
			continue
		}
		n++
		if more, err := visit(row, w); err != nil || !more || n == r.limit { // a limit of 0 is none
			return err
		}
	}
	through = true
	return nil
}

// visitKeys calls visit with the encoded key of each row that matches, which is valid
// during the call only if it is lent. Rows are read only for a filter.
//
//go:noinline
func (r *Query) visitKeys(ctx context.Context, from []byte, lend bool, visit func(pk []byte, w *Walk) (bool, error)) (err error) {
	b := r.bounds()
	if b.filter != nil {
		var pk []byte
		return r.visitRows(ctx, from, func(row any, w *Walk) (bool, error) {
			if !lend {
				pk = nil
			}
			pk = r.t.Codec.AppendRowKey(pk[:0], row)
			return visit(pk, w)
		})
	}
	w, err := r.walk(ctx, &b, WalkOptions{From: from, Lend: lend})
	if err != nil {
		return err
	}
	through := false
	defer func() { err = r.endWalk(w, through, err) }()
	for n := 1; w.Next(); n++ {
		if more, err := visit(w.Key(), w); err != nil || !more || n == r.limit {
			return err
		}
	}
	through = true
	return nil
}

// walk begins a walk over the run. endWalk ends it.
//
//go:noinline
func (r *Query) walk(ctx context.Context, b *bounds, o WalkOptions) (*Walk, error) {
	o.Index, o.Start, o.End, o.Reverse, o.Limit = r.ix, b.start, b.end, r.reverse, r.limit
	w, err := r.t.Walk(ctx, r.s, o)
	if err != nil {
		return nil, r.t.FailFor(r.s.Who, r.op(), nil, err)
	}
	return w, nil
}

// endWalk closes a walk, which came to its end or was left with err.
//
//go:noinline
func (r *Query) endWalk(w *Walk, through bool, err error) error {
	if through {
		err = w.Close()
	} else {
		err = w.Stop(err)
	}
	if err == nil {
		return nil // and no name is made for the walk
	}
	return r.t.FailFor(r.s.Who, r.op(), nil, err)
}
