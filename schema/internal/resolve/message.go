package resolve

import (
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/ast"
	"github.com/storegen/storegen/schema/rules"
)

// namedInMessage gives a field of a message the named type that the schema has for it.
func (rs *resolver) namedInMessage(f *schema.Field, decl *ast.Field) {
	if decl.From == nil || decl.As == nil || f.Type.Kind == kind.Invalid {
		return
	}
	t, optional := rs.fieldType(decl.As, false)
	switch {
	case t.Kind == kind.Invalid:
	case decl.Get != nil && t.Name == "" && !optional && t.String() == f.Type.String(): // it says what is so
	case optional || t.Name == "" || t.Go != nil || t.Kind != f.Type.Kind || !t.Kind.Scalar():
		rs.Report(rules.GoRow, decl.As.Pos, "what is in Go decides that %s is %s", f.Name, f.Type).
			Help("leave the type out, or name one that is declared over it: types: {Name: {is: %s}}", f.Type.ElemOrSelf()).Related(f.Pos, "the field")
	default:
		f.Type, decl.GoType = t, nil
	}
}

// inMessage says where the value of a field is in a message.
func (rs *resolver) inMessage(f *schema.Field, decl *ast.Field) {
	if decl.From == nil {
		return
	}
	f.From, f.Number = decl.From, decl.From.Number
	if f.Type.Kind == kind.Invalid {
		return
	}
	f.Type = f.Type.WithGo(decl.GoType, nil)
	if decl.Default != nil && !settable(f) {
		rs.Report(rules.GoRow, decl.Default.Pos, "a field of a message has no default if it is %s", diag.Article(f.Type.Kind.String())).
			Help("let the program set it").Related(f.Pos, "the field")
	}
}

// settable reports whether generated code can set a field of a message to a default.
func settable(f *schema.Field) bool {
	switch f.Type.Kind {
	case kind.List, kind.Map, kind.Struct, kind.Bytes:
		return false
	}
	return true
}
