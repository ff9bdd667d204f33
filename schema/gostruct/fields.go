package gostruct

import (
	"fmt"
	"go/ast"
	"go/types"
	"strings"

	"github.com/storegen/storegen/schema"
)

// A candidate is a field that may be a column: of the struct itself, or of one that is
// embedded in it. As in encoding/json, it hides those of the same column that are
// embedded deeper.
type candidate struct {
	*reader // of the package and the file that the field is in
	tag     fieldTag
	name    *ast.Ident
	field   *ast.Field
	path    string // the names of embedded structs and the field: Base.ID
	depth   int
}

// fields reads the fields of a struct.
func (r *reader) fields(st *ast.StructType, spec *ast.TypeSpec) {
	w := walker{}
	w.fields(r, st, "", 0)
	columns := map[string]bool{} // by path
	for _, c := range w.visible(r.pkg.TypesInfo.TypeOf(spec.Name)) {
		if r.columnOf(c) {
			columns[c.path] = true
		}
	}
	if len(r.out.Fields) == 0 && len(r.out.Problems) == 0 {
		r.problem(spec.Name.Pos(), "give it a field", "%s has no fields", spec.Name.Name)
	}
	if t, ok := r.pkg.TypesInfo.TypeOf(st).(*types.Struct); ok && (w.left || w.embedded) {
		r.out.Type.Layout = layout(t, columns, "")
		r.out.Type.Partly = w.left
	}
	// Two values that differ in what is not stored are one key, and two in Go.
	r.out.Type.Comparable = r.comparable(spec) && !w.left
}

// columnOf adds the column that a field is, or says why it is none.
func (r *reader) columnOf(c *candidate) bool {
	name := c.name.Name
	if c.tag.hidden && !r.row {
		c.problem(c.name.Pos(), "remove hidden, or hide the whole of it where it is a field of the row", "the field %s is hidden, which only those of a row can be", name)
		return false
	}
	col := c.column(c.field.Type, c.tag.as)
	if col.problem != "" {
		c.problem(c.field.Type.Pos(), col.help+", or leave the field out with the tag `storegen:\"-\"`", "%s has the type %s, which %s", name, text(c.field.Type), col.problem)
		return false
	}
	pos, line := c.place(c.name.Pos())
	pos.EndCol = pos.Col + len([]rune(name))
	r.out.Fields = append(r.out.Fields, schema.GoField{
		Name: c.tag.column, GoName: name, Type: col.typ, Go: col.of, Key: col.key, Pointers: col.pointers, Array: col.array,
		Hidden: c.tag.hidden, Doc: strings.TrimSpace(c.field.Doc.Text()), Pos: pos, Source: line,
	})
	return true
}

// A walker finds the candidates of a struct, those of embedded structs in their place.
type walker struct {
	all      []*candidate
	left     bool // something is not stored
	embedded bool // something is of an embedded struct
}

func (w *walker) fields(r *reader, st *ast.StructType, path string, depth int) {
	for _, f := range st.Fields.List {
		if len(f.Names) == 0 {
			w.embed(r, f, path, depth)
			continue
		}
		for _, n := range f.Names {
			w.add(&candidate{reader: r, tag: tagOf(f, n.Name), name: n, field: f, path: path + n.Name, depth: depth})
		}
	}
}

func (w *walker) add(c *candidate) {
	switch {
	case c.tag.skip:
		w.left = true
	case !c.name.IsExported():
		c.problem(c.name.Pos(), "export it, or leave it out with the tag `storegen:\"-\"`", "the field %s is not exported, and could not be stored", c.name.Name)
	default:
		w.all = append(w.all, c)
	}
}

// embed adds the fields of an embedded struct. An embedded type that is no struct, or
// has a name in its tag, is a column itself.
func (w *walker) embed(r *reader, f *ast.Field, path string, depth int) {
	const leave = ", or leave it out with the tag `storegen:\"-\"`"
	name := embeddedName(f.Type)
	if name == nil { // which does not compile
		r.problem(f.Pos(), "see that its package compiles", "the embedded field is not known")
		return
	}
	tag := tagOf(f, name.Name)
	c := &candidate{reader: r, tag: tag, name: name, field: f, path: path + name.Name, depth: depth}
	if tag.skip || tag.named {
		w.add(c)
		return
	}
	if p, _ := r.selected(r.unalias(f.Type)); p == r.models {
		r.problem(f.Pos(), "give the field a name"+leave, "the type %s is yet to be generated, so that its fields cannot be columns here", text(f.Type))
		return
	}
	t, isNamed := types.Unalias(r.pkg.TypesInfo.TypeOf(f.Type)).(*types.Named)
	if _, pointer := f.Type.(*ast.StarExpr); pointer {
		r.problem(f.Pos(), "embed it without the pointer, or give the field a name"+leave, "%s is embedded as a pointer, whose fields are not there where it is nil", text(f.Type))
		return
	}
	if !isNamed || !r.spread(t, tag.as) {
		w.add(c)
		return
	}
	if t.TypeArgs().Len() > 0 {
		r.problem(f.Pos(), "declare a struct of its own for it, without type parameters"+leave, "the embedded %s has type arguments", text(f.Type))
		return
	}
	if r.closed(t) {
		r.problem(f.Pos(), "give the field a name and a type with what of it is to be stored"+leave, "the embedded %s is a struct of another module with fields that are not exported", text(f.Type))
		return
	}
	in, st := r.declaration(t)
	if st == nil {
		r.problem(f.Pos(), "declare a struct of its own"+leave, "the embedded %s is not declared as a struct", text(f.Type))
		return
	}
	w.embedded = true
	// Generated code of another package cannot name it.
	w.left = w.left || !name.IsExported()
	r.loader.out.Uses[t.Obj().Pkg().Path()] = nil
	w.fields(in, st, path+name.Name+".", depth+1)
}

// embeddedName is the name that an embedded field has.
func embeddedName(e ast.Expr) *ast.Ident {
	switch x := e.(type) {
	case *ast.Ident:
		return x
	case *ast.SelectorExpr:
		return x.Sel
	case *ast.StarExpr:
		return embeddedName(x.X)
	case *ast.ParenExpr:
		return embeddedName(x.X)
	case *ast.IndexExpr:
		return embeddedName(x.X)
	case *ast.IndexListExpr:
		return embeddedName(x.X)
	}
	return nil
}

// spread reports whether a type that is embedded is a struct that is stored as its
// fields.
func (r *reader) spread(t *types.Named, as string) bool {
	if o := t.Obj(); o.Pkg() == nil || known[o.Pkg().Path()+"."+o.Name()] != "" {
		return false
	}
	if _, isStruct := t.Underlying().(*types.Struct); !isStruct {
		return false
	}
	_, scalar, _, problem := r.stored(t, as)
	return scalar == "" && problem == ""
}

// declaration is where a struct is declared, with a reader of its package; nil where
// its declaration is no struct that is written out.
func (r *reader) declaration(t *types.Named) (*reader, *ast.StructType) {
	in, spec := r.specOf(t)
	if spec == nil {
		return nil, nil
	}
	st, _ := spec.Type.(*ast.StructType)
	return in, st
}

// specOf is the declaration of a type, with a reader of its package; nil where its source
// is not known.
func (r *reader) specOf(t *types.Named) (*reader, *ast.TypeSpec) {
	pkg := r.packages[t.Obj().Pkg().Path()]
	if pkg == nil {
		return nil, nil
	}
	for _, file := range pkg.Syntax {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				if spec, ok := s.(*ast.TypeSpec); ok && spec.Name.Name == t.Obj().Name() {
					return &reader{loader: r.loader, pkg: pkg, out: r.out, file: file, row: r.row}, spec
				}
			}
		}
	}
	return nil, nil
}

// visible are the candidates that no other hides. Two of one column are a mistake, but
// where one of them is embedded less deep; and so is one that generated code cannot
// reach by its name in a value of the type.
func (w *walker) visible(of types.Type) []*candidate {
	least := map[string]*candidate{} // by column
	for _, c := range w.all {
		if first := least[c.tag.column]; first == nil || c.depth < first.depth {
			least[c.tag.column] = c
		}
	}
	var out []*candidate
	for _, c := range w.all {
		first := least[c.tag.column]
		switch {
		case c.depth > first.depth:
			w.left = true
		case c != first:
			c.problem(c.name.Pos(), "name another with the tag `storegen:\"name\"`", "the column %s is that of a field in %s already", c.tag.column, first.from(c))
		case !c.reached(of):
			c.problem(c.name.Pos(), "rename one of them, or leave it out with the tag `storegen:\"-\"`",
				"the embedded field %s cannot be reached as %s, since something else has that name", c.path, c.name.Name)
		default:
			out = append(out, c)
		}
	}
	return out
}

// reached reports whether the name of a field alone means it, in a value of a type.
func (c *candidate) reached(of types.Type) bool {
	if c.depth == 0 || of == nil {
		return true
	}
	o, _, _ := types.LookupFieldOrMethod(of, true, c.pkg.Types, c.name.Name)
	return o != nil && o.Pos() == c.name.Pos()
}

// from is the line that a field is in, as seen from another.
func (c *candidate) from(other *candidate) string {
	at, _ := c.place(c.name.Pos())
	if c.file == other.file {
		return fmt.Sprintf("line %d", at.Line)
	}
	return fmt.Sprintf("%s:%d", at.File, at.Line)
}
