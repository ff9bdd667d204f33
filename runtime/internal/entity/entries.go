package entity

import (
	"context"
	"errors"
	"fmt"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
)

// Entry is what an entry of an index holds, as it is encoded. The row is valid until the
// next entry. The bytes may be kept, unless the index is plain: then nothing that is decoded
// from them points into them.
type Entry struct {
	Row     any    // of which only the key fields are set
	Columns []byte // without the key of the row
	Fresh   bool   // the columns are others than those of the entry before
	Include []byte // the fields that the index includes, in the wire format
}

// EntryWalk shows the entries of a query over an index, without reading rows. It is part
// of the memory of an operation, and must be closed.
type EntryWalk struct {
	Entry
	q    Query // a copy, so that the query itself need not outlive its caller
	walk *Walk
	mem  *Scratch
	n    int // entries that were shown
	err  error
}

// Entries begins a walk over the entries of a query, which has to be one over the index
// of r. An error in it comes from the walk.
//
//go:noinline
func (r *Query) Entries(ctx context.Context, of *Query) *EntryWalk {
	mem := of.t.Scratch()
	e := &mem.entries
	e.q, e.mem = *of, mem
	b := of.bounds()
	switch {
	case of.ix != r.ix:
		e.err = of.t.Fail(of.op(), nil, fmt.Errorf("%w: its entries were asked of the index %s: give that a query over it", errs.ErrInvalid, r.t.Indexes[r.ix].Desc.Name))
	case b.filter != nil:
		e.err = of.t.Fail(of.op(), nil, fmt.Errorf("%w: a filter needs whole rows: use All", errs.ErrInvalid))
	default:
		e.walk, e.err = of.walk(ctx, &b, WalkOptions{Lend: of.t.Indexes[of.ix].Plain})
	}
	return e
}

// Next moves on, and returns false at the end or at an error.
//
//go:noinline
func (e *EntryWalk) Next() bool {
	w := e.walk
	switch {
	case w == nil:
		return false
	case e.n > 0 && e.n == e.q.limit: // a limit of 0 is none
		e.end(false)
		return false
	case !w.Next():
		e.end(true)
		return false
	}
	e.n++
	e.Columns, e.Fresh = w.EntryColumns()
	e.Include = w.Include()
	return e.Is(e.q.t.Codec.DecodeRowKey(w.Key(), e.Row))
}

// Is ends the walk if the entry could not be decoded, and tells whether it could.
func (e *EntryWalk) Is(err error) bool {
	if err != nil {
		e.err = errs.Corrupt(e.walk.Where(), err)
		e.end(false)
	}
	return err == nil
}

// end closes the walk over the index, which came to its end or was left.
//
//go:noinline
func (e *EntryWalk) end(through bool) {
	w := e.walk
	e.walk = nil
	e.err = e.q.endWalk(w, through, e.err)
}

// Err is what ended the walk early.
func (e *EntryWalk) Err() error { return e.err }

// Close ends the walk and gives its memory back.
//
//go:noinline
func (e *EntryWalk) Close() {
	if e.walk != nil {
		e.end(false)
	}
	e.release()
}

func (e *EntryWalk) release() {
	mem, t := e.mem, e.q.t
	*e = EntryWalk{Entry: Entry{Row: e.Row}}
	t.Release(mem)
}

// EntryOf shows the entry that a complete value of a unique index stands for, and reads
// nothing else. It is ErrNotFound where there is none. at is what At returned with all
// columns behind it. Done gives the memory back.
//
//go:noinline
func (r *Query) EntryOf(ctx context.Context, at []byte) (*EntryWalk, error) {
	if err := r.t.Allow(r.s.Who, access.Read, nil); err != nil {
		return nil, r.oneError(at, err)
	}
	v, err := r.s.R.Get(ctx, at)
	if err != nil {
		return nil, r.oneError(at, err)
	}
	mem := r.t.Scratch()
	e := &mem.entries
	e.q, e.mem = *r, mem
	if err := r.unique(e, layout.InstantOf(r.s.Time()), at, v); err != nil {
		e.release()
		return nil, r.oneError(at, err)
	}
	return e, nil
}

// Done gives back the memory of an entry, which could not be decoded if err is not nil.
//
//go:noinline
func (e *EntryWalk) Done(err error) error {
	if err != nil {
		at := append(e.q.At()[:len(e.q.t.Indexes[e.q.ix].Prefix)], e.Columns...)
		err = e.q.oneError(at, errs.Corrupt(at, err))
	}
	e.release()
	return err
}

// EntryMany is EntryOf for n values, all of one state of the database. at appends the
// columns of the value at i; read is called with the entry of each that is there.
//
//go:noinline
func (r *Query) EntryMany(ctx context.Context, n int, at func(dst []byte, i int) []byte, read func(i int, e *Entry) error) error {
	if err := r.t.Allow(r.s.Who, access.Read, nil); err != nil {
		return r.t.FailFor(r.s.Who, "get", nil, err)
	}
	prefix := r.t.Indexes[r.ix].Prefix
	stored, values := make([][]byte, n), make([][]byte, n)
	for i := range stored {
		key := at(append(make([]byte, 0, len(prefix)+32), prefix...), i)
		stored[i] = key[:len(key):len(key)]
	}
	if err := r.s.R.GetMany(ctx, stored, values); err != nil {
		return r.t.FailFor(r.s.Who, "get", nil, err)
	}
	mem := r.t.Scratch()
	defer func() { mem.entries.release() }()
	e := &mem.entries
	e.q, e.mem = *r, mem
	now := layout.InstantOf(r.s.Time())
	for i, v := range values {
		if v == nil {
			continue
		}
		err := r.unique(e, now, stored[i], v)
		if errors.Is(err, errs.ErrNotFound) {
			continue
		}
		if err == nil {
			err = errs.Corrupt(stored[i], read(i, &e.Entry))
		}
		if err != nil {
			return r.oneError(stored[i], err)
		}
	}
	return nil
}

// unique takes the entry of a unique index apart. It is ErrNotFound where it has expired
// or is of a row that another principal owns.
func (r *Query) unique(e *EntryWalk, now layout.Instant, at, value []byte) error {
	ix := &r.t.Indexes[r.ix]
	parts, err := ix.SplitEntry(at, value, nil)
	switch {
	case err != nil:
		return errs.Corrupt(at, err)
	case now.Expired(parts.Expiry):
		return errs.ErrNotFound
	case r.s.Who != nil && r.t.Access == access.Owned && !r.t.owns(*r.s.Who, parts.Key):
		return errs.ErrNotFound
	}
	e.Columns, e.Fresh, e.Include = parts.Columns, true, parts.Include
	return errs.Corrupt(at, r.t.Codec.DecodeRowKey(parts.Key, e.Row))
}
