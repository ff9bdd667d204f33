package schema

import (
	"cmp"
	"fmt"
	"slices"
)

// A Class says what a change of a schema means for data that is stored already.
type Class string

// The classes, from the least to the most that has to be done.
const (
	Safe      Class = "safe"      // nothing
	Rebuild   Class = "rebuild"   // an index is built or dropped when the database is opened for migration
	Migrate   Class = "migrate"   // rows must be rewritten by the program
	Forbidden Class = "forbidden" // stored rows cannot be read: it takes a new table and a copy
)

// An Evolution is one change between what a lock holds and a schema.
type Evolution struct {
	Rule    string // the kind of thing and what happened to it: field-added
	Class   Class
	Pos     Pos // in the schema; of what is removed, in the lock
	Message string
	Mend    string // what has to be done; "" is nothing
}

// Evolve compares a lock, as it was before the Set was loaded with it, with the
// Set. It finds what was added, removed and renamed. A lock holds numbers and
// names only, so what keeps its name and changes otherwise (a type, the order of a
// key, the columns of an index, expiry, access) does not show. The result is
// sorted by place.
func Evolve(before *Lock, set *Set) []Evolution {
	e := &evolver{before: map[lockNumber]*lockEntry{}, formerOwner: map[string]string{}, newOwner: map[string]bool{}, goneOwner: map[string]bool{}}
	for _, x := range before.entries {
		e.before[lockNumber{x.kind, x.owner, x.number}] = x
	}
	e.owners(before, set)
	for _, t := range set.Tables {
		e.table(t)
	}
	for _, t := range set.Types {
		switch t.Kind {
		case Enum:
			for _, v := range t.Values {
				e.thing(lockEnum, t.Name, v.Name, int64(v.Number), v.Pos, Safe, "")
			}
		case Struct:
			for _, f := range t.Fields {
				class, mend := Safe, ""
				if t.UsedInKey {
					class, mend = Forbidden, "keys that are stored lack it: declare a new struct for a new table, and copy the rows"
				}
				e.thing(lockField, t.Name, f.Name, int64(f.Number), f.Pos, class, mend)
			}
		}
	}
	e.removed(before, set)
	slices.SortStableFunc(e.out, func(a, b Evolution) int {
		return cmp.Or(cmp.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	return e.out
}

type evolver struct {
	before      map[lockNumber]*lockEntry
	formerOwner map[string]string // of a renamed table, struct or enum
	newOwner    map[string]bool   // tables, structs and enums that the lock did not have
	goneOwner   map[string]bool   // those that the schema has no more
	out         []Evolution
}

func (e *evolver) add(kind lockKind, what string, class Class, pos Pos, mend, format string, args ...any) {
	e.out = append(e.out, Evolution{Rule: string(kind) + "-" + what, Class: class, Pos: pos, Message: fmt.Sprintf(format, args...), Mend: mend})
}

// owners finds which tables, structs and enums are new, renamed or gone.
func (e *evolver) owners(before *Lock, set *Set) {
	known := map[string]bool{}
	for _, x := range before.entries {
		if x.kind == lockTable {
			known[x.name] = true
		} else {
			known[x.owner] = true
		}
	}
	declared := map[string]bool{}
	claim := func(name string, was []string) {
		declared[name] = true
		if known[name] {
			return
		}
		for _, old := range was {
			if known[old] {
				e.formerOwner[name] = old
				declared[old] = true
				return
			}
		}
		e.newOwner[name] = true
	}
	for _, t := range set.Types {
		claim(t.Name, t.Was)
	}
	for _, t := range set.Tables {
		claim(t.Name, t.Was)
	}
	for name := range known {
		e.goneOwner[name] = !declared[name]
	}
}

func (e *evolver) table(t *Table) {
	old := e.before[lockNumber{kind: lockTable, number: int64(t.Number)}]
	switch {
	case old == nil:
		e.add(lockTable, "added", Safe, t.Pos, "", "the table %s is new", t.Name)
	case old.name != t.Name:
		// A database takes the table over when it is opened under its new name.
		e.add(lockTable, "renamed", Safe, t.Pos, "", "the table %s was %s", t.Name, old.name)
	}
	for _, f := range t.Fields {
		class, mend := Safe, ""
		if f.InKey {
			class, mend = Forbidden, "keys that are stored lack it: declare a new table, and copy the rows"
		}
		e.thing(lockField, t.Name, f.Name, int64(f.Number), f.Pos, class, mend)
	}
	for _, ix := range t.Indexes {
		e.thing(lockIndex, t.Name, ix.Name, int64(ix.Number), ix.Pos, Rebuild, "open the database with store.WithMigrate(), which builds it")
	}
}

// thing compares a field, an index or an enum's value with the lock; class and
// mend are what its being new means.
func (e *evolver) thing(kind lockKind, owner, name string, number int64, pos Pos, class Class, mend string) {
	if e.newOwner[owner] {
		return // which says it
	}
	formerly := cmp.Or(e.formerOwner[owner], owner)
	what := lockName{kind, owner, name}.what()
	switch old := e.before[lockNumber{kind, formerly, number}]; {
	case old == nil:
		e.add(kind, "added", class, pos, mend, "%s is new", what)
	case old.name != name:
		e.add(kind, "renamed", Safe, pos, "", "%s was %s", what, old.name)
	}
}

// removed finds what was in use before and is not any more.
func (e *evolver) removed(before *Lock, set *Set) {
	retired := map[lockNumber]bool{}
	for _, x := range set.Lock.entries {
		if x.retired {
			retired[lockNumber{x.kind, cmp.Or(e.formerOwner[x.owner], x.owner), x.number}] = true
		}
	}
	for _, x := range before.entries {
		if x.retired || !retired[lockNumber{x.kind, x.owner, x.number}] || x.kind != lockTable && e.goneOwner[x.owner] {
			continue
		}
		class, mend := Safe, ""
		switch x.kind {
		case lockIndex:
			class, mend = Rebuild, "open the database with store.WithMigrate(), which drops it"
		case lockEnum:
			class, mend = Migrate, "give rows that hold it another value first"
		case lockField:
			mend = "what rows hold of it stays until they are deleted; was it part of a key, stored rows cannot be read"
		case lockTable:
			mend = "its rows stay in databases, where nothing reads them"
		}
		e.add(x.kind, "removed", class, x.pos, mend, "%s is removed", x.what())
	}
}
