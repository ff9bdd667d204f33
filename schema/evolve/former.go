package evolve

import (
	"cmp"
	"slices"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/expr"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/naming"
)

// A former is the schema of the time when the lock was written, as far as the lock
// tells: it holds what stored bytes depend on.
type former struct {
	types  map[string]*schema.Type  // enums and structs, by their names at that time
	tables map[string]*schema.Table // by their names at that time; only those whose lines are complete
	ttl    map[string]string
	checks map[string][]string // as written, by table
	// wheres are the conditions of indexes, as written.
	wheres map[lock.ID]string
	// removed are the retired lines of a table, struct or enum.
	removed map[string][]*lock.Entry
}

// formerSchema rebuilds the schema from a lock.
func formerSchema(l *lock.Lock) *former {
	p := &former{types: map[string]*schema.Type{}, tables: map[string]*schema.Table{}, ttl: map[string]string{}, checks: map[string][]string{}, wheres: map[lock.ID]string{}, removed: map[string][]*lock.Entry{}}
	byOwner := map[string][]*lock.Entry{} // fields and indexes
	var tables []*lock.Entry
	for _, e := range l.Entries {
		switch {
		case e.Retired:
			p.removed[e.Owner] = append(p.removed[e.Owner], e)
		case e.Kind == lock.Table:
			tables = append(tables, e)
		case e.Kind == lock.Enum:
			t := p.typeOf(e.Owner, kind.Enum)
			t.Values = append(t.Values, &schema.EnumValue{Name: e.Name, Number: int32(e.Number)})
		default:
			byOwner[e.Owner] = append(byOwner[e.Owner], e)
			if naming.Upper.MatchString(e.Owner) {
				p.typeOf(e.Owner, kind.Struct)
			}
		}
	}
	for name, entries := range byOwner {
		if t := p.types[name]; t != nil && t.Kind == kind.Struct {
			fields, key, ok := p.fields(entries)
			if !ok {
				t.Kind = kind.Invalid // not known
				continue
			}
			t.Fields, t.UsedInKey = fields, len(key) > 0
			if t.UsedInKey {
				t.Fields = key
			}
		}
	}
	for _, e := range tables {
		s, ok := lock.ParseTable(e.Shape)
		if !ok {
			continue
		}
		t := &schema.Table{Name: e.Name, Number: int(e.Number), Access: schema.AccessOf(s.Access), Blind: s.Blind}
		var key []*schema.Field
		t.Fields, key, ok = p.fields(byOwner[e.Name])
		t.Key = &schema.Key{Fields: key}
		for i, f := range s.Per {
			typ := p.fieldType(f)
			ok = ok && typ != nil
			if ok && f.As != "" {
				typ = typ.WithGo(&schema.GoType{Name: f.As, Form: schema.GoText}, nil)
			}
			t.Per = append(t.Per, &schema.Field{Name: s.Names[i], Type: typ, Min: f.Limits.Min, Max: f.Limits.Max})
		}
		if !ok || len(key) == 0 || !p.indexes(t, byOwner[e.Name]) {
			continue
		}
		p.tables[t.Name], p.ttl[t.Name], p.checks[t.Name] = t, s.TTL, s.Checks
	}
	return p
}

// typeOf returns the type of a name. After a wrong merge, a name may be that of a
// struct and of an enum: it is then neither.
func (p *former) typeOf(name string, k schema.Kind) *schema.Type {
	t := p.types[name]
	if t == nil {
		t = &schema.Type{Name: name, Kind: k}
		p.types[name] = t
	}
	if t.Kind != k {
		t.Kind = kind.Invalid
	}
	return t
}

// fields reads the lines of one owner. It returns all fields by number, those of the
// key in the key's order, and whether all lines say what they are.
func (p *former) fields(entries []*lock.Entry) (all, key []*schema.Field, ok bool) {
	places := map[int]*schema.Field{}
	for _, e := range entries {
		if e.Kind != lock.Field {
			continue
		}
		s, ok := lock.ParseField(e.Shape)
		typ := p.fieldType(s)
		if !ok || typ == nil {
			return nil, nil, false
		}
		f := &schema.Field{Name: e.Name, Number: int(e.Number), Type: typ, Optional: s.Optional, InKey: s.Key > 0, Pos: e.Pos}
		all = append(all, f)
		if s.Key > 0 {
			places[s.Key] = f
		}
	}
	slices.SortFunc(all, func(a, b *schema.Field) int { return cmp.Compare(a.Number, b.Number) })
	for i, f := range all {
		f.Index = i
	}
	for i := range len(places) {
		f := places[i+1]
		if f == nil {
			return nil, nil, false // left by a wrong merge
		}
		key = append(key, f)
	}
	return all, key, true
}

func (p *former) fieldType(s lock.FieldLine) *schema.Type {
	t := schema.Scalar(s.Of)
	if t == nil {
		t = p.types[s.Of]
	}
	switch {
	case t == nil:
		return nil
	case s.List:
		list := &schema.Type{Kind: kind.List, Elem: t}
		if s.Len > 0 {
			list.Array = &schema.GoArray{Len: s.Len}
		}
		return list
	case s.Mapped:
		return &schema.Type{Kind: kind.Map, Elem: t, MapKey: schema.Scalar(s.MapKey)}
	}
	return t
}

// indexes reads the lines of the indexes of a table.
func (p *former) indexes(t *schema.Table, entries []*lock.Entry) bool {
	for _, e := range entries {
		if e.Kind != lock.Index {
			continue
		}
		s, ok := lock.ParseIndex(e.Shape)
		if !ok {
			return false
		}
		ix := &schema.Index{Name: e.Name, Number: int(e.Number), Unique: s.Unique, Pos: e.Pos}
		for _, c := range s.On {
			f := t.Field(c.Field)
			if f == nil {
				return false
			}
			ix.Columns = append(ix.Columns, &schema.Column{Field: f, Options: c.Options})
		}
		for _, name := range s.Include {
			f := t.Field(name)
			if f == nil {
				return false
			}
			ix.Include = append(ix.Include, f)
		}
		if s.Where != "" {
			ix.Where = formerCondition(t, s.Where)
			p.wheres[e.ID] = s.Where
		}
		t.Indexes = append(t.Indexes, ix)
	}
	return true
}

// formerCondition reads a condition over an old table; nil if it cannot be read any
// more.
func formerCondition(t *schema.Table, text string) schema.Expr {
	r := diag.NewReporter()
	scope := &expr.Scope{Reporter: r, Fields: map[string]*schema.Field{}, Find: func(name string, pos diag.Pos) *schema.Field { return t.Field(name) }}
	for _, f := range t.Fields {
		scope.Fields[f.Name] = f
		scope.Names = append(scope.Names, f.Name)
	}
	x := expr.Bind(scope, &syntax.Node{Kind: syntax.ScalarNode, Text: text, Quoting: syntax.Block, File: diag.NewText("", "", nil)})
	if r.Failed() {
		return nil
	}
	return x
}
