package schema

import (
	"slices"
	"strings"
)

// A numbered thing is one that gets a number.
type numbered struct {
	name lockName
	was  []string // under which it is looked for
	said []string // further former names, to be kept
	pos  Pos
	set  func(number int64, was []string)
}

// assign gives everything in a Set its number: the one that the lock holds for
// its name or, after a rename (was), for a former name, or else the next that was
// never given. The lock then holds exactly the Set's names, and as retired what
// it held besides. Where a mistake is reported, the lock and the Set's numbers are of
// no use.
func assign(r *reporter, l *Lock, s *Set) {
	a := &assigner{reporter: r, lock: l, last: map[lockNumber]int64{}}
	a.rename(s)
	for _, e := range l.entries {
		e.live = false
		a.count(e)
	}
	a.tables(s)
	for _, t := range s.Types {
		switch t.Kind {
		case Enum:
			a.enum(t)
		case Struct:
			a.fields(t.Name, t.Fields)
		}
	}
	giveToHeirs(l, s)
	for _, e := range l.entries {
		if !e.live {
			e.retired = true
		}
	}
	setShapes(l, s)
}

// An assigner holds what is known while numbers are given.
type assigner struct {
	*reporter
	lock *Lock
	last map[lockNumber]int64 // the greatest number that was ever given, by kind and owner
}

func (a *assigner) count(e *lockEntry) {
	scope := lockNumber{kind: e.kind, owner: e.owner}
	a.last[scope] = max(a.last[scope], e.number)
}

// rename moves the lines of renamed tables, structs and enums to their new name.
func (a *assigner) rename(s *Set) {
	known := map[string]bool{} // owners in the lock; true for those in use
	for _, e := range a.lock.entries {
		owner := e.owner
		if e.kind == lockTable {
			owner = e.name
		}
		known[owner] = known[owner] || !e.retired
	}
	declared := map[string]Pos{}
	for _, t := range s.Types {
		declared[t.Name] = t.Pos
	}
	for _, t := range s.Tables {
		declared[t.Name] = t.Pos
	}
	moved := map[string]string{}
	claim := func(name string, was []string, pos Pos) {
		if a.wasDeclared(name, was, pos, declared) {
			return
		}
		if used, ok := known[name]; ok {
			for _, old := range was {
				if oldUsed, there := known[old]; used && there && !oldUsed {
					a.lateFormer(name, old, pos)
					return
				}
			}
			return
		}
		if len(was) == 0 || len(known) == 0 {
			return
		}
		for _, old := range was {
			if !known[old] {
				continue
			}
			if first, ok := moved[old]; ok {
				a.report(ruleWas, pos, "both %s and %s say that they were %s", first, name, old).
					mend("remove one of the two was:").related(declared[first], "%s is here", first)
				return
			}
			moved[old] = name
			return
		}
		var names []string
		for n, used := range known {
			if used {
				names = append(names, n)
			}
		}
		a.unknownFormer(name, was, pos, names)
	}
	for _, t := range s.Types {
		if t.Kind == Enum || t.Kind == Struct { // others have no numbers
			claim(t.Name, t.Was, t.Pos)
		}
	}
	for _, t := range s.Tables {
		claim(t.Name, t.Was, t.Pos)
	}
	if len(moved) == 0 {
		return
	}
	for _, e := range a.lock.entries {
		if name, ok := moved[e.owner]; ok && e.kind != lockTable {
			e.owner = name
		}
		if name, ok := moved[e.name]; ok && e.kind == lockTable {
			e.was = append([]string{e.name}, e.was...)
			e.name = name
		}
	}
	a.lock.reindex()
}

// wasDeclared reports a former name that something else has now, and says whether
// there is one.
func (a *assigner) wasDeclared(name string, was []string, pos Pos, declared map[string]Pos) bool {
	found := false
	for _, old := range was {
		if old == name {
			a.report(ruleWas, pos, "%s says that it was %s, its own name", name, old).mend("remove was:, or name the former one")
			found = true
			continue
		}
		if at, ok := declared[old]; ok {
			a.report(ruleWas, pos, "%s says that it was %s, which is there", name, old).
				mend("remove was:, or rename the other one first and generate in between").related(at, "%s is here", old)
			found = true
		}
	}
	return found
}

func (a *assigner) tables(s *Set) {
	things := make([]numbered, 0, len(s.Tables))
	for _, t := range s.Tables {
		things = append(things, numbered{
			name: lockName{kind: lockTable, name: t.Name}, said: t.Was, pos: t.Pos,
			set: func(n int64, was []string) { t.Number, t.Was = int(n), was },
		})
	}
	a.scope(things)
	for _, t := range s.Tables {
		if e := a.lock.find(lockName{kind: lockTable, name: t.Name}); e != nil && e.retired {
			continue // reported; its parts are retired with it
		}
		a.fields(t.Name, t.Fields)
		indexes := make([]numbered, 0, len(t.Indexes))
		for _, ix := range t.Indexes {
			indexes = append(indexes, numbered{
				name: lockName{lockIndex, t.Name, ix.Name}, was: ix.Was, pos: ix.Pos,
				set: func(n int64, was []string) { ix.Number, ix.Was = int(n), was },
			})
		}
		a.scope(indexes)
	}
}

func (a *assigner) fields(owner string, fields []*Field) {
	things := make([]numbered, 0, len(fields))
	for _, f := range fields {
		things = append(things, numbered{
			name: lockName{lockField, owner, f.Name}, was: f.Was, pos: f.Pos,
			set: func(n int64, was []string) { f.Number, f.Was = int(n), was },
		})
	}
	a.scope(things)
}

func (a *assigner) enum(t *Type) {
	things := make([]numbered, 0, len(t.Values))
	for _, v := range t.Values {
		things = append(things, numbered{
			name: lockName{lockEnum, t.Name, v.Name}, was: v.Was, pos: v.Pos,
			set: func(n int64, was []string) { v.Number, v.Was = int32(n), was },
		})
	}
	a.scope(things)
}

// scope gives the things of one kind and one owner their numbers, in declared
// order.
func (a *assigner) scope(things []numbered) {
	renamed := false
	for _, t := range things {
		if e := a.lock.find(t.name); e != nil {
			e.live = true
		}
		renamed = renamed || len(t.was) > 0
	}
	declared := map[string]Pos{} // of use to renamed things alone, of which there are few
	if renamed {
		for _, t := range things {
			declared[t.name.name] = t.pos
		}
	}
	claimed := map[string]numbered{}
	for i := range things {
		t := &things[i]
		if a.wasDeclared(t.name.name, t.was, t.pos, declared) {
			t.was = nil // reported, and of no use
		}
		for _, old := range t.was {
			if first, ok := claimed[old]; ok && first.name != t.name {
				t.was = nil
				a.report(ruleWas, t.pos, "both %s and %s say that they were %s", first.name.name, t.name.name, old).
					mend("remove one of the two was:").related(first.pos, "%s is here", first.name.name)
			}
			claimed[old] = *t
		}
	}
	// Former names are sought only where the lock knew the owner before: a schema
	// with a new lock may bring its was: along.
	known := len(things) > 0 && a.last[lockNumber{kind: things[0].name.kind, owner: things[0].name.owner}] > 0
	for _, t := range things {
		e := a.lock.find(t.name)
		if e == nil && known && len(t.was) > 0 {
			e = a.former(t)
		}
		switch {
		case e == nil:
			e = a.next(t)
			if e == nil {
				return
			}
		case e.retired && e.kind == lockIndex:
			// Entries are found and dropped by number, so the name is free.
			if e = a.revive(t, e); e == nil {
				return
			}
		case e.retired:
			d := a.report(ruleLockRetired, t.pos, "%s was removed, and its number %d is retired", t.name.what(), e.number).
				mend("use another name: stored bytes may still hold the removed one's values")
			if e.pos.Line > 0 {
				d.related(e.pos, "retired here")
			}
		default:
			a.lateFormers(t)
		}
		e.was = formerly(e.name, slices.Concat(t.was, t.said), e.was)
		t.set(e.number, e.was)
	}
}

// formerly joins the former names that a schema and a lock know of a thing, newest
// first.
func formerly(name string, said, known []string) []string {
	var out []string
	for _, old := range slices.Concat(said, known) {
		if old != name && !slices.Contains(out, old) {
			out = append(out, old)
		}
	}
	return out
}

// lateFormers reports a former name that has come too late: the thing was given a
// number of its own before, and the former one's was retired.
func (a *assigner) lateFormers(t numbered) {
	for _, old := range t.was {
		e := a.lock.find(lockName{t.name.kind, t.name.owner, old})
		if e != nil && e.retired && !e.live {
			d := a.lateFormer(t.name.name, old, t.pos)
			if e.pos.Line > 0 {
				d.related(e.pos, "retired here")
			}
			return
		}
	}
}

func (a *assigner) lateFormer(name, old string, pos Pos) *report {
	return a.report(ruleWas, pos, "%s says that it was %s, and comes too late: the lock has both, %s as removed and %s as new", name, old, old, name).
		mend("as long as nothing was stored with %s, take the lock and the generated code from before it came (git checkout COMMIT -- FILES) and generate again; otherwise remove was:", name).
		note("what was stored of %s since lies under a number of its own, which a rename would give up", name)
}

// revive gives the name of a removed index to a new one, which has the next number.
func (a *assigner) revive(t numbered, e *lockEntry) *lockEntry {
	a.lock.remove(e)
	return a.next(t)
}

// former finds the entry under a former name and renames it; nil, with a report,
// when there is none.
func (a *assigner) former(t numbered) *lockEntry {
	for _, old := range t.was {
		name := lockName{t.name.kind, t.name.owner, old}
		e := a.lock.find(name)
		if e == nil || e.retired {
			continue
		}
		e.was = append([]string{e.name}, e.was...)
		a.lock.rename(e, t.name)
		e.live = true
		return e
	}
	var names []string
	for _, e := range a.lock.entries {
		if e.kind == t.name.kind && e.owner == t.name.owner && !e.retired && !e.live {
			names = append(names, e.name)
		}
	}
	a.unknownFormer(t.name.name, t.was, t.pos, names)
	return nil
}

// unknownFormer reports a rename from a name that is not in use in the lock; names
// are those that are.
func (a *assigner) unknownFormer(name string, was []string, pos Pos, names []string) {
	d := a.report(ruleWas, pos, "the lock knows neither %s nor, in use, its former name %s", name, strings.Join(was, ", ")).
		mend("correct was:, or remove it if %s is new", name)
	for _, old := range was {
		if best := Nearest(old, names); best != "" {
			d.mend("did you mean was: %s? remove it if %s is new", best, name)
			return
		}
	}
}

// next adds an entry with the next number that was never given.
func (a *assigner) next(t numbered) *lockEntry {
	scope := lockNumber{kind: t.name.kind, owner: t.name.owner}
	n := a.last[scope] + 1
	if t.name.kind == lockField && n >= reservedFirst && n <= reservedLast {
		n = reservedLast + 1
	}
	if !t.name.kind.valid(n) {
		a.report(ruleLockFull, t.pos, "there is no number left for %s: the last, %d, is given", t.name.what(), n-1).
			mend("use another table or type: this one's numbers are used up")
		return nil
	}
	e := &lockEntry{lockName: t.name, number: n, live: true}
	a.last[scope] = n
	a.lock.add(e)
	return e
}
