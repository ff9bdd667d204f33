package load_test

import (
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/rules"
)

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
			set, err := schematest.LoadCase(dir)
			var ds diag.Diagnostics
			if !errors.As(err, &ds) {
				t.Fatalf("got %v and the error %v, want Diagnostics", set, err)
			}
			if set != nil {
				t.Error("there is a Set beside the error")
			}
			schematest.CheckPlaces(t, ds)
			for _, d := range ds {
				seen[d.Rule] = true
				if strings.Contains(d.Message+d.Note+d.Help, "%!") {
					t.Errorf("%s:%d: broken text: %s", d.File, d.Line, d)
				}
			}
			schematest.Golden(t, "errors/"+entry.Name()+"/want.txt", strings.ReplaceAll(ds.Error(), dir+string(filepath.Separator), "")+"\n")
		})
	}
	for _, rule := range rules.All() {
		if !seen[rule.ID] {
			t.Errorf("the rule %s has no case below testdata/errors", rule.ID)
		}
		delete(seen, rule.ID)
	}
	for id := range seen {
		t.Errorf("%s is not among the Rules", id)
	}
}
