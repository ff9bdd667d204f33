package store

import (
	"bytes"
	"context"
	"iter"
)

// Query is a run of rows in the order of the key or of an index. It is a value:
// each method returns a new one, and it may be run any number of times. What it
// reads is of one state of the database.
//
// Its methods only put types on what a Range does, since they are compiled
// again for each table. For the same reason they, those of Table and those of
// Range are kept out of line: inlined, each would be compiled again wherever a
// method of a generated type passes it on.
type Query[K comparable, V any] struct {
	// Range is for generated code, which makes queries of ranges.
	Range Range
}

// Limit ends the query after n rows that match; 0 is no limit.
//
//go:noinline
func (q Query[K, V]) Limit(n int) Query[K, V] { return Query[K, V]{q.Range.limit(n)} }

// Reverse turns the order around.
//
//go:noinline
func (q Query[K, V]) Reverse() Query[K, V] { return Query[K, V]{q.Range.reversed()} }

// Filter keeps only rows for which keep returns true; all rows of the run are
// read for it. It comes before a limit, and several add up. The row is valid
// during the call only: a copy may be kept.
//
//go:noinline
func (q Query[K, V]) Filter(keep func(v *V) bool) Query[K, V] {
	return Query[K, V]{q.Range.filter(func(row any) bool { return keep(row.(*V)) })}
}

// All returns the rows. An error ends them: it comes with a zero row, as the
// last pair.
//
//	for job, err := range jobs.ByStatus.Status(models.JobStatusFailed).All(ctx) {
//		if err != nil {
//			return err
//		}
//		...
//	}
func (q Query[K, V]) All(ctx context.Context) iter.Seq2[V, error] {
	return func(yield func(V, error) bool) {
		err := q.Range.rows(ctx, nil, func(row any, _ []byte) (bool, error) { return yield(*row.(*V), nil), nil })
		if err != nil {
			var zero V
			yield(zero, err)
		}
	}
}

// Rows returns the rows as a slice.
//
//go:noinline
func (q Query[K, V]) Rows(ctx context.Context) (out []V, err error) {
	err = q.Range.rows(ctx, nil, func(row any, _ []byte) (bool, error) {
		out = append(out, *row.(*V))
		return true, nil
	})
	return out, err
}

// Keys returns the keys of the rows. An index is not left for it: rows are read
// only for a filter.
func (q Query[K, V]) Keys(ctx context.Context) iter.Seq2[K, error] {
	return func(yield func(K, error) bool) {
		codec := q.Range.t.codec.(Codec[K])
		err := q.Range.keys(ctx, func(pk []byte) (bool, error) {
			k, err := codec.DecodeKey(bytes.Clone(pk))
			return err == nil && yield(k, nil), err
		})
		if err != nil {
			var zero K
			yield(zero, err)
		}
	}
}

// Count returns the number of rows; in an index over the elements of a list,
// the number of entries.
//
//go:noinline
func (q Query[K, V]) Count(ctx context.Context) (int, error) { return q.Range.count(ctx) }

// First returns the first row, or ErrNotFound.
//
//go:noinline
func (q Query[K, V]) First(ctx context.Context) (v V, err error) {
	err = q.Range.first(ctx, func(row any) { v = *row.(*V) })
	return v, err
}

// Last returns the last row, or ErrNotFound.
//
//go:noinline
func (q Query[K, V]) Last(ctx context.Context) (V, error) { return q.Reverse().First(ctx) }

// Page returns up to n rows from a cursor on. Rows that are written meanwhile
// show or not as they lie ahead of the place or behind it; none that stays put
// comes twice or is missed. The query's limit is one for all its pages. A cursor
// of another index, order, schema or value of a fixed component is
// ErrStaleCursor.
//
//go:noinline
func (q Query[K, V]) Page(ctx context.Context, n int, from Cursor[V]) (Page[V], error) {
	rows := make([]V, 0, min(max(n, 0), mostAhead))
	next, err := q.Range.page(ctx, n, string(from), func(row any) { rows = append(rows, *row.(*V)) })
	if err != nil {
		return Page[V]{}, err
	}
	return Page[V]{Rows: rows, Next: Cursor[V](next)}, nil
}

// Delete removes the rows in one commit and returns how many there were.
//
//go:noinline
func (q Query[K, V]) Delete(ctx context.Context) (int, error) { return q.Range.delete(ctx) }
