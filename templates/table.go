package templates

import (
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
var declared = regexp.MustCompile(`(\) |[.$])?\b(Store|Query|KeyIndex|KeyOf|SetKey|Desc|Open|Load|Members?|codec|take)\b`)

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
	case name == "Open" || name == "Load":
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
	switch {
	case t.Codec != nil:
		t.messageRow(s)
	case t.Go == nil:
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

`, "$version", strconv.Itoa(Version)))
	if t.Codec != nil {
		t.messageKey(s)
	} else {
		s.add(t.text(`
// KeyOf returns the key of a row.
func KeyOf(v *$Row) $Key { return $keyOf }

// SetKey sets the fields of a row that are its key.
func SetKey(v *$Row, k $Key) $setKey

`, "$keyOf", t.keyOfRow("v"), "$setKey", body(t.setKey()...)))
	}
	s.add(t.text(`
// Desc describes the table, as the catalog of a database does. It must not be changed.
var Desc = $desc

`, "$desc", tableDesc(t.Table)))
	if t.Codec != nil {
		s.add(t.guardMessage())
	}
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

// keyOfRow is the key of a row.
func (t *table) keyOfRow(v string) string {
	if len(t.Key.PartNames) == 0 {
		return v + "." + t.Key.Fields[0].GoName
	}
	var parts []string
	for i, f := range t.Key.Fields {
		parts = append(parts, t.Key.PartNames[i]+": "+v+"."+f.GoName)
	}
	return t.key() + braces(parts, false)
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
