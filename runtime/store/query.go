package store

import (
	"context"
	"iter"

	"github.com/storegen/storegen/runtime/internal/entity"
)

// Query is any query as one type, by type parameters, as Table is any table:
// QueryOf makes one of the queries of a generated store, which do the same.
//
// It finds rows, in the order of the key or of an index. Each method returns a new
// one, and it may be used any number of times. What it reads is of one state
// of the database: a walk shows the rows as they were when it began, whatever its own
// transaction writes meanwhile. A page is a walk of its own.
type Query[K comparable, V any] struct {
	run *entity.Query
	key func(v *V) K
}

// QueryOf puts types on a query: V is the struct of the table's rows, key
// the KeyOf of its package.
//
//	q := store.QueryOf((*storeimpl.Query)(db.Users.ByRole.Scan()), users.KeyOf)
func QueryOf[K comparable, V any](r *entity.Query, key func(v *V) K) Query[K, V] {
	return Query[K, V]{run: r, key: key}
}

func (q Query[K, V]) with(r *entity.Query) Query[K, V] { return Query[K, V]{run: r, key: q.key} }

// Limit ends the query after n rows that match; 0 is no limit.
func (q Query[K, V]) Limit(n int) Query[K, V] { return q.with(q.run.Limit(n)) }

// Reverse turns the order around.
func (q Query[K, V]) Reverse() Query[K, V] { return q.with(q.run.Reverse()) }

// Filter keeps only rows for which keep returns true; all rows of the query are
// read for it. It comes before a limit, and several add up. The row is valid
// during the call only: a copy may be kept.
func (q Query[K, V]) Filter(keep func(v *V) bool) Query[K, V] {
	return q.with(q.run.Filter(func(row any) bool { return keep(row.(*V)) }))
}

// All returns the rows. An error ends them: it comes with a zero row, as the
// last pair.
func (q Query[K, V]) All(ctx context.Context) iter.Seq2[V, error] {
	return func(yield func(V, error) bool) {
		err := q.run.Rows(ctx, func(row any) bool { return yield(*row.(*V), nil) })
		if err != nil {
			var zero V
			yield(zero, err)
		}
	}
}

// Each calls visit with each row, until it returns an error, which comes back. The
// row is valid during the call only: a copy may be kept, and what it points to
// stays.
func (q Query[K, V]) Each(ctx context.Context, visit func(v *V) error) error {
	return q.run.Each(ctx, func(row any) error { return visit(row.(*V)) })
}

// Rows returns the rows as a slice.
func (q Query[K, V]) Rows(ctx context.Context) ([]V, error) {
	rows, _, err := q.collect(ctx, entity.Unpaged, "")
	return rows, err
}

func (q Query[K, V]) collect(ctx context.Context, n int, from string) (rows []V, next string, err error) {
	if n > 0 {
		rows = make([]V, 0, min(n, entity.MostAhead))
	}
	next, err = q.run.Page(ctx, n, from, func(row any) { rows = append(rows, *row.(*V)) })
	return rows, next, err
}

// Keys returns the keys of the rows. An index is not left for it: rows are read
// only for a filter.
func (q Query[K, V]) Keys(ctx context.Context) iter.Seq2[K, error] {
	return func(yield func(K, error) bool) {
		err := q.run.Keys(ctx, func(row any) bool { return yield(q.key(row.(*V)), nil) })
		if err != nil {
			var zero K
			yield(zero, err)
		}
	}
}

// Count returns the number of rows; in an index over the elements of a list,
// the number of entries.
func (q Query[K, V]) Count(ctx context.Context) (int, error) { return q.run.Count(ctx) }

// First returns the first row, or ErrNotFound.
func (q Query[K, V]) First(ctx context.Context) (v V, err error) {
	m, err := q.run.First(ctx)
	if err == nil {
		v = *m.Row.(*V)
		m.Release()
	}
	return v, err
}

// Last returns the last row, or ErrNotFound.
func (q Query[K, V]) Last(ctx context.Context) (V, error) { return q.Reverse().First(ctx) }

// Page returns up to n rows from a cursor on. Rows that are written meanwhile
// show or not as they lie ahead of the place or behind it; none that stays put
// comes twice or is missed. The query's limit is one for all its pages. A cursor
// of another index, order, schema or value of a fixed component is
// ErrStaleCursor.
func (q Query[K, V]) Page(ctx context.Context, n int, from Cursor[V]) (Page[V], error) {
	rows, next, err := q.collect(ctx, n, string(from))
	if err != nil {
		return Page[V]{}, err
	}
	return Page[V]{Rows: rows, Next: Cursor[V](next)}, nil
}

// Delete removes the rows and returns how many there were. Outside of a transaction
// many are removed in several commits, of up to 5,000 rows each: the number that comes
// with an error is of those that are gone.
func (q Query[K, V]) Delete(ctx context.Context) (int, error) { return q.run.Delete(ctx) }
