package evolve

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lock"
)

// thing reports an index, field or enum value that is new or renamed.
func (e *evolver) thing(kind lock.Kind, owner, name string, number int64, pos diag.Pos, added, renamed string) {
	if e.newOwner[owner] {
		return // the owner is reported as new
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

// additions reports what is new. If something of the same form is gone, it may be a
// rename, and both are reported as one change. additions returns what is gone and
// reported so.
func (e *evolver) additions() (told map[*lock.Entry]bool) {
	gone := append(e.gone(), e.takenOver()...)
	tables := map[string]string{} // the forms of removed tables
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
		d.Diagnostic.Help = strings.Replace(d.Diagnostic.Help, helpSayWas, e.sayWas(a, was[0]), 1)
	}
	return told
}

// sayWas says where a rename is told. There is no was: in Go source, but in the table that
// has the field as a column; and a message has numbers of its own.
func (e *evolver) sayWas(a addition, was *lock.Entry) string {
	if a.Kind != lock.Field || !strings.HasSuffix(a.pos.File, ".go") {
		return "say was: " + was.Name
	}
	t := e.set.Table(a.Owner)
	if t != nil && t.Codec != nil && !t.Codec.Own {
		return fmt.Sprintf("give it the number %d again in the .proto", was.Number)
	}
	tag := "keep its column by the tag `storegen:\"" + was.Name + "\"`"
	if t == nil {
		return tag // a struct within the row
	}
	option := fmt.Sprintf("say fields: {%s: {was: %s}} in the schema of %s", a.Name, was.Name, t.Name)
	if t.Codec != nil { // its columns have no tags
		return option
	}
	return option + ", or " + tag
}

// takenOver returns the lines of tables whose name another table has now, judging by
// the fields: the old table may be one of the new ones.
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

// likeTables reports whether one table may be the other, renamed: they have half of
// their fields in common, and more than the key.
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

// formOfTable returns the form of an old table, by which a renamed one is found: its
// fields.
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

// gone returns the lines of what was removed. The parts of something that was removed
// as a whole are not among them.
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

// removed reports what was removed, except what is reported already.
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

// ownerNow returns the struct or enum that an old one is now, or nil.
func (e *evolver) ownerNow(former string) *schema.Type {
	i := slices.IndexFunc(e.set.Types, func(t *schema.Type) bool { return e.formerly(t.Name) == former })
	if i < 0 {
		return nil
	}
	return e.set.Types[i]
}

// keySays reports whether a change of the key of a table or struct is reported by
// itself.
func (e *evolver) keySays(owner string) bool {
	if t := e.former.types[owner]; t != nil {
		return slices.ContainsFunc(e.set.Types, func(n *schema.Type) bool { return n.UsedInKey && e.formerly(n.Name) == owner })
	}
	return e.former.tables[owner] != nil
}
