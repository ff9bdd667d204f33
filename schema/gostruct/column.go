package gostruct

import (
	"go/ast"
	"go/types"
	"path"
	"strconv"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// A column is the type of a column as the schema language writes it, with the Go
// types that values are converted from; or why there is none, and what to do.
type column struct {
	typ           string
	of            *schema.GoType // of the value or the element; nil where it is the one that typ has in Go
	key           *schema.GoType // the same of the keys of a map
	pointers      bool           // the elements are pointers
	array         *schema.GoArray
	help, problem string
}

func no(help, problem string) column { return column{help: help, problem: problem} }

// basics are the kinds of Go types that a column has as they are.
var basics = map[types.BasicKind]string{
	types.Bool: "bool", types.Int8: "int8", types.Int16: "int16", types.Int32: "int32", types.Int64: "int64",
	types.Uint8: "uint8", types.Uint16: "uint16", types.Uint32: "uint32", types.Uint64: "uint64",
	types.Float32: "float32", types.Float64: "float64", types.String: "string", types.Int: "int64", types.Uint: "uint64",
}

// wider are kinds that a column has not, and what to take.
var wider = map[types.BasicKind]string{
	types.Uintptr: "uint64", types.Complex64: "two of float64", types.Complex128: "two of float64",
}

// runtimePath is where the Go types of scalars are that Go itself has not.
const runtimePath = "github.com/storegen/storegen/runtime/"

// known are types of other packages that the schema language has.
var known = map[string]string{
	"time.Time": "timestamp", "time.Duration": "duration", "encoding/json.RawMessage": "json", "github.com/google/uuid.UUID": "uuid",
	runtimePath + "civil.Date": "date", runtimePath + "civil.TimeOfDay": "time_of_day",
}

func text(e ast.Expr) string { return types.ExprString(e) }

// column is the type of a field. as is what its tag asks for.
func (r *reader) column(e ast.Expr, as string) column {
	switch x := e.(type) {
	case *ast.ParenExpr:
		return r.column(x.X, as)
	case *ast.StarExpr:
		if r.hasNil(x.X) {
			return no("take it without the pointer: nil is absent", "points to a slice or map")
		}
		if r.arrayOf(x.X, as) != nil {
			return no("take it without the pointer", "points to an array, and a list cannot be absent")
		}
		c := r.value(x.X, as)
		if c.problem != "" {
			return c
		}
		if c.typ == "json" || c.typ == "bytes" && (c.of == nil || c.of.Form == schema.GoScalar) {
			return no("take the slice itself: nil is absent", "points to a slice")
		}
		c.typ += "?"
		return c
	case *ast.ArrayType:
		if x.Len != nil {
			break
		}
		if b, ok := r.pkg.TypesInfo.TypeOf(x.Elt).(*types.Basic); ok && b.Kind() == types.Uint8 {
			return column{typ: "bytes"}
		}
		c := r.element(x.Elt, as)
		c.typ = "[]" + c.typ
		return c
	case *ast.MapType:
		key := r.value(x.Key, "")
		switch {
		case key.problem == "" && r.keysMaps(key):
		case key.problem != "" && r.pkg.TypesInfo.TypeOf(x.Key) == types.Typ[types.Invalid]:
			return key
		default:
			return no("make its keys strings, integers, or of a type with a text of its own", "is a map with other keys than strings and integers")
		}
		c := r.element(x.Value, as)
		c.typ = "map[" + key.typ + "]" + c.typ
		c.key = key.of
		return c
	}
	if a := r.arrayOf(e, as); a != nil {
		return a.column(as)
	}
	return r.value(e, as)
}

// keysMaps reports whether a type of a map's keys is one that the schema language takes
// for one, or has to say that it does not.
func (r *reader) keysMaps(key column) bool {
	if key.of != nil && key.of.Form == schema.GoText {
		return key.of.Comparable
	}
	if scalar := schema.Scalar(key.typ); scalar != nil {
		return scalar.Kind.KeysMaps()
	}
	return key.typ != "" && ast.IsExported(key.typ) // a named type of the schema, which it judges
}

// element is the type of the elements of a list or map, which may be pointers to
// structs.
func (r *reader) element(e ast.Expr, as string) column {
	if r.arrayOf(e, as) != nil {
		return no(inner("array"), "is an array within a list or map")
	}
	if p, ok := ast.Unparen(e).(*ast.StarExpr); ok {
		c := r.value(p.X, as)
		c.pointers = true
		return c
	}
	return r.value(e, as)
}

const declare = "declare a struct for it in Go, with a name"

// inner is what to do about a list, map or array within another.
func inner(what string) string { return declare + ", that holds the " + what }

// value is the type of one value.
func (r *reader) value(e ast.Expr, as string) column {
	switch x := e.(type) {
	case *ast.ParenExpr:
		return r.value(x.X, as)
	case *ast.ArrayType:
		if x.Len != nil {
			if t, ok := r.pkg.TypesInfo.TypeOf(e).(*types.Array); ok && fixedBytes(t) != "" {
				return column{typ: fixedBytes(t)}
			}
			return no(inner("array"), "is an array within a list or map")
		}
		if b, ok := r.pkg.TypesInfo.TypeOf(x.Elt).(*types.Basic); ok && b.Kind() == types.Uint8 {
			return column{typ: "bytes"}
		}
		return no(inner("inner one"), "is a list or map within another")
	case *ast.MapType:
		return no(inner("inner one"), "is a list or map within another")
	case *ast.StarExpr:
		return no("take one pointer, or none", "is a pointer within something")
	case *ast.StructType:
		return no(declare, "is a struct without a name")
	}
	// What is not generated yet has no type, but a name.
	if p, name := r.selected(r.unalias(e)); p == r.models {
		return column{typ: name}
	} else if p+"."+name == runtimePath+"decimal.Decimal" {
		if t := schema.Scalar(as); t != nil && t.Kind == kind.Decimal {
			return column{typ: as}
		}
		return no("say how many it has, in its tag: `storegen:\",decimal(12,2)\"`", "does not say its digits")
	} else if p != "" && known[p+"."+name] != "" {
		return column{typ: known[p+"."+name]}
	}
	switch t := types.Unalias(r.pkg.TypesInfo.TypeOf(e)).(type) {
	case *types.Basic:
		switch {
		case t.Kind() == types.Invalid:
			return no("see that its package compiles", "is not known"+r.typeError(e))
		case basics[t.Kind()] == "":
			return no("make it "+wider[t.Kind()], "no column has")
		case t.Kind() == types.Int || t.Kind() == types.Uint:
			return column{typ: basics[t.Kind()], of: &schema.GoType{Name: t.Name(), Zero: "0", Comparable: true, Under: t.Name()}}
		}
		return column{typ: inKeys(basics[t.Kind()], as)}
	case *types.Named:
		return r.named(t, as)
	}
	return no("make it a scalar, a struct, a slice or a map", "no column has")
}

// hasNil reports whether a type that is written out is a slice or a map, whose nil stands
// for absent.
func (r *reader) hasNil(e ast.Expr) bool {
	switch x := e.(type) {
	case *ast.ParenExpr:
		return r.hasNil(x.X)
	case *ast.ArrayType:
		return x.Len == nil
	case *ast.MapType:
		return true
	}
	return false
}

// inKeys is the scalar of an integer, which a tag may want short in keys.
func inKeys(scalar, as string) string {
	if scalar == "int64" && as == "varint" || scalar == "uint64" && as == "uvarint" {
		return as
	}
	return scalar
}

// fixedBytes is the scalar that an array of bytes is; "" for another array, or one that
// is too long.
func fixedBytes(t *types.Array) string {
	if b, ok := t.Elem().(*types.Basic); !ok || b.Kind() != types.Uint8 || t.Len() < 1 || t.Len() > 255 {
		return ""
	}
	return "bytes[" + strconv.FormatInt(t.Len(), 10) + "]"
}

// unalias is what an alias of the same package stands for, as it is written: its type
// may not be generated yet.
func (r *reader) unalias(e ast.Expr) ast.Expr {
	id, ok := e.(*ast.Ident)
	if !ok {
		return e
	}
	for _, file := range r.pkg.Syntax {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				if spec, ok := s.(*ast.TypeSpec); ok && spec.Name.Name == id.Name && spec.Assign.IsValid() {
					return spec.Type
				}
			}
		}
	}
	return e
}

// named is the type of a value of a named Go type.
func (r *reader) named(t *types.Named, as string) column {
	o := t.Obj()
	if o.Pkg() != nil {
		full := o.Pkg().Path() + "." + o.Name()
		switch {
		case o.Pkg().Path() == r.models:
			return column{typ: o.Name()}
		case known[full] != "":
			return column{typ: known[full]}
		case as == "" && r.declared[full].Name != "":
			return column{typ: r.declared[full].Name}
		}
	}
	switch {
	case types.IsInterface(t):
		return no("take a struct, a scalar, a slice or a map", "is an interface")
	case o.Pkg() == nil || !o.Exported():
		return no("export the type", "generated code cannot name")
	case t.TypeArgs().Len() > 0:
		return no("declare a struct of its own for it, without type parameters, or a type with MarshalText and UnmarshalText", "has type arguments")
	}
	goType, scalar, help, problem := r.stored(t, as)
	if problem != "" {
		return no(help, problem)
	}
	r.loader.out.Uses[goType.Path] = nil
	if scalar != "" {
		return column{typ: scalar, of: goType}
	}
	return r.nestedStruct(t, goType)
}

// nestedStruct is a struct within another that has no name in the schema: it gets
// that of Go.
func (r *reader) nestedStruct(t *types.Named, goType *schema.GoType) column {
	full := goType.String()
	if r.nested[full] == nil {
		if r.closed(t) {
			return no(openIt, "is a struct "+closedStruct)
		}
		d := &schema.GoDecl{Name: goType.Name, For: r.out.For}
		r.nested[full] = d
		r.loader.out.Structs = append(r.loader.out.Structs, d)
		r.read(d, full, func(r *reader, name string) { r.structOf(name, false) })
	}
	return column{typ: goType.Name}
}

const (
	openIt       = "take what of it is to be stored"
	closedStruct = "of another module with fields that are not exported, and has no text or binary form"
)

// closed reports whether a type is a struct of another module whose fields are not
// all exported. They are not the user's to change, so that this is said where the
// struct is used.
func (l *loader) closed(t *types.Named) bool {
	pkg := l.packages[t.Obj().Pkg().Path()]
	if pkg != nil && pkg.Module != nil && pkg.Module.Main {
		return false
	}
	s := t.Underlying().(*types.Struct)
	for i := range s.NumFields() {
		if !s.Field(i).Exported() {
			return true
		}
	}
	return false
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
