package templates

// queryFile emits users_query.go: the type of a table's queries, and those over its
// key. A query is a run of rows by another name, which pointers are converted to for
// nothing, and its methods say what types the rows and keys have.
func (t *table) queryFile() *source {
	s := t.file("query")
	s.add(t.text(`
// Query is a run of rows of $name, in the order of the key or of an index. It is not changed: each method that narrows it returns another one. It may be run any number of times, and what it reads is of one state of the database.
type Query storeimpl.Run

// Limit ends the query after n rows that match, 0 is no limit; Reverse turns the order around.
func (q *Query) Limit(n int) *Query { return (*Query)((*storeimpl.Run)(q).Limit(n)) }
func (q *Query) Reverse() *Query { return (*Query)((*storeimpl.Run)(q).Reverse()) }

// Filter keeps only rows for which keep returns true; all rows of the run are read for it. It comes before a limit, and several add up. The row is valid during the call only: a copy may be kept.
func (q *Query) Filter(keep func(v *$Row) bool) *Query {
	return (*Query)((*storeimpl.Run)(q).Filter(func(row any) bool { return keep(row.(*$Row)) }))
}

// All returns the rows. An error ends them: it comes with a zero row, as the last pair.
func (q *Query) All(ctx context.Context) iter.Seq2[$Row, error] {
	return func(yield func($Row, error) bool) { q.each(ctx, yield) }
}

// Each calls visit with each row, until it returns an error, which comes back. The row is valid during the call only: a copy may be kept, and what it points to stays. That copy is what it saves beside All.
func (q *Query) Each(ctx context.Context, visit func(v *$Row) error) error {
	return (*storeimpl.Run)(q).Each(ctx, func(row any) error { return visit(row.(*$Row)) })
}

// Rows returns the rows as a slice.
func (q *Query) Rows(ctx context.Context) ([]$Row, error) {
	rows, _, err := q.collect(ctx, storeimpl.Unpaged, "")
	return rows, err
}

// Keys returns the keys of the rows. An index is not left for it: rows are read only for a filter.
func (q *Query) Keys(ctx context.Context) iter.Seq2[$Key, error] {
	return func(yield func($Key, error) bool) { q.eachKey(ctx, yield) }
}

// Count returns the number of rows; in an index over the elements of a list, the number of entries.
func (q *Query) Count(ctx context.Context) (int, error) { return (*storeimpl.Run)(q).Count(ctx) }

// First returns the first row, and Last the last, or store.ErrNotFound.
func (q *Query) First(ctx context.Context) (v $Row, err error) {
	m, err := (*storeimpl.Run)(q).First(ctx)
	take(&v, m)
	return v, err
}
func (q *Query) Last(ctx context.Context) (v $Row, err error) {
	m, err := (*storeimpl.Run)(q).Reverse().First(ctx)
	take(&v, m)
	return v, err
}

// Page returns up to n rows from a cursor on; "" is the beginning. Rows that are written meanwhile show or not as they lie ahead of the place or behind it; none that stays put comes twice or is missed. The query's limit is one for all its pages. A cursor of another index, order, schema or value of a fixed column is store.ErrStaleCursor.
func (q *Query) Page(ctx context.Context, n int, from store.Cursor[$Row]) (store.Page[$Row], error) {
	rows, next, err := q.collect(ctx, n, string(from))
	if err != nil {
		return store.Page[$Row]{}, err
	}
	return store.Page[$Row]{Rows: rows, Next: store.Cursor[$Row](next)}, nil
}

// Delete removes the rows and returns how many there were. Outside of a transaction many are removed in several commits, of up to 5,000 rows each: the number that comes with an error is of those that are gone.
func (q *Query) Delete(ctx context.Context) (int, error) { return (*storeimpl.Run)(q).Delete(ctx) }

func (q *Query) each(ctx context.Context, yield func($Row, error) bool) {
	if err := (*storeimpl.Run)(q).Rows(ctx, func(row any) bool { return yield(*row.(*$Row), nil) }); err != nil {
		yield($Row{}, err)
	}
}

func (q *Query) eachKey(ctx context.Context, yield func($Key, error) bool) {
	if err := (*storeimpl.Run)(q).Keys(ctx, func(row any) bool { return yield(KeyOf(row.(*$Row)), nil) }); err != nil {
		var k $Key
		yield(k, err)
	}
}

func (q *Query) collect(ctx context.Context, n int, from string) (rows []$Row, next string, err error) {
	if n > 0 {
		rows = make([]$Row, 0, min(n, storeimpl.MostAhead))
	}
	next, err = (*storeimpl.Run)(q).Page(ctx, n, from, func(row any) { rows = append(rows, *row.(*$Row)) })
	return rows, next, err
}
`))
	t.keyIndex(s)
	return s
}

// entriesQuery emits the methods of a query for a run of an index that includes
// fields, which has more of them. Embedding would be shorter, but what embeds is no
// Run, which to convert costs an allocation.
func (t *table) entriesQuery(s *source, name string) {
	s.add(t.text(`
// Query is the run as a Query; what follows are the methods of that.
func (q *$Entries) Query() *Query { return (*Query)(q) }
func (q *$Entries) Limit(n int) *$Entries { return (*$Entries)((*storeimpl.Run)(q).Limit(n)) }
func (q *$Entries) Reverse() *$Entries { return (*$Entries)((*storeimpl.Run)(q).Reverse()) }
func (q *$Entries) Filter(keep func(v *$Row) bool) *Query { return (*Query)(q).Filter(keep) }
func (q *$Entries) All(ctx context.Context) iter.Seq2[$Row, error] {
	return func(yield func($Row, error) bool) { (*Query)(q).each(ctx, yield) }
}
func (q *$Entries) Each(ctx context.Context, visit func(v *$Row) error) error { return (*Query)(q).Each(ctx, visit) }
func (q *$Entries) Rows(ctx context.Context) ([]$Row, error) { return (*Query)(q).Rows(ctx) }
func (q *$Entries) Keys(ctx context.Context) iter.Seq2[$Key, error] {
	return func(yield func($Key, error) bool) { (*Query)(q).eachKey(ctx, yield) }
}
func (q *$Entries) Count(ctx context.Context) (int, error) { return (*storeimpl.Run)(q).Count(ctx) }
func (q *$Entries) First(ctx context.Context) (v $Row, err error) {
	m, err := (*storeimpl.Run)(q).First(ctx)
	take(&v, m)
	return v, err
}
func (q *$Entries) Last(ctx context.Context) (v $Row, err error) {
	m, err := (*storeimpl.Run)(q).Reverse().First(ctx)
	take(&v, m)
	return v, err
}
func (q *$Entries) Page(ctx context.Context, n int, from store.Cursor[$Row]) (store.Page[$Row], error) {
	return (*Query)(q).Page(ctx, n, from)
}
func (q *$Entries) Delete(ctx context.Context) (int, error) { return (*storeimpl.Run)(q).Delete(ctx) }
`, "$Entries", name))
}
