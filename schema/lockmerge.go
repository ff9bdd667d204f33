package schema

import (
	"fmt"
	"slices"
	"strings"
)

// A Renumbered thing got another number when a merge of two locks was resolved.
type Renumbered struct {
	Pos  Pos    // its line in the lock, as it is now
	What string // the field app.orders.note
	Old  int
	New  int
	By   string // what has the old number: the field app.orders.fax
}

// ResolveLock reads a lock with the marks of a merge conflict and makes one lock
// of both sides. What the side above (ours) gave stays; what only the side below
// (theirs) gave keeps its number where that is free, and gets the next one where
// it is not. Bytes that were written under a number that changed have lost their
// meaning.
//
// The Set is the merged schema, loaded without a lock; its former names tell a
// rename from two new things. The error is Diagnostics: the text cannot be read,
// or what it says cannot be decided. A lock without marks comes back as it is.
func ResolveLock(file string, data []byte, set *Set) (*Lock, []Renumbered, error) {
	r := newReporter()
	m := &lockMerge{lockReader: newLockReader(r), set: set, out: newLock(), numbers: map[lockNumber]*lockEntry{}, last: map[lockNumber]int64{}}
	m.read(file, data)
	if ds := r.result(); ds != nil {
		return nil, nil, ds
	}
	m.merge()
	if ds := r.result(); ds != nil {
		return nil, nil, ds
	}
	m.places(file)
	return m.out, m.renumbered, nil
}

// places finds where in the text of the lock the renumbered things are now.
func (m *lockMerge) places(file string) {
	src := newSource(file, file, m.out.Format())
	lines := map[string]int{} // "the field t.a" to its line
	for i := range src.lines {
		if src.lines[i] == "" {
			continue
		}
		if e, ok := newLockReader(newReporter()).line(src.wholeLine(i+1), src.lines[i]); ok {
			lines[e.what()] = i + 1
		}
	}
	for i := range m.renumbered {
		m.renumbered[i].Pos = src.wholeLine(lines[m.renumbered[i].What])
	}
}

// A lockMerge holds the sides of a merge, and what becomes of them.
type lockMerge struct {
	*lockReader
	set                  *Set
	common, ours, theirs []*lockEntry
	base                 []*lockEntry // where the marks hold the common ancestor (diff3)
	out                  *Lock
	numbers              map[lockNumber]*lockEntry // of out
	last                 map[lockNumber]int64      // the greatest number on any side, by kind and owner
	renumbered           []Renumbered
}

// read sorts the lines into sides.
func (m *lockMerge) read(file string, data []byte) {
	src := newSource(file, file, data)
	m.source(src)
	side := &m.common
	var opened Pos
	bad := func(pos Pos) {
		m.report(ruleLockConflict, pos, "the marks of a merge are not whole: <<<<<<<, =======, >>>>>>> in this order").
			mend("take the file from git again: git checkout --merge, with the name of the lock")
	}
	for i, line := range src.lines {
		pos := src.wholeLine(i + 1)
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
			if e, ok := m.line(pos, text); ok {
				*side = append(*side, e)
			}
		}
	}
	if side != &m.common {
		bad(opened)
	}
}

func (m *lockMerge) merge() {
	for _, side := range [][]*lockEntry{m.common, m.ours, m.theirs, m.base} {
		for _, e := range side {
			scope := lockNumber{kind: e.kind, owner: e.owner}
			m.last[scope] = max(m.last[scope], e.number)
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

// renames reports tables and types that one side has renamed: all their lines
// have another name there.
func (m *lockMerge) renames() {
	owners := map[string]*lockEntry{}
	for _, side := range [][]*lockEntry{m.ours, m.theirs} {
		for _, e := range side {
			name := e.owner
			if e.kind == lockTable {
				name = e.name
			}
			if owners[name] == nil {
				owners[name] = e
			}
		}
	}
	check := func(name string, was []string) {
		for _, old := range was {
			if owners[name] != nil && owners[old] != nil {
				m.report(ruleLockConflict, owners[old].pos, "one branch renamed %s to %s, and the other changed it", old, name).
					mend("take the lock of the branch that is released (git checkout --ours, or --theirs) and generate: what the other one has added gets new numbers").
					related(owners[name].pos, "%s is here", name)
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

// keep takes a line of the common part or of ours.
func (m *lockMerge) keep(e *lockEntry) {
	n := lockNumber{e.kind, e.owner, e.number}
	first := m.out.find(e.lockName)
	if first == nil {
		first = m.numbers[n]
	}
	if first != nil {
		m.report(ruleLockDuplicate, e.pos, "%s %s %d and %s %d are both here, and on one side", e.kind, e.lockName, e.number, first.lockName, first.number).
			mend("take the file from git again: git checkout --merge, with the name of the lock").related(first.pos, "%s is here", first.lockName)
		return
	}
	m.out.add(e)
	m.numbers[n] = e
}

// add takes a line of theirs.
func (m *lockMerge) add(e *lockEntry) {
	if mine := m.out.find(e.lockName); mine != nil {
		// What both have is alive where it is on one side: the next generate retires
		// what the merged schema lacks.
		if mine.retired && !e.retired {
			mine.retired, mine.shape = false, e.shape
		}
		if !mine.retired && !e.retired && !m.sameThing(mine, e) {
			return
		}
		mine.was = formerly(mine.name, mine.was, e.was)
		if mine.number != e.number && !e.retired {
			m.renumbered = append(m.renumbered, Renumbered{Pos: e.pos, What: e.what(), Old: int(e.number), New: int(mine.number), By: m.holder(e)})
		}
		return
	}
	n := lockNumber{e.kind, e.owner, e.number}
	holder := m.numbers[n]
	if holder == nil {
		m.out.add(e)
		m.numbers[n] = e
		return
	}
	formerOfTheirs, formerOfOurs := m.formerly(e.lockName), m.formerly(holder.lockName)
	switch {
	case !e.retired && !holder.retired && slices.ContainsFunc(e.was, func(old string) bool { return slices.Contains(holder.was, old) }):
		m.renamedTwice(holder, e)
		return
	case slices.Contains(formerOfTheirs, holder.name):
		return // renamed there; ours has the line by the former name, which the next generate moves
	case slices.Contains(formerOfOurs, e.name):
		return // renamed here
	case len(formerOfTheirs) > 0 && !slices.ContainsFunc(formerOfTheirs, func(old string) bool { return m.out.find(lockName{e.kind, e.owner, old}) != nil }):
		m.report(ruleLockConflict, e.pos, "%s was %s, and neither side has that name: its number %d is also that of %s", e.what(), strings.Join(formerOfTheirs, ", "), e.number, holder.lockName).
			mend("say which of the two keeps the stored values: give that one the line with the number %d, and delete the other's and the marks", e.number).
			related(holder.pos, "%s is here", holder.lockName)
		return
	case e.retired:
		return // it came and went on their side, under a number that is another's
	}
	a := assigner{reporter: m.reporter, lock: m.out, last: m.last}
	old := e.number
	next := a.next(numbered{name: e.lockName, pos: e.pos})
	if next == nil {
		return
	}
	next.shape = e.shape
	m.numbers[lockNumber{e.kind, e.owner, next.number}] = next
	m.renumbered = append(m.renumbered, Renumbered{Pos: e.pos, What: e.what(), Old: int(old), New: int(next.number), By: holder.what()})
}

// sameThing reports a field that the two sides have added under one name and with two
// types: what one has stored, the other cannot read.
func (m *lockMerge) sameThing(mine, e *lockEntry) bool {
	if e.kind != lockField || mine.shape == "" || e.shape == "" {
		return true
	}
	a, _ := parseFieldLine(mine.shape)
	b, _ := parseFieldLine(e.shape)
	form := func(l fieldLine) string { return fmt.Sprint(l.list, l.mapped, l.of, l.key, l.as, l.keys) }
	if form(a) == form(b) {
		return true
	}
	m.report(ruleLockConflict, e.pos, "%s is %s on one side, and %s on the other", e.what(), article(a.String()), article(b.String())).
		mend("give the one of the branch that is not released another name, in the schema and in its line here, and run it again; databases that this branch has written are then refused, and not misread").
		related(mine.pos, "the other side")
	return false
}

// renamedTwice joins the lines of a thing that each side has given another name: it has
// the one that the schema has, and the other one is a former name, so that databases of
// both branches know it.
func (m *lockMerge) renamedTwice(mine, e *lockEntry) {
	ours, theirs := m.has(mine.lockName), m.has(e.lockName)
	switch {
	case e.kind == lockTable:
		m.report(ruleLockConflict, e.pos, "one branch renamed %s to %s, and the other to %s", mine.was[0], mine.name, e.name).
			mend("choose a name in the schema, with was: and both others, take the lock of the branch that has it (git checkout --ours, or --theirs), and generate: databases of both branches are found by their names").
			related(mine.pos, "%s is here", mine.name)
		return
	case ours && theirs:
		m.report(ruleLockConflict, e.pos, "%s and %s are one thing, which each branch has given another name, and the schema has both", mine.what(), e.what()).
			mend("keep one of them in the schema, and run it again; then add the other, which gets a number of its own").
			related(mine.pos, "%s is here", mine.lockName)
		return
	}
	names := formerly("", []string{mine.name, e.name}, slices.Concat(mine.was, e.was))
	if theirs {
		m.out.rename(mine, e.lockName)
	}
	mine.was = formerly(mine.name, names, nil)
}

// has reports whether the merged schema has a field, an index or a value of an enum.
func (m *lockMerge) has(n lockName) bool {
	if t := m.set.Table(n.owner); t != nil {
		if n.kind == lockIndex {
			return t.Index(n.name) != nil
		}
		return t.Field(n.name) != nil
	}
	t := m.set.Type(n.owner)
	return t != nil && (slices.ContainsFunc(t.Fields, func(f *Field) bool { return f.Name == n.name }) ||
		slices.ContainsFunc(t.Values, func(v *EnumValue) bool { return v.Name == n.name }))
}

// holder says what has the number of a line of theirs.
func (m *lockMerge) holder(e *lockEntry) string {
	if h := m.numbers[lockNumber{e.kind, e.owner, e.number}]; h != nil {
		return h.what()
	}
	return "nothing"
}

// formerly returns the former names that the schema gives a thing.
func (m *lockMerge) formerly(n lockName) []string {
	if n.kind == lockTable {
		if t := m.set.Table(n.name); t != nil {
			return t.Was
		}
		return nil
	}
	if n.kind == lockIndex {
		if t := m.set.Table(n.owner); t != nil {
			if ix := t.Index(n.name); ix != nil {
				return ix.Was
			}
		}
		return nil
	}
	if t := m.set.Table(n.owner); t != nil {
		if f := t.Field(n.name); f != nil {
			return f.Was
		}
		return nil
	}
	t := m.set.Type(n.owner)
	if t == nil {
		return nil
	}
	for _, v := range t.Values {
		if v.Name == n.name {
			return v.Was
		}
	}
	for _, f := range t.Fields {
		if f.Name == n.name {
			return f.Was
		}
	}
	return nil
}
