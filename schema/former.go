package schema

import (
	"cmp"
	"slices"
)

// A former is the schema that a lock was written for, as far as the lock tells.
// Types and tables are what a Set has, without what stored bytes do not depend on.
type former struct {
	types  map[string]*Type  // enums and structs, by their names of then
	tables map[string]*Table // by their names of then; only those of which all is known
	ttl    map[string]string
	checks map[string][]string // as they were written, by table
	// wheres are conditions, as they were written, by table and index.
	wheres map[lockName]string
	// removed are the lines of what a table, struct or enum had once.
	removed map[string][]*lockEntry
}

// formerSchema reads a lock back.
func formerSchema(l *Lock) *former {
	p := &former{types: map[string]*Type{}, tables: map[string]*Table{}, ttl: map[string]string{}, checks: map[string][]string{}, wheres: map[lockName]string{}, removed: map[string][]*lockEntry{}}
	byOwner := map[string][]*lockEntry{} // fields and indexes
	var tables []*lockEntry
	for _, e := range l.entries {
		switch {
		case e.retired:
			p.removed[e.owner] = append(p.removed[e.owner], e)
		case e.kind == lockTable:
			tables = append(tables, e)
		case e.kind == lockEnum:
			t := p.typeOf(e.owner, Enum)
			t.Values = append(t.Values, &EnumValue{Name: e.name, Number: int32(e.number)})
		default:
			byOwner[e.owner] = append(byOwner[e.owner], e)
			if upperName.MatchString(e.owner) {
				p.typeOf(e.owner, Struct)
			}
		}
	}
	for name, entries := range byOwner {
		if t := p.types[name]; t != nil && t.Kind == Struct {
			fields, key, ok := p.fields(entries)
			if !ok {
				t.Kind = Invalid // of which nothing more is known
				continue
			}
			t.Fields, t.UsedInKey = fields, len(key) > 0
			if t.UsedInKey {
				t.Fields = key
			}
		}
	}
	for _, e := range tables {
		s, ok := parseTableLine(e.shape)
		if !ok {
			continue
		}
		t := &Table{Name: e.name, Number: int(e.number), Access: accessOf(s.access)}
		var key []*Field
		t.Fields, key, ok = p.fields(byOwner[e.name])
		t.Key = &Key{Fields: key}
		for i, f := range s.per {
			typ := p.fieldType(f)
			ok = ok && typ != nil
			if ok && f.as != "" {
				typ = typ.withGo(&GoType{Name: f.as, Form: GoText}, nil)
			}
			t.Per = append(t.Per, &Field{Name: s.names[i], Type: typ, Min: f.limits.min, Max: f.limits.max})
		}
		if !ok || len(key) == 0 || !p.indexes(t, byOwner[e.name]) {
			continue
		}
		p.tables[t.Name], p.ttl[t.Name], p.checks[t.Name] = t, s.ttl, s.checks
	}
	return p
}

// typeOf is the type of a name; one that is a struct and an enum at once, as a
// merge may leave it, is neither.
func (p *former) typeOf(name string, kind Kind) *Type {
	t := p.types[name]
	if t == nil {
		t = &Type{Name: name, Kind: kind}
		p.types[name] = t
	}
	if t.Kind != kind {
		t.Kind = Invalid
	}
	return t
}

// fields reads the lines of one owner: all its fields by number, and those of its
// key in the key's order. It returns false where a line does not say what it is.
func (p *former) fields(entries []*lockEntry) (all, key []*Field, ok bool) {
	places := map[int]*Field{}
	for _, e := range entries {
		if e.kind != lockField {
			continue
		}
		s, ok := parseFieldLine(e.shape)
		typ := p.fieldType(s)
		if !ok || typ == nil {
			return nil, nil, false
		}
		f := &Field{Name: e.name, Number: int(e.number), Type: typ, Optional: s.optional, InKey: s.key > 0, Pos: e.pos}
		all = append(all, f)
		if s.key > 0 {
			places[s.key] = f
		}
	}
	slices.SortFunc(all, func(a, b *Field) int { return cmp.Compare(a.Number, b.Number) })
	for i := range len(places) {
		f := places[i+1]
		if f == nil {
			return nil, nil, false // a merge has put two lines together
		}
		key = append(key, f)
	}
	return all, key, true
}

func (p *former) fieldType(s fieldLine) *Type {
	t := scalar(s.of)
	if t == nil {
		t = p.types[s.of]
	}
	switch {
	case t == nil:
		return nil
	case s.list:
		return &Type{Kind: List, Elem: t}
	case s.mapped:
		return &Type{Kind: Map, Elem: t, MapKey: scalar("string")}
	}
	return t
}

// indexes reads the lines of a table's indexes.
func (p *former) indexes(t *Table, entries []*lockEntry) bool {
	for _, e := range entries {
		if e.kind != lockIndex {
			continue
		}
		s, ok := parseIndexLine(e.shape)
		if !ok {
			return false
		}
		ix := &Index{Name: e.name, Number: int(e.number), Unique: s.unique, Pos: e.pos}
		for _, c := range s.on {
			f := t.Field(c.field)
			if f == nil {
				return false
			}
			ix.Columns = append(ix.Columns, &Column{Field: f, Each: c.each, Fold: c.fold, Desc: c.desc})
		}
		for _, name := range s.include {
			f := t.Field(name)
			if f == nil {
				return false
			}
			ix.Include = append(ix.Include, f)
		}
		if s.where != "" {
			ix.Where = formerCondition(t, s.where)
			p.wheres[e.lockName] = s.where
		}
		t.Indexes = append(t.Indexes, ix)
	}
	return true
}

// formerCondition reads a condition over a table as it was; nil where it cannot
// be read any more.
func formerCondition(t *Table, text string) Expr {
	r := newReporter()
	scope := &exprScope{reporter: r, fields: map[string]*Field{}, find: func(name string, pos Pos) *Field { return t.Field(name) }}
	for _, f := range t.Fields {
		scope.fields[f.Name] = f
		scope.names = append(scope.names, f.Name)
	}
	x := bindCondition(scope, &node{kind: scalarNode, text: text, quoting: block, src: newSource("", "", nil)})
	if r.failed() {
		return nil
	}
	return x
}
