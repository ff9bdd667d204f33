package schema

import (
	"bytes"
	"cmp"
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
