package schema

import (
	"bytes"
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
)

// An Evolution is one change between what a lock holds and a schema. Its Rule is
// one of ChangeRules, its place is in the schema or, of what is removed, in the
// lock, and its Note says why it is of its class.
type Evolution struct {
	Diagnostic
	Class Class
	Asks  bool // what is meant only the schema's author knows
}

// String returns the change as a person reads it, like a Diagnostic with its
// class.
func (e Evolution) String() string {
	d := e.Diagnostic
	d.Message += " (" + string(e.Class) + ")"
	return d.String()
}

// Evolve compares a lock, as it was before the Set was loaded with it, with the
// Set. The result is sorted by place.
//
// Where the lock does not say what its things are, as older ones do not, only what
// was added, removed and renamed shows.
//
// Order has no meaning for stored bytes outside of keys and the columns of an
// index, so moving fields, values and indexes is no change.
func Evolve(before *Lock, set *Set) []Evolution {
	if bytes.Equal(before.Format(), set.Lock.Format()) {
		return nil
	}
	e := &evolver{
		reporter: newReporter(), lock: before, set: set,
		before: map[lockNumber]*lockEntry{}, formerName: map[string]string{},
		newOwner: map[string]bool{}, goneOwner: map[string]bool{}, stored: map[*Type]bool{},
	}
	for _, s := range set.sources {
		e.source(s)
	}
	if before.src != nil {
		e.source(before.src)
	}
	for _, x := range before.entries {
		e.before[lockNumber{x.kind, x.owner, x.number}] = x
	}
	e.owners()
	e.former = formerSchema(before)
	e.findStored()
	for _, t := range set.Tables {
		e.table(t)
	}
	for _, t := range set.Types {
		e.typ(t)
	}
	e.removed(e.additions())
	var out []Evolution
	for _, d := range e.result() {
		rule := changeRule(d.Rule)
		out = append(out, Evolution{Diagnostic: d, Class: rule.Class, Asks: rule.Asks})
	}
	return out
}

type evolver struct {
	*reporter
	lock       *Lock
	set        *Set
	former     *former
	before     map[lockNumber]*lockEntry
	formerName map[string]string // of tables, structs and enums that are renamed
	newOwner   map[string]bool   // tables, structs and enums that the lock did not have
	goneOwner  map[string]bool   // those that the schema has no more
	stored     map[*Type]bool    // former structs of which there are values that are still read
	added      []addition
}

// An addition is a field, an enum's value or a table that is new.
type addition struct {
	lockName
	pos  Pos
	form string // two things of one form may be one thing under two names
	rule string // of what is no rename
}

// change adds a change; at is its line in the lock, or nil.
func (e *evolver) change(id string, pos Pos, at *Pos, format string, args ...any) *report {
	rule := changeRule(id)
	d := e.report(id, pos, format, args...)
	d.Diagnostic.Note, d.Diagnostic.Mend = rule.Reason, rule.Mend
	if at != nil && at.Line > 0 {
		d.related(*at, "as it was")
	}
	return d
}

// formerly is the name that a table, struct or enum has in the lock.
func (e *evolver) formerly(name string) string { return cmp.Or(e.formerName[name], name) }

// owners finds which tables, structs and enums are new, renamed or gone.
func (e *evolver) owners() {
	known := map[string]bool{} // true for those that are in use
	first := map[string]*lockEntry{}
	for _, x := range e.lock.entries {
		name := cmp.Or(x.owner, x.name)
		known[name] = known[name] || !x.retired
		if first[name] == nil {
			first[name] = x
		}
	}
	declared := map[string]bool{}
	claim := func(name string, was []string) {
		declared[name] = true
		if _, ok := known[name]; ok {
			return
		}
		for _, old := range was {
			if known[old] {
				e.formerName[name] = old
				declared[old] = true
				return
			}
		}
		e.newOwner[name] = true
	}
	for _, t := range e.set.Tables {
		claim(t.Name, t.Was)
	}
	for _, t := range e.set.Types {
		if t.Kind != Enum && t.Kind != Struct {
			continue
		}
		claim(t.Name, t.Was)
		switch old := e.formerName[t.Name]; {
		case e.newOwner[t.Name]:
			e.change(changeTypeAdded, t.Pos, nil, "the type %s is new", t.Name)
		case old != "":
			e.change(changeTypeRenamed, t.Pos, nil, "the type %s was %s", t.Name, old)
		}
	}
	for name, used := range known {
		e.goneOwner[name] = !declared[name]
		if used && e.goneOwner[name] && upperName.MatchString(name) {
			e.change(changeTypeRemoved, first[name].pos, nil, "the type %s is removed", name)
		}
	}
}

// findStored finds the structs whose values are stored and still read as the same
// struct: those in fields that are there before and now.
func (e *evolver) findStored() {
	type pair struct{ was, is *Type }
	seen := map[pair]bool{}
	var visit func(was, is *Type)
	fields := func(was, is []*Field) {
		for _, a := range was {
			for _, b := range is {
				if a.Number == b.Number {
					visit(a.Type, b.Type)
				}
			}
		}
	}
	visit = func(was, is *Type) {
		switch {
		case was.Kind != is.Kind || seen[pair{was, is}]:
			return
		case was.Kind == List || was.Kind == Map:
			visit(was.Elem, is.Elem)
			return
		case was.Kind != Struct:
			return
		}
		seen[pair{was, is}] = true
		if was.Name == e.formerly(is.Name) {
			e.stored[was] = true
		}
		fields(was.Fields, is.Fields)
	}
	for _, t := range e.set.Tables {
		if was := e.former.tables[e.formerly(t.Name)]; was != nil {
			fields(was.Fields, t.Fields)
			for i := range min(len(was.Per), len(t.Per)) {
				visit(was.Per[i].Type, t.Per[i].Type)
			}
		}
	}
}

func (e *evolver) table(t *Table) {
	old := e.before[lockNumber{kind: lockTable, number: int64(t.Number)}]
	switch {
	case old == nil:
		e.tableAdded(t)
		return
	case old.name != t.Name:
		e.change(changeTableRenamed, t.Pos, &old.pos, "the table %s was %s", t.Name, old.name)
	}
	was := e.former.tables[old.name]
	for _, f := range t.Fields {
		e.field(t.Name, f, f.InKey, was != nil)
	}
	for _, ix := range t.Indexes {
		e.thing(lockIndex, t.Name, ix.Name, int64(ix.Number), ix.Pos, changeIndexAdded, changeIndexRenamed)
	}
	if was == nil {
		return
	}
	if !e.sameKey(was.Key.Fields, t.Key.Fields, 0) {
		e.change(changeKey, t.Key.Pos, &was.Key.Fields[0].Pos, "the key of %s was %s, and is %s", t.Name, keyText(was.Key.Fields), keyText(t.Key.Fields))
	}
	if !e.sameKey(was.Per, t.Per, 0) {
		e.change(changeFamily, t.Pos, &old.pos, "the parameters of the family %s were %s, and are %s", t.Name, keyText(was.Per), keyText(t.Per))
	}
	for i := range min(len(was.Per), len(t.Per)) {
		if p := t.Per[i]; p.Name != was.Per[i].Name && named(p, was.Per[i].Name) {
			e.change(changeFieldRenamed, p.Pos, &old.pos, "the parameter %s of the family %s was %s", p.Name, t.Name, was.Per[i].Name)
		}
		line := fieldLine{}
		line.as, _ = formOf(was.Per[i].Type)
		if was.Per[i].Type.Kind == t.Per[i].Type.Kind {
			what := "the parameter " + t.Per[i].Name + " of " + t.Name
			line.limits = limitsOf(was.Per[i])
			e.limits(what, line, t.Per[i], old)
			e.form(what, line, t.Per[i], old)
		}
	}
	if was.Access != t.Access {
		e.change(changeAccess, t.Pos, &old.pos, "the access to %s was %s, and is %s", t.Name, was.Access, t.Access)
	}
	e.ttl(t, was, old)
	e.indexes(t, was)
	e.checks(t, was, old)
}

// tableAdded finds what is to be said of a new table, and of the name that it has.
func (e *evolver) tableAdded(t *Table) {
	for _, x := range e.lock.entries {
		if x.kind == lockTable && slices.Contains(x.was, t.Name) {
			e.change(changeTableName, t.Pos, &x.pos, "the table %s is new, and %s had its name", t.Name, x.name)
			return
		}
	}
	e.added = append(e.added, addition{lockName{kind: lockTable, name: t.Name}, t.Pos, formOfTable(t), changeTableAdded})
}

// formOfTable is what of a table tells whether it could be another one: its fields.
func formOfTable(t *Table) string {
	var form []string
	for _, f := range t.Fields {
		form = append(form, f.Name+" "+shapeOfField(f, slices.Index(t.Key.Fields, f)+1))
	}
	slices.Sort(form)
	return strings.Join(form, "\n")
}

// checks compares the rules that rows have to meet. Names of fields do not count.
func (e *evolver) checks(t, was *Table, old *lockEntry) {
	if e.lock.version < 2 {
		return
	}
	before := map[string]string{} // by shape
	for _, text := range e.former.checks[was.Name] {
		shape := text
		if x := formerCondition(was, text); x != nil {
			shape = exprShape(x)
		}
		before[shape] = text
	}
	for _, c := range t.Checks {
		shape := exprShape(c.Expr)
		if _, ok := before[shape]; !ok {
			e.change(changeCheckAdded, c.Pos, nil, "the check %q of %s is new", c.Text, t.Name)
		}
		delete(before, shape)
	}
	for _, text := range slices.Sorted(maps.Values(before)) {
		e.change(changeCheckRemoved, t.Pos, &old.pos, "the check %q of %s is removed", text, t.Name)
	}
}

func (e *evolver) ttl(t, was *Table, old *lockEntry) {
	before := e.former.ttl[was.Name]
	from, keep, _ := strings.Cut(before, " ")
	id := func(name string) string { // what of a field does not change with its name
		if f := was.Field(name); f != nil {
			return "#" + strconv.Itoa(f.Number)
		}
		return name
	}
	switch {
	case t.TTL == nil && before != "":
		e.change(changeTTLRemoved, t.Pos, &old.pos, "rows of %s expired %s after %s, and do not expire any more", t.Name, keep, from)
	case t.TTL != nil && before == "":
		e.change(changeTTL, t.TTL.Pos, &old.pos, "rows of %s did not expire, and do", t.Name)
	case t.TTL != nil:
		now := "#" + strconv.Itoa(t.TTL.From.Number) + " " + formatDuration(t.TTL.Keep)
		if t.TTL.KeepField != nil {
			now = "#" + strconv.Itoa(t.TTL.From.Number) + " #" + strconv.Itoa(t.TTL.KeepField.Number)
		}
		if id(from)+" "+id(keep) != now {
			text := strings.Fields(shapeOfTTL(t.TTL))
			e.change(changeTTL, t.TTL.Pos, &old.pos, "rows of %s expired %s after %s, and expire %s after %s", t.Name, keep, from, text[1], text[0])
		}
	}
}

func (e *evolver) indexes(t, was *Table) {
	for _, ix := range t.Indexes {
		for _, old := range was.Indexes {
			if old.Number != ix.Number || e.indexShape(old, was) == e.indexShape(ix, nil) {
				continue
			}
			before := shapeOfIndex(&Index{Unique: old.Unique, Columns: old.Columns, Include: old.Include})
			if text := e.former.wheres[lockName{lockIndex, was.Name, old.Name}]; text != "" {
				before += " where(" + text + ")"
			}
			d := e.change(changeIndex, ix.Pos, &old.Pos, "the index %s.%s was %s, and is %s", t.Name, ix.Name, before, shapeOfIndex(ix))
			switch {
			case ix.Unique && !old.Unique:
				d.Diagnostic.Note += " Building it fails where two rows have the same values, and says which."
			case before == shapeOfIndex(ix):
				d.Message = fmt.Sprintf("the index %s.%s has the entries of other rows, since a field of it may be absent now, or no longer", t.Name, ix.Name)
			}
		}
	}
}

// typ compares a struct or an enum with the lock.
func (e *evolver) typ(t *Type) {
	switch t.Kind {
	case Enum:
		for _, v := range t.Values {
			e.thing(lockEnum, t.Name, v.Name, int64(v.Number), v.Pos, changeEnumAdded, changeEnumRenamed)
		}
	case Struct:
		was := e.former.types[e.formerly(t.Name)]
		known := was != nil && was.Kind == Struct && len(was.Fields) > 0
		if known && !e.stored[was] {
			was.UsedInKey = false // nothing of it is stored
		}
		inKey := t.UsedInKey && (!known || was.UsedInKey)
		for _, f := range t.Fields {
			e.field(t.Name, f, inKey, known)
		}
		if !known || !inKey || e.newOwner[t.Name] {
			return
		}
		if !e.sameKey(was.Fields, t.Fields, 0) {
			e.change(changeKey, t.Pos, &was.Fields[0].Pos, "the struct %s is part of a key, and was {%s}, and is {%s}", t.Name, keyText(was.Fields), keyText(t.Fields))
		}
	}
}

// field compares a field with the lock. Of a field in a key nothing but its name
// is said where the key says the rest.
func (e *evolver) field(owner string, f *Field, inKey, known bool) {
	old := e.before[lockNumber{lockField, e.formerly(owner), int64(f.Number)}]
	switch {
	case old != nil:
		e.thing(lockField, owner, f.Name, int64(f.Number), f.Pos, changeFieldAdded, changeFieldRenamed)
	case !inKey:
		e.fieldAdded(owner, f)
		return
	case !known && !e.newOwner[owner]:
		e.change(changeKey, f.Pos, nil, "%s.%s is a new part of a key", owner, f.Name)
		return
	default:
		return
	}
	line, ok := parseFieldLine(old.shape)
	was := e.former.fieldType(line)
	holder := e.former.types[old.owner]
	what := lockName{lockField, owner, f.Name}.what()
	if ok && was != nil && was.Kind == f.Type.Kind {
		e.limits(what, line, f, old)
		if inKey {
			e.form(what, line, f, old)
			e.enumNarrowed(what, was, f, old)
		}
	}
	switch {
	case !ok || was == nil || inKey:
		return
	case holder == nil && line.key > 0 && known, holder != nil && !e.stored[holder]:
		return // it was in the key, which has changed; or in nothing that is stored
	}
	if !e.fits(was, f.Type, 0) {
		rule := changeFieldType
		if inside(was).Kind == Enum && inside(f.Type).Kind == Enum && was.Kind == f.Type.Kind {
			rule = changeFieldEnum
		}
		e.change(rule, f.Pos, &old.pos, "%s was %s, and is %s", what, article(was.String()), article(shapeOfType(f.Type)))
		return
	}
	e.form(what, line, f, old)
	e.enumNarrowed(what, was, f, old)
	if lost := e.lost(was, f.Type, 0); len(lost) > 0 {
		e.change(changeFieldLost, f.Pos, &old.pos, "%s was %s, and is %s, which has no field %s", what, article(was.String()), article(shapeOfType(f.Type)), strings.Join(lost, ", "))
	}
	switch {
	case f.Optional && !line.optional:
		e.change(changeFieldAbsent, f.Pos, &old.pos, "%s may be absent now", what)
	case !f.Optional && line.optional:
		e.change(changeFieldPresent, f.Pos, &old.pos, "%s could be absent, and cannot now", what)
	}
}

// form reports a field whose values, or keys, the methods of another Go type make
// now, or none.
func (e *evolver) form(what string, was fieldLine, f *Field, old *lockEntry) {
	as, keys := formOf(f.Type)
	if as == was.as && keys == was.keys {
		return
	}
	text := func(as, keys string) string {
		switch {
		case as != "" && keys != "":
			return as + ", with keys of " + keys
		case keys != "":
			return "with keys of " + keys
		}
		return cmp.Or(as, "a "+strings.TrimSuffix(shapeOfType(f.Type), "?")+" without methods")
	}
	e.change(changeFieldForm, f.Pos, &old.pos, "what is stored of %s was made by %s, and is made by %s", what, text(was.as, was.keys), text(as, keys))
}

// fits reports whether what was stored as one type can be read as another. A
// struct that is the same one says itself what has changed in it.
func (e *evolver) fits(was, is *Type, depth int) bool {
	switch {
	case was.Kind == Invalid || is.Kind == Invalid || depth > maxDepth:
		return true
	case was.Kind != is.Kind:
		return false
	case was.Kind == List || was.Kind == Map:
		return e.fits(was.Elem, is.Elem, depth+1)
	case was.Kind == Enum:
		return !e.enumClashes(was, is)
	case was.Kind != Struct || was.Name == e.formerly(is.Name):
		return true
	}
	for _, b := range is.Fields {
		for _, a := range was.Fields {
			if a.Number == b.Number && (!named(b, a.Name) || !e.fits(a.Type, b.Type, depth+1)) {
				return false
			}
		}
		for _, a := range e.former.removed[was.Name] {
			if a.number == int64(b.Number) && !named(b, a.name) {
				return false
			}
		}
	}
	return true
}

// named reports whether a field has a name, or had it.
func named(f *Field, name string) bool { return f.Name == name || slices.Contains(f.Was, name) }

// inside is the type of the elements of a list or map, or the type itself.
func inside(t *Type) *Type {
	if t.Kind == List || t.Kind == Map {
		return t.Elem
	}
	return t
}

// enumClashes reports whether a number of a former enum is that of a value of another
// name in the enum that has taken its place. An enum that is the same one says itself
// what has changed in it.
func (e *evolver) enumClashes(was, is *Type) bool {
	if was.Name == e.formerly(is.Name) {
		return false
	}
	clash := func(name string, number int64) bool {
		return slices.ContainsFunc(is.Values, func(v *EnumValue) bool {
			return int64(v.Number) == number && v.Name != name && !slices.Contains(v.Was, name)
		})
	}
	return slices.ContainsFunc(was.Values, func(v *EnumValue) bool { return clash(v.Name, int64(v.Number)) }) ||
		slices.ContainsFunc(e.former.removed[was.Name], func(x *lockEntry) bool { return clash(x.name, x.number) })
}

// enumNarrowed reports the values of a former enum that the one in its place lacks.
func (e *evolver) enumNarrowed(what string, was *Type, f *Field, old *lockEntry) {
	before, now := inside(was), inside(f.Type)
	if before.Kind != Enum || now.Kind != Enum || before.Name == e.formerly(now.Name) || e.enumClashes(before, now) {
		return
	}
	var gone []string
	for _, v := range before.Values {
		if !slices.ContainsFunc(now.Values, func(n *EnumValue) bool { return n.Number == v.Number }) {
			gone = append(gone, v.Name)
		}
	}
	if len(gone) > 0 {
		e.change(changeEnumRemoved, f.Pos, &old.pos, "%s was %s, and is %s, which has no value %s", what, article(was.String()), article(shapeOfType(f.Type)), strings.Join(gone, ", "))
	}
}

// lost are the fields of a former struct that the struct of Go in its place lacks, and
// has no place for. Of a struct that is the same one, its removed fields are told.
func (e *evolver) lost(was, is *Type, depth int) (names []string) {
	was, is = inside(was), inside(is)
	if was.Kind != Struct || is.Kind != Struct || depth > maxDepth || was.Name == e.formerly(is.Name) {
		return nil
	}
	for _, a := range was.Fields {
		i := slices.IndexFunc(is.Fields, func(b *Field) bool { return b.Number == a.Number })
		switch {
		case i >= 0:
			names = append(names, e.lost(a.Type, is.Fields[i].Type, depth+1)...)
		case is.Go != nil:
			names = append(names, a.Name)
		}
	}
	return names
}

// limits compares the limits and the default of a field.
func (e *evolver) limits(what string, was fieldLine, f *Field, old *lockEntry) {
	if e.lock.version < 2 {
		return
	}
	now := limitsOf(f)
	text := func(l limits) string { return cmp.Or(strings.TrimSpace(l.String()), "no limits") }
	narrower := func(was, is limits) bool {
		least := func(a, b int) bool { return b > a }
		most := func(a, b int) bool { return b != 0 && (a == 0 || b < a) }
		return least(was.min, is.min) || most(was.max, is.max) || least(was.keyMin, is.keyMin) || most(was.keyMax, is.keyMax)
	}
	switch {
	case was.limits == now:
	case narrower(was.limits, now):
		e.change(changeLimitTight, f.Pos, &old.pos, "%s had %s, and has %s", what, text(was.limits), text(now))
	default:
		e.change(changeLimitLoose, f.Pos, &old.pos, "%s had %s, and has %s", what, text(was.limits), text(now))
	}
	def := ""
	if f.Default != nil {
		def = f.Default.String()
	}
	if def != e.defaultNow(was, f) {
		e.change(changeDefault, f.Pos, &old.pos, "the default of %s was %s, and is %s", strings.TrimPrefix(what, "the field "), cmp.Or(was.def, "none"), cmp.Or(def, "none"))
	}
}

// defaultNow is a former default as it is written now: a value of an enum may have
// another name.
func (e *evolver) defaultNow(was fieldLine, f *Field) string {
	if f.Type.Kind == Enum {
		for _, v := range f.Type.Values {
			if slices.Contains(v.Was, was.def) {
				return v.Name
			}
		}
	}
	return was.def
}

// fieldAdded keeps a field that is new outside of a key.
func (e *evolver) fieldAdded(owner string, f *Field) {
	if e.newOwner[owner] {
		return // which says it
	}
	rule := changeFieldAdded
	if f.Type.Kind == Enum && !f.Optional && f.Default == nil {
		rule = changeFieldUnset
	}
	e.added = append(e.added, addition{lockName{lockField, owner, f.Name}, f.Pos, formOfField(shapeOfField(f, 0)), rule})
}

// formOfField is what of a line tells whether two fields could be one: the type.
func formOfField(shape string) string {
	line, _ := parseFieldLine(shape)
	return fmt.Sprint(line.list, line.mapped, line.of)
}

// sameKey reports whether the parts of a key are stored as they were. A struct
// that is the same one says itself what has changed in it.
func (e *evolver) sameKey(was, is []*Field, depth int) bool {
	return len(was) == len(is) && depth <= maxDepth && !slices.ContainsFunc(was, func(a *Field) bool {
		b := is[slices.Index(was, a)]
		switch {
		case a.Number != b.Number || a.Type.Kind != b.Type.Kind || !named(b, a.Name):
			return a.Type.Kind != Invalid
		case a.Type.Kind == Enum:
			return e.enumClashes(a.Type, b.Type)
		case a.Type.Kind != Struct || a.Type.Name == e.formerly(b.Type.Name):
			return false
		}
		return !e.sameKey(a.Type.Fields, b.Type.Fields, depth+1)
	})
}

// keyText is the parts of a key for people.
func keyText(fields []*Field) string {
	var out []string
	for _, f := range fields {
		out = append(out, strings.TrimSpace(f.Name+" "+shapeOfType(f.Type)))
	}
	return cmp.Or(strings.Join(out, ", "), "none")
}

// indexShape is what of an index its entries depend on, but for the types of its
// fields, which say themselves that they have changed. was is the table of a
// former index.
func (e *evolver) indexShape(ix *Index, was *Table) string {
	var b strings.Builder
	fmt.Fprintf(&b, "unique %v", ix.Unique)
	for _, c := range ix.Columns {
		fmt.Fprintf(&b, ", %s %v %v %v", fieldMark(c.Field), c.Each, c.Fold, c.Desc)
	}
	b.WriteString(" include")
	for _, f := range ix.Include {
		fmt.Fprintf(&b, " %d", f.Number)
	}
	switch {
	case ix.Where != nil:
		b.WriteString(" where " + exprShape(ix.Where))
	case was != nil:
		b.WriteString(" where " + e.former.wheres[lockName{lockIndex, was.Name, ix.Name}])
	default:
		b.WriteString(" where ")
	}
	return b.String()
}

// fieldMark is a field in an index: a row has no entry where one is absent.
func fieldMark(f *Field) string {
	mark := "#" + strconv.Itoa(f.Number)
	if f.Optional {
		mark += "?"
	}
	return mark
}

// exprShape is a condition without names, which may change and mean the same.
func exprShape(x Expr) string {
	switch x := x.(type) {
	case And:
		return "and(" + exprShape(x.L) + ", " + exprShape(x.R) + ")"
	case Or:
		return "or(" + exprShape(x.L) + ", " + exprShape(x.R) + ")"
	case Not:
		return "not(" + exprShape(x.X) + ")"
	case Has:
		return "has(" + fieldMark(x.Field) + ")"
	case BoolField:
		return fieldMark(x.Field)
	case Compare:
		return operandShape(x.Left) + x.Op + operandShape(x.Right)
	}
	return ""
}

func operandShape(o Operand) string {
	switch {
	case o.Lit != nil && o.Lit.Kind == Enum:
		return strconv.Itoa(int(o.Lit.Enum.Number))
	case o.Lit != nil:
		return o.Lit.String()
	case o.Len:
		return "len(" + fieldMark(o.Field) + ")"
	}
	return fieldMark(o.Field)
}

// thing finds an index, a field or an enum's value that is new or renamed.
func (e *evolver) thing(kind lockKind, owner, name string, number int64, pos Pos, added, renamed string) {
	if e.newOwner[owner] {
		return // which says it
	}
	what := lockName{kind, owner, name}.what()
	switch old := e.before[lockNumber{kind, e.formerly(owner), number}]; {
	case old == nil && kind == lockEnum:
		e.added = append(e.added, addition{lockName{kind, owner, name}, pos, "", added})
	case old == nil:
		e.change(added, pos, nil, "%s is new", what)
	case old.name != name:
		e.change(renamed, pos, &old.pos, "%s was %s", what, old.name)
	}
}

var removedRules = map[lockKind]string{
	lockEnum: changeEnumRemoved, lockField: changeFieldRemoved, lockIndex: changeIndexRemoved, lockTable: changeTableRemoved,
}

// additions reports what is new. Where one thing of its form is gone, which may be it
// under its former name, the two are told together: additions returns those that are
// gone and told of.
func (e *evolver) additions() (told map[*lockEntry]bool) {
	gone := append(e.gone(), e.takenOver()...)
	tables := map[string]string{} // the forms of tables that are gone
	told = map[*lockEntry]bool{}
	for _, x := range gone {
		if x.kind == lockTable {
			tables[x.name] = e.formOfTable(x.name)
		}
	}
	replaced := map[lockKind]string{lockField: changeFieldReplaced, lockEnum: changeEnumReplaced, lockTable: changeTableReplaced}
	for _, a := range e.added {
		var was []*lockEntry
		for _, x := range gone {
			if x.kind != a.kind || x.kind != lockTable && x.owner != e.formerly(a.owner) {
				continue
			}
			like := true
			switch x.kind {
			case lockField:
				like = formOfField(x.shape) == a.form
			case lockTable:
				like = likeTables(tables[x.name], a.form)
			}
			if like {
				was = append(was, x)
			}
		}
		if len(was) == 0 {
			d := e.change(a.rule, a.pos, nil, "%s is new", a.what())
			if a.rule == changeFieldUnset {
				d.Message += ", and has to be set"
			}
			continue
		}
		var names []string
		for _, x := range was {
			told[x] = true
			names = append(names, x.name)
		}
		d := e.change(replaced[a.kind], a.pos, &was[0].pos, "%s is new, and %s is gone: is it a new name?", a.what(), strings.Join(names, " or "))
		if a.kind == lockField && strings.HasSuffix(a.pos.File, ".go") { // no place for was
			d.Diagnostic.Mend = strings.Replace(d.Diagnostic.Mend, "say was: and the former name", "keep its column by the tag `storegen:\""+names[0]+"\"`", 1)
			continue
		}
		d.Diagnostic.Mend = strings.Replace(d.Diagnostic.Mend, "was: and the former name", "was: "+names[0], 1)
	}
	return told
}

// takenOver are the lines of tables whose name is that of something else now, as far as
// the fields tell: the table that was may be one that is new.
func (e *evolver) takenOver() (lines []*lockEntry) {
	if len(e.added) == 0 {
		return nil
	}
	for _, t := range e.set.Tables {
		old := e.before[lockNumber{kind: lockTable, number: int64(t.Number)}]
		if old != nil && !likeTables(e.formOfTable(old.name), formOfTable(t)) {
			lines = append(lines, old)
		}
	}
	return lines
}

// likeTables reports whether two tables have so much in common that one may be the
// other under another name: half of their fields, and more than a key alone.
func likeTables(a, b string) bool {
	before, now := strings.Split(a, "\n"), strings.Split(b, "\n")
	common := 0
	for _, f := range before {
		if f != "" && slices.Contains(now, f) {
			common++
		}
	}
	return common > 0 && 2*common >= max(len(before), len(now)) && (common > 1 || len(before) == len(now))
}

// formOfTable is what of a former table tells whether another could be it: its fields.
func (e *evolver) formOfTable(name string) string {
	var form []string
	for _, x := range e.lock.entries {
		if x.kind == lockField && x.owner == name && !x.retired {
			form = append(form, x.name+" "+x.shape)
		}
	}
	slices.Sort(form)
	return strings.Join(form, "\n")
}

// gone are the lines of what was in use before and is not any more. Parts of what is
// gone as a whole are not among them.
func (e *evolver) gone() (lines []*lockEntry) {
	retired := map[lockNumber]bool{}
	for _, x := range e.set.Lock.entries {
		if x.retired {
			retired[lockNumber{x.kind, e.formerly(x.owner), x.number}] = true
		}
	}
	for _, x := range e.lock.entries {
		if x.retired || !retired[lockNumber{x.kind, x.owner, x.number}] || x.kind != lockTable && e.goneOwner[x.owner] {
			continue
		}
		if line, ok := parseFieldLine(x.shape); x.kind == lockField && ok && line.key > 0 && e.keySays(x.owner) {
			continue
		}
		lines = append(lines, x)
	}
	return lines
}

// removed reports what is gone, but for what was told of.
func (e *evolver) removed(told map[*lockEntry]bool) {
	for _, x := range e.gone() {
		if told[x] {
			continue
		}
		rule := removedRules[x.kind]
		if t := e.ownerNow(x.owner); x.kind == lockField && t != nil && t.Go != nil && e.stored[e.former.types[x.owner]] {
			rule = changeFieldLost
		}
		e.change(rule, x.pos, nil, "%s is removed", x.what())
	}
}

// ownerNow is the struct or enum that a former one is now; nil where there is none.
func (e *evolver) ownerNow(former string) *Type {
	i := slices.IndexFunc(e.set.Types, func(t *Type) bool { return e.formerly(t.Name) == former })
	if i < 0 {
		return nil
	}
	return e.set.Types[i]
}

// keySays reports whether the change of a key that a table or struct was part of
// is said there.
func (e *evolver) keySays(owner string) bool {
	if t := e.former.types[owner]; t != nil {
		return slices.ContainsFunc(e.set.Types, func(n *Type) bool { return n.UsedInKey && e.formerly(n.Name) == owner })
	}
	return e.former.tables[owner] != nil
}
