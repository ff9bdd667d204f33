package schema

import (
	"fmt"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// This file reads and writes what a line of the lock says after the number: what
// the thing is, as far as stored bytes depend on it. From that, Evolve knows the
// schema as it was.
//
//	field system.jobs.tags 4 []string          its type; named scalars as what they are
//	field system.jobs.note 5 string?           it may be absent
//	field TableID.table 2 string key 2         the second part of the key
//	field system.jobs.at 6 string as net/netip.Addr  the methods of a Go type make the string
//	field system.jobs.kind 7 string min 1 max 9 default("x")  its limits and default
//	index system.jobs.tag 2 unique on(each tags, at desc) include(note) where(note == "x")
//	table system.jobs 3 system ttl(at 30d) per(namespace string) check("note == \"x\"")
//
// Names stand for numbers here, so that two branches do not disagree about more
// than the lines that both have added. A line without any of this, as older locks
// have them, is one of which nothing more is known.

// A fieldLine is what the lock says of a field.
type fieldLine struct {
	list, mapped bool
	of           string // a scalar, or the name of a struct or enum
	optional     bool
	key          int    // the place in a key, from 1; 0 is none
	as, keys     string // the Go types whose methods make the values, and the keys of a map
	limits       limits
	def          string // the default as a literal; "" is none
}

// limits are the lengths that are allowed: of a string or bytes, of the elements of a
// list or map, and of the keys of a map; 0 is none.
type limits struct{ min, max, keyMin, keyMax int }

// String returns the limits as a line of the lock has them, with a blank before each.
func (l limits) String() string {
	var b strings.Builder
	for _, x := range []struct {
		name string
		n    int
	}{{"min", l.min}, {"max", l.max}, {"keymin", l.keyMin}, {"keymax", l.keyMax}} {
		if x.n > 0 {
			fmt.Fprintf(&b, " %s %d", x.name, x.n)
		}
	}
	return b.String()
}

var fieldLineForm = regexp.MustCompile(`^(\[\]|map\[string\])?([a-z][a-z0-9]*|[A-Z][A-Za-z0-9]*)(\??)(?: key ([1-9][0-9]{0,3}))?(?: as ([^\s(),]+))?(?: keys ([^\s(),]+))?` +
	`(?: min ([1-9][0-9]{0,9}))?(?: max ([1-9][0-9]{0,9}))?(?: keymin ([1-9][0-9]{0,9}))?(?: keymax ([1-9][0-9]{0,9}))?(?: default\(("(?:[^"\\]|\\.)*"|[A-Za-z0-9_+.-]+)\))?$`)

func parseFieldLine(text string) (fieldLine, bool) {
	if isScalar(text) {
		return fieldLine{of: text}, true // most are
	}
	m := fieldLineForm.FindStringSubmatch(text)
	if m == nil || lowerName.MatchString(m[2]) && !isScalar(m[2]) {
		return fieldLine{}, false
	}
	s := fieldLine{list: m[1] == "[]", mapped: m[1] != "" && m[1] != "[]", of: m[2], optional: m[3] != "", as: m[5], keys: m[6]}
	for i, n := range []*int{4: &s.key, 7: &s.limits.min, 8: &s.limits.max, 9: &s.limits.keyMin, 10: &s.limits.keyMax} {
		if n != nil {
			*n, _ = strconv.Atoi(m[i]) // digits, or nothing
		}
	}
	s.def = m[11]
	return s, (!s.optional || m[1] == "" && s.key == 0) && (s.keys == "" || s.mapped)
}

// An indexLine is what the lock says of an index.
type indexLine struct {
	unique  bool
	on      []columnLine
	include []string
	where   string
}

type columnLine struct {
	field            string
	each, fold, desc bool
}

var (
	indexLineForm  = regexp.MustCompile(`^(unique )?on\(([^()]*)\)(?: include\(([^()]*)\))?(?: where\((.+)\))?$`)
	columnLineForm = regexp.MustCompile(`^(each )?(fold )?([a-z][a-z0-9_]*)( desc)?$`)
)

func parseIndexLine(text string) (indexLine, bool) {
	m := indexLineForm.FindStringSubmatch(text)
	if m == nil {
		return indexLine{}, false
	}
	s := indexLine{unique: m[1] != "", where: m[4]}
	for _, part := range strings.Split(m[2], ", ") {
		c := columnLineForm.FindStringSubmatch(part)
		if c == nil {
			return s, false
		}
		s.on = append(s.on, columnLine{field: c[3], each: c[1] != "", fold: c[2] != "", desc: c[4] != ""})
	}
	if m[3] == "" {
		return s, true
	}
	s.include = strings.Split(m[3], ", ")
	return s, !slices.ContainsFunc(s.include, func(name string) bool { return !lowerName.MatchString(name) })
}

// A tableLine is what the lock says of a table.
type tableLine struct {
	access string
	ttl    string // "from keep"; "" is none
	per    []fieldLine
	names  []string   // of per
	was    [][]string // former names of per
	checks []string   // as they were written
}

var (
	tableLineForm = regexp.MustCompile(`^([a-z]+)(?: ttl\(([a-z][a-z0-9_]* [a-z0-9_]+)\))?(?: per\(([^()]*)\))?((?: check\("(?:[^"\\]|\\.)*"\))*)$`)
	perLineForm   = regexp.MustCompile(`^([a-z][a-z0-9_]*) ([A-Za-z0-9]+(?: as [^\s(),]+)?(?: min [0-9]+)?(?: max [0-9]+)?)(?: was ([a-z0-9_ ]+))?$`)
)

func parseTableLine(text string) (tableLine, bool) {
	m := tableLineForm.FindStringSubmatch(text)
	if m == nil {
		return tableLine{}, false
	}
	if m[1] != ownerAccess && !slices.Contains(accessNames, m[1]) {
		return tableLine{}, false
	}
	s := tableLine{access: m[1], ttl: m[2]}
	for rest := m[4]; rest != ""; {
		quoted, err := strconv.QuotedPrefix(strings.TrimPrefix(rest, " check("))
		if err != nil {
			return s, false
		}
		text, _ := strconv.Unquote(quoted) // which QuotedPrefix has seen
		s.checks = append(s.checks, text)
		rest = strings.TrimPrefix(rest, " check("+quoted+")")
	}
	if m[3] == "" {
		return s, true
	}
	for _, part := range strings.Split(m[3], ", ") {
		p := perLineForm.FindStringSubmatch(part)
		if p == nil {
			return s, false
		}
		f, ok := parseFieldLine(p[2])
		if !ok {
			return s, false
		}
		s.per, s.names, s.was = append(s.per, f), append(s.names, p[1]), append(s.was, strings.Fields(p[3]))
	}
	return s, true
}

// String is the type in a field's line.
func (l fieldLine) String() string {
	text := l.of
	switch {
	case l.list:
		text = "[]" + text
	case l.mapped:
		text = "map[string]" + text
	}
	if l.optional {
		text += "?"
	}
	if l.as != "" {
		text += " as " + l.as
	}
	return text
}
