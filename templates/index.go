package templates

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
)

// taken are the methods that queries and unique indexes have: the method that fixes a
// column of that name has Is behind it.
var taken = map[string]bool{
	"Limit": true, "Reverse": true, "Filter": true, "All": true, "Rows": true, "Keys": true, "Count": true, "First": true,
	"Last": true, "Delete": true, "Page": true, "Query": true, "Scan": true, "Get": true, "Key": true, "Entries": true, "Entry": true, "EntryMany": true,
}

// component is a part of an index, or of the key, that a query can be narrowed
// by.
type component struct {
	name   string       // Status
	label  string       // status, as it is in comments
	typ    *schema.Type // of the values
	column *schema.Column
	last   bool // the last part of the key
}

// method is the name of the method that fixes a component.
func (c component) method() string {
	if taken[c.name] {
		return c.name + "Is"
	}
	return c.name
}

// rangeName is what the names of the methods that bound a component begin with: its
// name, without an At at the end. created_at gives CreatedAfter.
func (c component) rangeName() string {
	if short := strings.TrimSuffix(c.name, "At"); short != "" {
		return short
	}
	return c.name
}

// narrowing is an index, or the key, and how its components are fixed and bounded,
// one after the other.
type narrowing struct {
	*table
	name  string // StatusIndex
	parts []component
}

// text fills the holes of Go text about a run, whose type is from.
func (w *narrowing) text(from, text string, pairs ...string) string {
	return w.table.text(text, append(pairs, "$From", from)...)
}

// keyIndex emits the queries over the key.
func (t *table) keyIndex(s *source) {
	w := &narrowing{table: t, name: t.ownName("KeyIndex")}
	parts := t.Key.Fields
	if len(t.Key.PartNames) == 0 && t.Key.Type.Kind == kind.Struct {
		parts = t.Key.Type.Fields
	}
	for i, f := range parts {
		w.parts = append(w.parts, component{name: f.GoName, label: f.Name, typ: f.Type, last: i == len(parts)-1})
	}
	w.index(s, w.name+" is the rows of "+t.Name+" in the order of their keys.", "Reading them costs nothing beside the rows.")
	w.steps(s)
}

// indexDoc says what an index holds.
func indexDoc(t *schema.Table, ix *schema.Index) string {
	var cols []string
	for _, c := range ix.Columns {
		col := columnLabel(c)
		if c.Desc {
			col += " descending"
		}
		cols = append(cols, col)
	}
	out := "the rows by " + strings.Join(cols, ", then ")
	if ix.Where != nil {
		out += ", where " + describe.Written(t, ix.Where)
	}
	if ix.Unique {
		out += "; no two of them have the same"
	}
	return out + "."
}

// columnLabel is a column in comments.
func columnLabel(c *schema.Column) string {
	label := c.Field.Name
	if c.Each {
		label = "element of " + label
	}
	return c.Label(label)
}

// indexFile emits users_username_index.go.
func (t *table) indexFile(ix *schema.Index) *source {
	s := t.file(ix.Name + "_index")
	w := &narrowing{table: t, name: t.ownName(ix.GoName + "Index")}
	for _, c := range ix.Columns {
		w.parts = append(w.parts, component{name: c.Field.GoName, label: columnLabel(c), typ: c.Type(), column: c})
	}
	cost := "A query over it reads its entries, and for each the row."
	if t.EntriesTell(ix) {
		cost = "A query over it reads its entries, and for each the row; Entries reads no rows."
	}
	w.index(s, paragraph(w.name+" is "+indexDoc(t.Table, ix), ix.Doc), paragraph(sparseDoc(ix), cost))
	if ix.Unique {
		w.unique(s, ix)
	}
	w.steps(s)
	if t.EntriesTell(ix) {
		w.entries(s, ix)
	}
	return s
}

// index emits the type of an index. It, and that of a run which can be narrowed
// further, has none of the methods of a query: all would be compiled again for it,
// and a package with several indexes of two columns be a third of these.
func (w *narrowing) index(s *source, what, cost string) {
	steps := ""
	if len(w.parts) > 1 {
		steps = "Its parts can be fixed from the left, by the methods of their names, and the next one be bounded. Scan gives all rows of what is fixed."
	}
	s.add(doc(paragraph(what), paragraph(cost, steps)))
	s.add(w.text(w.name, `
type $From storeimpl.Query

// Scan returns a query over all of the index, in its order.
func (q *$From) Scan() *Query { return (*Query)(q) }

`))
}

// paragraph joins sentences, as far as there are any.
func paragraph(sentences ...string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}

// sparseDoc says which rows an index does not hold.
func sparseDoc(ix *schema.Index) string {
	var names []string
	for _, c := range ix.Columns {
		if c.Field.Optional {
			names = append(names, c.Field.Name)
		}
	}
	if len(names) == 0 {
		return ""
	}
	return "A row without " + strings.Join(names, " or ") + " is not in it."
}

// steps emits the methods that narrow an index, and the types between them.
func (w *narrowing) steps(s *source) {
	from := w.name
	for i, p := range w.parts {
		final := i == len(w.parts)-1
		next := from + p.name
		w.component(s, from, p, next, final)
		if final || p.last {
			return
		}
		s.add(w.text(next, `
// $From is what $Index holds for one value of $fixed.
type $From storeimpl.Query

// Scan returns a query over all of it, in its order.
func (q *$From) Scan() *Query { return (*Query)(q) }

`, "$Index", w.name, "$fixed", labels(w.parts[:i+1])))
		from = next
	}
}

func labels(parts []component) string {
	var out []string
	for _, p := range parts {
		out = append(out, p.label)
	}
	return strings.Join(out, " and ")
}

// ranged reports whether bounds on values of a type make sense: those of an enum are
// in the order of their numbers, which tells nothing of what they stand for.
func ranged(t *schema.Type) bool { return t.Kind != kind.Bool && t.Kind != kind.Enum }

// prefixed reports whether a component can be narrowed to what begins with a
// prefix.
func (c component) prefixed() bool { return c.typ.Kind == kind.String || heldInString(c.typ) }

// encoding is how a component is encoded.
func (c component) encoding() string {
	switch {
	case c.column != nil && c.column.Desc:
		return "storeimpl.Desc"
	case c.last:
		return "storeimpl.Whole"
	}
	return "storeimpl.Asc"
}

// leaves are the scalars that a value of a component is made of.
func (w *narrowing) leaves(c component, x string) []leaf {
	if c.column != nil {
		return []leaf{w.columnLeaf(c.column, x, "&"+x)}
	}
	parts := leaves(x, c.typ)
	parts[len(parts)-1].last = c.last
	return parts
}

// component emits the methods that fix or bound a component of the run of type from.
func (w *narrowing) component(s *source, from string, c component, next string, final bool) {
	param := paramNames([]string{c.name}, "q", "n")[0]
	holes := []string{"$Type", w.goType(c.typ), "$Range", c.rangeName(), "$label", c.label, "$encoding", c.encoding()}
	var bound func(q, how, v string) string
	if parts := w.leaves(c, "v"); len(parts) == 1 && rowOf(parts[0].typ).Gen.Narrow {
		bound = func(q, how, v string) string {
			l := w.leaves(c, v)[0]
			return call(q+".Narrow"+l.kind(), "storeimpl."+how, c.encoding(), w.plainLeaf(l))
		}
	} else {
		bound = func(q, how, v string) string { return call("bound"+from, q, "storeimpl."+how, v) }
		dst := "n.At()"
		for _, l := range parts {
			dst = w.appendLeaf(dst, l)
		}
		s.add(w.text(from, `
func bound$From(q *storeimpl.Query, how storeimpl.Bound, v $Type) *storeimpl.Query {
	n := q.Narrowing()
	return n.Narrow(how, $encoding, $append)
}

`, append(holes, "$append", dst)...))
	}
	const run = "(*storeimpl.Query)(q)"
	if !c.last {
		result := w.ownName("Query")
		if !final {
			result = next
		}
		s.add(w.text(from, `
// $Method keeps the rows with the given $label.
func (q *$From) $Method($param $Type) *$Result {
	return (*$Result)($bound)
}

`, append(holes, "$Method", c.method(), "$param", param, "$Result", result, "$bound", bound(run, "Eq", param))...))
	}
	if !ranged(c.typ) {
		return
	}
	lowest := bound(run, "From", "lo")
	s.add(w.text(from, `
// $RangeAfter keeps the rows with $label > v.
func (q *$From) $RangeAfter(v $Type) *Query {
	return (*Query)($after)
}

// $RangeFrom keeps the rows with $label >= v.
func (q *$From) $RangeFrom(v $Type) *Query {
	return (*Query)($from)
}

// $RangeBefore keeps the rows with $label < v.
func (q *$From) $RangeBefore(v $Type) *Query {
	return (*Query)($before)
}

// $RangeTo keeps the rows with $label <= v.
func (q *$From) $RangeTo(v $Type) *Query {
	return (*Query)($to)
}

// $RangeBetween keeps the rows with lo <= $label < hi: lo is in the range, hi is not.
func (q *$From) $RangeBetween(lo, hi $Type) *Query {
	return (*Query)($between)
}

// $RangeFromTo keeps the rows with lo <= $label <= hi: both ends are in the range.
func (q *$From) $RangeFromTo(lo, hi $Type) *Query {
	return (*Query)($both)
}

`, append(holes, "$after", bound(run, "After", "v"), "$from", bound(run, "From", "v"), "$before", bound(run, "Before", "v"), "$to", bound(run, "To", "v"),
		"$between", bound(lowest, "Before", "hi"), "$both", bound(lowest, "To", "hi"))...))
	if c.prefixed() {
		prefix := "prefix"
		if c.column != nil {
			for _, m := range c.column.Mappings() {
				prefix = call(m.Call, prefix)
			}
		}
		s.add(w.text(from, `
// $RangePrefix keeps the rows with $label beginning with prefix.
func (q *$From) $RangePrefix(prefix string) *Query {
	return (*Query)((*storeimpl.Query)(q).NarrowPrefix($encoding, $prefix))
}

`, append(holes, "$prefix", prefix)...))
	}
}

// unique emits the methods for a complete value of a unique index.
func (w *narrowing) unique(s *source, ix *schema.Index) {
	params, entry, of := w.complete(ix, "(*storeimpl.Query)(q).At()", func(_ int, name string) string { return name })
	s.add(w.text(w.name, `
// Get returns the row of one $of. The error is store.ErrNotFound if there is none. It reads
// one entry, and the row.
func (q *$From) Get(ctx context.Context, $params) (v $Row, err error) {
	m, err := (*storeimpl.Query)(q).One(ctx, $entry)
	take(&v, m)
	return v, err
}

// Key returns the key of the row of one $of. The error is store.ErrNotFound if there is none.
// It reads one entry, and no row.
func (q *$From) Key(ctx context.Context, $params) (k $Key, err error) {
	m, err := (*storeimpl.Query)(q).KeyOf(ctx, $entry)
	if err == nil {
		k = KeyOf(m.Row.(*$Row))
		m.Release()
	}
	return k, err
}

`, "$params", params, "$entry", entry, "$of", of))
}
