package evolve

import (
	"cmp"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/naming"
)

type evolver struct {
	*diag.Reporter
	lock       *lock.Lock
	set        *schema.Set
	former     *former
	before     map[lock.NumberKey]*lock.Entry
	formerName map[string]string     // of renamed tables, structs and enums: the old name
	newOwner   map[string]bool       // tables, structs and enums that the lock did not have
	goneOwner  map[string]bool       // those that the schema no longer has
	stored     map[*schema.Type]bool // old structs of which stored values are still read
	added      []addition
}

// An addition is a new field, enum value or table.
type addition struct {
	lock.ID
	pos  diag.Pos
	form string // two things of the same form may be one thing that was renamed
	rule string // the rule if it is not a rename
}

// change reports a change; at is its line in the lock, or nil.
func (e *evolver) change(id string, pos diag.Pos, at *diag.Pos, format string, args ...any) *diag.Report {
	rule := ruleOf(id)
	d := e.Report(id, pos, format, args...)
	d.Diagnostic.Note, d.Diagnostic.Help = rule.Reason, rule.Help
	if at != nil && at.Line > 0 {
		d.Related(*at, "as it was")
	}
	return d
}

// formerly returns the name of a table, struct or enum in the lock.
func (e *evolver) formerly(name string) string { return cmp.Or(e.formerName[name], name) }

// owners finds the tables, structs and enums that are new, renamed or removed.
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
		if t.Kind != kind.Enum && t.Kind != kind.Struct {
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

// findStored finds the structs whose stored values are still read as the same struct:
// those in fields that exist in both schemas.
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
		case was.Kind == kind.List || was.Kind == kind.Map:
			visit(was.Elem, is.Elem)
			return
		case was.Kind != kind.Struct:
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
