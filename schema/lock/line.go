package lock

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/naming"
)

// This file reads and writes what a line of the lock says after the number: what the
// thing is, as far as stored bytes depend on it. Package evolve rebuilds the schema
// of that time from it.
//
//	field system.jobs.tags 4 []string          its type; a named scalar as its underlying one
//	field system.jobs.axes 8 [3]float64        a list that is an array of three in Go
//	field system.jobs.note 5 string?           it may be absent
//	field TableID.table 2 string key 2         the second part of the key
//	field system.jobs.at 6 string as net/netip.Addr  the methods of a Go type make the string
//	field system.jobs.kind 7 string min 1 max 9 default("x")  its limits and default
//	index system.jobs.tag 2 unique on(each tags, at desc) include(note) where(note == "x")
//	table system.jobs 3 system ttl(at 30d) per(namespace string) check("note == \"x\"")
//
// Lines refer to things by name, not by number, so that two branches differ only in
// lines that both have added. Older locks have lines without any of this.

// A FieldLine is what the lock says of a field.
type FieldLine struct {
	List, Mapped bool
	Len          int    // of a list that is an array in Go; 0 for others
	MapKey       string // the scalar of the keys of a map
	Of           string // a scalar, or the name of a struct or enum
	Optional     bool
	Key          int    // the position in the key, from 1; 0 if it is not in it
	As, Keys     string // the Go types whose methods make the stored values, and the keys of a map
	Wire         string // of a message: how its number is written, where it is not as most of its type
	Limits       Limits
	Default      string // the default as a literal; "" if there is none
}

// Limits are the allowed lengths of a string or bytes, of the elements of a list or
// map, and of the keys of a map; 0 is no limit.
type Limits struct{ Min, Max, KeyMin, KeyMax int }

// String returns the limits as in the lock, each with a blank before it.
func (l Limits) String() string {
	var b strings.Builder
	for _, x := range []struct {
		name string
		n    int
	}{{"min", l.Min}, {"max", l.Max}, {"keymin", l.KeyMin}, {"keymax", l.KeyMax}} {
		if x.n > 0 {
			fmt.Fprintf(&b, " %s %d", x.name, x.n)
		}
	}
	return b.String()
}

var fieldLineForm = regexp.MustCompile(`^(\[([1-9][0-9]{0,4})?\]|map\[([a-z][a-z0-9_]*)\])?([a-z][a-z0-9_]*(?:\[[0-9]+\]|\([0-9]+(?:,[0-9]+)*\))?|[A-Z][A-Za-z0-9]*)(\??)(?: key ([1-9][0-9]{0,3}))?(?: as ([^\s(),]+))?(?: keys ([^\s(),]+))?(?: wire ([a-z][a-z0-9]*))?` +
	`(?: min ([1-9][0-9]{0,9}))?(?: max ([1-9][0-9]{0,9}))?(?: keymin ([1-9][0-9]{0,9}))?(?: keymax ([1-9][0-9]{0,9}))?(?: default\(("(?:[^"\\]|\\.)*"|[A-Za-z0-9_+.-]+)\))?$`)

func ParseField(text string) (FieldLine, bool) {
	if lang.IsScalar(text) {
		return FieldLine{Of: text}, true // the most frequent case
	}
	m := fieldLineForm.FindStringSubmatch(text)
	if m == nil || m[4][0] >= 'a' && !lang.IsScalar(m[4]) || m[3] != "" && !keysMaps(m[3]) {
		return FieldLine{}, false
	}
	s := FieldLine{List: m[1] != "" && m[3] == "", Mapped: m[3] != "", MapKey: m[3], Of: m[4], Optional: m[5] != "", As: m[7], Keys: m[8], Wire: m[9]}
	for i, n := range []*int{2: &s.Len, 6: &s.Key, 10: &s.Limits.Min, 11: &s.Limits.Max, 12: &s.Limits.KeyMin, 13: &s.Limits.KeyMax} {
		if n != nil {
			*n, _ = strconv.Atoi(m[i]) // digits, or nothing
		}
	}
	s.Default = m[14]
	return s, (!s.Optional || m[1] == "" && s.Key == 0) && (s.Keys == "" || s.MapKey == "string") && s.Len <= kind.MaxArray
}

func keysMaps(scalar string) bool {
	row := kind.Named(scalar)
	return row != nil && row.Kind.KeysMaps()
}

// An IndexLine is what the lock says of an index.
type IndexLine struct {
	Unique  bool
	On      []ColumnLine
	Include []string
	Where   string
}

// A ColumnLine is a column of an index.
type ColumnLine struct {
	Field string
	catalog.Options
}

var indexLineForm = regexp.MustCompile(`^(unique )?on\(([^()]*)\)(?: include\(([^()]*)\))?(?: where\((.+)\))?$`)

func ParseIndex(text string) (IndexLine, bool) {
	m := indexLineForm.FindStringSubmatch(text)
	if m == nil {
		return IndexLine{}, false
	}
	s := IndexLine{Unique: m[1] != "", Where: m[4]}
	for _, part := range strings.Split(m[2], ", ") {
		field, options, ok := catalog.ParseColumn(part)
		if !ok || !naming.Lower.MatchString(field) {
			return s, false
		}
		s.On = append(s.On, ColumnLine{field, options})
	}
	if m[3] == "" {
		return s, true
	}
	s.Include = strings.Split(m[3], ", ")
	return s, !slices.ContainsFunc(s.Include, func(name string) bool { return !naming.Lower.MatchString(name) })
}

// A TableLine is what the lock says of a table.
type TableLine struct {
	Access string
	// Whole says how rows are stored whole: "message" or "own"; "" for field by field.
	Whole  string
	Blind  bool   // a put does not read the row that it replaces
	TTL    string // "from keep"; "" if rows do not expire
	Per    []FieldLine
	Names  []string   // of per
	Was    [][]string // former names of per
	Checks []string   // as they were written
}

var (
	tableLineForm = regexp.MustCompile(`^([a-z]+)(?: (message|own))?( blind)?(?: ttl\(([a-z][a-z0-9_]* [a-z0-9_]+)\))?(?: per\(((?:[^()]|\([^()]*\))*)\))?((?: check\("(?:[^"\\]|\\.)*"\))*)$`)
	perLineForm   = regexp.MustCompile(`^([a-z][a-z0-9_]*) ([A-Za-z0-9_\[\]]+(?:\([0-9,]+\))?(?: as [^\s(),]+)?(?: min [0-9]+)?(?: max [0-9]+)?)(?: was ([a-z0-9_ ]+))?$`)
)

func ParseTable(text string) (TableLine, bool) {
	m := tableLineForm.FindStringSubmatch(text)
	if m == nil {
		return TableLine{}, false
	}
	if m[1] != lang.OwnerAccess && !slices.Contains(lang.AccessNames, m[1]) {
		return TableLine{}, false
	}
	s := TableLine{Access: m[1], Whole: m[2], Blind: m[3] != "", TTL: m[4]}
	for rest := m[6]; rest != ""; {
		quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(rest, " check("))
		if err != nil {
			return s, false
		}
		text, _ := strconv.Unquote(quoted) // QuotedPrefix has checked it
		s.Checks = append(s.Checks, text)
		rest = strings.TrimPrefix(rest, " check("+quoted+")")
	}
	if m[5] == "" {
		return s, true
	}
	for _, part := range strings.Split(m[5], ", ") {
		p := perLineForm.FindStringSubmatch(part)
		if p == nil {
			return s, false
		}
		f, ok := ParseField(p[2])
		if !ok {
			return s, false
		}
		s.Per, s.Names, s.Was = append(s.Per, f), append(s.Names, p[1]), append(s.Was, strings.Fields(p[3]))
	}
	return s, true
}

// String returns the type, for messages.
func (l FieldLine) String() string {
	text := l.Of
	switch {
	case l.List:
		text = kind.ListText(l.Len) + text
	case l.Mapped:
		text = "map[" + l.MapKey + "]" + text
	}
	if l.Optional {
		text += "?"
	}
	if l.As != "" {
		text += " as " + l.As
	}
	return text
}
