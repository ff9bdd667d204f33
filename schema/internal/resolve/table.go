package resolve

import (
	"strings"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/ast"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/naming"
	"github.com/storegen/storegen/schema/rules"
)

// table binds one table. It returns nil if its name is not valid.
func (rs *resolver) table(decl *ast.Table) *schema.Table {
	t := &tableScope{decl: decl, byName: map[string]*schema.Field{}, Table: &schema.Table{
		Name: decl.Name.Text, Row: "Row", Doc: decl.Doc(), File: decl.File.Name, Was: rs.formers(decl.Nodes(lang.WordWas), isTable), Pos: decl.Name.Pos,
	}}
	named := rs.tableName(t)
	rowPos := t.Pos
	rowGood := true
	if row := decl.Node(lang.WordRow); row != nil {
		rowGood = rs.upper(row, "a row")
		t.Row, rowPos = row.Text, row.Pos
	}
	if decl.GoType != nil {
		t.Row, t.Go, rowPos = decl.GoType.Name, decl.GoType, decl.GoRow.Pos
		if decl.Message || decl.Own {
			t.Go, t.Codec = nil, decl.Codec // the row is a struct that holds it
		}
	}
	rs.tableFields(t)
	rs.per(t)
	rs.key(t)
	rs.access(t)
	rs.indexes(t)
	rs.ttl(t)
	rs.checks(t)
	rs.blind(t)
	if rowGood {
		rs.packageNames(t, rowPos)
	}
	if !named {
		return nil
	}
	return t.Table
}

// packageNames reports names that collide in the Go package of the table.
func (rs *resolver) packageNames(t *tableScope, rowPos diag.Pos) {
	scope, prefix := newNameScope(rs.Reporter, "in the package of the table"), ""
	if rs.onePackage {
		scope, prefix = rs.models, t.GoName
		for _, name := range lang.RowNames {
			goName := prefix + name
			if name == "Open" || name == "Load" {
				goName = name + prefix
			}
			if !scope.add(goName, "the "+name+" of the table "+t.Name, t.Pos) {
				return // all further names would be taken too
			}
		}
	}
	reserved, of := lang.ReservedRows, ""
	if rs.onePackage {
		of = " of the table " + t.Name
		reserved = nil // they begin with the name of the table
	}
	if t.Go == nil {
		if !rs.reserved(reserved, t.Row, "the row", rowPos) {
			return
		}
		scope.add(t.Row, "the row"+of, rowPos)
	}
	if t.Key != nil && t.Key.Local && rs.reserved(reserved, t.Key.Named, "the key", t.Key.Pos) {
		scope.add(t.Key.Named, "the key"+of, t.Key.Pos)
	}
	seen := map[string]bool{}
	for _, ix := range t.Indexes {
		if seen[ix.GoName] {
			continue // reported
		}
		seen[ix.GoName] = true
		for _, d := range lang.IndexNames {
			if hasName(t.Table, ix, d) {
				scope.add(prefix+d.Prefix+ix.GoName+d.Suffix, d.What+" the index "+ix.Name+of, ix.Pos)
			}
		}
	}
	for _, ix := range t.Indexes {
		columns := make([]*schema.Field, len(ix.Columns))
		for i, c := range ix.Columns {
			columns[i] = c.Field
		}
		rs.stepNames(scope, prefix+ix.GoName+"Index", "the index "+ix.Name+of, ix.Pos, columns)
	}
	if t.Key != nil {
		parts := t.Key.Fields
		if len(t.Key.PartNames) == 0 && t.Key.Type.Kind == kind.Struct {
			parts = t.Key.Type.Fields
		}
		rs.stepNames(scope, prefix+"KeyIndex", "the key"+of, t.Key.Pos, parts)
	}
}

// hasName reports whether the package of a table has a name that is derived from that of
// an index.
func hasName(t *schema.Table, ix *schema.Index, d lang.DerivedName) bool {
	switch d.Suffix {
	case lang.EntrySuffix:
		return t.EntriesTell(ix)
	case lang.ColumnsSuffix:
		return ix.AnswersOne() && len(ix.Columns) > 1
	}
	return true
}

// stepNames takes the names of the Go types of an index with some columns fixed: the
// name of the index, followed by the names of those columns.
func (rs *resolver) stepNames(scope *nameScope, name, what string, pos diag.Pos, columns []*schema.Field) {
	for _, f := range columns[:max(0, len(columns)-1)] {
		name += f.GoName
		if !scope.add(name, "the Go type of "+what+" with "+f.Name+" fixed", pos) {
			return
		}
	}
}

// tableName splits the name: name, or group.name.
func (rs *resolver) tableName(t *tableScope) bool {
	n := t.decl.Name
	parts := strings.Split(n.Text, ".")
	if len(parts) > 2 {
		rs.Report(rules.NamePattern, n.Pos, "a table is in one group at most, and %q has %d", n.Text, len(parts)-1).
			Help("write group.name: %s.%s", parts[0], strings.Join(parts[1:], "_"))
		return false
	}
	if group, name, ok := strings.Cut(n.Text, "/"); ok && len(parts) == 1 && naming.Lower.MatchString(group) && naming.Lower.MatchString(name) {
		rs.Report(rules.NamePattern, n.Pos, "%q cannot be the name of a table", n.Text).Help("a dot stands between group and name: %s.%s", group, name)
		return false
	}
	ok := true
	at := 0
	for i, part := range parts {
		sub := *n
		sub.Text, sub.Pos = part, n.Span(at, at+len(part))
		at += len(part) + 1
		what := "a table"
		if len(parts) == 2 && i == 0 {
			what = "a group"
		}
		ok = rs.lower(&sub, what) && rs.packageName(sub.Pos, part, what) && ok
	}
	if len(parts) == 2 {
		t.Group = parts[0]
	}
	t.Pkg = parts[len(parts)-1]
	t.GoName = naming.GoName(t.Pkg)
	return rs.reserved(lang.ReservedTables, t.GoName, "the table "+t.Name, n.Pos) && ok
}

func (rs *resolver) tableFields(t *tableScope) {
	scope := newNameScope(rs.Reporter, "in the row")
	for i, decl := range t.decl.Fields {
		f := rs.bindField(decl, "a field")
		f.Index = i
		if rs.word(decl.Name, "a field") {
			scope.add(f.GoName, "the field "+f.Name, f.Pos)
		}
		if decl.Default != nil {
			switch {
			case decl.DefaultHex && f.Type.Kind == kind.FixedBytes:
				digits := *decl.Default
				digits.Text = keys.FormatFixed([]byte(digits.Text)) // as it is written without hex
				f.Default = rs.defaultLiteral(f, &digits)
			case decl.DefaultHex && f.Type.Kind != kind.Bytes && f.Type.Kind != kind.Invalid:
				rs.Report(rules.Literal, decl.Default.Pos, "hex is for bytes, and %s is %s", f.Name, diag.Article(f.Type.String())).Help("write the value itself")
			default:
				f.Default = rs.defaultLiteral(f, decl.Default)
			}
		}
		t.Fields = append(t.Fields, f)
		t.byName[f.Name] = f
		t.names = append(t.names, f.Name)
	}
}

// per binds the parameters of a family.
func (rs *resolver) per(t *tableScope) {
	scope := newNameScope(rs.Reporter, "among the parameters")
	for i, decl := range t.decl.Per {
		f := rs.bindField(decl, "a parameter")
		f.Index = i
		t.Per = append(t.Per, f)
		if rs.reserved(lang.ReservedParameters, f.GoName, "the parameter "+f.Name, f.Pos) {
			scope.add(f.GoName, "the parameter "+f.Name, f.Pos)
		}
		if field := t.byName[f.Name]; field != nil {
			rs.Report(rules.NameDuplicate, f.Pos, "%s is both a parameter of the family and a field", f.Name).
				Help("remove the field: every row of a store has the same %s", f.Name).Related(field.Pos, "the field")
		}
		pos := f.Pos
		if decl.Type != nil {
			pos = decl.Type.Pos
		}
		rs.keyPart(f, pos, "a parameter of a family")
	}
}

// keyPart reports a field whose values cannot be part of a key.
func (rs *resolver) keyPart(f *schema.Field, pos diag.Pos, what string) bool {
	if f.Optional {
		rs.Report(rules.KeyPart, pos, "%s may be absent, and %s is always there", f.Name, what).Help("remove the ? of its type").Related(f.Pos, "declared here")
		return false
	}
	if why, help := unkeyable(f.Type); why != "" {
		rs.Report(rules.KeyPart, pos, "%s is %s, which cannot be %s", f.Name, why, what).Help("%s", help).Related(f.Pos, "declared here")
		return false
	}
	f.Keyed = true
	rs.useInKey(f.Type)
	return true
}

func (rs *resolver) access(t *tableScope) {
	if n := t.decl.In(lang.WordAccess).Node(lang.WordOwner); n != nil {
		rs.owner(t, n)
		return
	}
	n := t.decl.Node(lang.WordAccess)
	if n == nil {
		return
	}
	if a := schema.AccessOf(n.Text); a != 0 && a != schema.Owned {
		t.Access = a
		return
	}
	d := rs.Report(rules.Access, n.Pos, "unknown access %q", n.Text)
	if n.Text == lang.WordOwner || n.Text == "owned" || n.Text == "user" {
		d.Help("name the field that holds the owner: access: {owner: user_id}")
		return
	}
	if diag.Nearest(n.Text, lang.AccessNames) == "" {
		d.Help("use one of %s, or {owner: field}", strings.Join(lang.AccessNames, ", "))
		return
	}
	d.Suggest(n.Text, lang.AccessNames)
}

// owner binds the field that names the user that owns a row.
func (rs *resolver) owner(t *tableScope, n *syntax.Node) {
	t.Access = schema.Owned
	f := rs.field(t, n.Text, n.Pos)
	if f == nil || f.Type.Kind == kind.Invalid || t.Key == nil {
		return
	}
	t.Owner = f
	switch {
	case t.Key.Fields[0] != f:
		rs.Report(rules.Access, n.Pos, "the owner %s is not the key's first field", f.Name).
			Help("begin the key with %s, so that the rows of a user lie side by side", f.Name).Related(t.Key.Pos, "the key")
	case f.Type.Kind != kind.String:
		rs.Report(rules.Access, n.Pos, "the owner %s is %s", f.Name, diag.Article(f.Type.String())).
			Help("make it a string, or a named type over it: it is compared with the name of who asks").Related(f.Pos, "declared here")
	}
}

func (rs *resolver) checks(t *tableScope) {
	for _, decl := range t.decl.Checks {
		rule := decl.Node(lang.WordRule)
		if x := rs.condition(t, rule); x != nil {
			t.Checks = append(t.Checks, &schema.Check{Expr: x, Text: strings.TrimSpace(rule.Text), Doc: decl.Doc(), Pos: rule.Pos})
		}
	}
}

// blind binds whether puts do not read. What an index or the order of expiry holds of the
// row before could not be removed then.
func (rs *resolver) blind(t *tableScope) {
	if t.Blind = t.decl.Is(lang.WordBlind); !t.Blind {
		return
	}
	for _, word := range []string{lang.WordIndexes, lang.WordTTL} {
		if other := t.decl.At(word); other != nil {
			rs.Report(rules.Blind, t.decl.Node(lang.WordBlind).Pos, "a table with %s is not written blind: a put has to read the row before for what else is stored of it", word).
				Help("remove blind, or %s", word).Related(other.Pos, "declared here")
			t.Blind = false
		}
	}
}
