package resolve

import (
	"go/token"
	"strings"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/naming"
	"github.com/storegen/storegen/schema/rules"
)

// lower checks a name that must be lower-case with underscores.
func (rs *resolver) lower(n *syntax.Node, what string) bool {
	return rs.name(n, what, naming.IsLower, func() string {
		return "write it as " + naming.AsLower(n.Text) + ": a lower-case letter, then lower-case letters, digits and _"
	})
}

// upper checks a name that must begin with a capital.
func (rs *resolver) upper(n *syntax.Node, what string) bool {
	return rs.name(n, what, naming.Upper.MatchString, func() string {
		return "write it as " + naming.AsUpper(n.Text) + ": a capital letter, then letters and digits"
	})
}

func (rs *resolver) name(n *syntax.Node, what string, right func(string) bool, help func() string) bool {
	if !right(n.Text) {
		rs.Report(rules.NamePattern, n.Pos, "%q cannot be the name of %s", n.Text, what).Help("%s", help())
		return false
	}
	if len(n.Text) > naming.MaxLen {
		rs.Report(rules.NamePattern, n.Pos, "the name of %s has %s", what, diag.Count(len(n.Text), "character")).Help("keep it to %d", naming.MaxLen)
		return false
	}
	return true
}

// packageName reports a name of a table or group that cannot be that of a Go package.
func (rs *resolver) packageName(pos diag.Pos, name, what string) bool {
	why := ""
	switch {
	case token.IsKeyword(name):
		why = "a word of the Go language"
	case lang.Predeclared[name]:
		why = "a predeclared name of Go"
	case lang.ReservedPackages[name] != "":
		why = lang.ReservedPackages[name]
	case naming.DeviceName(name):
		why = "a folder whose name means a device on Windows, which no module may have"
	case strings.HasSuffix(name, "_test"):
		why = "the form of a Go test package's name"
	default:
		return true
	}
	rs.Report(rules.NameReserved, pos, "%q cannot be the name of %s: as a Go package it is %s", name, what, why).Help("use another name")
	return false
}

// reserved reports a Go name that generated code uses itself. It returns whether the
// name was free.
func (rs *resolver) reserved(set map[string]bool, goName, what string, pos diag.Pos) bool {
	if !set[goName] {
		return true
	}
	rs.Report(rules.NameReserved, pos, "%s would be %s in Go, a name that the generated code uses itself", what, goName).Help("use another name")
	return false
}

// word reports a name that is a word of conditions.
func (rs *resolver) word(n *syntax.Node, what string) bool {
	if !lang.Words[n.Text] {
		return true
	}
	rs.Report(rules.NameReserved, n.Pos, "%q cannot be the name of %s: it is a word of expressions and index columns", n.Text, what).Help("use another name")
	return false
}

// formers are the former names of something, of which right says whether there can be such
// a name.
func (rs *resolver) formers(nodes []*syntax.Node, right func(string) bool) []string {
	var out []string
	for _, n := range nodes {
		if !right(n.Text) {
			rs.Report(rules.NamePattern, n.Pos, "%q cannot be a former name: nothing could be named so", n.Text).
				Help("write the name as the schema had it, or remove was:")
			continue
		}
		out = append(out, n.Text)
	}
	return out
}

// What a name can be, for formers.
func isLower(name string) bool { return naming.IsLower(name) && len(name) <= naming.MaxLen }
func isUpper(name string) bool { return naming.Upper.MatchString(name) && len(name) <= naming.MaxLen }
func isTable(name string) bool {
	group, name, grouped := strings.Cut(name, ".")
	return isLower(group) && (!grouped || isLower(name))
}
