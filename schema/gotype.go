package schema

import (
	"path"
	"slices"
	"strings"
)

// A GoType is a Go type that is there already, in a package of the user's.
type GoType struct {
	Path       string // the import path of its package; "" of a predeclared type
	Package    string // the name of its package
	Name       string
	Form       GoForm
	Zero       string // how its zero value is told: IsZero, a method, or what it is compared with; "" is not at all
	Comparable bool   // Go compares values, so that they can be keys
	Under      string // int or uint where it is over one of these, whose width depends on the machine
	Partly     bool   // a struct some of whose fields are not stored
	// Layout holds all fields of a struct some of which are not stored, in order; nil where
	// it is not known.
	Layout []GoLayout
}

// A GoLayout is what takes room in a struct: one of what it holds is set.
type GoLayout struct {
	Field  string     // the Go name of a field that is stored
	Type   *GoType    // a type that other packages can name
	Text   string     // a predeclared type, or a pointer or slice of one
	Fields []GoLayout // of a struct without a name elsewhere; of an array, its element
	Len    int64      // of an array; 0 is none
}

// String returns the import path, a dot and the name.
func (t *GoType) String() string {
	if t.Path == "" {
		return t.Name
	}
	return t.Path + "." + t.Name
}

// GoForm says as what values of a Go type are stored.
type GoForm int

// The forms.
const (
	GoScalar GoForm = iota // the scalar that the type is over, or the fields of a struct
	GoText                 // the text of encoding.TextMarshaler, a string
	GoBinary               // the bytes of encoding.BinaryMarshaler
)

// String returns the form as the schema language writes it.
func (f GoForm) String() string {
	if f < 0 || int(f) >= len(goFormNames) {
		return "invalid"
	}
	return goFormNames[f]
}

// A GoAsk is what a schema wants to know of Go source. Types are named by import
// path and name: example.com/app/model.User.
type GoAsk struct {
	Rows  []string  // structs that are rows
	Types []GoNamed // Go types that named types are over
}

// A GoNamed is a named type of the schema that is over a Go type.
type GoNamed struct {
	Name string // in the schema
	Go   string
	As   string // the form that the schema asks for: text, binary or scalar; "" is the type's own choice
}

// GoSource is what was found of a GoAsk.
type GoSource struct {
	Rows    map[string]*GoDecl // by the names of Go
	Types   map[string]*GoDecl // by the names of the schema
	Structs []*GoDecl          // structs within rows and types that have no name in the schema, each once
	Base    string             // the import path of the generated packages
	// Uses are, of each package that a type is from, the generated packages that it
	// imports, directly or not.
	Uses map[string][]string
	// Inputs are what all of it was read from, as the loader names it; none where it
	// cannot tell.
	Inputs []string
}

// A GoDecl is a Go type, as a row or as a named type.
type GoDecl struct {
	Name     string // in the schema; "" of a row
	Type     GoType
	Scalar   string    // what values are stored as; "" of a struct
	Fields   []GoField // of a struct
	Doc      string
	Pos      Pos
	Source   string      // the line of Pos
	For      string      // the row or type that was asked for and led here
	Problems []GoProblem // why it cannot be stored; where there are any, the rest may be missing
}

// A GoField is a field of such a struct.
type GoField struct {
	Name   string  // the column
	GoName string  // the field
	Type   string  // as the schema language writes it: []string, timestamp?
	Go     *GoType // the Go type of the value, or of the element; nil where it is the one that Type has in Go
	Key    *GoType // the same of the keys of a map
	Hidden bool
	Doc    string
	Pos    Pos
	Source string // the line itself
}

// A GoProblem is a mistake in Go source, or in what is there of it.
type GoProblem struct {
	Pos     Pos // without a file: where the schema names the type
	Source  string
	Message string
	Mend    string
}

// A GoLoader finds types in Go source. It is called once for all, and answers
// all.
type GoLoader func(GoAsk) *GoSource

// goTypes reads the rows and the named types that are there in Go already.
func (d *decoder) goTypes(load GoLoader) {
	var ask GoAsk
	named := map[string]*typeDecl{} // by Go type
	asked := map[string]*node{}     // where the schema names what was asked for
	files := map[string]*source{}
	for _, t := range d.types {
		switch {
		case t.goName == nil:
		case load == nil:
			d.report(ruleGoType, t.goName.pos, "the Go type %s cannot be looked for here", t.goName.text).mend("say what it is: {is: string}")
		case named[t.goName.text] != nil:
			first := named[t.goName.text]
			d.report(ruleGoType, t.goName.pos, "%s is the type %s already", t.goName.text, first.name.text).
				mend("use %s, or declare a Go type of its own", first.name.text).related(first.goName.pos, "first here")
		default:
			named[t.goName.text], asked[t.goName.text], files[t.goName.text] = t, t.goName, t.file
			n := GoNamed{Name: t.name.text, Go: t.goName.text}
			if t.as != nil {
				n.As = t.as.text
			}
			ask.Types = append(ask.Types, n)
		}
	}
	for _, t := range d.tables {
		switch {
		case t.goRow == nil:
		case load == nil:
			d.report(ruleGoRow, t.goRow.pos, "the Go type %s cannot be looked for here", t.goRow.text).mend("name the fields: fields: {id: string}")
		default:
			ask.Rows = append(ask.Rows, t.goRow.text)
			if asked[t.goRow.text] == nil {
				asked[t.goRow.text], files[t.goRow.text] = t.goRow, t.file
			}
		}
	}
	if len(ask.Rows)+len(ask.Types) == 0 {
		return
	}
	found := load(ask)
	d.found = found
	for _, t := range d.types {
		if t.goName == nil || found.Types[t.name.text] == nil || named[t.goName.text] != t {
			continue
		}
		t.goDecl = found.Types[t.name.text]
		d.goProblems(ruleGoType, t.goDecl, t.goName, "the type %s is over it here", t.name.text)
		d.goFields(t)
	}
	for _, s := range found.Structs {
		d.addLine(s.Pos, s.Source)
		t := &typeDecl{name: d.goNode(s.Name, s.Pos), file: files[s.For], goDecl: s}
		d.goProblems(ruleGoType, s, asked[s.For], "it is stored within what is named here")
		d.goFields(t)
		d.types = append(d.types, t)
	}
	for _, t := range d.tables {
		if t.goRow == nil || found.Rows[t.goRow.text] == nil {
			continue
		}
		s := found.Rows[t.goRow.text]
		d.goProblems(ruleGoRow, s, t.goRow, "it is the row of a table here")
		t.goType = &s.Type
		t.hasFields = len(s.Problems) == 0
		t.fields = d.goFieldDecls(s)
		d.goOptions(t)
	}
}

// goProblems reports what stands in the way of a Go type; at is where the schema
// names it.
func (d *decoder) goProblems(rule string, s *GoDecl, at *node, why string, args ...any) {
	for _, p := range s.Problems {
		pos := p.Pos
		if pos.File == "" {
			pos = at.pos
		} else {
			d.addLine(pos, p.Source)
		}
		e := d.report(rule, pos, "%s", p.Message).mend("%s", p.Mend)
		if pos != at.pos {
			e.related(at.pos, why, args...)
		}
	}
}

// goFields gives a named type what was found of it.
func (d *decoder) goFields(t *typeDecl) {
	s := t.goDecl
	t.broken = len(s.Problems) > 0
	if t.doc == "" {
		t.doc = s.Doc
	}
	if s.Scalar == "" {
		t.kind = Struct
		t.fields = d.goFieldDecls(s)
	}
}

// goNode is text as if it were written in the schema where it stands in Go.
func (d *decoder) goNode(text string, pos Pos) *node {
	return &node{kind: scalarNode, text: text, pos: pos, src: d.at(pos.File)}
}

// goFieldDecls are the fields of a struct, as if the schema declared them.
func (d *decoder) goFieldDecls(s *GoDecl) []*fieldDecl {
	var out []*fieldDecl
	for _, f := range s.Fields {
		d.addLine(f.Pos, f.Source)
		decl := &fieldDecl{name: d.goNode(f.Name, f.Pos), typ: d.goNode(f.Type, f.Pos), doc: f.Doc, goName: f.GoName, goType: f.Go, goKey: f.Key}
		if f.Hidden {
			decl.hidden = d.goNode("true", f.Pos)
		}
		out = append(out, decl)
	}
	return out
}

// goOptions gives the fields of a row what the schema says of them beside their
// types.
func (d *decoder) goOptions(t *tableDecl) {
	var names []string
	for _, f := range t.fields {
		names = append(names, f.name.text)
	}
	for _, o := range t.options {
		i := slices.Index(names, o.name.text)
		if i < 0 {
			if t.hasFields {
				d.report(ruleFieldUnknown, o.name.pos, "unknown field %q", o.name.text).meant(o.name.text, names)
			}
			continue
		}
		f := t.fields[i]
		f.options = o.name
		f.def, f.defHex, f.max, f.min, f.was, f.optional = o.def, o.defHex, o.max, o.min, o.was, o.optional
		if o.hidden != nil {
			f.hidden = o.hidden
		}
		if o.doc != "" {
			f.doc = o.doc
		}
	}
}

// inGo gives a field the names and types that it has in Go already.
func (rs *resolver) inGo(f *Field, decl *fieldDecl) {
	if decl.goName == "" {
		return
	}
	f.GoName = decl.goName
	if f.Type.Kind == Invalid {
		return
	}
	f.Type = f.Type.withGo(decl.goType, decl.goKey)
	if decl.optional && !strings.HasSuffix(decl.typ.text, "?") && f.Type.Kind.Scalar() && !f.Type.nilable() {
		rs.report(ruleGoRow, decl.options.pos, "%s is no pointer in Go, so that it is always there", f.Name).
			mend("make it a pointer in the struct, or remove optional").related(f.Pos, "the field")
	}
}

// withGo is a type whose values, or elements, and keys have Go types of their own.
func (t *Type) withGo(of, key *GoType) *Type {
	if of == nil && key == nil {
		return t
	}
	out := *t
	if t.Kind != List && t.Kind != Map {
		out.Go = of
		return &out
	}
	if of != nil {
		elem := *t.Elem
		elem.Go = of
		out.Elem = &elem
	}
	if key != nil {
		k := *t.MapKey
		k.Go = key
		out.MapKey = &k
	}
	return &out
}

// same reports whether two types are one, in the schema and in Go.
func (t *Type) same(o *Type) bool {
	if t.Kind != o.Kind || t.Name != o.Name || (t.Go == nil) != (o.Go == nil) {
		return false
	}
	return t.Go == nil || t.Go.Path == o.Go.Path && t.Go.Name == o.Go.Name
}

// called is a type in messages that tell types apart.
func (t *Type) called() string {
	if t.Go != nil && t.Name == "" {
		return "a " + t.Go.String()
	}
	return article(t.String())
}

// Marshalled reports whether values are stored in a form that only their own
// methods know.
func (t *Type) Marshalled() bool { return t.Go != nil && t.Go.Form != GoScalar }

// inModels marks the structs of the user's that are within one of the schema.
func inModels(types []*Type) {
	var mark func(fields []*Field)
	mark = func(fields []*Field) {
		for _, f := range fields {
			t := f.Type
			if t.Elem != nil {
				t = t.Elem
			}
			if t.Kind == Struct && t.Go != nil && !t.InModels {
				t.InModels = true
				mark(t.Fields)
			}
		}
	}
	for _, t := range types {
		if t.Kind == Struct && t.Go == nil {
			mark(t.Fields)
		}
	}
}

// nilable reports whether a type is a slice in Go, whose nil stands for absent.
func (t *Type) nilable() bool {
	return t.Kind == JSON || t.Kind == Bytes && !t.Marshalled() && (t.Name == "" || t.Go != nil)
}

// formOf is the Go type whose methods make what is stored of a type, or of its
// elements, and of the keys of a map; "" where none has a part in it.
func formOf(t *Type) (of, key string) {
	name := func(t *Type) string {
		if t != nil && t.Marshalled() {
			return t.Go.String()
		}
		return ""
	}
	if t.Kind == List || t.Kind == Map {
		return name(t.Elem), name(t.MapKey)
	}
	return name(t), ""
}

// goCycles reports structs of the schema that hold a Go type whose package imports
// the one that the structs are in.
func (rs *resolver) goCycles(found *GoSource) {
	if found == nil {
		return
	}
	models := found.Base + "/models"
	if rs.onePackage {
		models = found.Base
	}
	imports := func(g *GoType, what string) bool { return g != nil && slices.Contains(found.Uses[g.Path], what) }
	inside := func(t *Type) []*GoType {
		out := []*GoType{t.Go}
		for _, in := range []*Type{t.Elem, t.MapKey} {
			if in != nil {
				out = append(out, in.Go)
			}
		}
		return out
	}
	report := func(pos Pos, g *GoType, by string) {
		rs.report(ruleGoType, pos, "the Go package %s imports %s, which has to import it", g.Path, by).
			mend("move what it needs of %s to where that does not import it", g.Path)
	}
	for _, t := range rs.set.Types {
		if t.Kind != Struct || t.Go != nil {
			continue
		}
		for _, f := range t.Fields {
			for _, g := range inside(f.Type) {
				if imports(g, models) {
					report(f.Pos, g, models)
				}
			}
		}
	}
	for _, t := range rs.set.Tables {
		packagePath := found.Base
		if !rs.onePackage {
			packagePath = path.Join(found.Base, t.Group, t.Pkg)
		}
		if imports(t.Go, packagePath) {
			report(t.Pos, t.Go, packagePath)
			continue
		}
		for _, f := range slices.Concat(t.Fields, t.Per) {
			for _, g := range inside(f.Type) {
				if imports(g, packagePath) {
					report(f.Pos, g, packagePath)
				}
			}
		}
	}
}
