package templates

import (
	"slices"
	"strings"

	"github.com/dave/jennifer/jen"
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
	s.Add(doc(paragraph(w.name+" is the rows of "+t.Name+" in the order of their keys.", w.stepsDoc("parts"))))
	s.Type().Add(t.own("KeyIndex")).Qual(pathStore, "Run")
	w.scan(s, w.name, "Scan is all of the index, in its order.")
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
	about := strings.TrimPrefix(indexDoc(t, ix), "By"+ix.GoName+" is ")
	s.Add(doc(paragraph(name+" is "+about, ix.Doc, sparseDoc(ix), w.stepsDoc("columns"))))
	if len(ix.Include) > 0 {
		w.end, w.entry = t.ownName(ix.GoName+"Entries"), t.ownName(ix.GoName+"Entry")
	}
	s.Type().Id(name).Qual(pathStore, "Run")
	w.scan(s, w.name, "Scan is all of the index, in its order.")
	if ix.Unique {
		w.unique(s, ix)
	}
	w.steps(s)
	if len(ix.Include) > 0 {
		w.covering(s, ix)
	}
	return s
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

// scan emits the query of all that a type of a walk runs over: of an index, or of a
// run of it that can be narrowed further.
//
//	func (q *StatusIndex) Scan() *Query { return (*Query)(q) }
//
// Such a type has none of the methods of a query: all would be compiled again for
// it, and a package with several indexes of two columns be a third of these.
func (w *walk) scan(s *source, from, text string) {
	s.Add(doc(text))
	s.Func().Params(receiver(from)).Id("Scan").Params().Op("*").Id(w.end).Add(line(jen.Return(pointerTo(w.end).Call(id("q")))))
}

// receiver is that of a method of an index or of a run of it.
func receiver(name string) *jen.Statement { return id("q").Op("*").Id(name) }

// steps emits the methods that narrow a walk, and the types between them.
func (w *walk) steps(s *source) {
	from := w.name
	for i, p := range w.parts {
		final := i == len(w.parts)-1
		next := from + p.name
		if ranged(p.typ) {
			w.bound(s, from, p)
		}
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
		s.Type().Id(next).Qual(pathStore, "Run")
		w.scan(s, next, "Scan is all of the run, in its order.")
		from = next
	}
}

// ranged reports whether bounds on values of a type make sense: those of an enum are
// in the order of their numbers, which tells nothing of what they stand for.
func ranged(t *schema.Type) bool { return t.Kind != schema.Bool && t.Kind != schema.Enum }

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

// bound emits what all methods that bound a component share.
//
//	func (q *TableIndex) bound(how store.Bound, v models.NamespaceID) *Query {
//		n := (*store.Run)(q).Narrowing()
//		return (*Query)(n.Narrow(how, store.Asc, keys.AppendString(n.At(), string(v))))
//	}
func (w *walk) bound(s *source, from string, p component) {
	s.Func().Params(receiver(from)).Id("bound").Params(id("how").Qual(pathStore, "Bound"), id("v").Add(w.goType(p.typ))).Op("*").Id(w.end).Block(
		w.narrow(w.end, id("how"), p, w.appendPart(narrowedAt(), p, id("v")))...)
}

// narrow emits what narrows a query by a component; to is the type of the result.
func (w *walk) narrow(to string, how *jen.Statement, p component, key *jen.Statement) []jen.Code {
	return []jen.Code{
		id("n").Op(":=").Add(runOf(id("q"))).Dot("Narrowing").Call(),
		jen.Return(pointerTo(to).Call(id("n").Dot("Narrow").Call(how, w.encoding(p), key))),
	}
}

// narrowedAt is the buffer that the key of narrow is appended to.
func narrowedAt() *jen.Statement { return id("n").Dot("At").Call() }

// encoding is how a component is encoded.
func (w *walk) encoding(p component) *jen.Statement {
	switch {
	case p.column != nil && p.column.Desc:
		return jen.Qual(pathStore, "Desc")
	case p.last:
		return jen.Qual(pathStore, "Whole")
	}
	return jen.Qual(pathStore, "Asc")
}

// fix emits the method that fixes a component.
//
//	func (q *TableIndex) NamespaceID(namespaceID models.NamespaceID) *TableIndexNamespaceID {
//		return (*TableIndexNamespaceID)(q.bound(store.Eq, namespaceID))
//	}
//
// What cannot be bounded has the whole in its one method.
func (w *walk) fix(s *source, from string, p component, next string, final bool) {
	param := paramNames([]string{p.name}, "q", "n")[0]
	q := id("q").Dot("bound").Call(jen.Qual(pathStore, "Eq"), id(param))
	typ := w.end
	if !final {
		typ = next
		q = pointerTo(next).Call(q)
	}
	text := w.method(p) + " keeps the rows of one " + p.name + "."
	if ranged(p.typ) {
		text += " " + p.boundsDoc("Those below")
	}
	s.Add(doc(text))
	body := line(jen.Return(q))
	if !ranged(p.typ) {
		body = jen.Block(w.narrow(typ, jen.Qual(pathStore, "Eq"), p, w.appendPart(narrowedAt(), p, id(param)))...)
	}
	s.Func().Params(receiver(from)).Id(w.method(p)).Params(id(param).Add(w.goType(p.typ))).Op("*").Id(typ).Add(body)
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

// bounds emits the methods that bound a component, a line each where it is short.
//
//	func (q *StatusIndexStatus) CreatedAfter(v time.Time) *Query { return q.bound(store.After, v) }
func (w *walk) bounds(s *source, from string, p component) {
	if p.last {
		s.Add(doc(p.boundsDoc(p.rangeName() + "After and those below")))
	}
	bound := func(q *jen.Statement, how, param string) *jen.Statement {
		return q.Dot("bound").Call(jen.Qual(pathStore, how), id(param))
	}
	method := func(name string, params []jen.Code, q *jen.Statement) {
		s.Func().Params(receiver(from)).Id(p.rangeName() + name).Params(params...).Op("*").Id(w.end).Add(line(jen.Return(q)))
	}
	one := []jen.Code{id("v").Add(w.goType(p.typ))}
	q := func() *jen.Statement { return id("q") }
	method("After", one, bound(q(), "After", "v"))
	method("From", one, bound(q(), "From", "v"))
	method("Before", one, bound(q(), "Before", "v"))
	method("To", one, bound(q(), "To", "v"))
	method("Between", []jen.Code{jen.List(id("lo"), id("hi")).Add(w.goType(p.typ))},
		bound(pointerTo(from).Call(bound(q(), "From", "lo")), "Before", "hi"))
	if !p.prefixed() {
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
	s.Func().Params(receiver(from)).Id(p.rangeName() + "Prefix").Params(id("prefix").String()).Op("*").Id(w.end).Block(
		w.narrow(w.end, jen.Qual(pathStore, "StartsWith"), p, jen.Qual(pathKeys, fn).Call(narrowedAt(), x))...)
}

// unique emits the methods for a complete value of a unique index.
//
//	func (q *UsernameIndex) entry(username string) []byte {
//		return keys.AppendString((*store.Run)(q).At(), keys.Fold(username))
//	}
//
//	func (q *UsernameIndex) Get(ctx context.Context, username string) (v User, err error) {
//		m, err := (*store.Run)(q).One(ctx, q.entry(username))
//		if err == nil {
//			take(&v, m)
//		}
//		return v, err
//	}
func (w *walk) unique(s *source, ix *schema.Index) {
	b := runOf(id("q")).Dot("At").Call()
	var goNames, names []string
	for i, p := range w.parts {
		goNames, names = append(goNames, p.name), append(names, ix.Columns[i].Field.Name)
	}
	vars := paramNames(goNames, "q", "ctx", "v", "k", "m", "err")
	var params, args []jen.Code
	for i, p := range w.parts {
		params, args = append(params, id(vars[i]).Add(w.goType(p.typ))), append(args, id(vars[i]))
		b = w.appendPart(b, p, id(vars[i]))
	}
	s.Func().Params(receiver(w.name)).Id("entry").Params(params...).Index().Byte().Block(jen.Return(b))
	of := strings.Join(names, " and ")
	find := func(text, name string, typ *jen.Statement, result string, body ...jen.Code) {
		s.Add(doc(text))
		s.Func().Params(receiver(w.name)).Id(name).Params(append([]jen.Code{ctxParam()}, params...)...).Params(id(result).Add(typ), id("err").Error()).Block(body...)
	}
	entry := id("q").Dot("entry").Call(args...)
	find("Get returns the row of one "+of+", or store.ErrNotFound.", "Get", w.row(), "v",
		w.taken(runOf(id("q")).Dot("One").Call(id("ctx"), entry))...)
	find("Key returns the key of the row of one "+of+", without reading the row, or store.ErrNotFound.", "Key", w.key(), "k",
		jen.List(id("m"), id("err")).Op(":=").Add(runOf(id("q"))).Dot("KeyOf").Call(id("ctx"), entry.Clone()),
		jen.If(id("err").Op("==").Nil()).Block(
			id("k").Op("=").Add(w.own("KeyOf")).Call(id("m").Dot("Row").Assert(jen.Op("*").Add(w.row()))),
			id("m").Dot("Release").Call()),
		jen.Return(id("k"), id("err")))
}

// covering emits the entries of an index that includes fields.
func (w *walk) covering(s *source, ix *schema.Index) {
	run, entry := w.end, w.entry
	s.Add(doc(run+" is a run of "+w.name+".", "Its entries can be read without the rows."))
	s.Type().Id(run).Qual(pathStore, "Run")
	w.queryMethods(s, run)

	fields := w.entryFields(ix)
	s.Add(doc(entry + " is what an entry of " + w.name + " holds: the key of the row, the columns and the included fields."))
	s.Type().Id(entry).StructFunc(func(b *jen.Group) {
		for _, f := range fields {
			b.Id(f.name).Add(f.typ).Tag(map[string]string{"json": f.json})
		}
	})
	s.Add(doc("Entries returns the entries. An error ends them: it comes with a zero entry, as the last pair."))
	decode := func(of, part string) *jen.Statement {
		return jen.If(id("err").Op(":=").Id(of).Dot(part).Call(id(part)), id("err").Op("!=").Nil()).Block(jen.Return(jen.False(), id("err")))
	}
	// Entries with the same columns share what these are decoded into, unless that is of
	// a type whose values may be changed in place.
	fresh, columns := "fresh", jen.If(id("fresh")).Block(decode("like", "columns"))
	if slices.ContainsFunc(ix.Columns, func(c *schema.Column) bool { return c.Type().Go != nil }) {
		fresh, columns = "_", decode("like", "columns")
	}
	body := []jen.Code{
		columns,
		id("k").Op(":=").Add(w.own("KeyOf")).Call(w.ofAny()),
		id("v").Op(":=").Id("like"),
	}
	body = append(body, w.setKey()...)
	body = append(body,
		decode("v", "include"),
		jen.Return(id("yield").Call(id("v"), jen.Nil()), jen.Nil()))
	yield := func() *jen.Statement { return jen.Func().Params(id(entry), jen.Error()).Bool() }
	s.Func().Params(receiver(run)).Id("Entries").Params(id("ctx").Qual("context", "Context")).Qual("iter", "Seq2").Types(id(entry), jen.Error()).Block(
		jen.Return(jen.Func().Params(id("yield").Add(yield())).Block(
			jen.Var().Id("like").Id(entry).Comment("with the columns of the entry before"),
			id("err").Op(":=").Add(runOf(id("q"))).Dot("Entries").Call(id("ctx"),
				jen.Func().Params(id("row").Any(), id("columns").Index().Byte(), id(fresh).Bool(), id("include").Index().Byte()).Params(jen.Bool(), jen.Error()).Block(body...)),
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
