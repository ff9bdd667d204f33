package evolve

import (
	"bytes"
	"cmp"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/naming"
)

// An Change is one change between what a lock holds and a schema. Its Rule is
// one of ChangeRules, its place is in the schema or, of what is removed, in the
// lock, and its Note says why it is of its class.
type Change struct {
	diag.Diagnostic
	Class Class
	Asks  bool // what is meant only the schema's author knows
}

// String returns the change as a person reads it, like a Diagnostic with its
// class.
func (e Change) String() string {
	d := e.Diagnostic
	d.Message += " (" + string(e.Class) + ")"
	return d.String()
}

// Compare compares a lock, as it was before the Set was loaded with it, with the
// Set. The result is sorted by place.
//
// Where the lock does not say what its things are, as older ones do not, only what
// was added, removed and renamed shows.
//
// Order has no meaning for stored bytes outside of keys and the columns of an
// index, so moving fields, values and indexes is no change.
func Compare(before *lock.Lock, set *schema.Set) []Change {
	if bytes.Equal(before.Format(), set.Lock.Format()) {
		return nil
	}
	e := &evolver{
		Reporter: diag.NewReporter(), lock: before, set: set,
		before: map[lock.NumberKey]*lock.Entry{}, formerName: map[string]string{},
		newOwner: map[string]bool{}, goneOwner: map[string]bool{}, stored: map[*schema.Type]bool{},
	}
	for _, s := range set.Texts {
		e.AddText(s)
	}
	if before.File != nil {
		e.AddText(before.File)
	}
	for _, x := range before.Entries {
		e.before[lock.NumberKey{Kind: x.Kind, Owner: x.Owner, Number: x.Number}] = x
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
	var out []Change
	for _, d := range e.Result() {
		rule := ruleOf(d.Rule)
		out = append(out, Change{Diagnostic: d, Class: rule.Class, Asks: rule.Asks})
	}
	return out
}

type evolver struct {
	*diag.Reporter
	lock       *lock.Lock
	set        *schema.Set
	former     *former
	before     map[lock.NumberKey]*lock.Entry
	formerName map[string]string     // of tables, structs and enums that are renamed
	newOwner   map[string]bool       // tables, structs and enums that the lock did not have
	goneOwner  map[string]bool       // those that the schema has no more
	stored     map[*schema.Type]bool // former structs of which there are values that are still read
	added      []addition
}

// change adds a change; at is its line in the lock, or nil.
func (e *evolver) change(id string, pos diag.Pos, at *diag.Pos, format string, args ...any) *diag.Report {
	rule := ruleOf(id)
	d := e.Report(id, pos, format, args...)
	d.Diagnostic.Note, d.Diagnostic.Help = rule.Reason, rule.Help
	if at != nil && at.Line > 0 {
		d.Related(*at, "as it was")
	}
	return d
}

// formerly is the name that a table, struct or enum has in the lock.
func (e *evolver) formerly(name string) string { return cmp.Or(e.formerName[name], name) }

// owners finds which tables, structs and enums are new, renamed or gone.
func (e *evolver) owners() {
	known := map[string]bool{} // true for those that are in use
	first := map[string]*lock.Entry{}
	for _, x := range e.lock.Entries {
		name := cmp.Or(x.Owner, x.Name)
		known[name] = known[name] || !x.Retired
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
		if t.Kind != schema.Enum && t.Kind != schema.Struct {
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
		if used && e.goneOwner[name] && naming.Upper.MatchString(name) {
			e.change(changeTypeRemoved, first[name].Pos, nil, "the type %s is removed", name)
		}
	}
}

// findStored finds the structs whose values are stored and still read as the same
// struct: those in fields that are there before and now.
func (e *evolver) findStored() {
	type pair struct{ was, is *schema.Type }
	seen := map[pair]bool{}
	var visit func(was, is *schema.Type)
	fields := func(was, is []*schema.Field) {
		for _, a := range was {
			for _, b := range is {
				if a.Number == b.Number {
					visit(a.Type, b.Type)
				}
			}
		}
	}
	visit = func(was, is *schema.Type) {
		switch {
		case was.Kind != is.Kind || seen[pair{was, is}]:
			return
		case was.Kind == schema.List || was.Kind == schema.Map:
			visit(was.Elem, is.Elem)
			return
		case was.Kind != schema.Struct:
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
