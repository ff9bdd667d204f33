package starter

import (
	"strings"
	"testing"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
)

func TestTable(t *testing.T) {
	for name, want := range map[string]string{
		"notes": "Note", "app.categories": "Category", "user_ids": "UserID", "news": "New", "access": "Access",
		"stores": "Row", "keys": "Key", "s": "Row", "app.s3": "S3",
	} {
		text, err := Table(name)
		if err != nil {
			t.Errorf("%s: %v", name, err)
			continue
		}
		set, err := load.Parse([]schema.Source{{Name: FileName(name), Data: text}}, nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := set.Table(name).Row; got != want {
			t.Errorf("a row of %s is called %s, want %s", name, got, want)
		}
	}
	for _, name := range []string{"", "Notes", "a.b.c", "../x", "a b", "type", "x: y", "x # y", "x ", "a\nb: c", "#"} {
		if _, err := Table(name); err == nil {
			t.Errorf("%q is taken for the name of a table", name)
		}
	}
}

// The folders of a configuration are read back.
func TestConfig(t *testing.T) {
	if text := string(Config("schema", "db")); !strings.Contains(text, "\nschemas: schema\nout: db\n") {
		t.Errorf("got %s", text)
	}
}

// Why a name cannot be that of a table, and what to write, is said once.
func TestTableSaysWhy(t *testing.T) {
	for name, want := range map[string]string{
		"Bad":   `"Bad" cannot be the name of a table; write it as bad: a lower-case letter, then lower-case letters, digits and _`,
		"type":  `"type" cannot be the name of a table: as a Go package it is a word of the Go language; use another name`,
		"a.b.c": `"a.b.c" cannot be the name of a table: a table is in one group at most, and "a.b.c" has 2; write group.name: a.b_c`,
	} {
		if _, err := Table(name); err == nil || err.Error() != want {
			t.Errorf("%s: %v, want %s", name, err, want)
		}
	}
}
