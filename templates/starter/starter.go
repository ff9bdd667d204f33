package starter

import (
	"cmp"
	"errors"
	"fmt"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/naming"
)

// Modeline is the comment by which editors find a JSON Schema: at a path relative
// to the file that begins with it, with slashes.
func Modeline(schema string) string { return "# yaml-language-server: $schema=" + schema + "\n" }

// Config is a storegen.yaml, with the folders of schemas and packages.
func Config(schemas, out string) []byte {
	return fmt.Appendf(nil, `# Where storegen finds the schemas, and where it puts what it makes of them.
schemas: %s
out: %s
`, schemas, out)
}

// GoGenerate is a Go file of a package with the line that go generate runs. It is
// no part of a build, so that a package main needs no function for its sake.
func GoGenerate(pkg string) []byte {
	// Taken apart, since go generate would take a line of this file for its own.
	return fmt.Appendf(nil, "//go:build generate\n\npackage %s\n\n//go:%s\n", pkg, "generate "+diag.Command+" generate")
}

// Table is the schema of a table to begin with: name, or group.name. The error
// says why it cannot be the name of one.
func Table(name string) ([]byte, error) {
	var err error
	for _, row := range []string{rowName(name), "Row"} { // the first may be a name that Go code has already
		text := fmt.Appendf(nil, table, name, row)
		var set *schema.Set
		set, err = load.Parse([]schema.Source{{Name: FileName(name), Data: text}}, nil)
		if err == nil && set.Table(name) != nil {
			return text, nil
		}
	}
	var ds diag.Diagnostics
	if errors.As(err, &ds) {
		d := ds[0]
		if strings.HasPrefix(d.Message, fmt.Sprintf("%q cannot be the name of a table", name)) {
			return nil, fmt.Errorf("%s; %s", d.Message, d.Help)
		}
		return nil, fmt.Errorf("%q cannot be the name of a table: %s; %s", name, d.Message, d.Help)
	}
	return nil, fmt.Errorf("%q cannot be the name of a table", name)
}

const table = `table: %s
doc: What a row is, in a sentence.
access: private # who may read: system, public, private or restricted
row: %s
key: id
fields:
  id: {type: uuid, default: new}
  name: string
  note: string? # ? = may be absent
  created_at: {type: timestamp, default: now}
indexes:
  name: {on: [fold name]} # letter case does not count
  newest: {on: [created_at desc]}
`

// rowName is the Go name of a table's row: its name in the singular, as far as an
// s at the end tells.
func rowName(table string) string {
	name := table[strings.LastIndexByte(table, '.')+1:]
	switch {
	case strings.HasSuffix(name, "ies"):
		name = strings.TrimSuffix(name, "ies") + "y"
	case strings.HasSuffix(name, "ss"):
	default:
		name = strings.TrimSuffix(name, "s")
	}
	return cmp.Or(naming.GoName(name), "Row")
}

// FileName is where a table's schema belongs, below the schema folder and with
// slashes: group/name.yaml.
func FileName(table string) string { return strings.ReplaceAll(table, ".", "/") + ".yaml" }
