package schema

import (
	"strings"
)

// table binds one table. It returns nil when its name cannot be used.
func (rs *resolver) table(decl *tableDecl) *Table {
	t := &tableScope{decl: decl, byName: map[string]*Field{}, Table: &Table{
		Name: decl.name.text, Row: "Row", Doc: decl.doc, File: decl.file.name, Was: texts(decl.was), Pos: decl.name.pos,
	}}
	named := rs.tableName(t)
	rowPos := t.Pos
	rowGood := true
	if decl.row != nil {
		rowGood = rs.upper(decl.row, "a row")
		t.Row, rowPos = decl.row.text, decl.row.pos
	}
	if decl.goType != nil {
		t.Row, t.Go, rowPos = decl.goType.Name, decl.goType, decl.goRow.pos
	}
	rs.tableFields(t)
	rs.per(t)
	rs.key(t)
	rs.access(t)
	rs.indexes(t)
	rs.ttl(t)
	rs.checks(t)
	if rowGood {
		rs.packageNames(t, rowPos)
	}
	if !named {
		return nil
	}
	return t.Table
}

// packageNames finds names that collide in the Go package of the table.
func (rs *resolver) packageNames(t *tableScope, rowPos Pos) {
	scope, prefix := newNameScope(rs.reporter, "in the package of the table"), ""
	if rs.onePackage {
		scope, prefix = rs.models, t.GoName
		for _, name := range rowNames {
			goName := prefix + name
			if name == "Open" {
				goName = name + prefix
			}
			if !scope.add(goName, "the "+name+" of the table "+t.Name, t.Pos) {
				return // so would all that follows be
			}
		}
	}
	reserved, of := reservedRows, ""
	if rs.onePackage {
		of = " of the table " + t.Name
		reserved = nil // they have the name of the table before them
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
		for _, d := range indexNames {
			if !d.some || len(ix.Include) > 0 {
				scope.add(prefix+d.prefix+ix.GoName+d.suffix, d.what+" the index "+ix.Name+of, ix.Pos)
			}
		}
	}
	for _, ix := range t.Indexes {
		columns := make([]*Field, len(ix.Columns))
		for i, c := range ix.Columns {
			columns[i] = c.Field
		}
		rs.stepNames(scope, prefix+ix.GoName+"Index", "the index "+ix.Name+of, ix.Pos, columns)
	}
	if t.Key != nil {
		parts := t.Key.Fields
		if len(t.Key.PartNames) == 0 && t.Key.Type.Kind == Struct {
			parts = t.Key.Type.Fields
		}
		rs.stepNames(scope, prefix+"KeyIndex", "the key"+of, t.Key.Pos, parts)
	}
}

// stepNames takes the names of the types between the columns of an index: that
// of the index, and behind it those of the columns that are fixed.
func (rs *resolver) stepNames(scope *nameScope, name, what string, pos Pos, columns []*Field) {
	for _, f := range columns[:max(0, len(columns)-1)] {
		name += f.GoName
		if !scope.add(name, "the Go type of "+what+" with "+f.Name+" fixed", pos) {
			return
		}
	}
}

// tableName takes the name apart: name, or group.name.
func (rs *resolver) tableName(t *tableScope) bool {
	n := t.decl.name
	parts := strings.Split(n.text, ".")
	if len(parts) > 2 {
		rs.report(ruleNamePattern, n.pos, "a table is in one group at most, and %q has %d", n.text, len(parts)-1).
			mend("write group.name: %s.%s", parts[0], strings.Join(parts[1:], "_"))
		return false
	}
	if group, name, ok := strings.Cut(n.text, "/"); ok && len(parts) == 1 && lowerName.MatchString(group) && lowerName.MatchString(name) {
		rs.report(ruleNamePattern, n.pos, "%q cannot be the name of a table", n.text).mend("a dot stands between group and name: %s.%s", group, name)
		return false
	}
	ok := true
	at := 0
	for i, part := range parts {
		sub := *n
		sub.text, sub.pos = part, n.span(at, at+len(part))
		at += len(part) + 1
		what := "a table"
		if len(parts) == 2 && i == 0 {
			what = "a group"
		}
		ok = rs.lower(&sub, what) && rs.packageName(sub.pos, part, what) && ok
	}
	if len(parts) == 2 {
		t.Group = parts[0]
	}
	t.Pkg = parts[len(parts)-1]
	t.GoName = GoName(t.Pkg)
	return rs.reserved(reservedTables, t.GoName, "the table "+t.Name, n.pos) && ok
}

func (rs *resolver) tableFields(t *tableScope) {
	scope := newNameScope(rs.reporter, "in the row")
	for i, decl := range t.decl.fields {
		f := rs.bindField(decl, "a field")
		f.Index = i
		if rs.word(decl.name, "a field") {
			scope.add(f.GoName, "the field "+f.Name, f.Pos)
		}
		if decl.def != nil {
			if decl.defHex && f.Type.Kind != Bytes && f.Type.Kind != Invalid {
				rs.report(ruleLiteral, decl.def.pos, "hex is for bytes, and %s is %s", f.Name, article(f.Type.String())).mend("write the value itself")
			} else {
				f.Default = rs.defaultLiteral(f, decl.def)
			}
		}
		t.Fields = append(t.Fields, f)
		t.byName[f.Name] = f
		t.names = append(t.names, f.Name)
	}
}

// per binds the parameters of a family.
func (rs *resolver) per(t *tableScope) {
	scope := newNameScope(rs.reporter, "among the parameters")
	for i, decl := range t.decl.per {
		f := rs.bindField(decl, "a parameter")
		f.Index = i
		t.Per = append(t.Per, f)
		if rs.reserved(reservedParameters, f.GoName, "the parameter "+f.Name, f.Pos) {
			scope.add(f.GoName, "the parameter "+f.Name, f.Pos)
		}
		if field := t.byName[f.Name]; field != nil {
			rs.report(ruleNameDuplicate, f.Pos, "%s is both a parameter of the family and a field", f.Name).
				mend("remove the field: every row of a store has the same %s", f.Name).related(field.Pos, "the field")
		}
		pos := f.Pos
		if decl.typ != nil {
			pos = decl.typ.pos
		}
		rs.keyPart(f, pos, "a parameter of a family")
	}
}

// keyPart reports that a field's values cannot be part of a key.
func (rs *resolver) keyPart(f *Field, pos Pos, what string) bool {
	if f.Optional {
		rs.report(ruleKeyPart, pos, "%s may be absent, and %s is always there", f.Name, what).mend("remove the ? of its type").related(f.Pos, "declared here")
		return false
	}
	if why, mend := unkeyable(f.Type); why != "" {
		rs.report(ruleKeyPart, pos, "%s is %s, which cannot be %s", f.Name, why, what).mend("%s", mend).related(f.Pos, "declared here")
		return false
	}
	f.Keyed = true
	rs.useInKey(f.Type)
	return true
}

func (rs *resolver) access(t *tableScope) {
	if n := t.decl.owner; n != nil {
		rs.owner(t, n)
		return
	}
	n := t.decl.access
	if n == nil {
		return
	}
	if a := accessOf(n.text); a != 0 && a != Owned {
		t.Access = a
		return
	}
	d := rs.report(ruleAccess, n.pos, "unknown access %q", n.text)
	if n.text == "owner" || n.text == "owned" || n.text == "user" {
		d.mend("name the field that holds the owner: access: {owner: user_id}")
		return
	}
	if Nearest(n.text, accessNames) == "" {
		d.mend("use one of %s, or {owner: field}", strings.Join(accessNames, ", "))
		return
	}
	d.meant(n.text, accessNames)
}

// owner binds the field that names the user a row belongs to.
func (rs *resolver) owner(t *tableScope, n *node) {
	t.Access = Owned
	f := rs.field(t, n.text, n.pos)
	if f == nil || f.Type.Kind == Invalid || t.Key == nil {
		return
	}
	t.Owner = f
	switch {
	case t.Key.Fields[0] != f:
		rs.report(ruleAccess, n.pos, "the owner %s is not the key's first field", f.Name).
			mend("begin the key with %s, so that the rows of a user lie side by side", f.Name).related(t.Key.Pos, "the key")
	case f.Type.Kind != String:
		rs.report(ruleAccess, n.pos, "the owner %s is %s", f.Name, article(f.Type.String())).
			mend("make it a string, or a named type over it: it is compared with the name of who asks").related(f.Pos, "declared here")
	}
}

func (rs *resolver) checks(t *tableScope) {
	for _, decl := range t.decl.checks {
		if x := rs.condition(t, decl.rule); x != nil {
			t.Checks = append(t.Checks, &Check{Expr: x, Text: strings.TrimSpace(decl.rule.text), Doc: decl.doc, Pos: decl.rule.pos})
		}
	}
}
