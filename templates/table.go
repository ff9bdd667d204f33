package templates

import (
	"math"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/schema"
)

// table is a table that is being emitted.
type table struct {
	*generator
	*schema.Table
	path  string   // import path of its package
	dir   string   // its folder, below the output folder
	holes []string // those of all text of the table, and what goes into them
}

// tableFiles emits the package of a table.
func (g *generator) tableFiles(t *schema.Table) ([]File, error) {
	dir := g.tablePath(t)
	e := &table{generator: g, Table: t, path: path.Join(g.base, dir), dir: dir}
	e.holes = []string{"$Row", e.row(), "$Key", e.key(), "$name", t.Name}
	sources := []*source{e.rowFile(), e.storeFile(), e.queryFile(), e.providerFile()}
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
var variables = []string{"bare", "block", "broken", "columns", "ctx", "dst", "err", "fn", "found", "from", "how", "include", "keep", "key", "ks", "members", "next", "now",
	"of", "opts", "out", "page", "prefix", "row", "rows", "to", "tx", "unknown", "vs", "yield"}

// declared are the names in the text of the package of a table that it declares. What
// is behind a dot, or declared as a method, is another thing of that name, and so is a
// hole.
var declared = regexp.MustCompile(`(\) |[.$])?\b(Store|Query|KeyIndex|KeyOf|SetKey|Desc|Open|Members?|codec|take)\b`)

// text fills the holes of Go text of the package of the table.
func (t *table) text(text string, pairs ...string) string {
	if t.one {
		text = declared.ReplaceAllStringFunc(text, func(name string) string {
			if strings.ContainsAny(name[:1], ").$") {
				return name
			}
			return t.ownName(name)
		})
	}
	return fill(text, append(pairs, t.holes...)...)
}

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

// row is the type of the rows.
func (t *table) row() string {
	if t.Go != nil {
		return ownType(t.Go)
	}
	return t.Row
}

// key is the type of the key.
func (t *table) key() string {
	if t.Key.Local {
		return t.Key.Type.Name
	}
	return t.goType(t.Key.Type)
}

// rowFile emits users_table.go: the row, its key, their encoding and the
// description of the table.
func (t *table) rowFile() *source {
	s := t.file("table")
	if !t.one {
		s.PackageComment("// Package " + t.Pkg + " is the table " + t.Name + ": its rows, store, indexes and provider.")
	}
	if t.Go == nil {
		var fields []string
		for _, f := range t.Fields {
			fields = append(fields, t.field(f, rowTag(f)))
		}
		s.add(doc(paragraph(t.Row+" is a row of "+t.Name+".", t.Doc)), "type "+t.Row+" struct "+block(fields...), t.emptyLists(t.Row, t.Fields))
	}
	if t.Key.Local {
		t.localKey(s)
	}
	s.add(t.text(`
// Generated code and the module that it is used with have to fit: the compiler refuses the first of
// these if the code is too old, and the second if the module is.
const (
	_ = storeimpl.CodeTooOldRunGoGenerate($version - storeimpl.OldestGenerated)
	_ = storeimpl.RuntimeTooOldUpdateStoregen(storeimpl.NewestGenerated - $version)
)

// KeyOf returns the key of a row.
func KeyOf(v *$Row) $Key { return $keyOf }

// SetKey sets the fields of a row that are its key.
func SetKey(v *$Row, k $Key) $setKey

// Desc describes the table, as the catalog of a database does. It must not be changed.
var Desc = $desc

`, "$version", strconv.Itoa(Version), "$keyOf", t.keyOfRow("v"), "$setKey", body(t.setKey()...), "$desc", t.tableDesc(t.Table)))
	s.add(t.guards(t.Go, t.Fields, t.Per...))
	t.codec(s)
	if !t.one {
		inValue := goStructs(stored(t.Fields))
		for _, typ := range goStructs(slices.Concat(t.Fields, t.Per)) {
			t.goStruct(s, typ, slices.Contains(inValue, typ))
		}
	}
	return s
}

// localKey emits the key struct of a table that no named type stands for.
func (t *table) localKey(s *source) {
	var fields []string
	for i, f := range t.Key.Type.Fields {
		fields = append(fields, t.Key.PartNames[i]+" "+t.goType(f.Type)+jsonName(f.Name))
	}
	s.add(t.text(`
// $Key is the key of $name.
type $Key struct {
	$fields
}

// String returns the parts joined by slashes; a slash within a part is %2F.
func (k $Key) String() string {
	return $text
}
`, "$fields", lines(fields...), "$text", t.joinedText(leaves("k", t.Key.Type))))
}

// joinedText is the text of parts of a key.
func (g *generator) joinedText(parts []leaf) string {
	var texts []string
	for _, l := range parts {
		texts = append(texts, g.leafText(l))
	}
	return call("keys.JoinText", texts...)
}

// codec emits what the store asks of a table.
func (t *table) codec(s *source) {
	appendKey, readKey := t.codecKey()
	var entries []string
	for i, ix := range t.Indexes {
		entries = append(entries, t.entry(i, ix))
	}
	declared, stored := t.text("v := row.(*$Row)"), t.appendFields("v", t.Fields)
	inValue := declared
	if stored == "" {
		inValue = "" // the rows are their keys
	}
	checks := "return nil"
	if rules := lines(t.checks("v", t.Fields), t.rules("v", t.Checks)); rules != "" {
		checks = lines(declared, "var broken record.Broken", rules, "return broken.Err()")
	}
	expires := t.expires()
	if t.TTL != nil {
		expires = lines(declared, expires)
	}
	s.add(t.text(`
// codec implements storeimpl.RowCodec: what the store asks of the table, whose rows it knows as
// any. Its receivers are pointers, since methods of a value are compiled twice.
type codec struct{}

func (*codec) Desc() *catalog.Table { return Desc }
func (*codec) NewRow() any { return new($Row) }
func (*codec) Reset(row any) { *row.(*$Row) = $Row{} }
func (*codec) Key(row any) any { return KeyOf(row.(*$Row)) }
func (*codec) AppendRowKey(dst []byte, row any) []byte $appendKey

func (*codec) DecodeRowKey(b []byte, row any) error {
	$readKey
}

func (*codec) AppendValue(dst []byte, row any) []byte {
	$inValue
	$append
	return dst
}

func (*codec) DecodeValue(b []byte, row any, of record.Fields) (unknown []byte, err error) {
	$inValue
	r := record.NewReader(b)
	for r.NextOf(of) {
		switch r.Num() {
		$cases
		default:
			unknown = r.AppendRaw(unknown)
		}
	}
	return unknown, r.Err()
}

func (*codec) Default(row any, now func() time.Time) $default

func (*codec) Check(row any) error $check

func (*codec) Expires(row any, keep time.Duration) (time.Time, bool) $expires

func (*codec) Entries(e *storeimpl.Entries, row any) $entries
`, "$appendKey", body(appendKey), "$readKey", readKey, "$inValue", inValue, "$append", stored,
		"$cases", t.readFields("v", t.Fields), "$default", t.withRow(t.defaults()), "$check", body(checks),
		"$expires", body(expires), "$entries", t.withRow(entries)))
}

// withRow is a block of statements about a row.
func (t *table) withRow(statements []string) string {
	if len(statements) == 0 {
		return "{}"
	}
	return block(t.text("v := row.(*$Row)"), lines(statements...))
}

// codecKey appends the key of a row to dst, and reads it back from b.
func (t *table) codecKey() (add, read string) {
	if ownKey(t.Key) {
		return t.text("return KeyOf(row.(*$Row)).AppendKey(dst)"), t.text(`
k, err := models.Decode$T(b)
SetKey(row.(*$Row), k)
return err`, "$T", t.Key.Type.Name)
	}
	key := t.Key.Type
	keyOf := t.text("KeyOf(row.(*$Row))")
	add = lines(t.appendKey(keyOf, key)...)
	if strings.Contains(add, "\n") || key.Kind == schema.Struct || key.Marshalled() { // whose address may be taken
		add = lines("k := "+keyOf, lines(t.appendKey("k", key)...))
	}
	return add, t.text(`
var k $Key
$read
SetKey(row.(*$Row), k)
return r.Done()`, "$read", t.readKey("k", key))
}

// keyOfRow is the key of a row.
func (t *table) keyOfRow(v string) string {
	if len(t.Key.PartNames) == 0 {
		return v + "." + t.Key.Fields[0].GoName
	}
	var pairs []pair
	for i, f := range t.Key.Fields {
		pairs = append(pairs, pair{t.Key.PartNames[i], v + "." + f.GoName})
	}
	return shortOf(t.key(), pairs...)
}

func (t *table) setKey() []string {
	if len(t.Key.PartNames) == 0 {
		return []string{"v." + t.Key.Fields[0].GoName + " = k"}
	}
	var out []string
	for i, f := range t.Key.Fields {
		out = append(out, "v."+f.GoName+" = k."+t.Key.PartNames[i])
	}
	return out
}

// defaults emits the defaults of fields.
func (t *table) defaults() []string {
	var out []string
	for _, f := range t.Fields {
		if f.Default == nil || isZero(f) {
			continue
		}
		x := "v." + f.GoName
		unset := x + " == nil"
		if !f.Optional {
			unset = t.isUnset(x, f.Type)
		}
		if f.Type.Marshalled() {
			made := ""
			if f.Optional {
				made = x + " = " + call("new", t.goType(f.Type))
			}
			out = append(out, ifThen(unset, made, call("record.DefaultText", pointer(x, f), strconv.Quote(f.Default.Str))))
			continue
		}
		val := t.defaultValue(f)
		if needsPlain(f.Type) {
			val = call(t.goType(f.Type), val)
		}
		if isPointer(f) {
			val = call("new", t.typed(f.Type, val))
		}
		out = append(out, ifThen(unset, x+" = "+val))
	}
	return out
}

// isZero reports whether a field that cannot be absent has its type's zero value
// as its default, which it has anyway.
func isZero(f *schema.Field) bool {
	d := f.Default
	return !f.Optional && !d.Now && !d.New && !d.Bool && d.Int == 0 && d.Uint == 0 && d.Float == 0 && !math.Signbit(d.Float) && d.Str == "" && d.Dur == 0 && d.Enum == nil
}

func (t *table) defaultValue(f *schema.Field) string {
	switch {
	case f.Default.Now, !f.Default.New && f.Type.Kind == schema.Timestamp:
		return "now()"
	case f.Default.New:
		return "uuid.Must(uuid.NewV7())"
	}
	return t.literal(f.Default, f.Type)
}

// typed makes an untyped constant a value of the type.
func (t *table) typed(typ *schema.Type, x string) string {
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
	return call(t.goType(typ), x)
}

// isUnset is the condition that a value is the zero one.
func (g *generator) isUnset(x string, t *schema.Type) string {
	if t.Marshalled() {
		return g.zero(x, t, true)
	}
	x = g.bare(t, x)
	switch t.Kind {
	case schema.Bool:
		return "!" + x
	case schema.String:
		return x + ` == ""`
	case schema.Bytes:
		if heldInString(t) {
			return x + ` == ""`
		}
		return "len(" + x + ") == 0"
	case schema.JSON:
		return "len(" + x + ") == 0"
	case schema.Timestamp:
		return x + ".IsZero()"
	case schema.UUID:
		return x + " == uuid.Nil"
	}
	return x + " == 0"
}

// expires emits when a row expires.
func (t *table) expires() string {
	const never = "return time.Time{}, false"
	if t.TTL == nil {
		return never
	}
	from, guard := "v."+t.TTL.From.GoName, ""
	if t.TTL.From.Optional {
		guard = ifThen(from+" == nil", never)
	}
	moment := from
	if needsPlain(t.TTL.From.Type) {
		from = t.bare(t.TTL.From.Type, value(from, t.TTL.From))
		moment = from
	} else if t.TTL.From.Optional {
		moment = "*" + from
	}
	k := t.TTL.KeepField
	if k == nil {
		return lines(guard, "return "+from+".Add("+durationOf(t.TTL.Keep)+"), true")
	}
	keep := "v." + k.GoName
	if k.Optional {
		guard = lines(guard, ifThen(keep+" == nil", "return "+from+".Add(keep), keep > 0"))
		keep = "*" + keep
	}
	keep = t.bare(k.Type, keep)
	if k.Type.Kind == schema.Duration {
		return lines(guard, "return "+from+".Add("+keep+"), true")
	}
	return lines(guard, "return storeimpl.LivesFor("+moment+", "+keep+"), true")
}

// entry emits a row's entries in an index.
func (t *table) entry(i int, ix *schema.Index) string {
	dst := "e.Begin(" + strconv.Itoa(i) + ")"
	var guards []cond
	var each *schema.Column
	for _, c := range ix.Columns {
		at := "v." + c.Field.GoName
		if c.Field.Optional {
			guards = append(guards, present(at))
		}
		if c.Each {
			each = c
			dst = t.appendLeaf(dst, t.columnLeaf(c, "x", "&x"))
		} else {
			dst = t.appendLeaf(dst, t.columnLeaf(c, value(at, c.Field), pointer(at, c.Field)))
		}
	}
	if ix.Where != nil {
		guards = append(guards, t.condition("v", ix.Where))
	}
	what := "e.End(" + dst + ")"
	if len(ix.Include) > 0 {
		what = lines("dst := e.Include("+dst+")", t.appendFields("v", ix.Include), "e.End(dst)")
	}
	if each != nil {
		what = forEach("_, x", "v."+each.Field.GoName, what)
	}
	switch {
	case len(guards) > 0:
		return ifThen(allOf(guards...).text, what)
	case len(ix.Include) > 0 && each == nil:
		return block(what)
	}
	return what
}

// columnLeaf is a column of an index, of a value that is at ptr.
func (t *table) columnLeaf(c *schema.Column, x, ptr string) leaf {
	l := leaf{at: x, typ: c.Type(), desc: c.Desc}
	if c.Type().Marshalled() {
		l.at, l.plain = call("keys.Text", ptr), true
	}
	if c.Fold {
		l.at, l.plain = call("keys.Fold", t.plainLeaf(l)), true
	}
	return l
}
