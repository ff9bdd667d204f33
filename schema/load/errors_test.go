package load_test

import (
	"strings"
	"testing"

	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/schema/rules"
)

// Each file in testdata/errors is a schema with mistakes, and what is said about
// them. Every rule has one.
func TestErrors(t *testing.T) {
	seen := map[string]bool{}
	for _, c := range schematest.Cases(t, "testdata/errors") {
		t.Run(c.Name, func(t *testing.T) {
			ds := c.Mistakes(t)
			schematest.CheckPositions(t, ds)
			for _, d := range ds {
				seen[d.Rule] = true
				if strings.Contains(d.Message+d.Note+d.Help, "%!") {
					t.Errorf("%s:%d: broken text: %s", d.File, d.Line, d)
				}
			}
			c.Want(t, "want.txt", ds.Error()+"\n")
		})
	}
	for _, rule := range rules.All() {
		if !seen[rule.ID] {
			t.Errorf("the rule %s has no case in testdata/errors", rule.ID)
		}
		delete(seen, rule.ID)
	}
	for id := range seen {
		t.Errorf("%s is not among the Rules", id)
	}
}
