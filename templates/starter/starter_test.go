package starter

import (
	"strings"
	"testing"

	"github.com/storegen/storegen/schema"
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
		set, err := schema.Parse([]schema.Source{{Name: FileName(name), Data: text}}, nil)
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
