package schema

import (
	"bytes"
	"cmp"
	"fmt"
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
	e.removed()
	var out []Evolution
	for _, d := range e.result() {
		out = append(out, Evolution{Diagnostic: d, Class: changeRule(d.Rule).Class})
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
}

// change adds a change; at is its line in the lock, or nil.
func (e *evolver) change(id string, pos Pos, at *Pos, format string, args ...any) *Diagnostic {
	rule := changeRule(id)
	d := e.report(id, pos, format, args...)
	d.Note, d.Mend = rule.Reason, rule.Mend
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
		e.change(changeTableAdded, t.Pos, nil, "the table %s is new", t.Name)
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
		line := fieldLine{}
		line.as, _ = formOf(was.Per[i].Type)
		if was.Per[i].Type.Kind == t.Per[i].Type.Kind {
			e.form("the parameter "+t.Per[i].Name+" of "+t.Name, line, t.Per[i], old)
		}
	}
	if was.Access != t.Access {
		e.change(changeAccess, t.Pos, &old.pos, "the access to %s was %s, and is %s", t.Name, was.Access, t.Access)
	}
	e.ttl(t, was, old)
	e.indexes(t, was)
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
				d.Note += " Building it fails where two rows have the same values, and says which."
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
		e.thing(lockField, owner, f.Name, int64(f.Number), f.Pos, changeFieldAdded, changeFieldRenamed)
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
	if ok && was != nil && inKey && was.Kind == f.Type.Kind {
		e.form(lockName{lockField, owner, f.Name}.what(), line, f, old)
	}
	switch {
	case !ok || was == nil || inKey:
		return
	case holder == nil && line.key > 0 && known, holder != nil && !e.stored[holder]:
		return // it was in the key, which has changed; or in nothing that is stored
	}
	what := lockName{lockField, owner, f.Name}.what()
	if e.fits(was, f.Type, 0) {
		e.form(what, line, f, old)
	}
	switch {
	case !e.fits(was, f.Type, 0):
		e.change(changeFieldType, f.Pos, &old.pos, "%s was %s, and is %s", what, article(was.String()), article(shapeOfType(f.Type)))
		return
	case e.enumOf(was, true) != e.enumOf(f.Type, false):
		e.change(changeFieldEnum, f.Pos, &old.pos, "%s was %s, and is %s", what, article(was.String()), article(shapeOfType(f.Type)))
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
	case was.Kind != Struct || was.Name == e.formerly(is.Name):
		return true
	}
	for _, a := range was.Fields {
		for _, b := range is.Fields {
			if a.Number == b.Number && !e.fits(a.Type, b.Type, depth+1) {
				return false
			}
		}
	}
	return true
}

// enumOf is the former name of the enum in a type; "" where there is none.
func (e *evolver) enumOf(t *Type, old bool) string {
	switch {
	case t.Kind == List || t.Kind == Map:
		return e.enumOf(t.Elem, old)
	case t.Kind != Enum:
		return ""
	case old:
		return t.Name
	}
	return e.formerly(t.Name)
}

// sameKey reports whether the parts of a key are stored as they were. A struct
// that is the same one says itself what has changed in it.
func (e *evolver) sameKey(was, is []*Field, depth int) bool {
	return len(was) == len(is) && depth <= maxDepth && !slices.ContainsFunc(was, func(a *Field) bool {
		b := is[slices.Index(was, a)]
		switch {
		case a.Number != b.Number || a.Type.Kind != b.Type.Kind:
			return a.Type.Kind != Invalid
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
	case old == nil:
		e.change(added, pos, nil, "%s is new", what)
	case old.name != name:
		e.change(renamed, pos, &old.pos, "%s was %s", what, old.name)
	}
}

var removedRules = map[lockKind]string{
	lockEnum: changeEnumRemoved, lockField: changeFieldRemoved, lockIndex: changeIndexRemoved, lockTable: changeTableRemoved,
}

// removed finds what was in use before and is not any more.
func (e *evolver) removed() {
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
		e.change(removedRules[x.kind], x.pos, nil, "%s is removed", x.what())
	}
}

// keySays reports whether the change of a key that a table or struct was part of
// is said there.
func (e *evolver) keySays(owner string) bool {
	if t := e.former.types[owner]; t != nil {
		return slices.ContainsFunc(e.set.Types, func(n *Type) bool { return n.UsedInKey && e.formerly(n.Name) == owner })
	}
	return e.former.tables[owner] != nil
}
