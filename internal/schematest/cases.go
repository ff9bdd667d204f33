package schematest

import (
	"testing"
	"unicode/utf8"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/evolve"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
	"github.com/storegen/storegen/schema/rules"
)

// RuleIDs are the ids of the rules.
var RuleIDs = func() map[string]bool {
	ids := map[string]bool{}
	for _, r := range rules.All() {
		ids[r.ID] = true
	}
	return ids
}()

// CheckPositions checks that diagnostics are complete, sorted, and have positions inside
// their lines.
func CheckPositions(t testing.TB, ds diag.Diagnostics) {
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

// Changes loads the schema in the folder before and, with its lock, the schema in the
// folder after, and returns the changes. A schema in the folder first has come before, and
// has left its numbers in the lock.
func (c *Case) Changes(t testing.TB) []evolve.Change {
	t.Helper()
	before, after := c.Sources("before"), c.Sources("after")
	var first *schema.Source
	if earlier := c.Sources("first"); len(earlier) > 0 {
		set, err := load.ParseWithGo(earlier, nil, FakeGo)
		if err != nil {
			t.Fatal(err)
		}
		first = &schema.Source{Name: "storegen.lock", Data: set.Lock.Format()}
	}
	old, err := load.ParseWithGo(before, first, FakeGo)
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
