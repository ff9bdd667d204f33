package templates

// queryFile emits users_query.go: the type of a table's queries, and those over its
// key. A query is a storeimpl.Query by another name, so that pointers are converted for
// nothing; its methods say what types the rows and keys have.
func (t *table) queryFile() *source {
	s := t.file("query")
	s.add(t.text(`
// A query is a storeimpl.Query under the name of the table, so that a pointer to one becomes a
// pointer to the other for nothing. Rows come from it in memory that the next row is read into:
// what keeps a row copies it.

// Query finds rows of $name, in the order of the key or of an index. It is never changed: a
// method that narrows it returns another one. It may be used any number of times, and by several
// goroutines. What one call of All, Rows, Count and so on reads is of one state of the database.
//
// A query over the key reads the rows, one over an index its entries and the row of each. A
// method that reads less says so.
type Query storeimpl.Query

// Scan returns the query as it is. It can end each chain of methods, so that a caller still
// compiles when a column is added to the index.
func (q *Query) Scan() *Query { return q }

// Limit ends the query after n rows that match; 0 is no limit. No more rows are read.
func (q *Query) Limit(n int) *Query { return (*Query)((*storeimpl.Query)(q).Limit(n)) }

// Reverse turns the order around.
func (q *Query) Reverse() *Query { return (*Query)((*storeimpl.Query)(q).Reverse()) }

// Filter keeps the rows for which keep returns true. It comes before a limit, and several add up.
// All rows of the query are read for it. The row is valid until keep returns: a copy may be kept.
func (q *Query) Filter(keep func(v *$Row) bool) *Query {
	return (*Query)((*storeimpl.Query)(q).Filter(func(row any) bool { return keep(row.(*$Row)) }))
}

// All returns the rows. An error ends them: it comes with a zero row, as the last pair.
func (q *Query) All(ctx context.Context) iter.Seq2[$Row, error] {
	return func(yield func($Row, error) bool) { q.each(ctx, yield) }
}

// Each calls visit with each row, and ends when that returns an error, which it returns too. The
// row is valid until visit returns: a copy may be kept, and what it points to stays valid. All
// makes that copy for each row, Each does not.
func (q *Query) Each(ctx context.Context, visit func(v *$Row) error) error {
	return (*storeimpl.Query)(q).Each(ctx, func(row any) error { return visit(row.(*$Row)) })
}

// Rows returns the rows as a slice, which is nil if there are none.
func (q *Query) Rows(ctx context.Context) ([]$Row, error) {
	p, err := q.Page(ctx, storeimpl.Unpaged, "")
	return p.Rows, err
}

// Keys returns the keys of the rows. An error ends them: it comes with a zero key, as the last
// pair. Over an index it reads entries only, and rows only for a filter.
func (q *Query) Keys(ctx context.Context) iter.Seq2[$Key, error] {
	return func(yield func($Key, error) bool) {
		if err := (*storeimpl.Query)(q).Keys(ctx, func(row any) bool { return yield(KeyOf(row.(*$Row)), nil) }); err != nil {
			var k $Key
			yield(k, err)
		}
	}
}

// Count returns the number of rows or, over an index on the elements of a list, of entries. It
// reads all of the query: over an index entries only, and rows only for a filter.
func (q *Query) Count(ctx context.Context) (int, error) { return (*storeimpl.Query)(q).Count(ctx) }

// First returns the first row. The error is store.ErrNotFound if there is none. It reads one row,
// or with a filter all rows before the first that matches.
func (q *Query) First(ctx context.Context) (v $Row, err error) {
	m, err := (*storeimpl.Query)(q).First(ctx)
	take(&v, m)
	return v, err
}

// Last returns the last row. The error is store.ErrNotFound if there is none. It reads one row, or
// with a filter all rows behind the last that matches.
func (q *Query) Last(ctx context.Context) (v $Row, err error) {
	m, err := (*storeimpl.Query)(q).Reverse().First(ctx)
	take(&v, m)
	return v, err
}

// Page returns up to n rows from a cursor on, and the cursor of the next page, which is "" after
// the last row; "" is also where the first page begins. It reads these rows, and not those of the
// pages before. A row that is neither inserted, deleted nor moved meanwhile comes exactly once. A
// limit of the query is one for all pages together.
//
// The error is store.ErrStaleCursor for a cursor of another index, order, schema, principal or
// value of a fixed column.
func (q *Query) Page(ctx context.Context, n int, from store.Cursor[$Row]) (store.Page[$Row], error) {
	var rows []$Row
	if n > 0 {
		rows = make([]$Row, 0, min(n, storeimpl.MostAhead))
	}
	next, err := (*storeimpl.Query)(q).Page(ctx, n, string(from), func(row any) { rows = append(rows, *row.(*$Row)) })
	if err != nil {
		return store.Page[$Row]{}, err
	}
	return store.Page[$Row]{Rows: rows, Next: store.Cursor[$Row](next)}, nil
}

// Delete removes the rows and returns how many there were. It reads them all, since their index
// entries go with them. Outside a transaction it commits once for up to 5,000 rows: if it returns
// an error, the rows that it has counted are removed already.
func (q *Query) Delete(ctx context.Context) (int, error) { return (*storeimpl.Query)(q).Delete(ctx) }

// each gives the rows to yield, which All returns as a sequence.
func (q *Query) each(ctx context.Context, yield func($Row, error) bool) {
	if err := (*storeimpl.Query)(q).Rows(ctx, func(row any) bool { return yield(*row.(*$Row), nil) }); err != nil {
		yield($Row{}, err)
	}
}

`))
	t.keyIndex(s)
	return s
}
