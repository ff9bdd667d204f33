package gostruct

import (
	"go/ast"
	"go/token"
	"go/types"

	"github.com/storegen/storegen/schema"
)

// stored says as what values of a named Go type are stored; the scalar is "" for
// the fields of a struct.
func (l *loader) stored(t *types.Named, as string) (goType *schema.GoType, scalar, help, problem string) {
	o := t.Obj()
	goType = &schema.GoType{
		Path: o.Pkg().Path(), Package: o.Pkg().Name(), Name: o.Name(), Zero: zeroOf(t), Comparable: strictlyComparable(t, 0),
		Order: orderOf(t),
	}
	if b, ok := t.Underlying().(*types.Basic); ok && (b.Kind() == types.Int || b.Kind() == types.Uint) {
		goType.Under = b.Name()
	}
	hasText, hasBinary := hasPair(t, "MarshalText", "UnmarshalText"), hasPair(t, "MarshalBinary", "UnmarshalBinary")
	switch t.Underlying().(type) {
	case *types.Pointer, *types.Interface, *types.Signature, *types.Chan:
		return nil, "", "take a struct, a scalar, a slice or a map", "is over what no column has"
	}
	switch {
	case as == "text" && !hasText, as == "binary" && !hasBinary:
		method := map[string]string{"text": "Text", "binary": "Binary"}[as]
		return nil, "", "give it Marshal" + method + " and Unmarshal" + method + ", or remove the word", "has no " + as + " form"
	case as == "" && isHash(t):
		// Below: as it is, and not as a text of twice the length.
	case hasText && as != "binary" && as != "scalar":
		goType.Form = schema.GoText
		return goType, "string", "", ""
	case hasBinary && as != "scalar":
		goType.Form = schema.GoBinary
		return goType, "bytes", "", ""
	}
	if scalar := l.scalarUnder(t); scalar != "" {
		return goType, inKeys(scalar, as), "", ""
	}
	switch u := t.Underlying().(type) {
	case *types.Struct:
		if as == "scalar" {
			return nil, "", "remove the word scalar", "is over no scalar"
		}
		return goType, "", "", ""
	case *types.Basic:
		if u.Kind() == types.Invalid {
			return nil, "", "see that its package compiles", "is not known"
		}
		return nil, "", "make it " + wider[u.Kind()], "is over a type that no column has"
	}
	return nil, "", "make it a type over a scalar, or give it MarshalText and UnmarshalText", "is over something that is no scalar"
}

// isHash reports whether a type is over an array of bytes that is no UUID.
func isHash(t *types.Named) bool {
	a, ok := t.Underlying().(*types.Array)
	return ok && fixedBytes(a) != "" && a.Len() != 16
}

// scalarUnder is the scalar that a named type is over; "" where it is over none.
func (l *loader) scalarUnder(t *types.Named) string {
	// A type over time.Duration is one over a number to Go, which forgets what it
	// was declared with.
	for at := t; at != nil; at = l.declaredOver(at) {
		if o := at.Obj(); o.Pkg() != nil && known[o.Pkg().Path()+"."+o.Name()] != "" {
			return known[o.Pkg().Path()+"."+o.Name()]
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		return basics[u.Kind()]
	case *types.Slice:
		if b, ok := u.Elem().(*types.Basic); ok && b.Kind() == types.Uint8 {
			return "bytes"
		}
	case *types.Array:
		if fixedBytes(u) == "bytes[16]" {
			return "uuid"
		}
		return fixedBytes(u)
	}
	return ""
}

// declaredOver is the named type that the declaration of a type names, or nil.
func (l *loader) declaredOver(t *types.Named) *types.Named {
	if t.Obj().Pkg() == nil {
		return nil
	}
	pkg := l.packages[t.Obj().Pkg().Path()]
	if pkg == nil {
		return nil
	}
	for _, file := range pkg.Syntax {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				if spec, ok := s.(*ast.TypeSpec); ok && pkg.TypesInfo.Defs[spec.Name] == t.Obj() {
					over, _ := types.Unalias(pkg.TypesInfo.TypeOf(spec.Type)).(*types.Named)
					return over
				}
			}
		}
	}
	return nil
}

// typeOf reads a Go type that a named type of the schema is over.
func (r *reader) typeOf(name, as string) {
	spec := r.find(name)
	if spec == nil {
		return
	}
	o := r.pkg.TypesInfo.Defs[spec.Name]
	if o == nil {
		r.problem(spec.Name.Pos(), "see that its package compiles", "%s is not known", name)
		return
	}
	full := r.pkg.PkgPath + "." + name
	t, ok := o.Type().(*types.Named)
	switch {
	case !ok || spec.Assign.IsValid():
		r.problem(spec.Name.Pos(), "name the type itself", "%s is another name of a type", name)
		return
	case known[full] != "":
		r.problem(token.NoPos, "write {is: "+known[full]+"}", "%s is the scalar %s of the schema", full, known[full])
		return
	}
	goType, scalar, help, problem := r.stored(t, as)
	if problem != "" {
		r.problem(spec.Name.Pos(), help, "%s %s", name, problem)
		return
	}
	r.out.Type, r.out.Scalar = *goType, scalar
	switch {
	case scalar != "":
	case r.closed(t):
		r.problem(token.NoPos, openIt, "%s is a struct %s", full, closedStruct)
	default:
		r.structOf(name, false)
	}
}

// hasPair reports whether values of a type, or pointers to them, have both methods.
func hasPair(t *types.Named, marshal, unmarshal string) bool {
	set := types.NewMethodSet(types.NewPointer(t))
	find := func(name string) *types.Signature {
		if m := set.Lookup(t.Obj().Pkg(), name); m != nil {
			s, _ := m.Type().(*types.Signature)
			return s
		}
		return nil
	}
	m, u := find(marshal), find(unmarshal)
	return m != nil && u != nil && m.Params().Len() == 0 && results(m, "[]byte", "error") && u.Params().Len() == 1 &&
		isBytes(u.Params().At(0).Type()) && results(u, "error")
}

func results(s *types.Signature, want ...string) bool {
	if s.Results().Len() != len(want) {
		return false
	}
	for i, name := range want {
		t := s.Results().At(i).Type()
		if name == "[]byte" && !isBytes(t) || name == "error" && !types.Identical(t, types.Universe.Lookup("error").Type()) {
			return false
		}
	}
	return true
}

func isBytes(t types.Type) bool {
	return types.Identical(t, types.NewSlice(types.Typ[types.Uint8]))
}

// orderOf says what orders values of a type: a method that compares two of them, or the
// number that it is over.
func orderOf(t *types.Named) string {
	set := types.NewMethodSet(types.NewPointer(t))
	for _, name := range []string{"Compare", "Cmp", "Less", "Before"} {
		m := set.Lookup(t.Obj().Pkg(), name)
		if m == nil {
			continue
		}
		s, ok := m.Type().(*types.Signature)
		if !ok || s.Params().Len() != 1 || s.Results().Len() != 1 {
			continue
		}
		of := s.Params().At(0).Type()
		if p, ok := of.(*types.Pointer); ok {
			of = p.Elem()
		}
		result := types.Typ[types.Int]
		if name == "Less" || name == "Before" {
			result = types.Typ[types.Bool]
		}
		if types.Identical(s.Results().At(0).Type(), result) && (types.Identical(of, t) || embeds(t, of)) {
			return "its method " + name
		}
	}
	if b, ok := t.Underlying().(*types.Basic); ok && b.Info()&types.IsNumeric != 0 {
		return "the " + b.Name() + " that it is over"
	}
	return ""
}

// embeds reports whether a struct embeds a type, whose methods it has.
func embeds(t *types.Named, of types.Type) bool {
	s, ok := t.Underlying().(*types.Struct)
	if !ok {
		return false
	}
	for f := range s.Fields() {
		if f.Embedded() && types.Identical(f.Type(), of) {
			return true
		}
	}
	return false
}

// zeroOf says how generated code tells the zero value of a type.
func zeroOf(t *types.Named) string {
	if m, _, _ := types.LookupFieldOrMethod(t, true, t.Obj().Pkg(), "IsZero"); m != nil {
		if s, ok := m.Type().(*types.Signature); ok && s.Params().Len() == 0 && s.Results().Len() == 1 && types.Identical(s.Results().At(0).Type(), types.Typ[types.Bool]) {
			if _, isMethod := m.(*types.Func); isMethod {
				return "IsZero"
			}
		}
	}
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch {
		case u.Info()&types.IsString != 0:
			return `""`
		case u.Info()&types.IsBoolean != 0:
			return "false"
		}
		return "0"
	case *types.Slice, *types.Map:
		return "nil"
	}
	if types.Comparable(t) {
		return "{}"
	}
	return ""
}

// strictlyComparable reports whether values can be compared and are never compared
// in vain, as interfaces can be.
func strictlyComparable(t types.Type, depth int) bool {
	if depth > 20 || !types.Comparable(t) {
		return false
	}
	switch u := t.Underlying().(type) {
	case *types.Interface:
		return false
	case *types.Struct:
		for i := range u.NumFields() {
			if !strictlyComparable(u.Field(i).Type(), depth+1) {
				return false
			}
		}
	case *types.Array:
		return strictlyComparable(u.Elem(), depth+1)
	}
	return true
}

// comparable is strictlyComparable of a declaration.
func (r *reader) comparable(spec *ast.TypeSpec) bool {
	o := r.pkg.TypesInfo.Defs[spec.Name]
	return o != nil && strictlyComparable(o.Type(), 0)
}
