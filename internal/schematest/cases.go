package schematest

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/evolve"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/rules"
)

// LoadCase loads a folder of testdata/errors: by its storegen.yaml where it has
// one, else as a schema folder.
func LoadCase(dir string) (*schema.Set, error) {
	c := &load.Config{Schemas: dir, Lock: filepath.Join(dir, "storegen.lock")}
	config := filepath.Join(dir, "storegen.yaml")
	if _, err := os.Stat(config); err == nil {
		if c, err = load.ReadConfig(config); err != nil {
			return nil, err
		}
	}
	return load.Schemas(c)
}

var RuleIDs = func() map[string]bool {
	ids := map[string]bool{}
	for _, r := range rules.All() {
		ids[r.ID] = true
	}
	return ids
}()

// CheckPlaces checks that diagnostics are in order and point into their lines.
func CheckPlaces(t *testing.T, ds diag.Diagnostics) {
	t.Helper()
	if len(ds) == 0 {
		t.Error("an error without diagnostics")
	}
	for i, d := range ds {
		width := utf8.RuneCountInString(d.Source)
		if d.File == "" || d.Line < 1 || d.Col < 1 || d.Col > width+1 || d.EndCol <= d.Col || d.EndCol > width+2 {
			t.Errorf("%s:%d:%d-%d [%s] is not in its line %q", d.File, d.Line, d.Col, d.EndCol, d.Rule, d.Source)
		}
		for _, r := range d.Related {
			width := utf8.RuneCountInString(r.Source)
			if r.File == "" || r.Line < 1 || r.Col < 1 || r.Col > width+1 || r.EndCol <= r.Col {
				t.Errorf("related %s:%d:%d-%d of [%s] is not in its line %q", r.File, r.Line, r.Col, r.EndCol, d.Rule, r.Source)
			}
		}
		if d.Help == "" {
			t.Errorf("%s:%d: nothing is said about what to do: %s", d.File, d.Line, d)
		}
		if d.Message == "" || !RuleIDs[d.Rule] {
			t.Errorf("%s:%d: the message %q or the rule %q is broken", d.File, d.Line, d.Message, d.Rule)
		}
		if i > 0 {
			p := ds[i-1]
			if p.File > d.File || p.File == d.File && (p.Line > d.Line || p.Line == d.Line && p.Col > d.Col) {
				t.Errorf("%s:%d:%d stands after %s:%d:%d", d.File, d.Line, d.Col, p.File, p.Line, p.Col)
			}
		}
	}
}

// ChangeCase reads a file of testdata/changes: a schema as it was and as it is.
func ChangeCase(t *testing.T, file string) (archive *txtar.Archive, before, after []schema.Source) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, "before/"); ok {
			before = append(before, schema.Source{Name: name, Data: f.Data})
		}
		if name, ok := strings.CutPrefix(f.Name, "after/"); ok {
			after = append(after, schema.Source{Name: name, Data: f.Data})
		}
	}
	return archive, before, after
}

// ChangesOf loads a schema as it was and, with the lock of then, as it is.
func ChangesOf(t *testing.T, before, after []schema.Source) []evolve.Change {
	t.Helper()
	old, err := load.ParseWithGo(before, nil, FakeGo)
	if err != nil {
		t.Fatal(err)
	}
	text := old.Lock.Format()
	set, err := load.ParseWithGo(after, &schema.Source{Name: "storegen.lock", Data: text}, FakeGo)
	if err != nil {
		t.Fatal(err)
	}
	then, err := lock.Parse("storegen.lock", text)
	if err != nil {
		t.Fatal(err)
	}
	changes := evolve.Compare(then, set)
	now, err := lock.Parse("storegen.lock", set.Lock.Format())
	if err != nil {
		t.Fatal(err)
	}
	set, err = load.ParseWithGo(after, &schema.Source{Name: "storegen.lock", Data: set.Lock.Format()}, FakeGo)
	if err != nil {
		t.Fatal(err)
	}
	if again := evolve.Compare(now, set); len(again) > 0 {
		t.Errorf("a schema against its own lock: %v", again)
	}
	return changes
}
