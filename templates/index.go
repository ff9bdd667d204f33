package templates

import (
	"strings"

	"github.com/dave/jennifer/jen"
	"github.com/storegen/storegen/schema"
)

// taken are the methods that queries and unique indexes have: a column of that
// name gets a method with Is behind it.
var taken = map[string]bool{
	"Limit": true, "Reverse": true, "Filter": true, "All": true, "Rows": true, "Keys": true, "Count": true, "First": true,
	"Last": true, "Delete": true, "Page": true, "Query": true, "Range": true, "Scan": true, "Get": true, "Key": true, "Entries": true,
}

// component is a part of an index, or of the key, that a query can be narrowed
// by.
type component struct {
	name   string       // Status
	typ    *schema.Type // of the values
	column *schema.Column
	last   bool // the last part of the key
}

// method is the name of the method that fixes a component. The type of a
// covering index embeds one whose name is taken, too.
func (w *walk) method(c component) string {
	if taken[c.name] || w.wrap != "" && w.wrap == c.name {
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
	wrap  string // the type of a query that can be narrowed no more, where it is a struct around a store.Query
}

func (t *table) query() *jen.Statement { return jen.Qual(pathStore, "Query").Types(t.key(), t.row()) }

// keyIndex emits the walk over the key.
func (t *table) keyIndex(s *source) {
	w := &walk{table: t, name: t.ownName("KeyIndex")}
	parts := t.Key.Fields
	if len(t.Key.PartNames) == 0 && t.Key.Type.Kind == schema.Struct {
		parts = t.Key.Type.Fields
	}
	for i, f := range parts {
		w.parts = append(w.parts, component{name: f.GoName, typ: f.Type, last: i == len(parts)-1})
	}
	s.Add(doc(w.name+" is the rows of "+t.Name+" in the order of their keys.", "Its leading parts can be fixed, in order; then the next one can be bounded."))
	s.Type().Add(t.own("KeyIndex")).Struct(id("r").Qual(pathStore, "Range"))
	w.scan(s)
	w.steps(s)
}

// end is the type of a query that can be narrowed no more.
func (w *walk) end() *jen.Statement {
	if w.wrap != "" {
		return id(w.wrap)
	}
	return w.query()
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
	w := &walk{table: t, name: name}
	for _, c := range ix.Columns {
		w.parts = append(w.parts, component{name: c.Field.GoName, typ: c.Type(), column: c})
	}
	about := strings.TrimPrefix(indexDoc(t, ix), "By"+ix.GoName+" is ")
	s.Add(doc(name+" is "+about, ix.Doc, sparseDoc(ix),
		"Its leading columns can be fixed, in order; then the next one can be bounded."))
	if len(ix.Include) > 0 {
		w.wrap = t.ownName(ix.GoName + "Entries")
	}
	s.Type().Id(name).Struct(id("r").Qual(pathStore, "Range"))
	w.scan(s)
	if ix.Unique {
		w.unique(s, ix)
	}
	w.steps(s)
	if len(ix.Include) > 0 {
		w.covering(s, ix)
	}
	return s
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

// scan emits the walk over all of an index.
//
//	func (q StatusIndex) Scan() store.Query[models.JobID, Job] {
//		return store.Query[models.JobID, Job]{Range: q.r}
//	}
//
// The index's own type does not embed a query: all methods of one would be
// compiled again for it.
func (w *walk) scan(s *source) {
	s.Add(doc("Scan is all of the index, in its order."))
	s.Func().Params(id("q").Id(w.name)).Id("Scan").Params().Add(w.end()).Block(jen.Return(w.result(id("q").Dot("r"))))
}

// steps emits the methods that narrow a walk, and the types between them.
func (w *walk) steps(s *source) {
	from := w.name
	for i, p := range w.parts {
		final := i == len(w.parts)-1
		next := from + p.name
		if !p.last {
			w.fix(s, from, p, next, final)
		}
		if ranged(p.typ) {
			w.bounds(s, from, p)
		}
		if final || p.last {
			return
		}
		s.Add(doc(next + " is a run of " + w.name + " with the parts up to " + p.name + " fixed."))
		s.Type().Id(next).Struct(w.end())
		from = next
	}
}

// ranged reports whether bounds on values of a type make sense.
func ranged(t *schema.Type) bool { return t.Kind != schema.Bool }

// appendPart appends a value of a component to a key.
func (w *walk) appendPart(dst *jen.Statement, p component, x *jen.Statement) *jen.Statement {
	if p.column != nil {
		return w.appendColumn(dst, p.column, x)
	}
	parts := leaves(x, p.typ)
	parts[len(parts)-1].last = p.last
	for _, l := range parts {
		dst = w.appendLeaf(dst, l)
	}
	return dst
}

// at is the buffer that a component is appended to.
func (w *walk) at(from string) *jen.Statement { return w.in(from).Dot("At").Call() }

// in is the range of the receiver: of an index, or of a run of it that embeds a
// query.
func (w *walk) in(from string) *jen.Statement {
	if from == w.name {
		return id("q").Dot("r")
	}
	return id("q").Dot("Range")
}

// result makes a range a value of the type that is returned.
func (w *walk) result(r *jen.Statement) *jen.Statement {
	q := w.query().Values(id("Range").Op(":").Add(r))
	if w.wrap != "" {
		return w.end().Values(q)
	}
	return q
}

// fix emits the method that fixes a component.
//
//	func (q StatusIndex) Status(status models.JobStatus) StatusIndexStatus {
//		return StatusIndexStatus{store.Query[models.JobID, Job]{Range: q.r.Eq(keys.AppendEnum(q.r.At(), int32(status)))}}
//	}
func (w *walk) fix(s *source, from string, p component, next string, final bool) {
	param := paramNames([]string{p.name}, "q")[0]
	q := w.result(w.in(from).Dot("Eq").Call(w.appendPart(w.at(from), p, id(param))))
	typ := w.end()
	if !final {
		typ = id(next)
		q = id(next).Values(q)
	}
	s.Add(doc(w.method(p) + " keeps the rows of one " + p.name + "."))
	s.Func().Params(id("q").Id(from)).Id(w.method(p)).Params(id(param).Add(w.goType(p.typ))).Add(typ).Block(jen.Return(q))
}

// bounds emits the methods that bound a component.
//
//	func (q StatusIndexStatus) CreatedAfter(v time.Time) store.Query[models.JobID, Job] {
//		return store.Query[models.JobID, Job]{Range: q.Range.After(keys.AppendTimeDesc(q.Range.At(), v), store.Desc)}
//	}
func (w *walk) bounds(s *source, from string, p component) {
	how := jen.Qual(pathStore, "Asc")
	switch {
	case p.column != nil && p.column.Desc:
		how = jen.Qual(pathStore, "Desc")
	case p.last:
		how = jen.Qual(pathStore, "Whole")
	}
	bound := func(r *jen.Statement, fn, param string) *jen.Statement {
		return r.Dot(fn).Call(w.appendPart(w.at(from), p, id(param)), how)
	}
	method := func(name, text string, params []jen.Code, q *jen.Statement) {
		s.Add(doc(p.rangeName() + name + " keeps the rows whose " + p.name + text))
		s.Func().Params(id("q").Id(from)).Id(p.rangeName() + name).Params(params...).Add(w.end()).Block(jen.Return(w.result(q)))
	}
	one := []jen.Code{id("v").Add(w.goType(p.typ))}
	method("After", " is greater than v.", one, bound(w.in(from), "After", "v"))
	method("From", " is v or greater.", one, bound(w.in(from), "From", "v"))
	method("Before", " is less than v.", one, bound(w.in(from), "Before", "v"))
	method("To", " is v or less.", one, bound(w.in(from), "To", "v"))
	method("Between", " is lo or greater, and less than hi.", []jen.Code{jen.List(id("lo"), id("hi")).Add(w.goType(p.typ))},
		bound(bound(w.in(from), "From", "lo"), "Before", "hi"))
	if p.typ.Kind != schema.String && !(heldInString(p.typ)) {
		return
	}
	fn, x := "AppendStringPrefix", id("prefix")
	switch {
	case p.last:
		fn = "AppendStringLast"
	case p.column != nil && p.column.Desc:
		fn = "AppendStringPrefixDesc"
	}
	if p.column != nil && p.column.Fold {
		x = jen.Qual(pathKeys, "Fold").Call(x)
	}
	method("Prefix", " begins with a prefix.", []jen.Code{id("prefix").String()},
		w.in(from).Dot("StartsWith").Call(jen.Qual(pathKeys, fn).Call(w.at(from), x)))
}

// unique emits the methods for a complete value of a unique index.
//
//	func (q UsernameIndex) Get(ctx context.Context, username string) (User, error) {
//		return store.One[User](ctx, q.r, keys.AppendString(q.r.At(), keys.Fold(username)))
//	}
func (w *walk) unique(s *source, ix *schema.Index) {
	params := []jen.Code{id("ctx").Qual("context", "Context")}
	b := w.at(w.name)
	var goNames, names []string
	for i, p := range w.parts {
		goNames, names = append(goNames, p.name), append(names, ix.Columns[i].Field.Name)
	}
	vars := paramNames(goNames, "q", "ctx")
	for i, p := range w.parts {
		params = append(params, id(vars[i]).Add(w.goType(p.typ)))
		b = w.appendPart(b, p, id(vars[i]))
	}
	of := strings.Join(names, " and ")
	s.Add(doc("Get returns the row of one " + of + ", or store.ErrNotFound."))
	s.Func().Params(id("q").Id(w.name)).Id("Get").Params(params...).Params(w.row(), jen.Error()).Block(
		jen.Return(jen.Qual(pathStore, "One").Types(w.row()).Call(id("ctx"), id("q").Dot("r"), b)))
	s.Add(doc("Key returns the key of the row of one " + of + ", without reading the row, or store.ErrNotFound."))
	s.Func().Params(id("q").Id(w.name)).Id("Key").Params(params...).Params(w.key(), jen.Error()).Block(
		jen.Return(jen.Qual(pathStore, "KeyOf").Types(w.key()).Call(id("ctx"), id("q").Dot("r"), b)))
}

// covering emits the entries of an index that includes fields.
func (w *walk) covering(s *source, ix *schema.Index) {
	run, entry := w.ownName(ix.GoName+"Entries"), w.ownName(ix.GoName+"Entry")
	recv := func() *jen.Statement { return id("q").Id(run) }
	s.Add(doc(run+" is a run of "+w.name+".", "Its entries can be read without the rows."))
	s.Type().Id(run).Struct(w.query())
	s.Add(doc("Limit ends the run after n rows; 0 is no limit."))
	s.Func().Params(recv()).Id("Limit").Params(id("n").Int()).Id(run).Add(line(jen.Return(id(run).Values(id("q").Dot("Query").Dot("Limit").Call(id("n"))))))
	s.Add(doc("Reverse turns the order around."))
	s.Func().Params(recv()).Id("Reverse").Params().Id(run).Add(line(jen.Return(id(run).Values(id("q").Dot("Query").Dot("Reverse").Call()))))

	fields := w.entryFields(ix)
	s.Add(doc(entry + " is what an entry of " + w.name + " holds: the key of the row, the columns and the included fields."))
	s.Type().Id(entry).StructFunc(func(b *jen.Group) {
		for _, f := range fields {
			b.Id(f.name).Add(f.typ).Tag(map[string]string{"json": f.json})
		}
	})
	s.Add(doc("Entries returns the entries. An error ends them: it comes with a zero entry, as the last pair."))
	body := []jen.Code{
		jen.List(id("k"), id("err")).Op(":=").New(w.own("codec")).Dot("DecodeKey").Call(id("pk")),
		jen.If(id("err").Op("!=").Nil()).Block(jen.Return(jen.False(), id("err"))),
		jen.Var().Id("v").Id(entry),
	}
	body = append(body, w.setKey()...)
	body = append(body,
		jen.If(id("err").Op(":=").Id("v").Dot("columns").Call(id("columns")), id("err").Op("!=").Nil()).Block(jen.Return(jen.False(), id("err"))),
		jen.If(id("err").Op(":=").Id("v").Dot("include").Call(id("include")), id("err").Op("!=").Nil()).Block(jen.Return(jen.False(), id("err"))),
		jen.Return(id("yield").Call(id("v"), jen.Nil()), jen.Nil()))
	yield := func() *jen.Statement { return jen.Func().Params(id(entry), jen.Error()).Bool() }
	s.Func().Params(recv()).Id("Entries").Params(id("ctx").Qual("context", "Context")).Qual("iter", "Seq2").Types(id(entry), jen.Error()).Block(
		jen.Return(jen.Func().Params(id("yield").Add(yield())).Block(
			id("err").Op(":=").Qual(pathStore, "IndexEntries").Call(id("ctx"), id("q").Dot("Range"),
				jen.Func().Params(jen.List(id("pk"), id("columns"), id("include")).Index().Byte()).Params(jen.Bool(), jen.Error()).Block(body...)),
			jen.If(id("err").Op("!=").Nil()).Block(id("yield").Call(id(entry).Values(), id("err"))))))

	cols := []jen.Code{id("r").Op(":=").Qual(pathKeys, "NewReader").Call(id("b"))}
	for _, c := range ix.Columns {
		if c.Fold || w.Table.Field(c.Field.Name).InKey {
			cols = append(cols, id("_").Op("=").Id("r").Dot(keyFuncs[c.Type().Kind]+leaf{typ: c.Type(), desc: c.Desc}.suffix()).Call())
			continue
		}
		cols = append(cols, w.setLeaf(leaf{at: id("v").Dot(c.Field.GoName), typ: c.Type(), desc: c.Desc}))
	}
	s.Line()
	s.Func().Params(id("v").Op("*").Id(entry)).Id("columns").Params(id("b").Index().Byte()).Error().Block(
		append(cols, jen.Return(id("r").Dot("Err").Call()))...)
	s.Line()
	var cases []jen.Code
	for _, f := range stored(ix.Include) {
		cases = append(cases, w.readField(id("v"), f))
	}
	s.Func().Params(id("v").Op("*").Id(entry)).Id("include").Params(id("b").Index().Byte()).Error().Block(
		id("r").Op(":=").Qual(pathRecord, "NewReader").Call(id("b")),
		jen.For(id("r").Dot("Next").Call()).Block(jen.Switch(id("r").Dot("Num").Call()).Block(cases...)),
		jen.Return(id("r").Dot("Err").Call()))
}

type entryField struct {
	name, json string
	typ        *jen.Statement
}

// entryFields are the fields of an entry, each once: of the key, the columns
// (folded ones are not the field's own value), and what is included.
func (w *walk) entryFields(ix *schema.Index) []entryField {
	var out []entryField
	seen := map[string]bool{}
	add := func(f *schema.Field, typ *jen.Statement) {
		if !seen[f.Name] {
			seen[f.Name] = true
			out = append(out, entryField{f.GoName, f.Name, typ})
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
