package numbering

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/rules"
)

// A numbered thing is a table, field, index or enum value that gets a number.
type numbered struct {
	name lock.ID
	was  []string // former names, by which it is looked for in the lock
	said []string // further former names to be kept
	pos  diag.Pos
	set  func(number int64, was []string)
}

// Assign gives everything in a Set its number: the one that the lock holds for
// its name or, after a rename (was), for a former name, or else the next that was
// never given. Then the lock holds exactly the names of the Set; its other names are
// retired. The error is [diag.Diagnostics]; the lock and the Set's numbers
// are of no use then.
func Assign(l *lock.Lock, s *schema.Set) error {
	r := diag.NewReporter()
	AssignWith(r, l, s)
	if ds := r.Result(); ds != nil {
		return ds
	}
	return nil
}

// AssignWith is Assign for those who collect mistakes of several kinds.
func AssignWith(r *diag.Reporter, l *lock.Lock, s *schema.Set) {
	a := &assigner{Reporter: r, lock: l, last: map[lock.NumberKey]int64{}}
	a.rename(s)
	for _, e := range l.Entries {
		e.Live = false
		a.count(e)
	}
	a.tables(s)
	for _, t := range s.Types {
		switch t.Kind {
		case kind.Enum:
			a.enum(t)
		case kind.Struct:
			a.fields(t.Name, t.Fields)
		}
	}
	retireReplaced(l, s)
	for _, e := range l.Entries {
		if !e.Live {
			e.Retired = true
		}
	}
	setShapes(l, s)
}

// An assigner gives numbers.
type assigner struct {
	*diag.Reporter
	lock *lock.Lock
	last map[lock.NumberKey]int64 // the greatest number that was given, by kind and owner
}

func (a *assigner) count(e *lock.Entry) {
	scope := lock.NumberKey{Kind: e.Kind, Owner: e.Owner}
	a.last[scope] = max(a.last[scope], e.Number)
}

// rename gives the lines of renamed tables, structs and enums their new names.
func (a *assigner) rename(s *schema.Set) {
	known := map[string]bool{} // owners in the lock; true for those in use
	for _, e := range a.lock.Entries {
		owner := e.Owner
		if e.Kind == lock.Table {
			owner = e.Name
		}
		known[owner] = known[owner] || !e.Retired
	}
	declared := map[string]diag.Pos{}
	for _, t := range s.Types {
		declared[t.Name] = t.Pos
	}
	for _, t := range s.Tables {
		declared[t.Name] = t.Pos
	}
	moved := map[string]string{}
	claim := func(name string, was []string, pos diag.Pos) {
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
				a.Report(rules.Was, pos, "both %s and %s have was: %s", first, name, old).
					Help("remove one of the two was:").Related(declared[first], "%s is here", first)
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
		if t.Kind == kind.Enum || t.Kind == kind.Struct { // others have no numbers
			claim(t.Name, t.Was, t.Pos)
		}
	}
	for _, t := range s.Tables {
		claim(t.Name, t.Was, t.Pos)
	}
	if len(moved) == 0 {
		return
	}
	for _, e := range a.lock.Entries {
		if name, ok := moved[e.Owner]; ok && e.Kind != lock.Table {
			e.Owner = name
		}
		if name, ok := moved[e.Name]; ok && e.Kind == lock.Table {
			e.Was = append([]string{e.Name}, e.Was...)
			e.Name = name
		}
	}
	a.lock.Reindex()
}

// wasDeclared reports former names that something else has now. It returns whether
// there are any.
func (a *assigner) wasDeclared(name string, was []string, pos diag.Pos, declared map[string]diag.Pos) bool {
	found := false
	for _, old := range was {
		if old == name {
			a.Report(rules.Was, pos, "%s has was: %s, its own name", name, old).Help("remove was:, or name the former one")
			found = true
			continue
		}
		if at, ok := declared[old]; ok {
			a.Report(rules.Was, pos, "%s has was: %s, which is still declared", name, old).
				Help("remove was:, or rename the other one first and generate in between").Related(at, "%s is here", old)
			found = true
		}
	}
	return found
}

func (a *assigner) tables(s *schema.Set) {
	things := make([]numbered, 0, len(s.Tables))
	for _, t := range s.Tables {
		things = append(things, numbered{
			name: lock.ID{Kind: lock.Table, Name: t.Name}, said: t.Was, pos: t.Pos,
			set: func(n int64, was []string) { t.Number, t.Was = int(n), was },
		})
	}
	a.scope(things)
	for _, t := range s.Tables {
		if e := a.lock.Find(lock.ID{Kind: lock.Table, Name: t.Name}); e != nil && e.Retired {
			continue // reported; its parts are retired with it
		}
		if t.Codec != nil && !t.Codec.Own {
			a.message(t)
		} else {
			a.fields(t.Name, t.Fields)
		}
		indexes := make([]numbered, 0, len(t.Indexes))
		for _, ix := range t.Indexes {
			indexes = append(indexes, numbered{
				name: lock.ID{Kind: lock.Index, Owner: t.Name, Name: ix.Name}, was: ix.Was, pos: ix.Pos,
				set: func(n int64, was []string) { ix.Number, ix.Was = int(n), was },
			})
		}
		a.scope(indexes)
	}
}

func (a *assigner) fields(owner string, fields []*schema.Field) {
	things := make([]numbered, 0, len(fields))
	for _, f := range fields {
		things = append(things, numbered{
			name: lock.ID{Kind: lock.Field, Owner: owner, Name: f.Name}, was: f.Was, pos: f.Pos,
			set: func(n int64, was []string) { f.Number, f.Was = int(n), was },
		})
	}
	a.scope(things)
}

func (a *assigner) enum(t *schema.Type) {
	things := make([]numbered, 0, len(t.Values))
	for _, v := range t.Values {
		things = append(things, numbered{
			name: lock.ID{Kind: lock.Enum, Owner: t.Name, Name: v.Name}, was: v.Was, pos: v.Pos,
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
		if e := a.lock.Find(t.name); e != nil {
			e.Live = true
		}
		renamed = renamed || len(t.was) > 0
	}
	declared := map[string]diag.Pos{} // only made if something is renamed, which is rare
	if renamed {
		for _, t := range things {
			declared[t.name.Name] = t.pos
		}
	}
	claimed := map[string]numbered{}
	for i := range things {
		t := &things[i]
		if a.wasDeclared(t.name.Name, t.was, t.pos, declared) {
			t.was = nil // reported
		}
		for _, old := range t.was {
			if first, ok := claimed[old]; ok && first.name != t.name {
				t.was = nil
				a.Report(rules.Was, t.pos, "both %s and %s have was: %s", first.name.Name, t.name.Name, old).
					Help("remove one of the two was:").Related(first.pos, "%s is here", first.name.Name)
			}
			claimed[old] = *t
		}
	}
	// Former names are looked for only if the lock knows the owner: a schema with a
	// new lock may have was: too.
	known := len(things) > 0 && a.last[lock.NumberKey{Kind: things[0].name.Kind, Owner: things[0].name.Owner}] > 0
	for _, t := range things {
		e := a.lock.Find(t.name)
		if e == nil && known && len(t.was) > 0 {
			e = a.former(t)
		}
		switch {
		case e == nil:
			e = a.next(t)
			if e == nil {
				return
			}
		case e.Retired && e.Kind == lock.Index:
			// Stored entries have the number, not the name, so the name can be used again.
			if e = a.revive(t, e); e == nil {
				return
			}
		case e.Retired:
			d := a.Report(rules.LockRetired, t.pos, "%s was removed, and its number %d is retired", t.name.What(), e.Number).
				Help("use another name: stored bytes may still hold the removed one's values")
			if e.Pos.Line > 0 {
				d.Related(e.Pos, "retired here")
			}
		default:
			a.lateFormers(t)
		}
		e.Was = formerly(e.Name, slices.Concat(t.was, t.said), e.Was)
		t.set(e.Number, e.Was)
	}
}

// lateFormers reports a was: that was added too late: the thing already has a number
// of its own, and that of the former name is retired.
func (a *assigner) lateFormers(t numbered) {
	for _, old := range t.was {
		e := a.lock.Find(lock.ID{Kind: t.name.Kind, Owner: t.name.Owner, Name: old})
		if e != nil && e.Retired && !e.Live {
			d := a.lateFormer(t.name.Name, old, t.pos)
			if e.Pos.Line > 0 {
				d.Related(e.Pos, "retired here")
			}
			return
		}
	}
}

func (a *assigner) lateFormer(name, old string, pos diag.Pos) *diag.Report {
	return a.Report(rules.Was, pos, "%s has was: %s, but too late: the lock has both, %s as removed and %s as new", name, old, old, name).
		Help("as long as nothing was stored with %s, take the lock and the generated code from before it came (git checkout COMMIT -- FILES) and generate again; otherwise remove was:", name).
		Note("what was stored of %s since then has a number of its own, and would be lost by a rename", name)
}

// revive gives a removed index's name to a new index, with the next number.
func (a *assigner) revive(t numbered, e *lock.Entry) *lock.Entry {
	a.lock.Remove(e)
	return a.next(t)
}

// former finds the line of a former name and renames it. If there is none, it reports
// that and returns nil.
func (a *assigner) former(t numbered) *lock.Entry {
	for _, old := range t.was {
		name := lock.ID{Kind: t.name.Kind, Owner: t.name.Owner, Name: old}
		e := a.lock.Find(name)
		if e == nil || e.Retired {
			continue
		}
		e.Was = append([]string{e.Name}, e.Was...)
		a.lock.Rename(e, t.name)
		e.Live = true
		return e
	}
	var names []string
	for _, e := range a.lock.Entries {
		if e.Kind == t.name.Kind && e.Owner == t.name.Owner && !e.Retired && !e.Live {
			names = append(names, e.Name)
		}
	}
	a.unknownFormer(t.name.Name, t.was, t.pos, names)
	return nil
}

// unknownFormer reports a former name that is not in use in the lock; names are those
// in use.
func (a *assigner) unknownFormer(name string, was []string, pos diag.Pos, names []string) {
	d := a.Report(rules.Was, pos, "the lock knows neither %s nor, in use, its former name %s", name, strings.Join(was, ", ")).
		Help("correct was:, or remove it if %s is new", name)
	for _, old := range was {
		if best := diag.Nearest(old, names); best != "" {
			d.Help("did you mean was: %s? remove it if %s is new", best, name)
			return
		}
	}
}

// next adds a line with the next number.
func (a *assigner) next(t numbered) *lock.Entry {
	scope := lock.NumberKey{Kind: t.name.Kind, Owner: t.name.Owner}
	n := a.last[scope] + 1
	if t.name.Kind == lock.Field && n >= lock.ReservedFirst && n <= lock.ReservedLast {
		n = lock.ReservedLast + 1
	}
	if !t.name.Kind.Valid(n) {
		a.Report(rules.LockFull, t.pos, "there is no number left for %s: the last, %d, is given", t.name.What(), n-1).
			Help("use another table or type: this one's numbers are used up")
		return nil
	}
	e := &lock.Entry{ID: t.name, Number: n, Live: true}
	a.last[scope] = n
	a.lock.Add(e)
	return e
}
