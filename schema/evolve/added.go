package evolve

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lock"
)

// An addition is a field, an enum's value or a table that is new.
type addition struct {
	lock.ID
	pos  diag.Pos
	form string // two things of one form may be one thing under two names
	rule string // of what is no rename
}

// thing finds an index, a field or an enum's value that is new or renamed.
func (e *evolver) thing(kind lock.Kind, owner, name string, number int64, pos diag.Pos, added, renamed string) {
	if e.newOwner[owner] {
		return // which says it
	}
	what := lock.ID{Kind: kind, Owner: owner, Name: name}.What()
	switch old := e.before[lock.NumberKey{Kind: kind, Owner: e.formerly(owner), Number: number}]; {
	case old == nil && kind == lock.Enum:
		e.added = append(e.added, addition{lock.ID{Kind: kind, Owner: owner, Name: name}, pos, "", added})
	case old == nil:
		e.change(added, pos, nil, "%s is new", what)
	case old.Name != name:
		e.change(renamed, pos, &old.Pos, "%s was %s", what, old.Name)
	}
}

var removedRules = map[lock.Kind]string{
	lock.Enum: changeEnumRemoved, lock.Field: changeFieldRemoved, lock.Index: changeIndexRemoved, lock.Table: changeTableRemoved,
}

// additions reports what is new. Where one thing of its form is gone, which may be it
// under its former name, the two are told together: additions returns those that are
// gone and told of.
func (e *evolver) additions() (told map[*lock.Entry]bool) {
	gone := append(e.gone(), e.takenOver()...)
	tables := map[string]string{} // the forms of tables that are gone
	told = map[*lock.Entry]bool{}
	for _, x := range gone {
		if x.Kind == lock.Table {
			tables[x.Name] = e.formOfTable(x.Name)
		}
	}
	replaced := map[lock.Kind]string{lock.Field: changeFieldReplaced, lock.Enum: changeEnumReplaced, lock.Table: changeTableReplaced}
	for _, a := range e.added {
		var was []*lock.Entry
		for _, x := range gone {
			if x.Kind != a.Kind || x.Kind != lock.Table && x.Owner != e.formerly(a.Owner) {
				continue
			}
			like := true
			switch x.Kind {
			case lock.Field:
				like = formOfField(x.Shape) == a.form
			case lock.Table:
				like = likeTables(tables[x.Name], a.form)
			}
			if like {
				was = append(was, x)
			}
		}
		if len(was) == 0 {
			d := e.change(a.rule, a.pos, nil, "%s is new", a.What())
			if a.rule == changeFieldUnset {
				d.Message += ", and has to be set"
			}
			continue
		}
		var names []string
		for _, x := range was {
			told[x] = true
			names = append(names, x.Name)
		}
		d := e.change(replaced[a.Kind], a.pos, &was[0].Pos, "%s is new, and %s is gone: is it a new name?", a.What(), strings.Join(names, " or "))
		if a.Kind == lock.Field && strings.HasSuffix(a.pos.File, ".go") { // no place for was
			d.Diagnostic.Help = strings.Replace(d.Diagnostic.Help, "say was: and the former name", "keep its column by the tag `storegen:\""+names[0]+"\"`", 1)
			continue
		}
		d.Diagnostic.Help = strings.Replace(d.Diagnostic.Help, "was: and the former name", "was: "+names[0], 1)
	}
	return told
}

// takenOver are the lines of tables whose name is that of something else now, as far as
// the fields tell: the table that was may be one that is new.
func (e *evolver) takenOver() (lines []*lock.Entry) {
	if len(e.added) == 0 {
		return nil
	}
	for _, t := range e.set.Tables {
		old := e.before[lock.NumberKey{Kind: lock.Table, Number: int64(t.Number)}]
		if old != nil && !likeTables(e.formOfTable(old.Name), formOfTable(t)) {
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
	for _, x := range e.lock.Entries {
		if x.Kind == lock.Field && x.Owner == name && !x.Retired {
			form = append(form, x.Name+" "+x.Shape)
		}
	}
	slices.Sort(form)
	return strings.Join(form, "\n")
}

// gone are the lines of what was in use before and is not any more. Parts of what is
// gone as a whole are not among them.
func (e *evolver) gone() (lines []*lock.Entry) {
	retired := map[lock.NumberKey]bool{}
	for _, x := range e.set.Lock.Entries {
		if x.Retired {
			retired[lock.NumberKey{Kind: x.Kind, Owner: e.formerly(x.Owner), Number: x.Number}] = true
		}
	}
	for _, x := range e.lock.Entries {
		if x.Retired || !retired[lock.NumberKey{Kind: x.Kind, Owner: x.Owner, Number: x.Number}] || x.Kind != lock.Table && e.goneOwner[x.Owner] {
			continue
		}
		if line, ok := lock.ParseField(x.Shape); x.Kind == lock.Field && ok && line.Key > 0 && e.keySays(x.Owner) {
			continue
		}
		lines = append(lines, x)
	}
	return lines
}

// removed reports what is gone, but for what was told of.
func (e *evolver) removed(told map[*lock.Entry]bool) {
	for _, x := range e.gone() {
		if told[x] {
			continue
		}
		rule := removedRules[x.Kind]
		if t := e.ownerNow(x.Owner); x.Kind == lock.Field && t != nil && t.Go != nil && e.stored[e.former.types[x.Owner]] {
			rule = changeFieldLost
		}
		e.change(rule, x.Pos, nil, "%s is removed", x.What())
	}
}

// ownerNow is the struct or enum that a former one is now; nil where there is none.
func (e *evolver) ownerNow(former string) *schema.Type {
	i := slices.IndexFunc(e.set.Types, func(t *schema.Type) bool { return e.formerly(t.Name) == former })
	if i < 0 {
		return nil
	}
	return e.set.Types[i]
}

// keySays reports whether the change of a key that a table or struct was part of
// is said there.
func (e *evolver) keySays(owner string) bool {
	if t := e.former.types[owner]; t != nil {
		return slices.ContainsFunc(e.set.Types, func(n *schema.Type) bool { return n.UsedInKey && e.formerly(n.Name) == owner })
	}
	return e.former.tables[owner] != nil
}
