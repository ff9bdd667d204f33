package resolve

import (
	"path"
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/ast"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/rules"
)

// inGo gives a field of a Go struct its name and types in Go.
func (rs *resolver) inGo(f *schema.Field, decl *ast.Field) {
	if decl.GoName == "" || decl.From != nil {
		return
	}
	f.GoName = decl.GoName
	if f.Type.Kind == kind.Invalid {
		return
	}
	f.Type = f.Type.WithGo(decl.GoType, decl.GoKey)
	if decl.GoPointers {
		if f.Type.Elem.Kind != kind.Struct {
			rs.Report(rules.GoType, f.Pos, "the elements of %s are pointers, which only those to structs can be", f.Name).
				Help("take them without the pointer, or leave the field out with the tag `storegen:\"-\"`")
		}
		t := *f.Type
		t.Pointers = true
		f.Type = &t
	}
	if decl.GoArray != nil {
		t := *f.Type
		t.Array = decl.GoArray
		f.Type = &t
	}
	if decl.Is(lang.WordOptional) && !strings.HasSuffix(decl.Type.Text, "?") && f.Type.Kind.Scalar() && !f.Type.Nilable() {
		rs.Report(rules.GoRow, decl.Options.Pos, "%s is no pointer in Go, so that it is always there", f.Name).
			Help("make it a pointer in the struct, or remove optional").Related(f.Pos, "the field")
	}
}

// inModels marks the Go structs of the user that are used in structs of the schema.
func inModels(types []*schema.Type) {
	var mark func(fields []*schema.Field)
	mark = func(fields []*schema.Field) {
		for _, f := range fields {
			t := f.Type
			if t.Elem != nil {
				t = t.Elem
			}
			if t.Kind == kind.Struct && t.Go != nil && !t.InModels {
				t.InModels = true
				mark(t.Fields)
			}
		}
	}
	for _, t := range types {
		if t.Kind == kind.Struct && t.Go == nil {
			mark(t.Fields)
		}
	}
}

// goCycles reports Go types whose package imports the generated package that would
// have to import it.
func (rs *resolver) goCycles(found *schema.GoSource) {
	if found == nil {
		return
	}
	models := found.Package + "/models"
	if rs.onePackage {
		models = found.Package
	}
	imports := func(g *schema.GoType, what string) bool { return g != nil && slices.Contains(found.Uses[g.Path], what) }
	inside := func(t *schema.Type) []*schema.GoType {
		out := []*schema.GoType{t.Go}
		if t.Array != nil {
			out = append(out, t.Array.Go)
		}
		for _, in := range []*schema.Type{t.Elem, t.MapKey} {
			if in != nil {
				out = append(out, in.Go)
			}
		}
		return out
	}
	report := func(pos diag.Pos, g *schema.GoType, by string) {
		rs.Report(rules.GoType, pos, "the Go package %s imports %s, which has to import it", g.Path, by).
			Help("move what it needs of %s to where that does not import it", g.Path)
	}
	for _, t := range rs.set.Types {
		if t.Kind != kind.Struct || t.Go != nil {
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
		packagePath := found.Package
		if !rs.onePackage {
			packagePath = path.Join(found.Package, t.Group, t.Pkg)
		}
		if imports(t.Go, packagePath) {
			report(t.Pos, t.Go, packagePath)
			continue
		}
		if t.Codec != nil && imports(&t.Codec.Type, packagePath) {
			report(t.Pos, &t.Codec.Type, packagePath)
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
