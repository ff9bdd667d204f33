package evolve_test

import (
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/evolve"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
)

// Each file in testdata/changes is a schema before and after a change, and what is
// said about it. Every rule of changes has one.
func TestChanges(t *testing.T) {
	seen := map[string]bool{}
	classes := map[string]evolve.Class{}
	for _, rule := range evolve.Rules() {
		classes[rule.ID] = rule.Class
	}
	for _, c := range schematest.Cases(t, "testdata/changes") {
		t.Run(c.Name, func(t *testing.T) {
			var got strings.Builder
			for _, e := range c.Changes(t) {
				seen[e.Rule] = true
				got.WriteString(e.String() + "\n")
				if e.Class != classes[e.Rule] || e.Note == "" || (e.Help == "") != (e.Class == evolve.Safe) || e.Source == "" {
					t.Errorf("something is missing or too much: %s", e)
				}
			}
			c.Want(t, "want.txt", got.String())
		})
	}
	for _, rule := range evolve.Rules() {
		if !seen[rule.ID] {
			t.Errorf("the rule %s has no case in testdata/changes", rule.ID)
		}
		if schematest.RuleIDs[rule.ID] {
			t.Errorf("%s is a rule of changes and of schemas", rule.ID)
		}
		if rule.Reason == "" || (rule.Help == "") != (rule.Class == evolve.Safe) {
			t.Errorf("%s has the reason %q and the help %q", rule.ID, rule.Reason, rule.Help)
		}
		delete(seen, rule.ID)
	}
	for id := range seen {
		t.Errorf("%s is not among the Rules", id)
	}
}

// A lock that says no more than names and numbers, as older ones do, shows what
// was added, removed and renamed; and the next one says all.
func TestChangesOfOldLock(t *testing.T) {
	text := "field t.id 1\nfield t.a 2\nfield t.b 3\nindex t.a 1\ntable t 1\n"
	set, err := schematest.ParseText("table: t\naccess: public\nkey: [id, more]\nfields: {id: string, more: int32, c: {type: uuid, was: a}}\nindexes: {c: c}\n", text)
	if err != nil {
		t.Fatal(err)
	}
	before, err := lock.Parse("storegen.lock", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range evolve.Compare(before, set) {
		got = append(got, e.Rule)
	}
	want := []string{"key-changed", "field-renamed", "index-added", "field-removed", "index-removed"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("field t.id 1 string key 1\nfield t.c 2 uuid was(a)\nfield t.b 3 retired\nfield t.more 4 int32 key 2\nindex t.a 1 retired\nindex t.c 2 on(c)\ntable t 1 public\n", schematest.LockLines(set.Lock)); diff != "" {
		t.Errorf("the lock (-want +got):\n%s", diff)
	}
}

// FuzzEvolve: whatever a lock says that can be read, the schema that it is held
// against either does not fit it, which is told with places, or is compared with it
// to changes that have places, classes and reasons.
func FuzzEvolve(tf *testing.F) {
	f := inputs.New(tf)
	var after []schema.Source
	for _, c := range schematest.Cases(tf, "testdata/changes") {
		if c.Name == "index_changed" {
			after = c.Sources("after")
		}
		old, err := load.ParseWithGo(c.Sources("before"), nil, schematest.FakeGo)
		if err != nil {
			tf.Fatal(err)
		}
		f.Add(old.Lock.Format())
	}
	f.Add([]byte("field Box.w 1 Box key 1\nfield Box.h 2 []Kind\nfield things.id 1 Box key 1\nfield Kind.x 1 Kind\nenum Kind.good 3\nindex things.name 1 on(id) where(id == good and has x)\ntable things 1 owner ttl(x y) per(p Box)\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		before, err := lock.Parse("x.lock", data)
		if err != nil {
			return // FuzzLock looks at these
		}
		set, err := load.ParseWithGo(after, &schema.Source{Name: "x.lock", Data: data}, schematest.FakeGo)
		if err != nil {
			schematest.CheckPositions(t, err.(diag.Diagnostics))
			return
		}
		for _, e := range evolve.Compare(before, set) {
			if e.Line < 1 || e.Col < 1 || e.File == "" || e.Message == "" || e.Note == "" || (e.Help == "") != (e.Class == evolve.Safe) {
				t.Errorf("something is missing or too much: %s", e)
			}
		}
	})
}
