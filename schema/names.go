package schema

import (
	"go/token"
	"regexp"
	"strings"
)

var (
	lowerName = regexp.MustCompile(`^[a-z][a-z0-9_]*$`)
	upperName = regexp.MustCompile(`^[A-Z][A-Za-z0-9]*$`)
)

// isLowerName is lowerName.MatchString, which is slow for all the names of a project.
func isLowerName(s string) bool {
	for i := range len(s) {
		if c := s[i]; (c < 'a' || c > 'z') && (i == 0 || c != '_' && (c < '0' || c > '9')) {
			return false
		}
	}
	return s != ""
}

// maxName is the longest name, in bytes: names become parts of file names, and
// most file systems take 255 bytes.
const maxName = 100

// initialisms are written in one case in Go names.
var initialisms = map[string]string{}

func init() {
	for _, s := range []string{
		"acl", "api", "ascii", "cidr", "cpu", "css", "dba", "db", "dns", "eof", "gcs", "gid", "guid", "html", "http", "https",
		"id", "ip", "json", "jwt", "lhs", "os", "pid", "qps", "ram", "rhs", "rpc", "s3", "sla", "smtp", "sql", "ssh", "ssl",
		"tcp", "tls", "ttl", "udp", "ui", "uid", "uri", "url", "utc", "uuid", "vm", "xml", "xss", "yaml",
	} {
		initialisms[s] = strings.ToUpper(s)
	}
	initialisms["ids"] = "IDs"
	initialisms["urls"] = "URLs"
	initialisms["oauth"] = "OAuth"
}

// GoName returns the exported Go name for a lower-case name: its parts between
// underscores, each with a capital, and initialisms in capitals (user_id is
// UserID).
func GoName(name string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(name, "_") {
		if upper, ok := initialisms[part]; ok {
			b.WriteString(upper)
		} else if part != "" {
			b.WriteString(strings.ToUpper(part[:1]))
			b.WriteString(part[1:])
		}
	}
	return b.String()
}

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

// suggestLower makes a lower-case name of any text, as well as it goes.
func suggestLower(s string) string {
	var b strings.Builder
	lastLower := false
	for _, r := range s {
		switch {
		case r >= 'A' && r <= 'Z':
			if lastLower {
				b.WriteByte('_')
			}
			b.WriteRune(r + 'a' - 'A')
			lastLower = false
			continue
		case r >= 'a' && r <= 'z', r >= '0' && r <= '9' && b.Len() > 0:
			b.WriteRune(r)
		case b.Len() > 0 && !strings.HasSuffix(b.String(), "_"):
			b.WriteByte('_')
		}
		lastLower = r >= 'a' && r <= 'z' || r >= '0' && r <= '9'
	}
	if name := strings.TrimRight(b.String(), "_"); name != "" && len(name) <= maxName {
		return name
	}
	return "a_name"
}

func suggestUpper(s string) string {
	if name := GoName(suggestLower(s)); name != "AName" {
		return name
	}
	return "AName"
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

// DeviceName reports whether a lower-case name means a device on Windows. Files
// and folders of that name, whatever follows a dot, cannot be made there, and no
// Go module may have them.
func DeviceName(name string) bool {
	switch name {
	case "con", "prn", "aux", "nul":
		return true
	}
	for _, prefix := range []string{"com", "lpt"} {
		if digit, ok := strings.CutPrefix(name, prefix); ok && len(digit) == 1 && digit[0] >= '1' && digit[0] <= '9' {
			return true
		}
	}
	return false
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
