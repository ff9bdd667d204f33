package schema

import (
	"cmp"
	"math"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"
)

// A Lock holds the numbers that stored bytes depend on: those of tables, fields,
// indexes and enum values. A number belongs to one name for ever: a removed
// thing's is retired and never given again.
//
// Its text has one line for each number, sorted by kind, owner and number, so
// that work on different tables merges without a conflict, and two branches that
// give the same number conflict at the same line. After the number stands what the
// thing is, as far as stored bytes depend on it (see lockline.go):
//
//	enum JobStatus.queued 1
//	field TableID.namespace 1 string key 1
//	field system.jobs.job_id 1 string key 1
//	field system.jobs.old_name 2 retired
//	index system.jobs.status 1 on(status, created_at desc)
//	table system.jobs 3 system ttl(finished_at 30d) was(system.tasks)
//
// The names that a thing had before, was(...), stay in its line for good: a database
// that was not opened since may still know it by one of them.
type Lock struct {
	version int // of the text that it was read from
	entries []*lockEntry
	byName  map[lockName]*lockEntry
	src     *source // what it was read from; nil for one that was made
}

// lockVersion is the version of the lock's text, which its line "version 2" says.
// Texts without that line are of version 1: they do not hold the limits, defaults and
// checks of fields and tables, nor former names.
const lockVersion = 2

type lockKind string

const (
	lockEnum  lockKind = "enum"  // a value of an enum, in its enum
	lockField lockKind = "field" // a field, in its table or struct
	lockIndex lockKind = "index" // an index, in its table
	lockTable lockKind = "table" // a table, among all
)

// A lockName is what has a number: the name of a thing in its owner, which is a
// table, a struct or an enum; "" for a table.
type lockName struct {
	kind  lockKind
	owner string
	name  string
}

func (n lockName) String() string {
	if n.owner == "" {
		return n.name
	}
	return n.owner + "." + n.name
}

// what is the thing in a message.
func (n lockName) what() string {
	if n.kind == lockEnum {
		return "the value " + n.String()
	}
	return "the " + string(n.kind) + " " + n.String()
}

type lockEntry struct {
	lockName
	number  int64
	retired bool
	was     []string // former names
	live    bool     // in the Set that numbers are given to
	shape   string   // what stands after the number; "" where the line does not say
	pos     Pos      // where it was read; none for a new one
}

// limit is the greatest number of a kind: fields are numbered as protobuf does.
func (k lockKind) limit() int64 {
	if k == lockField {
		return 1<<29 - 1
	}
	return math.MaxInt32
}

// Numbers that protobuf keeps for itself.
const (
	reservedFirst = 19000
	reservedLast  = 19999
)

// valid reports whether a number can be given.
func (k lockKind) valid(n int64) bool {
	return n >= 1 && n <= k.limit() && (k != lockField || n < reservedFirst || n > reservedLast)
}

func newLock() *Lock { return &Lock{version: lockVersion, byName: map[lockName]*lockEntry{}} }

// ParseLock reads the text of a lock; file is the name that messages show. The
// error is Diagnostics.
func ParseLock(file string, data []byte) (*Lock, error) {
	r := newReporter()
	l := readLock(r, file, data)
	if ds := r.result(); ds != nil {
		return nil, ds
	}
	return l, nil
}

type lockNumber struct {
	kind   lockKind
	owner  string
	number int64
}

// A lockReader reads the lines of a lock.
type lockReader struct {
	*reporter
	valid map[[2]string]bool // what is known of texts after the number, by kind
}

func newLockReader(r *reporter) *lockReader {
	return &lockReader{reporter: r, valid: map[[2]string]bool{}}
}

// readLock is ParseLock with a reporter of the caller's.
func readLock(r *reporter, file string, data []byte) *Lock {
	lr := newLockReader(r)
	src := newSource(file, file, data)
	r.source(src)
	l := newLock()
	l.src, l.version = src, 1
	l.entries, l.byName = make([]*lockEntry, 0, len(src.lines)), make(map[lockName]*lockEntry, len(src.lines))
	byNumber := make(map[lockNumber]*lockEntry, len(src.lines))
	conflict := false
	for i, line := range src.lines {
		pos := src.wholeLine(i + 1)
		text := strings.TrimSpace(line)
		switch {
		case text == "" || strings.HasPrefix(text, "#"):
			continue
		case strings.HasPrefix(text, "version "):
			lr.version(l, pos, text)
			continue
		case strings.HasPrefix(line, "<<<<<<<"), strings.HasPrefix(line, "|||||||"), strings.HasPrefix(line, "======="), strings.HasPrefix(line, ">>>>>>>"):
			if !conflict {
				r.report(ruleLockConflict, pos, "a merge left a conflict in the lock").
					mend("run storegen lock resolve")
			}
			conflict = true
			continue
		}
		e, ok := lr.line(pos, text)
		if !ok || conflict {
			continue // both sides of a conflict repeat each other
		}
		if first := l.byName[e.lockName]; first != nil {
			r.report(ruleLockDuplicate, pos, "%s %s is here twice", e.kind, e.lockName).
				mend("delete the line that the released schema does not have").related(first.pos, "first here")
			continue
		}
		n := lockNumber{e.kind, e.owner, e.number}
		if first := byNumber[n]; first != nil {
			r.report(ruleLockDuplicate, pos, "%s %s has the number %d of %s", e.kind, e.lockName, e.number, first.lockName).
				mend("delete the line of the one that is not released, and generate again: it gets a new number").related(first.pos, "%s is here", first.lockName)
			continue
		}
		byNumber[n] = e
		l.add(e)
	}
	return l
}

// version reads the line that says how the text is to be read.
func (r *lockReader) version(l *Lock, pos Pos, text string) {
	n, err := strconv.Atoi(strings.TrimPrefix(text, "version "))
	if err != nil || n < 1 || n > lockVersion {
		r.report(ruleLockSyntax, pos, "this storegen reads locks of version 1 to %d, and this one says %q", lockVersion, text).
			mend("use the storegen that wrote it, or a newer one")
		return
	}
	l.version = n
}

// formerNames is the end of a line: was(old_name, older_name).
var formerNames = regexp.MustCompile(`^(.*?)\s*\bwas\(([a-z0-9_.]+(?:, [a-z0-9_.]+)*)\)$`)

// line reads "kind name number", retired or a shape, and former names.
func (r *lockReader) line(pos Pos, text string) (*lockEntry, bool) {
	words := strings.Fields(text)
	bad := func(word int, rule, format string, args ...any) *report {
		at := pos
		from := 0
		for i := 0; i <= word && i < len(words); i++ {
			from += strings.Index(text[from:], words[i])
			if i == word {
				at.Col = pos.Col + utf8.RuneCountInString(text[:from])
				at.EndCol = at.Col + utf8.RuneCountInString(words[i])
			}
			from += len(words[i])
		}
		return r.report(rule, at, format, args...)
	}
	const mend = "the line was changed by hand or by a merge: take it from the last commit, or delete it if its thing is new"
	kinds := []string{string(lockEnum), string(lockField), string(lockIndex), string(lockTable)}
	switch {
	case !slices.Contains(kinds, words[0]):
		bad(0, ruleLockSyntax, "unknown kind %q in the lock", words[0]).meant(words[0], kinds)
		return nil, false
	case len(words) < 3:
		bad(len(words), ruleLockSyntax, "a line of the lock is: kind name number, and what it is, or retired").mend(mend)
		return nil, false
	}
	rest := text
	for _, word := range words[:3] {
		rest = rest[strings.Index(rest, word)+len(word):]
	}
	rest = strings.TrimSpace(rest)
	var was []string
	if strings.HasSuffix(rest, ")") {
		if m := formerNames.FindStringSubmatch(rest); m != nil {
			rest, was = m[1], strings.Split(m[2], ", ")
		}
	}
	e := &lockEntry{lockName: lockName{kind: lockKind(words[0]), name: words[1]}, retired: rest == "retired", was: was, pos: pos}
	parts := strings.Split(words[1], ".")
	ok := true
	last := len(parts) - 1
	for i, part := range parts {
		ok = ok && len(part) <= maxName && (isLowerName(part) || i == 0 && len(parts) == 2 && upperName.MatchString(part) && (e.kind == lockEnum || e.kind == lockField))
	}
	if e.kind == lockTable {
		ok = ok && len(parts) <= 2
	} else {
		ok = ok && len(parts) >= 2 && len(parts) <= 3 && (e.kind != lockEnum || len(parts) == 2 && upperName.MatchString(parts[0]))
		e.owner, e.name = strings.Join(parts[:last], "."), parts[last]
	}
	if !ok {
		bad(1, ruleLockSyntax, "%q cannot be the name of %s in the lock", words[1], article(words[0])).mend(mend)
		return nil, false
	}
	number, err := strconv.ParseInt(words[2], 10, 64)
	if err != nil || !e.kind.valid(number) || strconv.FormatInt(number, 10) != words[2] {
		bad(2, ruleLockNumber, "%q cannot be the number of %s", words[2], article(words[0])).mend(mend)
		return nil, false
	}
	e.number = number
	if !e.retired && rest != "" {
		if !r.validShape(e.kind, rest) {
			bad(3, ruleLockSyntax, "%q says nothing that %s can be", rest, article(words[0])).mend(mend)
			return nil, false
		}
		e.shape = rest
	}
	return e, true
}

// find returns the line of a name, or nil.
func (l *Lock) find(n lockName) *lockEntry { return l.byName[n] }

// rename gives a line another name.
func (l *Lock) rename(e *lockEntry, n lockName) {
	delete(l.byName, e.lockName)
	e.lockName = n
	l.byName[n] = e
}

// remove takes a line out.
func (l *Lock) remove(e *lockEntry) {
	delete(l.byName, e.lockName)
	l.entries = slices.DeleteFunc(l.entries, func(x *lockEntry) bool { return x == e })
}

// reindex finds lines by their names anew, after names of several were changed.
func (l *Lock) reindex() {
	clear(l.byName)
	for _, e := range l.entries {
		l.byName[e.lockName] = e
	}
}

// add adds a line.
func (l *Lock) add(e *lockEntry) {
	l.entries = append(l.entries, e)
	l.byName[e.lockName] = e
}

// Format returns the lock's text, which ParseLock reads.
func (l *Lock) Format() []byte {
	sorted := slices.Clone(l.entries)
	slices.SortFunc(sorted, func(a, b *lockEntry) int {
		return cmp.Or(strings.Compare(string(a.kind), string(b.kind)), strings.Compare(a.owner, b.owner), cmp.Compare(a.number, b.number))
	})
	b := make([]byte, 0, 64*(len(sorted)+2)) // about what it takes
	b = append(b, "# storegen.lock: the numbers that stored bytes depend on. Commit it; never edit it.\n"...)
	b = append(strconv.AppendInt(append(b, "version "...), lockVersion, 10), '\n')
	for _, e := range sorted {
		b = append(append(b, e.kind...), ' ')
		if e.owner != "" {
			b = append(append(b, e.owner...), '.')
		}
		b = append(append(b, e.name...), ' ')
		b = strconv.AppendInt(b, e.number, 10)
		switch {
		case e.retired:
			b = append(b, " retired"...)
		case e.shape != "":
			b = append(append(b, ' '), e.shape...)
		}
		if len(e.was) > 0 {
			b = append(append(append(b, " was("...), strings.Join(e.was, ", ")...), ')')
		}
		b = append(b, '\n')
	}
	return b
}

// Assign gives everything in a Set its number: the one that the lock holds for
// its name or, after a rename (was), for a former name, or else the next that was
// never given. The lock then holds exactly the Set's names, and as retired what
// it held besides. The error is Diagnostics; the lock and the Set's numbers are
// of no use then.
func Assign(l *Lock, s *Set) error {
	r := newReporter()
	assign(r, l, s)
	if ds := r.result(); ds != nil {
		return ds
	}
	return nil
}

// A numbered thing is one that gets a number.
type numbered struct {
	name lockName
	was  []string // under which it is looked for
	said []string // further former names, to be kept
	pos  Pos
	set  func(number int64, was []string)
}

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
