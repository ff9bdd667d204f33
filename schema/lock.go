package schema

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"
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

type lockNumber struct {
	kind   lockKind
	owner  string
	number int64
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
