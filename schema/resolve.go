package schema

import (
	"slices"
	"strings"
)

// A resolver checks declarations and binds them into a Set.
type resolver struct {
	*reporter
	set       *Set
	types     map[string]*Type
	typeNames []string
	typeFiles map[string]*Type // by their names in lower case
	// typesMissing is true when a file could not be read, so that an unknown type
	// may well be declared there.
	typesMissing bool
	models       *nameScope
	// onePackage says that the names of all tables are in one Go package.
	onePackage bool
}

func resolve(r *reporter, d *decoder, typesMissing, onePackage bool) *Set {
	rs := &resolver{
		reporter:     r,
		set:          &Set{},
		types:        map[string]*Type{},
		typeFiles:    map[string]*Type{},
		typesMissing: typesMissing,
		onePackage:   onePackage,
		models:       newNameScope(r, "in the package of the named types"),
	}
	if onePackage {
		rs.set.OnePackage = true
		rs.models.where = "in the one package of all"
	}
	rs.declareTypes(d.types)
	rs.declareTables(d.tables)
	rs.groupTables()
	rs.goCycles(d.found)
	return rs.set
}

// A tableScope is a table while its parts are bound.
type tableScope struct {
	*Table
	decl   *tableDecl
	byName map[string]*Field
	names  []string // of the fields, in declared order
}

// field finds a field of the table, reporting an unknown one.
func (rs *resolver) field(t *tableScope, name string, pos Pos) *Field {
	if f := t.byName[name]; f != nil {
		return f
	}
	if !t.decl.hasFields {
		return nil
	}
	d := rs.report(ruleFieldUnknown, pos, "unknown field %q", name).meant(name, t.names)
	for _, p := range t.Per {
		if p.Name == name {
			d.note("%s is a parameter of the family, which is the same for all rows of a store", name)
		}
	}
	return nil
}

// condition binds a condition over the fields of a table.
func (rs *resolver) condition(t *tableScope, n *node) Expr {
	return bindCondition(&exprScope{
		reporter: rs.reporter, fields: t.byName, names: t.names,
		find: func(name string, pos Pos) *Field { return rs.field(t, name, pos) },
	}, n)
}

func texts(nodes []*node) []string {
	var out []string
	for _, n := range nodes {
		out = append(out, n.text)
	}
	return out
}

func (rs *resolver) declareTables(decls []*tableDecl) {
	byName := map[string]*tableDecl{}
	for _, decl := range decls {
		if decl.name == nil {
			continue
		}
		if first := byName[decl.name.text]; first != nil {
			rs.report(ruleNameDuplicate, decl.name.pos, "the table %s is declared twice", decl.name.text).
				mend("rename or remove one of them").related(first.name.pos, "first here")
			continue
		}
		byName[decl.name.text] = decl
		if t := rs.table(decl); t != nil {
			rs.set.Tables = append(rs.set.Tables, t)
		}
	}
	slices.SortFunc(rs.set.Tables, func(a, b *Table) int { return strings.Compare(a.Name, b.Name) })
}

// groupTables gathers the tables of a group and finds the names that collide
// there.
func (rs *resolver) groupTables() {
	scopes := map[string]*nameScope{}
	alone := map[string]*Table{}
	for _, t := range rs.set.Tables {
		scope := scopes[t.Group]
		if scope == nil {
			where := "in one group"
			if t.Group == "" {
				where = "beside each other"
			}
			scope = newNameScope(rs.reporter, where)
			scopes[t.Group] = scope
		}
		scope.add(t.GoName, "the table "+t.Name, t.Pos)
		if t.Group == "" {
			alone[t.Name] = t
			continue
		}
		if n := len(rs.set.Groups); n == 0 || rs.set.Groups[n-1].Name != t.Group {
			rs.set.Groups = append(rs.set.Groups, &Group{Name: t.Group})
		}
		g := rs.set.Groups[len(rs.set.Groups)-1]
		if rs.onePackage && len(g.Tables) == 0 {
			for _, name := range []string{GoName(g.Name) + "DB", GoName(g.Name) + "Tx", GoName(g.Name) + "Group", "Open" + GoName(g.Name)} {
				rs.models.add(name, "what ties the group "+g.Name+" together", t.Pos)
			}
		}
		g.Tables = append(g.Tables, t)
	}
	for _, g := range rs.set.Groups {
		if t := alone[g.Name]; t != nil {
			first := g.Tables[0]
			rs.report(ruleTableGroup, t.Pos, "the table %s has the name of the group that %s is in", t.Name, first.Name).
				mend("rename the table, or put it into the group: %s.%s", g.Name, t.Name).related(first.Pos, "%s is here", first.Name)
		}
	}
}
