package gostruct

import (
	"go/types"
	"strings"

	"github.com/storegen/storegen/schema"
)

// layout is what takes room in a struct: those of its fields that are columns by their
// names, embedded structs with such fields by their parts, others by types that take as
// much room on any machine. It is nil where that is not known. columns are the paths of
// the fields that are columns, and path is that of the struct.
func layout(s *types.Struct, columns map[string]bool, path string) []schema.GoLayout {
	out := make([]schema.GoLayout, 0, s.NumFields())
	for i := range s.NumFields() {
		f := s.Field(i)
		at := path + f.Name()
		if columns[at] {
			out = append(out, schema.GoLayout{Field: f.Name()})
			continue
		}
		if in, ok := f.Type().Underlying().(*types.Struct); ok && f.Embedded() && holds(columns, at+".") {
			fields := layout(in, columns, at+".")
			if fields == nil {
				return nil
			}
			o := types.Unalias(f.Type()).(*types.Named).Obj() // what is embedded has a name
			out = append(out, schema.GoLayout{Embedded: &schema.GoType{Path: o.Pkg().Path(), Package: o.Pkg().Name(), Name: o.Name()}, Fields: fields})
			continue
		}
		part, ok := layoutOf(f.Type(), 0)
		if !ok {
			return nil
		}
		out = append(out, part)
	}
	return out
}

// holds reports whether a field of a struct at a path is a column.
func holds(columns map[string]bool, path string) bool {
	for c := range columns {
		if strings.HasPrefix(c, path) {
			return true
		}
	}
	return false
}

func layoutOf(t types.Type, depth int) (schema.GoLayout, bool) {
	text := func(s string) (schema.GoLayout, bool) { return schema.GoLayout{Text: s}, true }
	none := schema.GoLayout{}
	if depth > 20 {
		return none, false
	}
	t = types.Unalias(t)
	switch u := t.Underlying().(type) {
	case *types.Basic:
		switch u.Kind() {
		case types.Invalid:
			return none, false
		case types.UnsafePointer:
			return text("*byte")
		}
		return text(u.Name())
	case *types.Pointer, *types.Map, *types.Chan, *types.Signature:
		return text("*byte")
	case *types.Slice:
		return text("[]byte")
	case *types.Interface:
		return text("any")
	case *types.Array:
		elem, ok := layoutOf(u.Elem(), depth+1)
		return schema.GoLayout{Fields: []schema.GoLayout{elem}, Len: u.Len()}, ok && u.Len() > 0
	case *types.Struct:
		// By its name, where it has one: what is in a type of another module is not the
		// program's business, and may change with its version.
		if n, ok := t.(*types.Named); ok && n.Obj().Pkg() != nil && n.Obj().Exported() && n.TypeArgs().Len() == 0 {
			o := n.Obj()
			if strings.Contains("/"+o.Pkg().Path()+"/", "/internal/") {
				return none, false
			}
			return schema.GoLayout{Type: &schema.GoType{Path: o.Pkg().Path(), Package: o.Pkg().Name(), Name: o.Name()}}, true
		}
		out := schema.GoLayout{}
		for i := range u.NumFields() {
			part, ok := layoutOf(u.Field(i).Type(), depth+1)
			if !ok {
				return none, false
			}
			out.Fields = append(out.Fields, part)
		}
		return out, true
	}
	return none, false
}
