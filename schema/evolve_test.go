package schema

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/storegen/storegen/internal/torture/inputs"
)

// Each file below testdata/changes is a schema before and after a change, and
// what is said about it. Every rule of changes has one.
func TestChanges(t *testing.T) {
	files, err := filepath.Glob("testdata/changes/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	classes := map[string]Class{}
	for _, rule := range ChangeRules() {
		classes[rule.ID] = rule.Class
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			archive, before, after := changeCase(t, file)
			var got strings.Builder
			for _, e := range changesOf(t, before, after) {
				seen[e.Rule] = true
				got.WriteString(e.String() + "\n")
				if e.Class != classes[e.Rule] || e.Note == "" || (e.Mend == "") != (e.Class == Safe) || e.Source == "" {
					t.Errorf("something is missing or too much: %s", e)
				}
			}
			want := changeWant(t, archive)
			if *update {
				want.Data = []byte(got.String())
				if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(want.Data), got.String()); diff != "" {
				t.Errorf("(-want +got); go test -update writes it anew:\n%s", diff)
			}
		})
	}
	for _, rule := range ChangeRules() {
		if !seen[rule.ID] {
			t.Errorf("the rule %s has no case below testdata/changes", rule.ID)
		}
		if ruleIDs[rule.ID] {
			t.Errorf("%s is a rule of changes and of schemas", rule.ID)
		}
		if rule.Reason == "" || (rule.Mend == "") != (rule.Class == Safe) {
			t.Errorf("%s has the reason %q and the mend %q", rule.ID, rule.Reason, rule.Mend)
		}
		delete(seen, rule.ID)
	}
	for id := range seen {
		t.Errorf("%s is not among the ChangeRules", id)
	}
}

// A lock that says no more than names and numbers, as older ones do, shows what
// was added, removed and renamed; and the next one says all.
func TestChangesOfOldLock(t *testing.T) {
	text := "field t.id 1\nfield t.a 2\nfield t.b 3\nindex t.a 1\ntable t 1\n"
	set, err := parseText("table: t\naccess: public\nkey: [id, more]\nfields: {id: string, more: int32, c: {type: uuid, was: a}}\nindexes: {c: c}\n", text)
	if err != nil {
		t.Fatal(err)
	}
	before, err := ParseLock("storegen.lock", []byte(text))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range Evolve(before, set) {
		got = append(got, e.Rule)
	}
	want := []string{"key-changed", "field-renamed", "index-added", "field-removed", "index-removed"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if diff := cmp.Diff("field t.id 1 string key 1\nfield t.c 2 uuid was(a)\nfield t.b 3 retired\nfield t.more 4 int32 key 2\nindex t.a 1 retired\nindex t.c 2 on(c)\ntable t 1 public\n", lockLines(set.Lock)); diff != "" {
		t.Errorf("the lock (-want +got):\n%s", diff)
	}
}

// changeWant is what a case wants to be said.
func changeWant(t *testing.T, archive *txtar.Archive) *txtar.File {
	t.Helper()
	for i := range archive.Files {
		if archive.Files[i].Name == "want" {
			return &archive.Files[i]
		}
	}
	t.Fatal("the case has no file want")
	return nil
}

// FuzzEvolve: whatever a lock says that can be read, the schema that it is held
// against either does not fit it, which is told with places, or is compared with it
// to changes that have places, classes and reasons.
func FuzzEvolve(tf *testing.F) {
	f := inputs.New(tf)
	files, err := filepath.Glob("testdata/changes/*.txtar")
	if err != nil || len(files) == 0 {
		tf.Fatalf("%v, %v", files, err)
	}
	var after []Source
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			tf.Fatal(err)
		}
		var before []Source
		for _, a := range archive.Files {
			if name, ok := strings.CutPrefix(a.Name, "before/"); ok {
				before = append(before, Source{Name: name, Data: a.Data})
			}
			if name, ok := strings.CutPrefix(a.Name, "after/"); ok && strings.HasSuffix(file, "index_changed.txtar") {
				after = append(after, Source{Name: name, Data: a.Data})
			}
		}
		old, err := ParseGo(before, nil, fakeGo)
		if err != nil {
			tf.Fatal(err)
		}
		f.Add(old.Lock.Format())
	}
	f.Add([]byte("field Box.w 1 Box key 1\nfield Box.h 2 []Kind\nfield things.id 1 Box key 1\nfield Kind.x 1 Kind\nenum Kind.good 3\nindex things.name 1 on(id) where(id == good and has x)\ntable things 1 owner ttl(x y) per(p Box)\n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		before, err := ParseLock("x.lock", data)
		if err != nil {
			return // FuzzLock looks at these
		}
		set, err := ParseGo(after, &Source{Name: "x.lock", Data: data}, fakeGo)
		if err != nil {
			checkPlaces(t, err.(Diagnostics))
			return
		}
		for _, e := range Evolve(before, set) {
			if e.Line < 1 || e.Col < 1 || e.File == "" || e.Message == "" || e.Note == "" || (e.Mend == "") != (e.Class == Safe) {
				t.Errorf("something is missing or too much: %s", e)
			}
		}
	})
}
