// Package gostruct reads structs of Go packages, to be the rows of tables: it says
// which column each field is, and what stands in the way of one that can be none.
//
// It knows Go types and the names of the schema language's own, and neither
// tables nor what is generated. The packages are loaded together, once, and need
// not compile: what imports a package that is yet to be generated is read as far
// as it goes.
package gostruct

import (
	"fmt"
	"go/ast"
	"go/token"
	"go/types"
	"os"
	"path"
	"path/filepath"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/storegen/storegen/schema"
	"golang.org/x/tools/go/packages"
)

// Loader returns what finds structs from a folder of the user's module. models is
// the import path of the named types of the schema, whether or not they have been
// generated yet.
func Loader(dir, models string) schema.GoLoader {
	return func(names []string) map[string]*schema.GoStruct {
		var paths []string
		for _, name := range names {
			p, _ := split(name)
			if !slices.Contains(paths, p) {
				paths = append(paths, p)
			}
		}
		out := map[string]*schema.GoStruct{}
		// Types of all dependencies come from their source, so that nothing has to
		// compile.
		const mode = packages.NeedName | packages.NeedFiles | packages.NeedImports | packages.NeedDeps |
			packages.NeedSyntax | packages.NeedTypes | packages.NeedTypesInfo
		found, err := packages.Load(&packages.Config{Mode: mode, Dir: dir, Fset: token.NewFileSet()}, paths...)
		for _, name := range names {
			p, typ := split(name)
			s := &schema.GoStruct{Type: schema.GoType{Path: p, Package: path.Base(p), Name: typ}}
			out[name] = s
			i := slices.IndexFunc(found, func(pkg *packages.Package) bool { return pkg.PkgPath == p })
			switch {
			case err != nil:
				s.Problems = append(s.Problems, schema.GoProblem{
					Message: fmt.Sprintf("Go packages cannot be loaded: %v", err), Mend: "see that the go command runs here, and that there is a go.mod"})
			case i < 0 || found[i].Name == "":
				s.Problems = append(s.Problems, schema.GoProblem{
					Message: "there is no Go package " + p + why(found, i), Mend: "write its import path, and go get it where it is in another module"})
			default:
				r := &reader{pkg: found[i], models: models, out: s}
				s.Type.Package = found[i].Name
				r.structOf(typ)
			}
		}
		return out
	}
}

// why is what the go command says of a package that it does not find.
func why(found []*packages.Package, i int) string {
	if i < 0 || len(found[i].Errors) == 0 {
		return ""
	}
	text, _, _ := strings.Cut(found[i].Errors[0].Msg, "\n")
	return ": " + text
}

// split takes example.com/app/model.User apart.
func split(name string) (pkg, typ string) {
	dot := strings.LastIndexByte(name, '.')
	return name[:dot], name[dot+1:]
}

// reader reads one struct.
type reader struct {
	pkg    *packages.Package
	models string
	out    *schema.GoStruct
	file   *ast.File // that the struct is in
}

func (r *reader) problem(at token.Pos, mend, format string, args ...any) {
	p := schema.GoProblem{Message: fmt.Sprintf(format, args...), Mend: mend}
	if at.IsValid() {
		p.Pos, p.Source = r.place(at)
	}
	r.out.Problems = append(r.out.Problems, p)
}

// place is a position as messages have it, and its line.
func (r *reader) place(at token.Pos) (schema.Pos, string) {
	p := r.pkg.Fset.Position(at)
	file := p.Filename
	if dir, err := os.Getwd(); err == nil {
		if rel, err := filepath.Rel(dir, file); err == nil && filepath.IsLocal(rel) {
			file = rel
		}
	}
	line := ""
	if data, err := os.ReadFile(p.Filename); err == nil {
		if lines := strings.Split(string(data), "\n"); p.Line <= len(lines) {
			line = strings.TrimSuffix(lines[p.Line-1], "\r")
		}
	}
	// Columns of Go count bytes, those of messages characters.
	col := 1 + len([]rune(line[:min(p.Column-1, len(line))]))
	return schema.Pos{File: file, Line: p.Line, Col: col, EndCol: 1 + len([]rune(strings.TrimRight(line, " \t")))}, line
}

func (r *reader) structOf(name string) {
	spec := r.find(name)
	if spec == nil {
		r.problem(token.NoPos, "name an exported struct of it", "the Go package %s has no type %s", r.pkg.PkgPath, name)
		return
	}
	st, ok := spec.Type.(*ast.StructType)
	switch {
	case !ok:
		r.problem(spec.Name.Pos(), "make it a struct, or name the fields in the schema", "%s is no struct", name)
		return
	case spec.TypeParams != nil:
		r.problem(spec.Name.Pos(), "name a struct without type parameters", "%s has type parameters", name)
		return
	}
	seen := map[string]token.Pos{}
	for _, f := range st.Fields.List {
		if len(f.Names) == 0 {
			if column, _, skip := tagOf(f, ""); !skip {
				r.problem(f.Pos(), "give the field a name, or leave it out with the tag `storegen:\"-\"`", "an embedded field is no column%s", column)
			}
			continue
		}
		for _, n := range f.Names {
			column, hidden, skip := tagOf(f, n.Name)
			if skip {
				continue
			}
			if !n.IsExported() {
				r.problem(n.Pos(), "export it, or leave it out with the tag `storegen:\"-\"`", "the field %s is not exported, and could not be stored", n.Name)
				continue
			}
			if first, twice := seen[column]; twice {
				p, _ := r.place(first)
				r.problem(n.Pos(), "name another with the tag `storegen:\"name\"`", "the column %s is that of a field in line %d already", column, p.Line)
				continue
			}
			seen[column] = n.Pos()
			typ, goType, mend, problem := r.column(f.Type)
			if problem != "" {
				r.problem(f.Type.Pos(), mend+", or leave the field out with the tag `storegen:\"-\"`", "%s has the type %s, which %s", n.Name, types.ExprString(f.Type), problem)
				continue
			}
			pos, line := r.place(n.Pos())
			pos.EndCol = pos.Col + len([]rune(n.Name))
			r.out.Fields = append(r.out.Fields, schema.GoField{
				Name: column, GoName: n.Name, Type: typ, Go: goType, Hidden: hidden, Doc: strings.TrimSpace(f.Doc.Text()), Pos: pos, Source: line,
			})
		}
	}
	if len(r.out.Fields) == 0 && len(r.out.Problems) == 0 {
		r.problem(spec.Name.Pos(), "give it a field", "%s has no fields", name)
	}
}

// find returns the declaration of a type.
func (r *reader) find(name string) *ast.TypeSpec {
	for _, file := range r.pkg.Syntax {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				if spec, ok := s.(*ast.TypeSpec); ok && spec.Name.Name == name {
					r.file = file
					return spec
				}
			}
		}
	}
	return nil
}

// tagOf is the name of a field's column: that of its tag storegen, or else of its
// tag json, or else the name in Go in the way of columns.
func tagOf(f *ast.Field, name string) (column string, hidden, skip bool) {
	var tag reflect.StructTag
	if f.Tag != nil {
		text, err := strconv.Unquote(f.Tag.Value)
		if err == nil { // the parser has seen to it
			tag = reflect.StructTag(text)
		}
	}
	own, has := tag.Lookup("storegen")
	column, options, _ := strings.Cut(own, ",")
	if column == "-" {
		return "", false, true
	}
	if column == "" {
		json, _, _ := strings.Cut(tag.Get("json"), ",")
		if json == "-" && !has {
			return "", false, true
		}
		column = json
	}
	if column == "" || column == "-" {
		column = snake(name)
	}
	return column, slices.Contains(strings.Split(options, ","), "hidden"), false
}

// snake makes user_id of UserID.
func snake(name string) string {
	var b strings.Builder
	rs := []rune(name)
	for i, c := range rs {
		if unicode.IsUpper(c) && i > 0 && (unicode.IsLower(rs[i-1]) || unicode.IsDigit(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}

// scalars are the kinds of Go types that a column has as they are.
var scalars = map[types.BasicKind]string{
	types.Bool: "bool", types.Int32: "int32", types.Int64: "int64", types.Uint32: "uint32", types.Uint64: "uint64",
	types.Float64: "float64", types.String: "string",
}

// wider are kinds that a column has not, and what to take.
var wider = map[types.BasicKind]string{
	types.Int8: "int32", types.Int16: "int32", types.Uint8: "uint32", types.Uint16: "uint32", types.Float32: "float64",
	types.Uintptr: "uint64", types.Complex64: "two of float64", types.Complex128: "two of float64",
}

// column is a type as the schema language writes it, with the Go type that values
// are converted from; or why there is none, and what to do.
func (r *reader) column(e ast.Expr) (typ string, goType *schema.GoType, mend, problem string) {
	switch x := e.(type) {
	case *ast.ParenExpr:
		return r.column(x.X)
	case *ast.StarExpr:
		typ, goType, mend, problem = r.scalar(x.X)
		if problem == "" && (typ == "bytes" || typ == "json") {
			return "", nil, "take the slice itself: nil is absent", "points to a slice"
		}
		return typ + "?", goType, mend, problem
	case *ast.ArrayType:
		if x.Len != nil {
			return "", nil, "make it a slice", "is an array"
		}
		if b, ok := r.pkg.TypesInfo.TypeOf(x.Elt).(*types.Basic); ok && b.Kind() == types.Uint8 {
			return "bytes", nil, "", ""
		}
		typ, goType, mend, problem = r.scalar(x.Elt)
		if problem == "" && goType != nil && goType.Path == "" {
			return "", nil, "take []" + typ, "is a list of a type that is as wide as the machine's words"
		}
		return "[]" + typ, goType, mend, problem
	case *ast.MapType:
		if b, ok := r.pkg.TypesInfo.TypeOf(x.Key).(*types.Basic); !ok || b.Kind() != types.String {
			return "", nil, "make its keys strings", "is a map with other keys than strings"
		}
		typ, goType, mend, problem = r.scalar(x.Value)
		return "map[string]" + typ, goType, mend, problem
	}
	return r.scalar(e)
}

// known are types of other packages that the schema language has.
var known = map[string]string{
	"time.Time": "timestamp", "time.Duration": "duration", "encoding/json.RawMessage": "json", "github.com/google/uuid.UUID": "uuid",
}

func (r *reader) scalar(e ast.Expr) (typ string, goType *schema.GoType, mend, problem string) {
	const declared = "declare a struct under types in the schema and take that from package models"
	switch e.(type) {
	case *ast.ArrayType, *ast.MapType:
		return "", nil, declared, "is a list or map within another"
	case *ast.StarExpr:
		return "", nil, "take one pointer, or none", "is a pointer within something"
	case *ast.StructType:
		return "", nil, declared, "is a struct without a name"
	}
	// What is not generated yet has no type, but a name.
	if p, name := r.selected(e); p == r.models {
		return name, nil, "", ""
	} else if p != "" && known[p+"."+name] != "" {
		return known[p+"."+name], nil, "", ""
	}
	t := types.Unalias(r.pkg.TypesInfo.TypeOf(e))
	switch t := t.(type) {
	case *types.Basic:
		switch {
		case t.Kind() == types.Invalid:
			return "", nil, "see that its package compiles", "is not known" + r.typeError(e)
		case t.Kind() == types.Int:
			return "int64", &schema.GoType{Name: "int"}, "", ""
		case t.Kind() == types.Uint:
			return "uint64", &schema.GoType{Name: "uint"}, "", ""
		case scalars[t.Kind()] != "":
			return scalars[t.Kind()], nil, "", ""
		}
		return "", nil, "make it " + wider[t.Kind()], "no column has"
	case *types.Named:
		return r.named(t, declared)
	}
	return "", nil, "make it a scalar, a slice or a map", "no column has"
}

func (r *reader) named(t *types.Named, declared string) (typ string, goType *schema.GoType, mend, problem string) {
	o := t.Obj()
	if o.Pkg() != nil {
		switch {
		case o.Pkg().Path() == r.models:
			return o.Name(), nil, "", ""
		case known[o.Pkg().Path()+"."+o.Name()] != "":
			return known[o.Pkg().Path()+"."+o.Name()], nil, "", ""
		}
	}
	b, ok := t.Underlying().(*types.Basic)
	switch {
	case !ok && isStruct(t):
		return "", nil, declared, "is a struct"
	case !ok:
		return "", nil, "make it a type over a scalar", "is over something that is no scalar"
	case o.Pkg() == nil || !o.Exported():
		return "", nil, "export the type", "generated code cannot name"
	case t.TypeArgs().Len() > 0:
		return "", nil, "declare a type over it", "has type arguments"
	}
	goType = &schema.GoType{Path: o.Pkg().Path(), Package: o.Pkg().Name(), Name: o.Name()}
	switch {
	case b.Kind() == types.Int:
		return "int64", goType, "", ""
	case b.Kind() == types.Uint:
		return "uint64", goType, "", ""
	case scalars[b.Kind()] != "":
		return scalars[b.Kind()], goType, "", ""
	}
	return "", nil, "make it " + wider[b.Kind()], "is over a type that no column has"
}

func isStruct(t *types.Named) bool {
	_, ok := t.Underlying().(*types.Struct)
	return ok
}

// selected is the import path and the name of what is written pkg.Name.
func (r *reader) selected(e ast.Expr) (string, string) {
	sel, ok := e.(*ast.SelectorExpr)
	if !ok {
		return "", ""
	}
	x, ok := sel.X.(*ast.Ident)
	if !ok {
		return "", ""
	}
	for _, imp := range r.file.Imports {
		p, err := strconv.Unquote(imp.Path.Value)
		if err != nil {
			continue // the parser has said so
		}
		name := path.Base(p)
		if imp.Name != nil {
			name = imp.Name.Name
		} else if dep := r.pkg.Imports[p]; dep != nil && dep.Name != "" {
			name = dep.Name
		}
		if name == x.Name {
			return p, sel.Sel.Name
		}
	}
	return "", ""
}

// typeError is what the type checker says of a place.
func (r *reader) typeError(e ast.Expr) string {
	at := r.pkg.Fset.Position(e.Pos())
	for _, err := range r.pkg.TypeErrors {
		if p := r.pkg.Fset.Position(err.Pos); p.Filename == at.Filename && p.Line == at.Line {
			return " (" + err.Msg + ")"
		}
	}
	return ""
}
