package gostruct

import (
	"go/ast"
	"go/types"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// This file reads arrays that are lists: all but those of 1 to 255 bytes, which are one
// value, and named ones that have a text or binary form.

// An array is a field's type that is an array. Its reader is of the file that says what
// its elements are.
type array struct {
	*reader
	of   *types.Array // nil where its length is not known
	elem ast.Expr
	name *schema.GoType // nil for one without a name
}

// arrayOf is the array that a type is; nil for one that is no array, or one value.
func (r *reader) arrayOf(e ast.Expr, as string) *array {
	e = r.unalias(ast.Unparen(e))
	t := types.Unalias(r.pkg.TypesInfo.TypeOf(e))
	if x, ok := e.(*ast.ArrayType); ok && x.Len != nil {
		of, known := t.(*types.Array)
		if known && fixedBytes(of) != "" {
			return nil
		}
		return &array{r, of, x.Elt, nil}
	}
	named, ok := t.(*types.Named)
	if !ok || named.TypeArgs().Len() > 0 || named.Obj().Pkg() == nil || !named.Obj().Exported() {
		return nil
	}
	of, ok := named.Underlying().(*types.Array)
	if !ok {
		return nil
	}
	full := named.Obj().Pkg().Path() + "." + named.Obj().Name()
	if known[full] != "" || as == "" && r.declared[full].Name != "" {
		return nil
	}
	goType, isArray := r.overArray(named, as)
	if !isArray {
		return nil
	}
	in, elem := r.elementOf(named)
	return &array{in, of, elem, goType}
}

// overArray is the Go type of a named array whose values are lists.
func (r *reader) overArray(t *types.Named, as string) (*schema.GoType, bool) {
	if as == "text" || as == "binary" {
		return nil, false // which it has, or the message says so
	}
	if _, scalar, _, _ := r.stored(t, as); scalar != "" {
		return nil, false
	}
	o := t.Obj()
	return &schema.GoType{Path: o.Pkg().Path(), Package: o.Pkg().Name(), Name: o.Name(), Comparable: strictlyComparable(t, 0)}, true
}

// elementOf is the type of the elements of a named array as its declaration says it, and
// a reader of the file where that is; nil where it is not written out.
func (r *reader) elementOf(t *types.Named) (*reader, ast.Expr) {
	for t != nil && t.Obj().Pkg() != nil {
		in, spec := r.specOf(t)
		if spec == nil {
			return nil, nil
		}
		if x, ok := in.unalias(ast.Unparen(spec.Type)).(*ast.ArrayType); ok {
			return in, x.Elt
		}
		t, _ = types.Unalias(in.pkg.TypesInfo.TypeOf(spec.Type)).(*types.Named)
		r = in
	}
	return nil, nil
}

// column is the list that an array is, or why it is none.
func (a *array) column(as string) column {
	if a.of == nil || a.of.Len() < 0 || a.elem == nil {
		return no("see that its package compiles", "is not known")
	}
	n := a.of.Len()
	b, isBasic := a.of.Elem().(*types.Basic)
	switch {
	case n == 0:
		return no("remove it", "is an array without elements")
	case isBasic && b.Kind() == types.Uint8:
		return no("make it a slice, or an array of 1 to 255 bytes", "is an array of too many bytes")
	case n > kind.MaxArray:
		return no("make it a slice", "is an array of too many elements")
	}
	if _, pointers := ast.Unparen(a.elem).(*ast.StarExpr); pointers {
		return no("make it an array of what they point to, or a slice", "is an array of pointers, which are nil where nothing is stored")
	}
	if a.arrayOf(a.elem, as) != nil {
		return no(inner("inner one"), "is an array of arrays")
	}
	c := a.value(a.elem, as)
	if c.problem != "" {
		return c
	}
	if a.name != nil {
		a.loader.out.Uses[a.name.Path] = nil
	}
	c.typ = "[]" + c.typ
	c.array = &schema.GoArray{Len: int(n), Go: a.name}
	return c
}
