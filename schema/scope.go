package schema

import (
	"go/token"
	"strings"
)

// lower checks a name that must be lower-case with underscores.
func (rs *resolver) lower(n *node, what string) bool {
	return rs.name(n, what, isLowerName, func() string {
		return "write it as " + suggestLower(n.text) + ": a lower-case letter, then lower-case letters, digits and _"
	})
}

// upper checks a name that must begin with a capital.
func (rs *resolver) upper(n *node, what string) bool {
	return rs.name(n, what, upperName.MatchString, func() string {
		return "write it as " + suggestUpper(n.text) + ": a capital letter, then letters and digits"
	})
}

func (rs *resolver) name(n *node, what string, right func(string) bool, mend func() string) bool {
	if !right(n.text) {
		rs.report(ruleNamePattern, n.pos, "%q cannot be the name of %s", n.text, what).mend("%s", mend())
		return false
	}
	if len(n.text) > maxName {
		rs.report(ruleNamePattern, n.pos, "the name of %s has %d characters", what, len(n.text)).mend("keep it to %d", maxName)
		return false
	}
	return true
}

// A nameScope finds names that are equal once they are Go names.
type nameScope struct {
	r     *reporter
	where string // in the package models
	seen  map[string]taken
}

type taken struct {
	what string // the field user_id
	pos  Pos
}

func newNameScope(r *reporter, where string) *nameScope {
	return &nameScope{r: r, where: where, seen: map[string]taken{}}
}

// add takes a Go name for a thing, and reports that it is taken already. It says
// whether it was free.
func (s *nameScope) add(goName, what string, pos Pos) bool {
	if first, ok := s.seen[goName]; ok {
		s.r.report(ruleNameClash, pos, "%s and %s would both be %s %s", first.what, what, goName, s.where).
			mend("rename one of them").related(first.pos, "%s is here", first.what)
		return false
	}
	s.seen[goName] = taken{what: what, pos: pos}
	return true
}

// packageName reports a table's or group's name that cannot be a Go package's.
func (rs *resolver) packageName(pos Pos, name, what string) bool {
	why := ""
	switch {
	case token.IsKeyword(name):
		why = "a word of the Go language"
	case predeclared[name]:
		why = "a predeclared name of Go"
	case reservedPackages[name] != "":
		why = reservedPackages[name]
	case DeviceName(name):
		why = "a folder whose name means a device on Windows, which no module may have"
	case strings.HasSuffix(name, "_test"):
		why = "the form of a Go test package's name"
	default:
		return true
	}
	rs.report(ruleNameReserved, pos, "%q cannot be the name of %s: as a Go package it is %s", name, what, why).mend("use another name")
	return false
}

// reserved reports a Go name that emitted code takes. It says whether it was
// free.
func (rs *resolver) reserved(set map[string]bool, goName, what string, pos Pos) bool {
	if !set[goName] {
		return true
	}
	rs.report(ruleNameReserved, pos, "%s would be %s in Go, a name that the generated code uses itself", what, goName).mend("use another name")
	return false
}

// word reports a name that has a meaning in expressions.
func (rs *resolver) word(n *node, what string) bool {
	if !words[n.text] {
		return true
	}
	rs.report(ruleNameReserved, n.pos, "%q cannot be the name of %s: it is a word of expressions and index columns", n.text, what).mend("use another name")
	return false
}
