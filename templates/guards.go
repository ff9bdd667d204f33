package templates

import (
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// guards emits declarations that compile only for as long as the Go types of the user's
// are as they were when the code was generated: a field that was added would not be
// stored, and a number that has become narrower would lose its upper bits.
func (g *generator) guards(row *schema.GoType, fields []*schema.Field, more ...*schema.Field) string {
	var list []string
	if row != nil {
		list = append(list, g.guardStruct(row, fields)...)
	}
	seen := map[string]bool{}
	for _, f := range append(append([]*schema.Field{}, fields...), more...) {
		if a := f.Type.Array; a != nil && a.Go != nil && !seen[a.Go.String()] {
			seen[a.Go.String()] = true
			list = append(list, sameUnder(kind.ListText(a.Len)+g.elemType(f.Type), ownType(a.Go)))
		}
		for _, t := range []*schema.Type{f.Type, f.Type.Elem, f.Type.MapKey} {
			if t == nil || t.Go == nil || t.Go.Path == "" || t.Marshalled() || t.Kind == kind.Struct || seen[t.Go.String()] {
				continue
			}
			seen[t.Go.String()] = true
			plain := g.plainType(t)
			if t.Go.Under != "" {
				plain = t.Go.Under
			}
			list = append(list, sameUnder(plain, ownType(t.Go)))
		}
	}
	if len(list) == 0 {
		return ""
	}
	return fill(`
// The types of the program's own, as they were when this was generated. If this does not compile,
// one of them has changed since: run go generate.
var (
	$list
)

`, "$list", lines(list...))
}

// guardStruct emits what compiles for as long as a struct has its fields. One that has
// fields which are not stored is held to the types of those that are, and to its size.
func (g *generator) guardStruct(t *schema.GoType, fields []*schema.Field) []string {
	var same, typed []string
	stored := map[string]*schema.Field{}
	for _, f := range fields {
		stored[f.GoName] = f
		same = append(same, f.GoName+" "+g.fieldType(f))
		typed = append(typed, "var _ *"+g.fieldType(f)+" = &v."+f.GoName)
	}
	switch {
	case !t.Partly && t.Layout == nil:
		return []string{sameUnder(structOf(same), ownType(t))}
	case !t.Partly:
		return g.guardParts(t, t.Layout, stored)
	}
	out := "_ = func(v *" + ownType(t) + ") " + block(typed...)
	if len(t.Layout) == 0 {
		return []string{out}
	}
	size := func(typ string) string { return "[unsafe.Sizeof(" + typ + "{})]byte" }
	return []string{out, "_ " + size(ownType(t)) + " = " + size(g.layout(schema.GoLayout{Fields: t.Layout}, stored)) + "{}"}
}

// guardParts emits what compiles for as long as a struct, and those that are embedded in
// it, have their fields.
func (g *generator) guardParts(t *schema.GoType, parts []schema.GoLayout, stored map[string]*schema.Field) []string {
	var same, inner []string
	for _, p := range parts {
		if p.Embedded == nil {
			same = append(same, p.Field+" "+g.fieldType(stored[p.Field]))
			continue
		}
		same = append(same, ownType(p.Embedded))
		inner = append(inner, g.guardParts(p.Embedded, p.Fields, stored)...)
	}
	return append([]string{sameUnder(structOf(same), ownType(t))}, inner...)
}

// layout emits a type that takes as much room as what it stands for.
func (g *generator) layout(l schema.GoLayout, stored map[string]*schema.Field) string {
	switch {
	case l.Field != "":
		return g.fieldType(stored[l.Field])
	case l.Type != nil:
		return ownType(l.Type)
	case l.Text != "":
		return l.Text
	case l.Len > 0:
		return "[" + strconv.Itoa(int(l.Len)) + "]" + g.layout(l.Fields[0], nil)
	}
	var parts []string
	for _, f := range l.Fields {
		parts = append(parts, "_ "+g.layout(f, stored))
	}
	return structOf(parts)
}

func structOf(fields []string) string {
	if len(fields) == 0 {
		return "struct{}"
	}
	return "struct {\n" + strings.Join(fields, "\n") + "\n}"
}

// sameUnder converts a nil pointer, which Go does where both types are the same below
// their names.
func sameUnder(to, from string) string { return "_ = (*" + to + ")((*" + from + ")(nil))" }
