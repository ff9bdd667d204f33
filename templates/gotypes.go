package templates

import (
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// goType is the Go type of a schema type.
func (g *generator) goType(t *schema.Type) string {
	switch {
	case t.Go != nil:
		return ownType(t.Go)
	case t.Name != "":
		return "models." + t.Name
	}
	return g.plainType(t)
}

// plainType is the Go type under a named one.
func (g *generator) plainType(t *schema.Type) string {
	switch {
	case t.Array != nil && t.Array.Go != nil:
		return ownType(t.Array.Go)
	case t.Kind == kind.List:
		return kind.ListText(t.Len()) + g.elemType(t)
	case t.Kind == kind.Map:
		return "map[" + g.goType(t.MapKey) + "]" + g.elemType(t)
	case heldInString(t):
		return "string" // comparable, so that it can be a key
	}
	if rowOf(t).Gen.Type == "" {
		panic("templates: no Go type for kind " + t.Kind.String())
	}
	return numbersIn(rowOf(t).Gen.Type, t)
}

// elements is a list as a slice: range would copy an array.
func elements(t *schema.Type, x string) string {
	if t.Array != nil {
		return x + "[:]"
	}
	return x
}

// elemType is the Go type of the elements of a list or map.
func (g *generator) elemType(t *schema.Type) string {
	if t.Pointers {
		return "*" + g.goType(t.Elem)
	}
	return g.goType(t.Elem)
}

// isSlice reports whether a type is a []byte in Go, whose nil stands for absent.
func isSlice(t *schema.Type) bool {
	return !t.Marshalled() && rowOf(t).Gen.Slice && !heldInString(t)
}

// heldInString reports whether a type is bytes that Go code holds in a string, so that
// values can be compared.
func heldInString(t *schema.Type) bool {
	return t.Kind == kind.Bytes && t.Name != "" && t.Go == nil
}

// hasMethods reports whether values of a kind are of a Go type with the methods that
// they need. A named type over it is an alias.
func hasMethods(k schema.Kind) bool {
	s := kind.Of(k)
	return s != nil && s.Gen.Methods
}

// isPointer reports whether a field is a pointer in Go, to be absent.
func isPointer(f *schema.Field) bool { return f.Optional && !isSlice(f.Type) }

// fieldType is the Go type of a field.
func (g *generator) fieldType(f *schema.Field) string { return value(g.goType(f.Type), f) }

// value is the value of a field that is known to be present.
func value(x string, f *schema.Field) string {
	if isPointer(f) {
		return "*" + x
	}
	return x
}

// isConverted reports whether a type needs a conversion to and from its plain
// one.
func isConverted(t *schema.Type) bool { return t.Go != nil || t.Name != "" && !hasMethods(t.Kind) }

// ownType is a type of the user's.
func ownType(t *schema.GoType) string {
	if t.Path == "" {
		return t.Name
	}
	return qualified(t.Path, t.Name)
}

// ownPackages are the user's packages that generated code may import, and their
// names.
func ownPackages(set *schema.Set) map[string]string {
	out := map[string]string{}
	add := func(t *schema.GoType) {
		if t != nil && t.Path != "" {
			out[t.Path] = t.Package
		}
	}
	embedded := func(t *schema.GoType) {
		if t != nil {
			for _, in := range embeddedTypes(t.Layout) {
				add(in)
			}
		}
	}
	fields := func(fields []*schema.Field) {
		for _, f := range fields {
			for _, t := range []*schema.Type{f.Type, f.Type.Elem, f.Type.MapKey} {
				if t != nil {
					add(t.Go)
				}
			}
			if a := f.Type.Array; a != nil {
				add(a.Go)
			}
		}
	}
	for _, t := range set.Types {
		add(t.Go)
		embedded(t.Go)
		fields(t.Fields)
	}
	for _, t := range set.Tables {
		messagePackages(t, func(path, name string) { out[path] = name })
		add(t.Go)
		embedded(t.Go)
		fields(t.Fields)
		fields(t.Per)
	}
	return out
}

// needsPlain reports whether values of a type must be converted before a method of the
// plain type is called: a type of the user's over time.Time lacks those.
func needsPlain(t *schema.Type) bool { return t.Go != nil && !t.Marshalled() && hasMethods(t.Kind) }

// bare converts such a value to the plain type.
func (g *generator) bare(t *schema.Type, x string) string {
	if needsPlain(t) {
		return call(g.plainType(t), x)
	}
	return x
}

// convert converts x from the plain type to the type.
func (g *generator) convert(t *schema.Type, x string) string {
	if isConverted(t) || t.Kind == kind.UUID || rowOf(t).Gen.Array {
		return call(g.goType(t), x)
	}
	return x
}

// plain converts x from the type to the plain one: the functions of the runtime are
// not generic, so that they are compiled once.
func (g *generator) plain(t *schema.Type, x string) string {
	switch {
	case rowOf(t).Gen.Array && !t.Marshalled():
		return strings.TrimPrefix(x, "*") + "[:]"
	case isConverted(t):
		return call(g.plainType(t), x)
	}
	return x
}

// embeddedTypes are the structs of a layout that are embedded.
func embeddedTypes(parts []schema.GoLayout) []*schema.GoType {
	var out []*schema.GoType
	for _, p := range parts {
		if p.Embedded != nil {
			out = append(append(out, p.Embedded), embeddedTypes(p.Fields)...)
		}
	}
	return out
}
