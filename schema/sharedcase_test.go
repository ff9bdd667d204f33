package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/rogpeppe/go-internal/txtar"
)

// loadCase loads a folder of testdata/errors: by its storegen.yaml where it has
// one, else as a schema folder.
func loadCase(dir string) (*Set, error) {
	c := &Config{Schemas: dir, Lock: filepath.Join(dir, "storegen.lock")}
	config := filepath.Join(dir, "storegen.yaml")
	if _, err := os.Stat(config); err == nil {
		if c, err = LoadConfig(config); err != nil {
			return nil, err
		}
	}
	return Load(c)
}

var ruleIDs = func() map[string]bool {
	ids := map[string]bool{}
	for _, r := range Rules() {
		ids[r.ID] = true
	}
	return ids
}()

// checkPlaces checks that diagnostics are in order and point into their lines.
func checkPlaces(t *testing.T, ds Diagnostics) {
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
		if d.Mend == "" {
			t.Errorf("%s:%d: nothing is said about what to do: %s", d.File, d.Line, d)
		}
		if d.Message == "" || !ruleIDs[d.Rule] {
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

// changeCase reads a file of testdata/changes: a schema as it was and as it is.
func changeCase(t *testing.T, file string) (archive *txtar.Archive, before, after []Source) {
	t.Helper()
	archive, err := txtar.ParseFile(file)
	if err != nil {
		t.Fatal(err)
	}
	for _, f := range archive.Files {
		if name, ok := strings.CutPrefix(f.Name, "before/"); ok {
			before = append(before, Source{Name: name, Data: f.Data})
		}
		if name, ok := strings.CutPrefix(f.Name, "after/"); ok {
			after = append(after, Source{Name: name, Data: f.Data})
		}
	}
	return archive, before, after
}

// changesOf loads a schema as it was and, with the lock of then, as it is.
func changesOf(t *testing.T, before, after []Source) []Evolution {
	t.Helper()
	old, err := ParseGo(before, nil, fakeGo)
	if err != nil {
		t.Fatal(err)
	}
	text := old.Lock.Format()
	set, err := ParseGo(after, &Source{Name: "storegen.lock", Data: text}, fakeGo)
	if err != nil {
		t.Fatal(err)
	}
	then, err := ParseLock("storegen.lock", text)
	if err != nil {
		t.Fatal(err)
	}
	changes := Evolve(then, set)
	now, err := ParseLock("storegen.lock", set.Lock.Format())
	if err != nil {
		t.Fatal(err)
	}
	set, err = ParseGo(after, &Source{Name: "storegen.lock", Data: set.Lock.Format()}, fakeGo)
	if err != nil {
		t.Fatal(err)
	}
	if again := Evolve(now, set); len(again) > 0 {
		t.Errorf("a schema against its own lock: %v", again)
	}
	return changes
}
