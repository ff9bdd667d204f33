package numbering

import (
	"fmt"
	"slices"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/rules"
)

// A Renumbered thing got another number when a merge conflict was resolved.
type Renumbered struct {
	Pos  diag.Pos // its line in the resolved lock
	What string   // the field app.orders.note
	Old  int
	New  int
	By   string // what has the old number now: the field app.orders.fax
}

// Merge reads a lock with the markers of a merge conflict, and makes one lock of both
// sides. Numbers of the first side (ours) stay. Things that only the second side
// (theirs) has keep their number if it is free, and get the next one if it is not.
// Data that was written under a number that changed can no longer be read.
//
// The Set is the merged schema, loaded without a lock; its former names tell a rename
// from two new things. The error is [diag.Diagnostics]: the text cannot be read, or
// the conflict cannot be resolved. A lock without markers is returned as it is.
func Merge(file string, data []byte, set *schema.Set) (*lock.Lock, []Renumbered, error) {
	r := diag.NewReporter()
	m := &merger{Reader: lock.NewReader(r), set: set, out: lock.New(), numbers: map[lock.NumberKey]*lock.Entry{}, last: map[lock.NumberKey]int64{}}
	m.read(file, data)
	if ds := r.Result(); ds != nil {
		return nil, nil, ds
	}
	m.merge()
	if ds := r.Result(); ds != nil {
		return nil, nil, ds
	}
	m.locate(file)
	return m.out, m.renumbered, nil
}

// locate finds the lines of the renumbered things in the resolved lock.
func (m *merger) locate(file string) {
	src := diag.NewText(file, file, m.out.Format())
	lines := map[string]int{} // "the field t.a" to its line
	for i := range src.Lines {
		if src.Lines[i] == "" {
			continue
		}
		if e, ok := lock.NewReader(diag.NewReporter()).Line(src.WholeLine(i+1), src.Lines[i]); ok {
			lines[e.What()] = i + 1
		}
	}
	for i := range m.renumbered {
		m.renumbered[i].Pos = src.WholeLine(lines[m.renumbered[i].What])
	}
}

// A merger holds the sides of a conflict and the resolved lock.
type merger struct {
	*lock.Reader
	set                  *schema.Set
	common, ours, theirs []*lock.Entry
	base                 []*lock.Entry // the common ancestor, if the markers have it (diff3)
	out                  *lock.Lock
	numbers              map[lock.NumberKey]*lock.Entry // in out
	last                 map[lock.NumberKey]int64       // the greatest number on all sides, by kind and owner
	renumbered           []Renumbered
}

// read reads the lines of each side.
func (m *merger) read(file string, data []byte) {
	src := diag.NewText(file, file, data)
	m.AddText(src)
	side := &m.common
	var opened diag.Pos
	bad := func(pos diag.Pos) {
		m.Report(rules.LockConflict, pos, "the conflict markers are incomplete: <<<<<<<, =======, >>>>>>> must follow in this order").
			Help("take the file from git again: git checkout --merge, with the name of the lock")
	}
	for i, line := range src.Lines {
		pos := src.WholeLine(i + 1)
		text := strings.TrimSpace(line)
		mark := ""
		if len(line) >= 7 && (len(line) == 7 || line[7] == ' ') {
			mark = line[:7]
		}
		switch {
		case mark == "<<<<<<<" && side == &m.common:
			side, opened = &m.ours, pos
		case mark == "|||||||" && side == &m.ours:
			side = &m.base
		case mark == "=======" && (side == &m.ours || side == &m.base):
			side = &m.theirs
		case mark == ">>>>>>>" && side == &m.theirs:
			side = &m.common
		case slices.Contains([]string{"<<<<<<<", "|||||||", "=======", ">>>>>>>"}, mark):
			bad(pos)
			return
		case text == "" || strings.HasPrefix(text, "#") || strings.HasPrefix(text, "version "):
		default:
			if e, ok := m.Line(pos, text); ok {
				*side = append(*side, e)
			}
		}
	}
	if side != &m.common {
		bad(opened)
	}
}

func (m *merger) merge() {
	for _, side := range [][]*lock.Entry{m.common, m.ours, m.theirs, m.base} {
		for _, e := range side {
			scope := lock.NumberKey{Kind: e.Kind, Owner: e.Owner}
			m.last[scope] = max(m.last[scope], e.Number)
		}
	}
	m.renames()
	for _, e := range append(slices.Clone(m.common), m.ours...) {
		m.keep(e)
	}
	for _, e := range m.theirs {
		m.add(e)
	}
}

// renames reports tables and types that only one side has renamed, as all their lines
// have other names there.
func (m *merger) renames() {
	owners := map[string]*lock.Entry{}
	for _, side := range [][]*lock.Entry{m.ours, m.theirs} {
		for _, e := range side {
			name := e.Owner
			if e.Kind == lock.Table {
				name = e.Name
			}
			if owners[name] == nil {
				owners[name] = e
			}
		}
	}
	check := func(name string, was []string) {
		for _, old := range was {
			if owners[name] != nil && owners[old] != nil {
				m.Report(rules.LockConflict, owners[old].Pos, "one branch renamed %s to %s, and the other changed it", old, name).
					Help("take the lock of the branch that is released (git checkout --ours, or --theirs) and generate: what the other one has added gets new numbers").
					Related(owners[name].Pos, "%s is here", name)
				return
			}
		}
	}
	for _, t := range m.set.Types {
		check(t.Name, t.Was)
	}
	for _, t := range m.set.Tables {
		check(t.Name, t.Was)
	}
}

// keep adds a line of the common part or of our side.
func (m *merger) keep(e *lock.Entry) {
	n := lock.NumberKey{Kind: e.Kind, Owner: e.Owner, Number: e.Number}
	first := m.out.Find(e.ID)
	if first == nil {
		first = m.numbers[n]
	}
	if first != nil {
		m.Report(rules.LockDuplicate, e.Pos, "%s %s %d and %s %d are both here, and on one side", e.Kind, e.ID, e.Number, first.ID, first.Number).
			Help("take the file from git again: git checkout --merge, with the name of the lock").Related(first.Pos, "%s is here", first.ID)
		return
	}
	m.out.Add(e)
	m.numbers[n] = e
}

// add adds a line of their side.
func (m *merger) add(e *lock.Entry) {
	if mine := m.out.Find(e.ID); mine != nil {
		// If one side has retired it, it is not retired: the next generate retires what
		// the merged schema does not have.
		if mine.Retired && !e.Retired {
			mine.Retired, mine.Shape = false, e.Shape
		}
		if !mine.Retired && !e.Retired && !m.sameThing(mine, e) {
			return
		}
		mine.Was = formerly(mine.Name, mine.Was, e.Was)
		if mine.Number != e.Number && !e.Retired {
			m.renumbered = append(m.renumbered, Renumbered{Pos: e.Pos, What: e.What(), Old: int(e.Number), New: int(mine.Number), By: m.holder(e)})
		}
		return
	}
	n := lock.NumberKey{Kind: e.Kind, Owner: e.Owner, Number: e.Number}
	holder := m.numbers[n]
	if holder == nil {
		m.out.Add(e)
		m.numbers[n] = e
		return
	}
	formerOfTheirs, formerOfOurs := m.formerly(e.ID), m.formerly(holder.ID)
	switch {
	case !e.Retired && !holder.Retired && slices.ContainsFunc(e.Was, func(old string) bool { return slices.Contains(holder.Was, old) }):
		m.renamedTwice(holder, e)
		return
	case slices.Contains(formerOfTheirs, holder.Name):
		return // their side renamed it: the next generate renames our line
	case slices.Contains(formerOfOurs, e.Name):
		return // our side renamed it
	case len(formerOfTheirs) > 0 && !slices.ContainsFunc(formerOfTheirs, func(old string) bool { return m.out.Find(lock.ID{Kind: e.Kind, Owner: e.Owner, Name: old}) != nil }):
		m.Report(rules.LockConflict, e.Pos, "%s was %s, and neither side has that name: its number %d is also that of %s", e.What(), strings.Join(formerOfTheirs, ", "), e.Number, holder.ID).
			Help("say which of the two keeps the stored values: give that one the line with the number %d, and delete the other's and the marks", e.Number).
			Related(holder.Pos, "%s is here", holder.ID)
		return
	case e.Retired:
		return // their side added and removed it, and its number is in use
	}
	a := assigner{Reporter: m.Reporter, lock: m.out, last: m.last}
	old := e.Number
	next := a.next(numbered{name: e.ID, pos: e.Pos})
	if next == nil {
		return
	}
	next.Shape = e.Shape
	m.numbers[lock.NumberKey{Kind: e.Kind, Owner: e.Owner, Number: next.Number}] = next
	m.renumbered = append(m.renumbered, Renumbered{Pos: e.Pos, What: e.What(), Old: int(old), New: int(next.Number), By: holder.What()})
}

// sameThing reports a field that both sides added with the same name and different
// types: one cannot read what the other has stored.
func (m *merger) sameThing(mine, e *lock.Entry) bool {
	if e.Kind != lock.Field || mine.Shape == "" || e.Shape == "" {
		return true
	}
	a, _ := lock.ParseField(mine.Shape)
	b, _ := lock.ParseField(e.Shape)
	form := func(l lock.FieldLine) string { return fmt.Sprint(l.List, l.Mapped, l.Of, l.Key, l.As, l.Keys) }
	if form(a) == form(b) {
		return true
	}
	m.Report(rules.LockConflict, e.Pos, "%s is %s on one side, and %s on the other", e.What(), diag.Article(a.String()), diag.Article(b.String())).
		Help("give the one of the branch that is not released another name, in the schema and in its line here, and run it again; databases that this branch has written are then refused, and not misread").
		Related(mine.Pos, "the other side")
	return false
}

// renamedTwice joins the lines of a thing that each side has renamed. It gets the name
// in the schema, and the other name becomes a former name, so that databases of both
// branches find it.
func (m *merger) renamedTwice(mine, e *lock.Entry) {
	ours, theirs := m.has(mine.ID), m.has(e.ID)
	switch {
	case e.Kind == lock.Table:
		m.Report(rules.LockConflict, e.Pos, "one branch renamed %s to %s, and the other to %s", mine.Was[0], mine.Name, e.Name).
			Help("choose a name in the schema, with was: and both others, take the lock of the branch that has it (git checkout --ours, or --theirs), and generate: databases of both branches are found by their names").
			Related(mine.Pos, "%s is here", mine.Name)
		return
	case ours && theirs:
		m.Report(rules.LockConflict, e.Pos, "%s and %s are one thing, which each branch has given another name, and the schema has both", mine.What(), e.What()).
			Help("keep one of them in the schema, and run it again; then add the other, which gets a number of its own").
			Related(mine.Pos, "%s is here", mine.ID)
		return
	}
	names := formerly("", []string{mine.Name, e.Name}, slices.Concat(mine.Was, e.Was))
	if theirs {
		m.out.Rename(mine, e.ID)
	}
	mine.Was = formerly(mine.Name, names, nil)
}

// has reports whether the merged schema has a field, an index or a value of an enum.
func (m *merger) has(n lock.ID) bool {
	if t := m.set.Table(n.Owner); t != nil {
		if n.Kind == lock.Index {
			return t.Index(n.Name) != nil
		}
		return t.Field(n.Name) != nil
	}
	t := m.set.Type(n.Owner)
	return t != nil && (slices.ContainsFunc(t.Fields, func(f *schema.Field) bool { return f.Name == n.Name }) ||
		slices.ContainsFunc(t.Values, func(v *schema.EnumValue) bool { return v.Name == n.Name }))
}

// holder returns what has the number of a line of their side.
func (m *merger) holder(e *lock.Entry) string {
	if h := m.numbers[lock.NumberKey{Kind: e.Kind, Owner: e.Owner, Number: e.Number}]; h != nil {
		return h.What()
	}
	return "nothing"
}

// formerly returns the former names of a thing in the schema.
func (m *merger) formerly(n lock.ID) []string {
	if n.Kind == lock.Table {
		if t := m.set.Table(n.Name); t != nil {
			return t.Was
		}
		return nil
	}
	if n.Kind == lock.Index {
		if t := m.set.Table(n.Owner); t != nil {
			if ix := t.Index(n.Name); ix != nil {
				return ix.Was
			}
		}
		return nil
	}
	if t := m.set.Table(n.Owner); t != nil {
		if f := t.Field(n.Name); f != nil {
			return f.Was
		}
		return nil
	}
	t := m.set.Type(n.Owner)
	if t == nil {
		return nil
	}
	for _, v := range t.Values {
		if v.Name == n.Name {
			return v.Was
		}
	}
	for _, f := range t.Fields {
		if f.Name == n.Name {
			return f.Was
		}
	}
	return nil
}
