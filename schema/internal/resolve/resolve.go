package resolve

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/ast"
	"github.com/storegen/storegen/schema/naming"
	"github.com/storegen/storegen/schema/rules"
)

func Declarations(r *diag.Reporter, d *ast.Decoder, typesMissing, onePackage bool) *schema.Set {
	rs := &resolver{
		Reporter:     r,
		set:          &schema.Set{},
		types:        map[string]*schema.Type{},
		typeFiles:    map[string]*schema.Type{},
		textOrdered:  map[string]bool{},
		typesMissing: typesMissing,
		onePackage:   onePackage,
		models:       newNameScope(r, "in the package of the named types"),
	}
	if onePackage {
		rs.set.OnePackage = true
		rs.models.where = "in the one package of all"
	}
	rs.declareTypes(d.Types)
	rs.declareTables(d.Tables)
	rs.groupTables()
	rs.goCycles(d.Found)
	return rs.set
}

func (rs *resolver) declareTables(decls []*ast.Table) {
	byName := map[string]*ast.Table{}
	for _, decl := range decls {
		if decl.Name == nil {
			continue
		}
		if first := byName[decl.Name.Text]; first != nil {
			rs.Report(rules.NameDuplicate, decl.Name.Pos, "the table %s is declared twice", decl.Name.Text).
				Help("rename or remove one of them").Related(first.Name.Pos, "first here")
			continue
		}
		byName[decl.Name.Text] = decl
		if t := rs.table(decl); t != nil {
			rs.set.Tables = append(rs.set.Tables, t)
		}
	}
	slices.SortFunc(rs.set.Tables, func(a, b *schema.Table) int { return strings.Compare(a.Name, b.Name) })
}

// groupTables puts tables into their groups, and reports names that collide there.
func (rs *resolver) groupTables() {
	scopes := map[string]*nameScope{}
	alone := map[string]*schema.Table{}
	for _, t := range rs.set.Tables {
		scope := scopes[t.Group]
		if scope == nil {
			where := "in one group"
			if t.Group == "" {
				where = "beside each other"
			}
			scope = newNameScope(rs.Reporter, where)
			scopes[t.Group] = scope
		}
		scope.add(t.GoName, "the table "+t.Name, t.Pos)
		if t.Group == "" {
			alone[t.Name] = t
			continue
		}
		if n := len(rs.set.Groups); n == 0 || rs.set.Groups[n-1].Name != t.Group {
			rs.set.Groups = append(rs.set.Groups, &schema.Group{Name: t.Group})
		}
		g := rs.set.Groups[len(rs.set.Groups)-1]
		if rs.onePackage && len(g.Tables) == 0 {
			for _, name := range []string{naming.GoName(g.Name) + "DB", naming.GoName(g.Name) + "Tx", naming.GoName(g.Name) + "Group", "Open" + naming.GoName(g.Name)} {
				rs.models.add(name, "what ties the group "+g.Name+" together", t.Pos)
			}
		}
		g.Tables = append(g.Tables, t)
	}
	for _, g := range rs.set.Groups {
		if t := alone[g.Name]; t != nil {
			first := g.Tables[0]
			rs.Report(rules.TableGroup, t.Pos, "the table %s has the name of the group that %s is in", t.Name, first.Name).
				Help("rename the table, or put it into the group: %s.%s", g.Name, t.Name).Related(first.Pos, "%s is here", first.Name)
		}
	}
}
