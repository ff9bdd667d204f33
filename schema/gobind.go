package schema

import (
	"path"
	"slices"
	"strings"
)

// inGo gives a field the names and types that it has in Go already.
func (rs *resolver) inGo(f *Field, decl *fieldDecl) {
	if decl.goName == "" {
		return
	}
	f.GoName = decl.goName
	if f.Type.Kind == Invalid {
		return
	}
	f.Type = f.Type.withGo(decl.goType, decl.goKey)
	if decl.optional && !strings.HasSuffix(decl.typ.text, "?") && f.Type.Kind.Scalar() && !f.Type.nilable() {
		rs.report(ruleGoRow, decl.options.pos, "%s is no pointer in Go, so that it is always there", f.Name).
			mend("make it a pointer in the struct, or remove optional").related(f.Pos, "the field")
	}
}

// inModels marks the structs of the user's that are within one of the schema.
func inModels(types []*Type) {
	var mark func(fields []*Field)
	mark = func(fields []*Field) {
		for _, f := range fields {
			t := f.Type
			if t.Elem != nil {
				t = t.Elem
			}
			if t.Kind == Struct && t.Go != nil && !t.InModels {
				t.InModels = true
				mark(t.Fields)
			}
		}
	}
	for _, t := range types {
		if t.Kind == Struct && t.Go == nil {
			mark(t.Fields)
		}
	}
}

// goCycles reports structs of the schema that hold a Go type whose package imports
// the one that the structs are in.
func (rs *resolver) goCycles(found *GoSource) {
	if found == nil {
		return
	}
	models := found.Base + "/models"
	if rs.onePackage {
		models = found.Base
	}
	imports := func(g *GoType, what string) bool { return g != nil && slices.Contains(found.Uses[g.Path], what) }
	inside := func(t *Type) []*GoType {
		out := []*GoType{t.Go}
		for _, in := range []*Type{t.Elem, t.MapKey} {
			if in != nil {
				out = append(out, in.Go)
			}
		}
		return out
	}
	report := func(pos Pos, g *GoType, by string) {
		rs.report(ruleGoType, pos, "the Go package %s imports %s, which has to import it", g.Path, by).
			mend("move what it needs of %s to where that does not import it", g.Path)
	}
	for _, t := range rs.set.Types {
		if t.Kind != Struct || t.Go != nil {
			continue
		}
		for _, f := range t.Fields {
			for _, g := range inside(f.Type) {
				if imports(g, models) {
					report(f.Pos, g, models)
				}
			}
		}
	}
	for _, t := range rs.set.Tables {
		packagePath := found.Base
		if !rs.onePackage {
			packagePath = path.Join(found.Base, t.Group, t.Pkg)
		}
		if imports(t.Go, packagePath) {
			report(t.Pos, t.Go, packagePath)
			continue
		}
		for _, f := range slices.Concat(t.Fields, t.Per) {
			for _, g := range inside(f.Type) {
				if imports(g, packagePath) {
					report(f.Pos, g, packagePath)
				}
			}
		}
	}
}
