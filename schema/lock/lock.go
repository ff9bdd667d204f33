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
// thing is, as far as stored bytes depend on it (see line.go):
//
//	enum JobStatus.queued 1
//	field TableID.namespace 1 string key 1
//	field system.jobs.job_id 1 string key 1
//	field system.jobs.old_name 2 retired
//	index system.jobs.status 1 on(status, created_at desc)
//	table system.jobs 3 system ttl(finished_at 30d) was(system.tasks)
//
// The former names of a thing, was(...), stay in its line for ever: a database that
// was not opened since a rename still knows the thing by one of them.
type Lock struct {
	Version int // the version of the text that was read
	Entries []*Entry
	byName  map[ID]*Entry
	File    *diag.Text // the file; nil if the lock was not read
}

// version is the version of the text that Format writes, in the line "version 2".
// A text without that line is of version 1: it holds no limits, defaults, checks and
// former names.
const version = 2

type Kind string

const (
	Enum  Kind = "enum"  // a value of an enum, in its enum
	Field Kind = "field" // a field, in its table or struct
	Index Kind = "index" // an index, in its table
	Table Kind = "table" // a table, among all
)

// An ID names a thing that has a number. Its owner is a table, a struct or an enum;
// "" for a table.
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

// What returns the thing for messages: the field app.orders.note.
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
	Live    bool     // it is in the Set: for package numbering
	Shape   string   // what the thing is, as the line has it after the number; "" if the line does not say
	Pos     diag.Pos // the position of the line; zero for a new one
}

// limit returns the greatest number of a kind. Fields have the limit of protobuf.
func (k Kind) limit() int64 {
	if k == Field {
		return 1<<29 - 1
	}
	return math.MaxInt32
}

// The numbers that protobuf reserves.
const (
	ReservedFirst = 19000
	ReservedLast  = 19999
)

// Valid reports whether a thing of this kind can have a number.
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

// Reindex must be called after names of entries were changed directly.
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

// Format returns the text of the lock, which Parse reads.
func (l *Lock) Format() []byte {
	sorted := slices.Clone(l.Entries)
	slices.SortFunc(sorted, func(a, b *Entry) int {
		return cmp.Or(strings.Compare(string(a.Kind), string(b.Kind)), strings.Compare(a.Owner, b.Owner), cmp.Compare(a.Number, b.Number))
	})
	b := make([]byte, 0, 64*(len(sorted)+2)) // about enough
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
