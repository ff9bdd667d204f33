package templates

import (
	"go/token"
	"go/types"
	"strconv"
	"strings"

	"github.com/storegen/storegen/schema/naming"
)

// hidden are the names that a parameter named after a field must not have, since its
// function uses them: packages, and what the package of a table declares.
var hidden = map[string]bool{"models": true, "context": true, "time": true, "json": true, "codec": true, "take": true}

func init() {
	for name, path := range packages {
		if strings.Contains(path, ".") {
			hidden[name] = true
		}
	}
	for _, name := range types.Universe.Names() {
		hidden[name] = true
	}
}

// paramNames are names for parameters that stand for fields: namespaceID for
// NamespaceID, id for ID. All are different, and none is one of beside.
func paramNames(fields []string, beside ...string) []string {
	seen := map[string]bool{}
	for _, name := range beside {
		seen[name] = true
	}
	out := make([]string, len(fields))
	for i, f := range fields {
		name := lower(f)
		if hidden[name] || seen[name] || token.IsKeyword(name) {
			name += "_"
		}
		for n, first := 2, name; seen[name]; n++ {
			name = first + strconv.Itoa(n)
		}
		seen[name] = true
		out[i] = name
	}
	return out
}

// lower makes the first word of a Go name lower-case.
func lower(name string) string {
	n := 0
	for n < len(name) && name[n] >= 'A' && name[n] <= 'Z' {
		n++
	}
	if n > 1 && n < len(name) {
		n-- // the last capital begins the next word
	}
	n = max(n, 1)
	return strings.ToLower(name[:n]) + name[n:]
}

// typeFileName is the file name of a named type: UserID is in userid.go. It has
// no underscore, since the go command reads user_test.go and os_linux.go as more
// than names.
func typeFileName(name string) string {
	name = strings.ToLower(name)
	if naming.DeviceName(name) {
		name += "_type"
	}
	return name + ".go"
}
