package templates

import (
	"slices"

	"github.com/storegen/storegen/schema"
)

// covering emits the entries of an index that includes fields, which its queries can
// return without the rows. These have all methods of a query: embedding one would be
// shorter, but a struct that embeds one cannot be converted without an allocation.
func (w *narrowing) covering(s *source, ix *schema.Index) {
	s.add(w.text(w.name, `
// $End is a query over $From. Entries returns what the index holds, and reads no rows;
// the other methods are those of Query, which reads each entry and its row.
type $End storeimpl.Query

// $Query returns the query as one over rows, which all indexes of the table have in common.
func (q *$End) Query() *Query { return (*Query)(q) }

// Scan returns the query as it is. It can end each chain of methods, so that a caller still
// compiles when a column is added to the index.
func (q *$End) Scan() *$End { return q }

// Limit ends the query after n rows or entries that match; 0 is no limit.
func (q *$End) Limit(n int) *$End { return (*$End)((*storeimpl.Query)(q).Limit(n)) }

// Reverse turns the order around.
func (q *$End) Reverse() *$End { return (*$End)((*storeimpl.Query)(q).Reverse()) }

// Filter keeps the rows for which keep returns true: see Query.Filter.
func (q *$End) Filter(keep func(v *$Row) bool) *Query { return (*Query)(q).Filter(keep) }

// All returns the rows: see Query.All.
func (q *$End) All(ctx context.Context) iter.Seq2[$Row, error] {
	return func(yield func($Row, error) bool) { (*Query)(q).each(ctx, yield) }
}

// Each calls visit with each row: see Query.Each.
func (q *$End) Each(ctx context.Context, visit func(v *$Row) error) error { return (*Query)(q).Each(ctx, visit) }

// Rows returns the rows as a slice: see Query.Rows.
func (q *$End) Rows(ctx context.Context) ([]$Row, error) { return (*Query)(q).Rows(ctx) }

// Keys returns the keys of the rows, and reads entries only: see Query.Keys.
func (q *$End) Keys(ctx context.Context) iter.Seq2[$Key, error] {
	return (*Query)(q).Keys(ctx)
}

// Count returns the number of entries, and reads no rows: see Query.Count.
func (q *$End) Count(ctx context.Context) (int, error) { return (*storeimpl.Query)(q).Count(ctx) }

// First returns the first row: see Query.First.
func (q *$End) First(ctx context.Context) (v $Row, err error) {
	m, err := (*storeimpl.Query)(q).First(ctx)
	take(&v, m)
	return v, err
}

// Last returns the last row: see Query.Last.
func (q *$End) Last(ctx context.Context) (v $Row, err error) {
	m, err := (*storeimpl.Query)(q).Reverse().First(ctx)
	take(&v, m)
	return v, err
}

// Page returns up to n rows from a cursor on: see Query.Page.
func (q *$End) Page(ctx context.Context, n int, from store.Cursor[$Row]) (store.Page[$Row], error) {
	return (*Query)(q).Page(ctx, n, from)
}

// Delete removes the rows: see Query.Delete.
func (q *$End) Delete(ctx context.Context) (int, error) { return (*storeimpl.Query)(q).Delete(ctx) }

`, "$Query", "Query"))
	w.entries(s, ix)
}

// entries emits the type of the entries, and how they are read.
func (w *narrowing) entries(s *source, ix *schema.Index) {
	// Entries with the same columns share what these are decoded into, unless that is of
	// a type whose values may be changed in place.
	fresh, columns := "fresh", "if fresh {\nif err := like.columns(columns); err != nil {\nreturn false, err\n}\n}"
	if slices.ContainsFunc(ix.Columns, func(c *schema.Column) bool { return c.Type().Go != nil }) {
		fresh, columns = "_", "if err := like.columns(columns); err != nil {\nreturn false, err\n}"
	}
	read := []string{"r := keys.NewReader(b)"}
	for _, c := range ix.Columns {
		l := leaf{at: "v." + c.Field.GoName, typ: c.Type(), desc: c.Desc}
		if c.Mapped() || w.Table.Field(c.Field.Name).InKey {
			read = append(read, "_ = "+l.read())
		} else {
			read = append(read, w.setLeaf(l))
		}
	}
	fields, decls := w.entryFields(ix)
	s.add(w.text(w.name, `
// $Entry is what an entry of $From holds: the key of the row, the columns and the included
// fields.
type $Entry struct {
	$fields
}
$json

// Entries returns the entries, and reads no rows. An error ends them: it comes with a
// zero entry, as the last pair. After a Filter, which needs rows, it is store.ErrInvalid.
func (q *$End) Entries(ctx context.Context) iter.Seq2[$Entry, error] {
	return func(yield func($Entry, error) bool) {
		var like $Entry // with the columns of the entry before
		err := (*storeimpl.Query)(q).Entries(ctx, func(row any, columns []byte, $fresh bool, include []byte) (bool, error) {
			$columns
			k := KeyOf(row.(*$Row))
			v := like
			$setKey
			if err := v.include(include); err != nil {
				return false, err
			}
			return yield(v, nil), nil
		})
		if err != nil {
			yield($Entry{}, err)
		}
	}
}

// columns reads the columns of an entry.
func (v *$Entry) columns(b []byte) error {
	$read
	return r.Err()
}

// include reads the included fields of an entry.
func (v *$Entry) include(b []byte) error {
	$arrays
	r := record.NewReader(b)
	for r.Next() {
		switch r.Num() {
		$cases
		}
	}
	return r.Err()
}
`, "$Entry", w.entry, "$fields", lines(decls...), "$json", w.emptyLists(w.entry, ix.Include, fields...), "$fresh", fresh, "$columns", columns,
		"$setKey", lines(w.setKey()...), "$read", lines(read...), "$arrays", w.arrays("v", ix.Include), "$cases", w.readFields("v", ix.Include)))
}

// entryFields are the fields of an entry, each once, and their declarations: those of the
// key, the columns (folded ones are not the field's own value), and what is included.
func (w *narrowing) entryFields(ix *schema.Index) (fields []*schema.Field, decls []string) {
	add := func(f *schema.Field, typ, name string) {
		if !slices.Contains(fields, f) {
			fields = append(fields, f)
			decls = append(decls, doc(f.Doc), f.GoName+" "+typ+jsonName(name))
		}
	}
	for _, f := range w.Table.Key.Fields {
		add(f, w.goType(f.Type), f.Name)
	}
	for _, c := range ix.Columns {
		if !c.Mapped() {
			add(c.Field, w.goType(c.Type()), c.Field.Name)
		}
	}
	for _, f := range ix.Include {
		add(f, w.fieldType(f), f.Name)
	}
	return fields, decls
}
