package main

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
)

// module is the module that the corpus is made as.
const module = "example.com/corpus"

// A column is one of a table of the corpus, in the words of each generator.
type column struct {
	name, yaml, sql string
	ent             string // the field's constructor, and what follows it
}

// columns are those of every table: what tables of programs have.
var columns = []column{
	{"id", "string", "TEXT NOT NULL PRIMARY KEY", `field.String("id")`},
	{"name", "string", "TEXT NOT NULL", `field.String("name")`},
	{"kind", "int32", "INTEGER NOT NULL", `field.Int32("kind")`},
	{"size", "int64", "BIGINT NOT NULL", `field.Int64("size")`},
	{"active", "bool", "BOOLEAN NOT NULL", `field.Bool("active")`},
	{"ratio", "float64?", "REAL", `field.Float("ratio").Optional().Nillable()`},
	{"created_at", "timestamp", "TIMESTAMP NOT NULL", `field.Time("created_at")`},
	{"note", "string?", "TEXT", `field.String("note").Optional().Nillable()`},
}

// tablesInGroup is how many tables one group has.
const tablesInGroup = 25

// tableName is the name of a table of the corpus, and that of its group.
func tableName(i int) (group, table string) {
	return fmt.Sprintf("group%d", i/tablesInGroup), fmt.Sprintf("table%d", i)
}

// schemaOf is a table in the language of storegen: eight columns, two indexes.
func schemaOf(i int, note string) string {
	group, table := tableName(i)
	var b strings.Builder
	fmt.Fprintf(&b, "table: %s.%s\ndoc: Things of the kind %d%s.\naccess: public\nrow: Thing\nkey: id\nfields:\n", group, table, i, note)
	for _, c := range columns {
		fmt.Fprintf(&b, "  %s: %s\n", c.name, c.yaml)
	}
	b.WriteString("indexes:\n  name: {on: [name], unique: true}\n  kind: {on: [kind, created_at desc]}\n")
	return b.String()
}

// writeSchemas writes a module with n tables into a folder.
func writeSchemas(dir string, n int) error {
	files := map[string]string{
		"go.mod":        "module " + module + "\n\ngo 1.26\n",
		"storegen.yaml": "schemas: schema\nout: db\n",
	}
	for i := range n {
		files[schemaFile(i)] = schemaOf(i, "")
	}
	return writeFiles(dir, files)
}

// schemaFile is the file of a table, below the folder of the module.
func schemaFile(i int) string {
	group, table := tableName(i)
	return "schema/" + group + "/" + table + ".yaml"
}

func writeFiles(dir string, files map[string]string) error {
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			return err
		}
	}
	return nil
}
