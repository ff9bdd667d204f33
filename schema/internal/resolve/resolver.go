package resolve

import (
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/ast"
	"github.com/storegen/storegen/schema/internal/expr"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/rules"
)

// A resolver turns declarations into a Set.
type resolver struct {
	*diag.Reporter
	set       *schema.Set
	types     map[string]*schema.Type
	typeNames []string
	// textOrdered are the types by name whose order as text is meant.
	textOrdered map[string]bool
	typeFiles   map[string]*schema.Type // types by their names in lower case
	// typesMissing is true if a file could not be read: an unknown type may be declared
	// there.
	typesMissing bool
	models       *nameScope
	// onePackage says that the names of all tables are in one Go package.
	onePackage bool
}

// A tableScope is a table while it is bound.
type tableScope struct {
	*schema.Table
	decl   *ast.Table
	byName map[string]*schema.Field
	names  []string // of the fields, in declared order
}

// field finds a field of the table, and reports an unknown one.
func (rs *resolver) field(t *tableScope, name string, pos diag.Pos) *schema.Field {
	if f := t.byName[name]; f != nil {
		return f
	}
	if !t.decl.HasFields {
		return nil
	}
	if p, left := t.decl.Left[name]; left && t.decl.Own {
		return nil // reported
	} else if left {
		ast.ReportLeft(rs.Reporter, name, pos, p)
		return nil
	}
	d := rs.Report(rules.FieldUnknown, pos, "unknown field %q", name).Suggest(name, t.names)
	for _, p := range t.Per {
		if p.Name == name {
			d.Note("%s is a parameter of the family, which is the same for all rows of a store", name)
		}
	}
	return nil
}

// condition binds a condition to the fields of a table.
func (rs *resolver) condition(t *tableScope, n *syntax.Node) schema.Expr {
	return expr.Bind(&expr.Scope{
		Reporter: rs.Reporter, Fields: t.byName, Names: t.names,
		Find: func(name string, pos diag.Pos) *schema.Field { return rs.field(t, name, pos) },
	}, n)
}
