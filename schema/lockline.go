package schema

import (
	"cmp"
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// This file reads and writes what a line of the lock says after the number: what
// the thing is, as far as stored bytes depend on it. From that, Evolve knows the
// schema as it was.
//
//	field system.jobs.tags 4 []string          its type; named scalars as what they are
//	field system.jobs.note 5 string?           it may be absent
//	field TableID.table 2 string key 2         the second part of the key
//	field system.jobs.at 6 string as net/netip.Addr  the methods of a Go type make the string
//	field system.jobs.kind 7 string min 1 max 9 default("x")  its limits and default
//	index system.jobs.tag 2 unique on(each tags, at desc) include(note) where(note == "x")
//	table system.jobs 3 system ttl(at 30d) per(namespace string) check("note == \"x\"")
//
// Names stand for numbers here, so that two branches do not disagree about more
// than the lines that both have added. A line without any of this, as older locks
// have them, is one of which nothing more is known.

// A fieldLine is what the lock says of a field.
type fieldLine struct {
	list, mapped bool
	of           string // a scalar, or the name of a struct or enum
	optional     bool
	key          int    // the place in a key, from 1; 0 is none
	as, keys     string // the Go types whose methods make the values, and the keys of a map
	limits       limits
	def          string // the default as a literal; "" is none
}

// limits are the lengths that are allowed: of a string or bytes, of the elements of a
// list or map, and of the keys of a map; 0 is none.
type limits struct{ min, max, keyMin, keyMax int }

// limitsOf are those of a field together with its type's.
func limitsOf(f *Field) limits {
	tighter := func(t *Type, least, most int) (int, int) {
		if most == 0 || t.Max > 0 && t.Max < most {
			most = t.Max
		}
		return max(least, t.Min), most
	}
	var l limits
	switch f.Type.Kind {
	case List:
		l.min, l.max = tighter(f.Type.Elem, 0, 0)
	case Map:
		l.min, l.max = tighter(f.Type.Elem, 0, 0)
		l.keyMin, l.keyMax = tighter(f.Type.MapKey, 0, 0)
	default:
		l.min, l.max = tighter(f.Type, f.Min, f.Max)
	}
	return l
}

// String returns the limits as a line of the lock has them, with a blank before each.
func (l limits) String() string {
	var b strings.Builder
	for _, x := range []struct {
		name string
		n    int
	}{{"min", l.min}, {"max", l.max}, {"keymin", l.keyMin}, {"keymax", l.keyMax}} {
		if x.n > 0 {
			fmt.Fprintf(&b, " %s %d", x.name, x.n)
		}
	}
	return b.String()
}

var fieldLineForm = regexp.MustCompile(`^(\[\]|map\[string\])?([a-z][a-z0-9]*|[A-Z][A-Za-z0-9]*)(\??)(?: key ([1-9][0-9]{0,3}))?(?: as ([^\s(),]+))?(?: keys ([^\s(),]+))?` +
	`(?: min ([1-9][0-9]{0,9}))?(?: max ([1-9][0-9]{0,9}))?(?: keymin ([1-9][0-9]{0,9}))?(?: keymax ([1-9][0-9]{0,9}))?(?: default\(("(?:[^"\\]|\\.)*"|[A-Za-z0-9_+.-]+)\))?$`)

func parseFieldLine(text string) (fieldLine, bool) {
	if isScalar(text) {
		return fieldLine{of: text}, true // most are
	}
	m := fieldLineForm.FindStringSubmatch(text)
	if m == nil || lowerName.MatchString(m[2]) && !isScalar(m[2]) {
		return fieldLine{}, false
	}
	s := fieldLine{list: m[1] == "[]", mapped: m[1] != "" && m[1] != "[]", of: m[2], optional: m[3] != "", as: m[5], keys: m[6]}
	for i, n := range []*int{4: &s.key, 7: &s.limits.min, 8: &s.limits.max, 9: &s.limits.keyMin, 10: &s.limits.keyMax} {
		if n != nil {
			*n, _ = strconv.Atoi(m[i]) // digits, or nothing
		}
	}
	s.def = m[11]
	return s, (!s.optional || m[1] == "" && s.key == 0) && (s.keys == "" || s.mapped)
}

func shapeOfType(t *Type) string {
	switch t.Kind {
	case List:
		return "[]" + shapeOfType(t.Elem)
	case Map:
		return "map[string]" + shapeOfType(t.Elem)
	case Enum, Struct:
		return t.Name
	}
	return t.Kind.String()
}

func shapeOfField(f *Field, key int) string {
	text := shapeOfType(f.Type)
	if f.Optional {
		text += "?"
	}
	if key > 0 {
		text += fmt.Sprintf(" key %d", key)
	}
	as, keys := formOf(f.Type)
	if as != "" {
		text += " as " + as
	}
	if keys != "" {
		text += " keys " + keys
	}
	text += limitsOf(f).String()
	if f.Default != nil {
		text += " default(" + f.Default.String() + ")"
	}
	return text
}

// An indexLine is what the lock says of an index.
type indexLine struct {
	unique  bool
	on      []columnLine
	include []string
	where   string
}

type columnLine struct {
	field            string
	each, fold, desc bool
}

var (
	indexLineForm  = regexp.MustCompile(`^(unique )?on\(([^()]*)\)(?: include\(([^()]*)\))?(?: where\((.+)\))?$`)
	columnLineForm = regexp.MustCompile(`^(each )?(fold )?([a-z][a-z0-9_]*)( desc)?$`)
)

func parseIndexLine(text string) (indexLine, bool) {
	m := indexLineForm.FindStringSubmatch(text)
	if m == nil {
		return indexLine{}, false
	}
	s := indexLine{unique: m[1] != "", where: m[4]}
	for _, part := range strings.Split(m[2], ", ") {
		c := columnLineForm.FindStringSubmatch(part)
		if c == nil {
			return s, false
		}
		s.on = append(s.on, columnLine{field: c[3], each: c[1] != "", fold: c[2] != "", desc: c[4] != ""})
	}
	if m[3] == "" {
		return s, true
	}
	s.include = strings.Split(m[3], ", ")
	return s, !slices.ContainsFunc(s.include, func(name string) bool { return !lowerName.MatchString(name) })
}

func shapeOfIndex(ix *Index) string {
	var on []string
	for _, c := range ix.Columns {
		text := c.Field.Name
		if c.Fold {
			text = "fold " + text
		}
		if c.Each {
			text = "each " + text
		}
		if c.Desc {
			text += " desc"
		}
		on = append(on, text)
	}
	text := "on(" + strings.Join(on, ", ") + ")"
	if ix.Unique {
		text = "unique " + text
	}
	if len(ix.Include) > 0 {
		text += " include(" + strings.Join(namesOf(ix.Include), ", ") + ")"
	}
	if ix.Where != nil {
		text += " where(" + ix.Where.String() + ")"
	}
	return text
}

// A tableLine is what the lock says of a table.
type tableLine struct {
	access string
	ttl    string // "from keep"; "" is none
	per    []fieldLine
	names  []string   // of per
	was    [][]string // former names of per
	checks []string   // as they were written
}

var (
	tableLineForm = regexp.MustCompile(`^([a-z]+)(?: ttl\(([a-z][a-z0-9_]* [a-z0-9_]+)\))?(?: per\(([^()]*)\))?((?: check\("(?:[^"\\]|\\.)*"\))*)$`)
	perLineForm   = regexp.MustCompile(`^([a-z][a-z0-9_]*) ([A-Za-z0-9]+(?: as [^\s(),]+)?(?: min [0-9]+)?(?: max [0-9]+)?)(?: was ([a-z0-9_ ]+))?$`)
)

func parseTableLine(text string) (tableLine, bool) {
	m := tableLineForm.FindStringSubmatch(text)
	if m == nil {
		return tableLine{}, false
	}
	if m[1] != ownerAccess && !slices.Contains(accessNames, m[1]) {
		return tableLine{}, false
	}
	s := tableLine{access: m[1], ttl: m[2]}
	for rest := m[4]; rest != ""; {
		quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(rest, " check("))
		if err != nil {
			return s, false
		}
		text, _ := strconv.Unquote(quoted) // which QuotedPrefix has seen
		s.checks = append(s.checks, text)
		rest = strings.TrimPrefix(rest, " check("+quoted+")")
	}
	if m[3] == "" {
		return s, true
	}
	for _, part := range strings.Split(m[3], ", ") {
		p := perLineForm.FindStringSubmatch(part)
		if p == nil {
			return s, false
		}
		f, ok := parseFieldLine(p[2])
		if !ok {
			return s, false
		}
		s.per, s.names, s.was = append(s.per, f), append(s.names, p[1]), append(s.was, strings.Fields(p[3]))
	}
	return s, true
}

func shapeOfTable(t *Table) string {
	text := t.Access.String()
	if t.TTL != nil {
		text += " ttl(" + shapeOfTTL(t.TTL) + ")"
	}
	if len(t.Per) > 0 {
		var per []string
		for _, f := range t.Per {
			p := f.Name + " " + shapeOfField(f, 0)
			if len(f.Was) > 0 {
				p += " was " + strings.Join(f.Was, " ")
			}
			per = append(per, p)
		}
		text += " per(" + strings.Join(per, ", ") + ")"
	}
	for _, c := range t.Checks {
		text += " check(" + strconv.Quote(c.Expr.String()) + ")"
	}
	return text
}

func shapeOfTTL(t *TTL) string {
	if t.KeepField != nil {
		return t.From.Name + " " + t.KeepField.Name
	}
	return t.From.Name + " " + formatDuration(t.Keep)
}

func namesOf(fields []*Field) []string {
	out := make([]string, 0, len(fields))
	for _, f := range fields {
		out = append(out, f.Name)
	}
	return out
}

// validShape reports whether the rest of a line can be read.
func (k lockKind) validShape(text string) bool {
	ok := text == ""
	switch k {
	case lockField:
		_, ok = parseFieldLine(text)
	case lockIndex:
		_, ok = parseIndexLine(text)
	case lockTable:
		_, ok = parseTableLine(text)
	}
	return ok
}

// validShape is kind.validShape, which looks at each text once: most lines say
// what others do.
func (r *lockReader) validShape(kind lockKind, text string) bool {
	key := [2]string{string(kind), text}
	ok, known := r.valid[key]
	if !known {
		ok = kind.validShape(text)
		r.valid[key] = ok
	}
	return ok
}

// setShapes gives every line of the lock what its thing is in a Set.
func setShapes(l *Lock, s *Set) {
	put := func(kind lockKind, owner, name, shape string) {
		if e := l.find(lockName{kind, owner, name}); e != nil {
			e.shape = shape
		}
	}
	for _, t := range s.Types {
		for i, f := range t.Fields {
			key := 0
			if t.UsedInKey {
				key = i + 1
			}
			put(lockField, t.Name, f.Name, shapeOfField(f, key))
		}
	}
	for _, t := range s.Tables {
		if e := l.find(lockName{lockTable, "", t.Name}); e != nil {
			keepFormerParameters(e.shape, t.Per)
		}
		put(lockTable, "", t.Name, shapeOfTable(t))
		for _, f := range t.Fields {
			put(lockField, t.Name, f.Name, shapeOfField(f, slices.Index(t.Key.Fields, f)+1))
		}
		for _, ix := range t.Indexes {
			put(lockIndex, t.Name, ix.Name, shapeOfIndex(ix))
		}
	}
}

// keepFormerParameters gives the parameters of a family the former names that the
// table's line has.
func keepFormerParameters(shape string, per []*Field) {
	line, ok := parseTableLine(shape)
	if !ok || len(line.names) != len(per) {
		return
	}
	for i, f := range per {
		if f.Name == line.names[i] || slices.Contains(f.Was, line.names[i]) {
			f.Was = formerly(f.Name, f.Was, line.was[i])
		}
	}
}

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
