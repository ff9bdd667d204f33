package templates

import (
	"math"
	"path"
	"slices"

	"github.com/dave/jennifer/jen"
	"github.com/storegen/storegen/schema"
)

// table is a table that is being emitted.
type table struct {
	*generator
	*schema.Table
	path string // import path of its package
	dir  string // its folder, below the output folder
}

// tableFiles emits the package of a table.
func (g *generator) tableFiles(t *schema.Table) ([]File, error) {
	dir := g.tablePath(t)
	e := &table{generator: g, Table: t, path: path.Join(g.base, dir), dir: dir}
	sources := []*source{e.rowFile(), e.storeFile(), e.providerFile()}
	for _, ix := range t.Indexes {
		sources = append(sources, e.indexFile(ix))
	}
	return renderAll(sources...)
}

// file begins a file of the package: users_table.go.
func (t *table) file(what string) *source {
	return t.newSource(path.Join(t.dir, t.Pkg+"_"+what+".go"), t.path, t.File)
}

// variables are names in generated code that a package of the user's may
// have too: it is imported under another then.
var variables = []string{"block", "broken", "columns", "ctx", "dst", "err", "fn", "found", "from", "how", "include", "keep", "key", "ks", "members", "next", "now",
	"of", "opts", "out", "page", "prefix", "row", "rows", "to", "tx", "unknown", "vs", "yield"}

// ownName is the name of something in the package of the table: Store, or where
// all tables are in one package UsersStore.
func (t *table) ownName(name string) string {
	switch {
	case !t.one:
		return name
	case name == "Open":
		return name + t.GoName
	case name == "codec" || name == "take":
		return name + "Of" + t.GoName
	}
	return t.GoName + name
}

func (t *table) own(name string) *jen.Statement { return jen.Id(t.ownName(name)) }

// row is the type of the rows.
func (t *table) row() *jen.Statement {
	if t.Go != nil {
		return ownType(t.Go)
	}
	return id(t.Row)
}

// key is the type of the key.
func (t *table) key() *jen.Statement {
	if t.Key.Local {
		return id(t.Key.Type.Name)
	}
	return t.goType(t.Key.Type)
}

// rowFile emits users_table.go: the row, its key, their encoding and the
// description of the table.
func (t *table) rowFile() *source {
	s := t.file("table")
	if !t.one {
		s.PackageComment(packageDoc(t))
	}
	if t.Go == nil {
		t.rowType(s)
	}
	if t.Key.Local {
		t.localKey(s)
	}
	s.Add(doc(t.ownName("KeyOf") + " returns the key of a row, and " + t.ownName("SetKey") + " sets its fields."))
	s.Func().Add(t.own("KeyOf")).Params(id("v").Op("*").Add(t.row())).Add(t.key()).Add(line(jen.Return(t.keyOfRow(id("v")))))
	s.Func().Add(t.own("SetKey")).Params(id("v").Op("*").Add(t.row()), id("k").Add(t.key())).Add(block(t.setKey()))
	s.Add(doc(t.ownName("Desc") + " describes the table; it must not be changed."))
	s.Var().Add(t.own("Desc")).Op("=").Add(t.tableDesc(t.Table))
	s.Line()
	t.guards(s, t.Go, t.Fields, t.Per...)
	t.codec(s)
	if !t.one {
		inValue := goStructs(stored(t.Fields))
		for _, typ := range goStructs(slices.Concat(t.Fields, t.Per)) {
			t.goStruct(s, typ, slices.Contains(inValue, typ))
		}
	}
	return s
}

// rowType emits the struct of the rows.
func (t *table) rowType(s *source) {
	s.Add(doc(paragraph(t.Row+" is a row of "+t.Name+".", t.Doc)))
	s.Type().Id(t.Row).StructFunc(func(b *jen.Group) {
		for _, f := range t.Fields {
			b.Add(doc(f.Doc))
			b.Id(f.GoName).Add(t.fieldType(f)).Tag(map[string]string{"json": rowTag(f)})
		}
	})
}

func packageDoc(t *table) string {
	return "// Package " + t.Pkg + " is the table " + t.Name + ": its rows, store, indexes and provider."
}

// rowTag is the name of a field in JSON; what providers do not show is left out.
func rowTag(f *schema.Field) string {
	if f.Hidden {
		return "-"
	}
	return jsonTag(f)
}

// localKey emits the key struct of a table that no named type stands for.
func (t *table) localKey(s *source) {
	k := t.Key.Type
	s.Add(doc(k.Name + " is the key of " + t.Name + "."))
	s.Type().Id(k.Name).StructFunc(func(b *jen.Group) {
		for i, f := range k.Fields {
			b.Id(t.Key.PartNames[i]).Add(t.goType(f.Type)).Tag(map[string]string{"json": f.Name})
		}
	})
	s.Add(doc("String returns the parts joined by slashes; a slash within a part is %2F."))
	s.Func().Params(id("k").Id(k.Name)).Id("String").Params().String().Block(
		jen.Return(jen.Qual(pathKeys, "JoinText").CallFunc(func(b *jen.Group) {
			for _, l := range leaves(id("k"), k) {
				b.Add(t.leafText(l))
			}
		})))
}

// codec emits what the store asks of a table. Its methods have a pointer for a
// receiver, since those of a value would be compiled twice.
func (t *table) codec(s *source) {
	s.Add(doc(t.ownName("codec") + " implements store.RowCodec."))
	s.Type().Add(t.own("codec")).Struct()
	method := func(name string) *jen.Statement { return s.Func().Params(jen.Op("*").Add(t.own("codec"))).Id(name) }
	row := func() *jen.Statement { return id("row").Any() }
	dst := func() *jen.Statement { return id("dst").Index().Byte() }
	bytes := func() *jen.Statement { return id("b").Index().Byte() }
	v := func() *jen.Statement { return id("v").Op(":=").Add(t.ofAny()) }

	method("Desc").Params().Op("*").Qual(pathCatalog, "Table").Add(line(jen.Return(t.own("Desc"))))
	method("NewRow").Params().Any().Add(line(jen.Return(jen.New(t.row()))))
	method("Reset").Params(row()).Add(line(jen.Op("*").Add(t.ofAny()).Op("=").Add(t.row()).Values()))
	key := t.own("KeyOf").Call(t.ofAny())
	method("Key").Params(row()).Any().Add(line(jen.Return(key)))
	if ownKey(t.Key) {
		method("AppendRowKey").Params(dst(), row()).Index().Byte().Add(line(jen.Return(key.Clone().Dot("AppendKey").Call(id("dst")))))
		s.Line()
		method("DecodeRowKey").Params(bytes(), row()).Error().Block(
			jen.List(id("k"), id("err")).Op(":=").Qual(t.models, "Decode"+t.Key.Type.Name).Call(id("b")),
			t.own("SetKey").Call(t.ofAny(), id("k")),
			jen.Return(id("err")))
	} else {
		body := t.appendKeyBody(key.Clone(), t.Key.Type)
		if len(body) > 1 || t.Key.Type.Kind == schema.Struct || t.Key.Type.Marshalled() { // whose address may be taken
			body = append([]jen.Code{id("k").Op(":=").Add(key.Clone())}, t.appendKeyBody(id("k"), t.Key.Type)...)
		}
		method("AppendRowKey").Params(dst(), row()).Index().Byte().Add(block(body))
		s.Line()
		method("DecodeRowKey").Params(bytes(), row()).Error().Block(
			append(append([]jen.Code{jen.Var().Id("k").Add(t.key())}, t.readKey(id("k"), t.Key.Type)...),
				t.own("SetKey").Call(t.ofAny(), id("k")),
				jen.Return(id("r").Dot("Done").Call()))...)
	}
	s.Line()
	body := []jen.Code{v()}
	for _, f := range stored(t.Fields) {
		body = append(body, t.appendField(id("v"), f))
	}
	if len(body) == 1 {
		body = nil // a table whose rows are their keys
	}
	method("AppendValue").Params(dst(), row()).Index().Byte().Block(append(body, jen.Return(id("dst")))...)
	s.Line()
	body = t.decodeBody(id("r").Dot("NextOf").Call(id("of")), t.Fields, id("unknown").Op("=").Id("r").Dot("AppendRaw").Call(id("unknown")), id("unknown"), id("r").Dot("Err").Call())
	if len(stored(t.Fields)) > 0 {
		body = append([]jen.Code{v()}, body...)
	}
	method("DecodeValue").Params(bytes(), row(), id("of").Qual(pathRecord, "Fields")).Params(id("unknown").Index().Byte(), id("err").Error()).Block(body...)
	s.Line()
	method("Default").Params(row(), id("now").Func().Params().Qual("time", "Time")).Add(block(with(v(), t.defaults()...)))
	s.Line()
	checks := append(t.checks(id("v"), t.Fields), t.rules(id("v"), t.Checks)...)
	method("Check").Params(row()).Error().Add(block(checkBody(checks, v())))
	s.Line()
	expires := t.expires()
	if t.TTL != nil {
		expires = with(v(), expires...)
	}
	method("Expires").Params(row(), id("keep").Qual("time", "Duration")).Params(jen.Qual("time", "Time"), jen.Bool()).Add(block(expires))
	s.Line()
	var entries []jen.Code
	for i, ix := range t.Indexes {
		entries = append(entries, t.entry(i, ix))
	}
	method("Entries").Params(id("e").Op("*").Qual(pathStore, "Entries"), row()).Block(with(v(), entries...)...)
}

// ofAny is a row as its type, in the methods of the codec.
func (t *table) ofAny() *jen.Statement { return id("row").Assert(jen.Op("*").Add(t.row())) }

// with puts a declaration in front of statements that need it, if there are any.
func with(decl jen.Code, body ...jen.Code) []jen.Code {
	if len(body) == 0 {
		return nil
	}
	return append([]jen.Code{decl}, body...)
}

// keyOfRow is the key of a row.
//
//	models.TableID{Namespace: v.NamespaceID, Table: v.TableName}
func (t *table) keyOfRow(v *jen.Statement) *jen.Statement {
	if len(t.Key.PartNames) == 0 {
		return v.Dot(t.Key.Fields[0].GoName)
	}
	var pairs []pair
	for i, f := range t.Key.Fields {
		pairs = append(pairs, pair{t.Key.PartNames[i], v.Clone().Dot(f.GoName)})
	}
	return shortOf(t.key(), pairs...)
}

func (t *table) setKey() []jen.Code {
	if len(t.Key.PartNames) == 0 {
		return []jen.Code{id("v").Dot(t.Key.Fields[0].GoName).Op("=").Id("k")}
	}
	var out []jen.Code
	for i, f := range t.Key.Fields {
		out = append(out, id("v").Dot(f.GoName).Op("=").Id("k").Dot(t.Key.PartNames[i]))
	}
	return out
}

// defaults emits the defaults of fields.
//
//	if v.CreatedAt.IsZero() {
//		v.CreatedAt = now()
//	}
func (t *table) defaults() []jen.Code {
	var out []jen.Code
	for _, f := range t.Fields {
		if f.Default == nil || isZero(f) {
			continue
		}
		x := id("v").Dot(f.GoName)
		var unset *jen.Statement
		switch {
		case f.Optional:
			unset = x.Clone().Op("==").Nil()
		default:
			unset = t.isUnset(x.Clone(), f.Type)
		}
		if f.Type.Marshalled() {
			set := []jen.Code{jen.Qual(pathRecord, "DefaultText").Call(pointer(x, f), jen.Lit(f.Default.Str))}
			if f.Optional {
				set = append([]jen.Code{x.Clone().Op("=").New(t.goType(f.Type))}, set...)
			}
			out = append(out, jen.If(unset).Block(set...))
			continue
		}
		val := t.defaultValue(f)
		if needsPlain(f.Type) {
			val = t.goType(f.Type).Call(val)
		}
		if isPointer(f) {
			val = jen.New(t.typed(f.Type, val))
		}
		out = append(out, jen.If(unset).Block(x.Clone().Op("=").Add(val)))
	}
	return out
}

// isZero reports whether a field that cannot be absent has its type's zero value
// as its default, which it has anyway.
func isZero(f *schema.Field) bool {
	d := f.Default
	return !f.Optional && !d.Now && !d.New && !d.Bool && d.Int == 0 && d.Uint == 0 && d.Float == 0 && !math.Signbit(d.Float) && d.Str == "" && d.Dur == 0 && d.Enum == nil
}

func (t *table) defaultValue(f *schema.Field) *jen.Statement {
	switch {
	case f.Default.Now:
		return id("now").Call()
	case f.Default.New:
		return jen.Qual(pathUUID, "Must").Call(jen.Qual(pathUUID, "NewV7").Call())
	case f.Type.Kind == schema.Timestamp:
		return id("now").Call()
	}
	return t.literal(f.Default, f.Type)
}

// typed makes an untyped constant a value of the type.
func (t *table) typed(typ *schema.Type, x *jen.Statement) *jen.Statement {
	if needsPlain(typ) {
		return x
	}
	switch typ.Kind {
	case schema.Enum, schema.Timestamp, schema.UUID, schema.Duration, schema.JSON:
		return x
	case schema.Bool, schema.Float64, schema.String:
		if typ.Name == "" {
			return x // what Go takes the constant for anyway
		}
	}
	return t.goType(typ).Call(x)
}

// isUnset is the opposite of isSet.
func (g *generator) isUnset(x *jen.Statement, t *schema.Type) *jen.Statement {
	if t.Marshalled() {
		return g.zero(x, t, true)
	}
	x = g.bare(t, x)
	switch t.Kind {
	case schema.Bool:
		return jen.Op("!").Add(x)
	case schema.String:
		return x.Op("==").Lit("")
	case schema.Bytes:
		if heldInString(t) {
			return x.Op("==").Lit("")
		}
		return jen.Len(x).Op("==").Lit(0)
	case schema.JSON:
		return jen.Len(x).Op("==").Lit(0)
	case schema.Timestamp:
		return x.Dot("IsZero").Call()
	case schema.UUID:
		return x.Op("==").Qual(pathUUID, "Nil")
	}
	return x.Op("==").Lit(0)
}

// expires emits when a row expires.
//
//	if v.FinishedAt == nil {
//		return time.Time{}, false
//	}
//	return v.FinishedAt.Add(30 * 24 * time.Hour), true
func (t *table) expires() []jen.Code {
	never := jen.Return(jen.Qual("time", "Time").Values(), jen.False())
	if t.TTL == nil {
		return []jen.Code{never}
	}
	from := id("v").Dot(t.TTL.From.GoName)
	var out []jen.Code
	if t.TTL.From.Optional {
		out = append(out, jen.If(from.Clone().Op("==").Nil()).Block(never.Clone()))
	}
	if needsPlain(t.TTL.From.Type) {
		from = t.bare(t.TTL.From.Type, value(from, t.TTL.From))
	}
	k := t.TTL.KeepField
	if k == nil {
		return append(out, jen.Return(from.Clone().Dot("Add").Call(durationOf(t.TTL.Keep)), jen.True()))
	}
	keep := id("v").Dot(k.GoName)
	if k.Optional {
		out = append(out, jen.If(keep.Clone().Op("==").Nil()).Block(
			jen.Return(from.Clone().Dot("Add").Call(id("keep")), id("keep").Op(">").Lit(0))))
		keep = jen.Op("*").Add(keep)
	}
	keep = t.bare(k.Type, keep)
	if k.Type.Kind == schema.Duration {
		return append(out, jen.Return(from.Clone().Dot("Add").Call(keep), jen.True()))
	}
	moment := from.Clone()
	if t.TTL.From.Optional && !needsPlain(t.TTL.From.Type) {
		moment = jen.Op("*").Add(moment)
	}
	return append(out, jen.Return(jen.Qual(pathStore, "LivesFor").Call(moment, keep), jen.True()))
}

// entry emits a row's entries in an index.
//
//	if v.Email != nil {
//		e.End(keys.AppendString(e.Begin(0), keys.Fold(v.Username)))
//	}
func (t *table) entry(i int, ix *schema.Index) jen.Code {
	dst := id("e").Dot("Begin").Call(jen.Lit(i))
	var guards []cond
	var each *schema.Column
	for _, c := range ix.Columns {
		if c.Field.Optional {
			guards = append(guards, present(id("v").Dot(c.Field.GoName)))
		}
		x := value(id("v").Dot(c.Field.GoName), c.Field)
		if c.Each {
			each, x = c, id("x")
		}
		ptr := jen.Op("&").Add(x.Clone())
		if !c.Each {
			ptr = pointer(id("v").Dot(c.Field.GoName), c.Field)
		}
		dst = t.appendColumnAt(dst, c, x, ptr)
	}
	if ix.Where != nil {
		guards = append(guards, t.condition(id("v"), ix.Where))
	}
	body := []jen.Code{id("e").Dot("End").Call(dst)}
	if len(ix.Include) > 0 {
		body = []jen.Code{id("dst").Op(":=").Id("e").Dot("Include").Call(dst)}
		for _, f := range stored(ix.Include) {
			body = append(body, t.appendField(id("v"), f))
		}
		body = append(body, id("e").Dot("End").Call(id("dst")))
	}
	switch {
	case each != nil:
		loop := jen.For(jen.List(jen.Id("_"), id("x")).Op(":=").Range().Id("v").Dot(each.Field.GoName)).Block(body...)
		if len(guards) == 0 {
			return loop
		}
		return jen.If(allOf(guards...)).Block(loop)
	case len(guards) > 0:
		return jen.If(allOf(guards...)).Block(body...)
	case len(body) == 1:
		return body[0]
	}
	return jen.Block(body...)
}

// appendColumn appends a column of an index to a key.
//
//	keys.AppendString(b, keys.Fold(string(v.Username)))
func (t *table) appendColumn(dst *jen.Statement, c *schema.Column, x *jen.Statement) *jen.Statement {
	return t.appendColumnAt(dst, c, x, jen.Op("&").Add(x.Clone()))
}

// appendColumnAt is appendColumn for a value that is at ptr.
func (t *table) appendColumnAt(dst *jen.Statement, c *schema.Column, x, ptr *jen.Statement) *jen.Statement {
	switch {
	case c.Type().Marshalled():
		x = jen.Qual(pathKeys, "Text").Call(ptr)
		if c.Fold {
			x = jen.Qual(pathKeys, "Fold").Call(x)
		}
		return t.appendLeaf(dst, leaf{at: x, typ: c.Type(), desc: c.Desc, plain: true})
	case c.Fold:
		x = jen.Qual(pathKeys, "Fold").Call(t.plain(c.Type(), x))
	}
	return t.appendLeaf(dst, leaf{at: x, typ: c.Type(), desc: c.Desc, plain: c.Fold})
}
