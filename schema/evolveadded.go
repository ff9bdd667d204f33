package schema

import (
	"slices"
	"strings"
)

// An addition is a field, an enum's value or a table that is new.
type addition struct {
	lockName
	pos  Pos
	form string // two things of one form may be one thing under two names
	rule string // of what is no rename
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
