package templates

import (
	"github.com/dave/jennifer/jen"
	"github.com/storegen/storegen/schema"
)

// goType is the Go type of a schema type.
func (g *generator) goType(t *schema.Type) *jen.Statement {
	switch {
	case t.Go != nil:
		return ownType(t.Go)
	case t.Name != "":
		return jen.Qual(g.models, t.Name)
	}
	return g.plainType(t)
}

// plainType is the Go type under a named one.
func (g *generator) plainType(t *schema.Type) *jen.Statement {
	switch t.Kind {
	case schema.Bool:
		return jen.Bool()
	case schema.Int32:
		return jen.Int32()
	case schema.Int64:
		return jen.Int64()
	case schema.Uint32:
		return jen.Uint32()
	case schema.Uint64:
		return jen.Uint64()
	case schema.Float64:
		return jen.Float64()
	case schema.String:
		return jen.String()
	case schema.Bytes:
		if heldInString(t) {
			return jen.String() // comparable, so that it can be a key
		}
		return jen.Index().Byte()
	case schema.Timestamp:
		return jen.Qual("time", "Time")
	case schema.Duration:
		return jen.Qual("time", "Duration")
	case schema.UUID:
		return jen.Qual(pathUUID, "UUID")
	case schema.JSON:
		return jen.Qual("encoding/json", "RawMessage")
	case schema.Enum:
		return jen.Int32()
	case schema.List:
		return jen.Index().Add(g.goType(t.Elem))
	case schema.Map:
		return jen.Map(g.goType(t.MapKey)).Add(g.goType(t.Elem))
	}
	panic("templates: no Go type for kind " + t.Kind.String())
}

// isSlice reports whether a type is a []byte in Go, whose nil stands for absent.
func isSlice(t *schema.Type) bool {
	return !t.Marshalled() && (t.Kind == schema.JSON || t.Kind == schema.Bytes && !heldInString(t))
}

// heldInString reports whether a type is bytes in a string in Go, which can be
// compared.
func heldInString(t *schema.Type) bool {
	return t.Kind == schema.Bytes && t.Name != "" && t.Go == nil
}

// isAlias reports whether a named type is an alias: of a Go type that has the
// methods it needs.
func isAlias(t *schema.Type) bool {
	switch t.Kind {
	case schema.Timestamp, schema.Duration, schema.UUID, schema.JSON:
		return true
	}
	return false
}

// isPointer reports whether a field is a pointer in Go, to be absent.
func isPointer(f *schema.Field) bool { return f.Optional && !isSlice(f.Type) }

// fieldType is the Go type of a field.
func (g *generator) fieldType(f *schema.Field) *jen.Statement {
	if isPointer(f) {
		return jen.Op("*").Add(g.goType(f.Type))
	}
	return g.goType(f.Type)
}

// value is the value of a field that is known to be present.
func value(x *jen.Statement, f *schema.Field) *jen.Statement {
	if isPointer(f) {
		return jen.Op("*").Add(x)
	}
	return x
}

// isConverted reports whether a type needs a conversion to and from its plain
// one.
func isConverted(t *schema.Type) bool { return t.Go != nil || t.Name != "" && !isAlias(t) }

// ownType is a type of the user's.
//
//	model.User
func ownType(t *schema.GoType) *jen.Statement {
	if t.Path == "" {
		return jen.Id(t.Name)
	}
	return jen.Qual(t.Path, t.Name)
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
	fields := func(fields []*schema.Field) {
		for _, f := range fields {
			for _, t := range []*schema.Type{f.Type, f.Type.Elem, f.Type.MapKey} {
				if t != nil {
					add(t.Go)
				}
			}
		}
	}
	for _, t := range set.Types {
		add(t.Go)
		fields(t.Fields)
	}
	for _, t := range set.Tables {
		add(t.Go)
		fields(t.Fields)
		fields(t.Per)
	}
	return out
}

// needsPlain reports whether values of a type have to be made plain ones to be
// used as such: those of the user's that are over a type with methods.
func needsPlain(t *schema.Type) bool {
	if t.Go == nil || t.Marshalled() {
		return false
	}
	switch t.Kind {
	case schema.Timestamp, schema.Duration, schema.UUID, schema.JSON:
		return true
	}
	return false
}

// bare makes a value that has methods in the schema's language one that has them in
// Go.
func (g *generator) bare(t *schema.Type, x *jen.Statement) *jen.Statement {
	if needsPlain(t) {
		return g.plainType(t).Call(x)
	}
	return x
}

// convert makes x, which has the plain type, a value of the type.
func (g *generator) convert(t *schema.Type, x *jen.Statement) *jen.Statement {
	if isConverted(t) || t.Kind == schema.UUID {
		return g.goType(t).Call(x)
	}
	return x
}

// plain makes x, which has the type, a value of the plain one: the functions of
// the runtime are not generic, so that they are compiled once.
func (g *generator) plain(t *schema.Type, x *jen.Statement) *jen.Statement {
	if isConverted(t) {
		return g.plainType(t).Call(x)
	}
	return x
}
