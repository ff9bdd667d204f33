package templates

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/schema"
)

// taken are the methods that queries and unique indexes have: a column of that
// name gets a method with Is behind it.
var taken = map[string]bool{
	"Limit": true, "Reverse": true, "Filter": true, "All": true, "Rows": true, "Keys": true, "Count": true, "First": true,
	"Last": true, "Delete": true, "Page": true, "Query": true, "Scan": true, "Get": true, "Key": true, "Entries": true,
}

// component is a part of an index, or of the key, that a query can be narrowed
// by.
type component struct {
	name   string       // Status
	typ    *schema.Type // of the values
	column *schema.Column
	last   bool // the last part of the key
}

// method is the name of the method that fixes a component.
func (w *walk) method(c component) string {
	if taken[c.name] {
		return c.name + "Is"
	}
	return c.name
}

// rangeName is what the names of range methods begin with: a timestamp
// created_at gives CreatedAfter.
func (c component) rangeName() string {
	if short := strings.TrimSuffix(c.name, "At"); c.typ.Kind == schema.Timestamp && short != "" {
		return short
	}
	return c.name
}

// walk is an index, or the key, as typed steps.
type walk struct {
	*table
	name  string // StatusIndex
	parts []component
	end   string // the type of a query that can be narrowed no more
	entry string // the type of an entry, of an index that includes fields
}

// text fills the holes of Go text about a run of the walk, whose type is from.
func (w *walk) text(from, text string, pairs ...string) string {
	return w.table.text(text, append(pairs, "$From", from, "$End", w.end)...)
}

// keyIndex emits the walk over the key.
func (t *table) keyIndex(s *source) {
	w := &walk{table: t, name: t.ownName("KeyIndex"), end: t.ownName("Query")}
	parts := t.Key.Fields
	if len(t.Key.PartNames) == 0 && t.Key.Type.Kind == schema.Struct {
		parts = t.Key.Type.Fields
	}
	for i, f := range parts {
		w.parts = append(w.parts, component{name: f.GoName, typ: f.Type, last: i == len(parts)-1})
	}
	s.add(doc(paragraph(w.name+" is the rows of "+t.Name+" in the order of their keys.", w.stepsDoc("parts"))))
	w.index(s)
	w.steps(s)
}

func indexDoc(t *table, ix *schema.Index) string {
	var cols []string
	for _, c := range ix.Columns {
		col := c.Field.Name
		if c.Fold {
			col = "folded " + col
		}
		if c.Each {
			col = "each of " + col
		}
		if c.Desc {
			col += " descending"
		}
		cols = append(cols, col)
	}
	out := "By" + ix.GoName + " is the rows by " + strings.Join(cols, ", then ")
	if ix.Unique {
		out += "; no two rows have the same"
	}
	if ix.Where != nil {
		out += ", where " + ix.Where.String()
	}
	return out + "."
}

// indexFile emits users_username_index.go.
func (t *table) indexFile(ix *schema.Index) *source {
	s := t.file(ix.Name + "_index")
	name := t.ownName(ix.GoName + "Index")
	w := &walk{table: t, name: name, end: t.ownName("Query")}
	for _, c := range ix.Columns {
		w.parts = append(w.parts, component{name: c.Field.GoName, typ: c.Type(), column: c})
	}
	if len(ix.Include) > 0 {
		w.end, w.entry = t.ownName(ix.GoName+"Entries"), t.ownName(ix.GoName+"Entry")
	}
	about := strings.TrimPrefix(indexDoc(t, ix), "By"+ix.GoName+" is ")
	s.add(doc(paragraph(name+" is "+about, ix.Doc, sparseDoc(ix), w.stepsDoc("columns"))))
	w.index(s)
	if ix.Unique {
		w.unique(s, ix)
	}
	w.steps(s)
	if len(ix.Include) > 0 {
		w.covering(s, ix)
	}
	return s
}

// index emits the type of an index. It, and that of a run which can be narrowed
// further, has none of the methods of a query: all would be compiled again for it,
// and a package with several indexes of two columns be a third of these.
func (w *walk) index(s *source) {
	s.add(w.text(w.name, `
type $From storeimpl.Run

// Scan is all of the index, in its order.
func (q *$From) Scan() *$End { return (*$End)(q) }
`))
}

// paragraph joins sentences, as far as there are any.
func paragraph(sentences ...string) string {
	return strings.Join(slices.DeleteFunc(sentences, func(s string) bool { return s == "" }), " ")
}

// stepsDoc says how an index of several parts is narrowed.
func (w *walk) stepsDoc(parts string) string {
	if len(w.parts) < 2 {
		return ""
	}
	return "Its leading " + parts + " can be fixed, in order; then the next one can be bounded, or all of the run be scanned."
}

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
	return "A row without " + strings.Join(names, " or ") + " has no entry."
}

// steps emits the methods that narrow a walk, and the types between them.
func (w *walk) steps(s *source) {
	from := w.name
	for i, p := range w.parts {
		final := i == len(w.parts)-1
		next := from + p.name
		switch {
		case ranged(p.typ):
			w.ranges(s, from, p, next, final)
		case !p.last:
			w.only(s, from, p, next, final)
		}
		if final || p.last {
			return
		}
		s.add(w.text(next, `
// $From is a run of $Index with the parts up to $part fixed.
type $From storeimpl.Run

// Scan is all of the run, in its order.
func (q *$From) Scan() *$End { return (*$End)(q) }
`, "$Index", w.name, "$part", p.name))
		from = next
	}
}

// ranged reports whether bounds on values of a type make sense: those of an enum are
// in the order of their numbers, which tells nothing of what they stand for.
func ranged(t *schema.Type) bool { return t.Kind != schema.Bool && t.Kind != schema.Enum }

// appendPart appends a value of a component to a key.
func (w *walk) appendPart(dst string, p component, x string) string {
	if p.column != nil {
		return w.appendColumn(dst, p.column, x, "&"+x)
	}
	parts := leaves(x, p.typ)
	parts[len(parts)-1].last = p.last
	for _, l := range parts {
		dst = w.appendLeaf(dst, l)
	}
	return dst
}

// encoding is how a component is encoded.
func (p component) encoding() string {
	switch {
	case p.column != nil && p.column.Desc:
		return "storeimpl.Desc"
	case p.last:
		return "storeimpl.Whole"
	}
	return "storeimpl.Asc"
}

// only emits the one method of a component that cannot be bounded.
func (w *walk) only(s *source, from string, p component, next string, final bool) {
	if final {
		next = w.end
	}
	param := paramNames([]string{p.name}, "q", "n")[0]
	s.add(w.text(from, `
// $Method keeps the rows of one $part.
func (q *$From) $Method($param $Type) *$Next {
	n := (*storeimpl.Run)(q).Narrowing()
	return (*$Next)(n.Narrow(storeimpl.Eq, $encoding, $append))
}
`, "$Method", w.method(p), "$part", p.name, "$param", param, "$Type", w.goType(p.typ), "$Next", next,
		"$encoding", p.encoding(), "$append", w.appendPart("n.At()", p, param)))
}

// prefixed reports whether a component can be narrowed to what begins with a
// prefix.
func (p component) prefixed() bool { return p.typ.Kind == schema.String || heldInString(p.typ) }

// boundsDoc says what the methods that bound a component keep.
func (p component) boundsDoc(subject string) string {
	text := subject + " bound " + p.name + ": After is greater than v, From is v or greater, Before is less than v, To is v or less, Between is lo or greater and less than hi"
	if p.prefixed() {
		text += ", Prefix is what begins so"
	}
	return text + "."
}

// ranges emits the methods that fix or bound a component, and what they share.
func (w *walk) ranges(s *source, from string, p component, next string, final bool) {
	holes := []string{"$Type", w.goType(p.typ), "$Range", p.rangeName(), "$encoding", p.encoding()}
	s.add(w.text(from, `
func (q *$From) bound(how storeimpl.Bound, v $Type) *$End {
	n := (*storeimpl.Run)(q).Narrowing()
	return (*$End)(n.Narrow(how, $encoding, $append))
}
`, append(holes, "$append", w.appendPart("n.At()", p, "v"))...))
	param := paramNames([]string{p.name}, "q", "n")[0]
	result, fixed := w.end, "q.bound(storeimpl.Eq, "+param+")"
	if !final {
		result, fixed = next, "(*"+next+")("+fixed+")"
	}
	if p.last {
		s.add(doc(p.boundsDoc(p.rangeName() + "After and those below")))
	} else {
		s.add(doc(w.method(p) + " keeps the rows of one " + p.name + ". " + p.boundsDoc("Those below")))
		s.add(w.text(from, "func (q *$From) $Method($param $Type) *$Result { return $fixed }",
			append(holes, "$Method", w.method(p), "$param", param, "$Result", result, "$fixed", fixed)...))
	}
	s.add(w.text(from, `
func (q *$From) $RangeAfter(v $Type) *$End { return q.bound(storeimpl.After, v) }
func (q *$From) $RangeFrom(v $Type) *$End { return q.bound(storeimpl.From, v) }
func (q *$From) $RangeBefore(v $Type) *$End { return q.bound(storeimpl.Before, v) }
func (q *$From) $RangeTo(v $Type) *$End { return q.bound(storeimpl.To, v) }
func (q *$From) $RangeBetween(lo, hi $Type) *$End { return (*$From)(q.bound(storeimpl.From, lo)).bound(storeimpl.Before, hi) }
`, holes...))
	if !p.prefixed() {
		return
	}
	fn, x := "AppendStringPrefix", "prefix"
	switch {
	case p.last:
		fn = "AppendStringLast"
	case p.column != nil && p.column.Desc:
		fn = "AppendStringPrefixDesc"
	}
	if p.column != nil && p.column.Fold {
		x = "keys.Fold(prefix)"
	}
	s.add(w.text(from, `
func (q *$From) $RangePrefix(prefix string) *$End {
	n := (*storeimpl.Run)(q).Narrowing()
	return (*$End)(n.Narrow(storeimpl.StartsWith, $encoding, keys.$fn(n.At(), $x)))
}
`, append(holes, "$fn", fn, "$x", x)...))
}

// unique emits the methods for a complete value of a unique index.
func (w *walk) unique(s *source, ix *schema.Index) {
	var goNames, names, params []string
	for i, p := range w.parts {
		goNames, names = append(goNames, p.name), append(names, ix.Columns[i].Field.Name)
	}
	vars := paramNames(goNames, "q", "ctx", "v", "k", "m", "err")
	entry := "(*storeimpl.Run)(q).At()"
	for i, p := range w.parts {
		params = append(params, vars[i]+" "+w.goType(p.typ))
		entry = w.appendPart(entry, p, vars[i])
	}
	s.add(w.text(w.name, `
func (q *$From) entry($params) []byte {
	return $entry
}

// Get returns the row of one $of, or store.ErrNotFound.
func (q *$From) Get(ctx context.Context, $params) (v $Row, err error) {
	m, err := (*storeimpl.Run)(q).One(ctx, q.entry($args))
	take(&v, m)
	return v, err
}

// Key returns the key of the row of one $of, without reading the row, or store.ErrNotFound.
func (q *$From) Key(ctx context.Context, $params) (k $Key, err error) {
	m, err := (*storeimpl.Run)(q).KeyOf(ctx, q.entry($args))
	if err == nil {
		k = KeyOf(m.Row.(*$Row))
		m.Release()
	}
	return k, err
}
`, "$params", strings.Join(params, ", "), "$args", strings.Join(vars, ", "), "$entry", entry, "$of", strings.Join(names, " and ")))
}

// covering emits the entries of an index that includes fields.
func (w *walk) covering(s *source, ix *schema.Index) {
	s.add(w.text(w.name, `
// $End is a run of $From.
//
// Its entries can be read without the rows.
type $End storeimpl.Run
`))
	w.entriesQuery(s, w.end)
	// Entries with the same columns share what these are decoded into, unless that is of
	// a type whose values may be changed in place.
	fresh, columns := "fresh", "if fresh {\nif err := like.columns(columns); err != nil {\nreturn false, err\n}\n}"
	if slices.ContainsFunc(ix.Columns, func(c *schema.Column) bool { return c.Type().Go != nil }) {
		fresh, columns = "_", "if err := like.columns(columns); err != nil {\nreturn false, err\n}"
	}
	read := []string{"r := keys.NewReader(b)"}
	for _, c := range ix.Columns {
		if c.Fold || w.Table.Field(c.Field.Name).InKey {
			read = append(read, "_ = r."+keyFuncs[c.Type().Kind]+leaf{typ: c.Type(), desc: c.Desc}.suffix()+"()")
			continue
		}
		read = append(read, w.setLeaf(leaf{at: "v." + c.Field.GoName, typ: c.Type(), desc: c.Desc}))
	}
	s.add(w.text(w.name, `
// $Entry is what an entry of $From holds: the key of the row, the columns and the included fields.
type $Entry struct {
	$fields
}

// Entries returns the entries. An error ends them: it comes with a zero entry, as the last pair.
func (q *$End) Entries(ctx context.Context) iter.Seq2[$Entry, error] {
	return func(yield func($Entry, error) bool) {
		var like $Entry // with the columns of the entry before
		err := (*storeimpl.Run)(q).Entries(ctx, func(row any, columns []byte, $fresh bool, include []byte) (bool, error) {
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

func (v *$Entry) columns(b []byte) error {
	$read
	return r.Err()
}

func (v *$Entry) include(b []byte) error {
	r := record.NewReader(b)
	for r.Next() {
		switch r.Num() {
		$cases
		}
	}
	return r.Err()
}
`, "$Entry", w.entry, "$fields", lines(w.entryFields(ix)...), "$fresh", fresh, "$columns", columns, "$setKey", lines(w.setKey()...),
		"$read", lines(read...), "$cases", w.readFields("v", ix.Include)))
}

// entryFields are the fields of an entry, each once: of the key, the columns
// (folded ones are not the field's own value), and what is included.
func (w *walk) entryFields(ix *schema.Index) []string {
	var out []string
	seen := map[string]bool{}
	add := func(f *schema.Field, typ string) {
		if !seen[f.Name] {
			seen[f.Name] = true
			out = append(out, f.GoName+" "+typ+jsonName(f.Name))
		}
	}
	for _, f := range w.Table.Key.Fields {
		add(f, w.goType(f.Type))
	}
	for _, c := range ix.Columns {
		if !c.Fold {
			add(c.Field, w.goType(c.Type()))
		}
	}
	for _, f := range ix.Include {
		add(f, w.fieldType(f))
	}
	return out
}
