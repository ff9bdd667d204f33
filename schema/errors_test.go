package schema

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"
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

// Each folder below testdata/errors is a schema with mistakes, and want.txt what
// is said about them. Every rule has one.
func TestErrors(t *testing.T) {
	entries, err := os.ReadDir("testdata/errors")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, entry := range entries {
		t.Run(entry.Name(), func(t *testing.T) {
			dir := filepath.Join("testdata", "errors", entry.Name())
			set, err := loadCase(dir)
			var ds Diagnostics
			if !errors.As(err, &ds) {
				t.Fatalf("got %v and the error %v, want Diagnostics", set, err)
			}
			if set != nil {
				t.Error("there is a Set beside the error")
			}
			checkPlaces(t, ds)
			for _, d := range ds {
				seen[d.Rule] = true
				if strings.Contains(d.Message+d.Note+d.Mend, "%!") {
					t.Errorf("%s:%d: broken text: %s", d.File, d.Line, d)
				}
			}
			golden(t, "errors/"+entry.Name()+"/want.txt", strings.ReplaceAll(ds.Error(), dir+string(filepath.Separator), "")+"\n")
		})
	}
	for _, rule := range Rules() {
		if !seen[rule.ID] {
			t.Errorf("the rule %s has no case below testdata/errors", rule.ID)
		}
		delete(seen, rule.ID)
	}
	for id := range seen {
		t.Errorf("%s is not among the Rules", id)
	}
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

func TestRulesAreSorted(t *testing.T) {
	ids := map[string]bool{}
	for _, r := range Rules() {
		if ids[r.ID] {
			t.Errorf("%s is there twice", r.ID)
		}
		ids[r.ID] = true
		if r.Purpose == "" || !strings.HasSuffix(r.Purpose, ".") {
			t.Errorf("%s has the purpose %q", r.ID, r.Purpose)
		}
	}
	if !slices.IsSortedFunc(Rules(), func(a, b Rule) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("the rules are not in order of their ids")
	}
}
