package lock

import (
	"cmp"
	"math"
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/schema/diag"
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
	Version int // of the text that it was read from
	Entries []*Entry
	byName  map[ID]*Entry
	File    *diag.Text // what it was read from; nil for one that was made
}

// version is the version of the lock's text, which its line "version 2" says.
// Texts without that line are of version 1: they do not hold the limits, defaults and
// checks of fields and tables, nor former names.
const version = 2

type Kind string

const (
	Enum  Kind = "enum"  // a value of an enum, in its enum
	Field Kind = "field" // a field, in its table or struct
	Index Kind = "index" // an index, in its table
	Table Kind = "table" // a table, among all
)

// A ID is what has a number: the name of a thing in its owner, which is a
// table, a struct or an enum; "" for a table.
type ID struct {
	Kind  Kind
	Owner string
	Name  string
}

func (n ID) String() string {
	if n.Owner == "" {
		return n.Name
	}
	return n.Owner + "." + n.Name
}

// What is the thing in a message.
func (n ID) What() string {
	if n.Kind == Enum {
		return "the value " + n.String()
	}
	return "the " + string(n.Kind) + " " + n.String()
}

type Entry struct {
	ID
	Number  int64
	Retired bool
	Was     []string // former names
	Live    bool     // in the Set that numbers are given to
	Shape   string   // what stands after the number; "" where the line does not say
	Pos     diag.Pos // where it was read; none for a new one
}

// limit is the greatest number of a kind: fields are numbered as protobuf does.
func (k Kind) limit() int64 {
	if k == Field {
		return 1<<29 - 1
	}
	return math.MaxInt32
}

// Numbers that protobuf keeps for itself.
const (
	ReservedFirst = 19000
	ReservedLast  = 19999
)

// Valid reports whether a number can be given.
func (k Kind) Valid(n int64) bool {
	return n >= 1 && n <= k.limit() && (k != Field || n < ReservedFirst || n > ReservedLast)
}

func New() *Lock { return &Lock{Version: version, byName: map[ID]*Entry{}} }

type NumberKey struct {
	Kind   Kind
	Owner  string
	Number int64
}

// Find returns the line of a name, or nil.
func (l *Lock) Find(n ID) *Entry { return l.byName[n] }

// Rename gives a line another name.
func (l *Lock) Rename(e *Entry, n ID) {
	delete(l.byName, e.ID)
	e.ID = n
	l.byName[n] = e
}

// Remove takes a line out.
func (l *Lock) Remove(e *Entry) {
	delete(l.byName, e.ID)
	l.Entries = slices.DeleteFunc(l.Entries, func(x *Entry) bool { return x == e })
}

// Reindex finds lines by their names anew, after names of several were changed.
func (l *Lock) Reindex() {
	clear(l.byName)
	for _, e := range l.Entries {
		l.byName[e.ID] = e
	}
}

// Add adds a line.
func (l *Lock) Add(e *Entry) {
	l.Entries = append(l.Entries, e)
	l.byName[e.ID] = e
}

// Format returns the lock's text, which ParseLock reads.
func (l *Lock) Format() []byte {
	sorted := slices.Clone(l.Entries)
	slices.SortFunc(sorted, func(a, b *Entry) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Owner, b.Owner), cmp.Compare(a.Number, b.Number))
	})
	b := make([]byte, 0, 64*(len(sorted)+2)) // about what it takes
	b = append(b, "# storegen.lock: the numbers that stored bytes depend on. Commit it; never edit it.\n"...)
	b = append(strconv.AppendInt(append(b, "version "...), version, 10), '\n')
	for _, e := range sorted {
		b = append(append(b, e.Kind...), ' ')
		if e.Owner != "" {
			b = append(append(b, e.Owner...), '.')
		}
		b = append(append(b, e.Name...), ' ')
		b = strconv.AppendInt(b, e.Number, 10)
		switch {
		case e.Retired:
			b = append(b, " retired"...)
		case e.Shape != "":
			b = append(append(b, ' '), e.Shape...)
		}
		if len(e.Was) > 0 {
			b = append(append(append(b, " was("...), strings.Join(e.Was, ", ")...), ')')
		}
		b = append(b, '\n')
	}
	return b
}
