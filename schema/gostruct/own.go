package gostruct

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/storegen/storegen/schema"
)

// ownOf reads a type that makes its bytes itself, and what gives the values of columns.
func (r *reader) ownOf(name string, gets []schema.GoGet) {
	r.row = true
	spec := r.find(name)
	if spec == nil {
		return
	}
	o := r.pkg.TypesInfo.Defs[spec.Name]
	if o == nil {
		r.problem(spec.Name.Pos(), "see that its package compiles", "%s is not known", name)
		return
	}
	t, ok := o.Type().(*types.Named)
	if !ok || spec.Assign.IsValid() {
		r.problem(spec.Name.Pos(), "name the type itself", "%s is another name of a type", name)
		return
	}
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Signature, *types.Chan:
		r.problem(spec.Name.Pos(), "take a struct, a scalar, a slice or a map", "%s is over what no row can be", name)
		return
	}
	if !hasPair(t, "MarshalBinary", "UnmarshalBinary") {
		r.problem(spec.Name.Pos(), "give it MarshalBinary and UnmarshalBinary, or remove codec, to store a struct field by field", "%s has no binary form", name)
		return
	}
	r.out.Codec = &schema.Codec{Type: r.out.Type, Marshal: "MarshalBinary", Unmarshal: "UnmarshalBinary", Own: true}
	r.out.Left = map[string]schema.GoProblem{}
	for _, g := range gets {
		r.get(t, g)
	}
}

// get finds what gives the value of a column.
func (r *reader) get(t *types.Named, g schema.GoGet) {
	left := func(help, problem string) { r.out.Left[g.Column] = schema.GoProblem{Message: problem, Help: help} }
	if !ast.IsExported(g.Get) {
		left("name an exported one", g.Get+" is not exported")
		return
	}
	const want = "write a method without parameters that returns one value, a field, or a function of the package that takes the type"
	from := &schema.FieldSource{GoName: g.Get}
	var typ types.Type
	var at token.Pos
	switch o, _, _ := types.LookupFieldOrMethod(types.NewPointer(t), true, r.pkg.Types, g.Get); o := o.(type) {
	case *types.Var:
		typ, at = o.Type(), o.Pos()
	case *types.Func:
		s := o.Type().(*types.Signature)
		if s.Params().Len() != 0 || s.Results().Len() != 1 {
			left(want, "the method "+g.Get+" has parameters, or not one result")
			return
		}
		from.Call, typ, at = schema.CallMethod, s.Results().At(0).Type(), o.Pos()
	default:
		f, _ := r.pkg.Types.Scope().Lookup(g.Get).(*types.Func)
		if f == nil {
			left(want, r.out.For+" has neither a method nor a field "+g.Get+", and its package no function of that name")
			return
		}
		s := f.Type().(*types.Signature)
		switch {
		case s.Params().Len() == 1 && s.Results().Len() == 1 && s.TypeParams().Len() == 0 && types.Identical(s.Params().At(0).Type(), t):
			from.Call = schema.CallFunc
		case s.Params().Len() == 1 && s.Results().Len() == 1 && s.TypeParams().Len() == 0 && types.Identical(s.Params().At(0).Type(), types.NewPointer(t)):
			from.Call = schema.CallFuncPointer
		default:
			left(want, "the function "+g.Get+" does not take a "+t.Obj().Name()+" alone, or has not one result")
			return
		}
		typ, at = s.Results().At(0).Type(), f.Pos()
	}
	c := r.given(typ)
	if c.problem != "" {
		left(c.help, g.Get+" gives a "+types.TypeString(typ, types.RelativeTo(r.pkg.Types))+", which "+c.problem)
		return
	}
	_, from.Pointer = typ.(*types.Pointer)
	pos, line := r.place(at)
	pos.EndCol = pos.Col + len([]rune(g.Get))
	r.out.Fields = append(r.out.Fields, schema.GoField{Name: g.Column, GoName: g.Get, Type: c.typ, Go: c.of, From: from, Pos: pos, Source: line})
}

// given is the column of a type that a method or function gives.
func (r *reader) given(t types.Type) column {
	switch x := types.Unalias(t).(type) {
	case *types.Pointer:
		c := r.oneGiven(x.Elem())
		if c.typ == "bytes" || c.typ == "json" {
			return no("give the slice itself: nil is absent", "points to a slice")
		}
		c.typ += "?"
		return c
	case *types.Slice:
		if isBytes(x) {
			return column{typ: "bytes"}
		}
		c := r.oneGiven(x.Elem())
		c.typ = "[]" + c.typ
		return c
	default:
		return r.oneGiven(t)
	}
}

// oneGiven is the type of one value.
func (r *reader) oneGiven(t types.Type) column {
	const scalars = "give a scalar, a pointer to one, or a slice of them"
	switch x := types.Unalias(t).(type) {
	case *types.Basic:
		switch {
		case basics[x.Kind()] == "":
			return no(scalars, "no column has")
		case x.Kind() == types.Int || x.Kind() == types.Uint:
			return column{typ: basics[x.Kind()], of: &schema.GoType{Name: x.Name(), Zero: "0", Comparable: true, Under: x.Name()}}
		}
		return column{typ: basics[x.Kind()]}
	case *types.Array:
		if typ := fixedBytes(x); typ != "" {
			return column{typ: typ}
		}
	case *types.Slice:
		if isBytes(x) {
			return column{typ: "bytes"}
		}
	case *types.Named:
		if o := x.Obj(); o.Pkg() == nil || !o.Exported() || x.TypeArgs().Len() > 0 {
			return no("export the type, without type arguments", "generated code cannot name")
		}
		if r.loader.packages[x.Obj().Pkg().Path()] == nil {
			return no("see that its package compiles", "is not known")
		}
		c := r.named(x, "")
		if s := schema.Scalar(c.typ); c.problem == "" && s == nil && (c.typ == "" || c.of != nil || !ast.IsExported(c.typ)) {
			return no(scalars, "is no scalar")
		}
		return c
	}
	return no(scalars, "no column has")
}
