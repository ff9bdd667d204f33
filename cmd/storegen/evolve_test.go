package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/storegen/storegen/generated/shared"
	"github.com/storegen/storegen/generated/stream"
	"github.com/storegen/storegen/generated/system/jobs"
	"github.com/storegen/storegen/generated/system/live_queries"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/evolve"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
	"pgregory.net/rapid"
)

// The schema's opinion of a change and the runtime's are two pieces of code that
// know nothing of each other. Here one is compared with the other: what plan says
// before generate is what a database says when it is opened.

// The description that the tests go by is the one that is generated.
func TestDescribed(t *testing.T) {
	config, err := load.ReadConfig("../../storegen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	set, err := load.Schemas(config)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []*catalog.Table{jobs.Desc, users.Desc, live_queries.Desc, shared.Desc, stream.Desc} {
		a, err := json.MarshalIndent(want, "", " ")
		if err != nil {
			t.Fatal(err)
		}
		b, err := json.MarshalIndent(describe.Table(set.Table(want.Name)), "", " ")
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(a), string(b)); diff != "" {
			t.Errorf("%s (-generated +described):\n%s", want.Name, diff)
		}
	}
}

// verdicts compares what plan and what a database say of a change.
func verdicts(before, after []schema.Source) (plan, open string, text string, err error) {
	old, err := load.ParseWithGo(before, nil, loadGo)
	if err != nil {
		return "", "", "", err
	}
	numbers := old.Lock.Format()
	was, err := lock.Parse("storegen.lock", numbers)
	if err != nil {
		return "", "", "", err
	}
	set, err := load.ParseWithGo(after, &schema.Source{Name: "storegen.lock", Data: numbers}, loadGo)
	if err != nil {
		return "", "", "", err
	}
	verdict := func(forbidden, lost, rebuild bool) string {
		switch {
		case forbidden:
			return "forbidden"
		case lost:
			return "lost"
		case rebuild:
			return "rebuild"
		}
		return "fits"
	}
	var b strings.Builder
	said := map[evolve.Class]bool{}
	lost := false
	for _, e := range evolve.Compare(was, set) {
		fmt.Fprintf(&b, "plan: %s\n", e)
		said[e.Class] = true
		lost = lost || e.Rule == "field-lost"
	}
	forbidden, lossy, rebuild := false, false, false
	for _, t := range set.Tables {
		for _, o := range old.Tables {
			if o.Number != t.Number {
				continue
			}
			for _, d := range catalog.Compare(describe.Table(o), describe.Table(t)) {
				fmt.Fprintf(&b, "open: %s (rebuild %v, lossy %v)\n", d, d.Rebuild, d.Lossy)
				forbidden, lossy, rebuild = forbidden || d.Refused(), lossy || d.Lossy, rebuild || d.Rebuild
			}
		}
	}
	return verdict(said[evolve.Forbidden], lost, said[evolve.Rebuild]), verdict(forbidden, lossy, rebuild), b.String(), nil
}

func TestPlanAgreesWithOpen(t *testing.T) {
	files, err := filepath.Glob("../../schema/evolve/testdata/changes/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no changes: %v", err)
	}
	seen := map[string]int{}
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var before, after []schema.Source
		for _, f := range txtar.Parse(data).Files {
			if name, ok := strings.CutPrefix(f.Name, "before/"); ok {
				before = append(before, schema.Source{Name: name, Data: f.Data})
			}
			if name, ok := strings.CutPrefix(f.Name, "after/"); ok {
				after = append(after, schema.Source{Name: name, Data: f.Data})
			}
		}
		plan, open, text, err := verdicts(before, after)
		if err != nil {
			t.Fatal(err)
		}
		seen[open]++
		if plan != open {
			t.Errorf("%s: plan says %s, and a database %s\n%s", filepath.Base(file), plan, open, text)
		}
	}
	if len(seen) != 4 {
		t.Errorf("not all verdicts were met: %v", seen)
	}
}

// A model of a small schema, which changes at random.
type model struct {
	fields  []string // names, in order
	types   map[string]string
	key     []string
	indexes map[string]string
	structs map[string][]string // parts as "name type"
	per     string
}

func (m *model) clone() *model {
	c := &model{fields: slices.Clone(m.fields), types: maps.Clone(m.types), key: slices.Clone(m.key), indexes: maps.Clone(m.indexes), structs: map[string][]string{}, per: m.per}
	for name, parts := range m.structs {
		c.structs[name] = slices.Clone(parts)
	}
	return c
}

func (m *model) sources() []schema.Source {
	var b strings.Builder
	b.WriteString("table: t\naccess: public\nkey: [" + strings.Join(m.key, ", ") + "]\n" + m.per + "fields:\n")
	for _, f := range m.fields {
		fmt.Fprintf(&b, "  %s: %q\n", f, m.types[f])
	}
	if len(m.indexes) > 0 {
		b.WriteString("indexes:\n")
		for _, name := range slices.Sorted(maps.Keys(m.indexes)) {
			fmt.Fprintf(&b, "  %s: %s\n", name, m.indexes[name])
		}
	}
	var types strings.Builder
	types.WriteString("types:\n  E: {enum: [one, two]}\n  F: {enum: [two, one]}\n  N: string\n")
	for _, name := range slices.Sorted(maps.Keys(m.structs)) {
		fmt.Fprintf(&types, "  %s: {struct: {%s}}\n", name, strings.Join(m.structs[name], ", "))
	}
	return []schema.Source{{Name: "t.yaml", Data: []byte(b.String())}, {Name: "types.yaml", Data: []byte(types.String())}}
}

var (
	modelTypes   = []string{"string", "N", "int32", "int64", "timestamp", "E", "F", "S", "R", "string?", "int32?", "E?", "[]string", "[]E", "[]S", "map[string]R", "bool"}
	modelIndexes = []string{"{on: [a]}", "{on: [a desc]}", "{on: [a, b]}", "{on: [b, a]}", "{on: [a], unique: true}", "{on: [b], include: [a]}", "{on: [b], include: [c]}",
		"{on: [a], where: has b}", "{on: [b], where: c == two}", "{on: [b], where: c == two and a < 3}", "{on: [fold a]}", "{on: [each c]}"}
	modelKeys  = [][]string{{"id"}, {"id", "a"}, {"a", "id"}, {"id", "b"}, {"b"}}
	modelParts = []string{"x: int32", "y: string", "x: string", "z: E", "y: N"}
	modelPer   = []string{"", "per: {p: string}\n", "per: {p: int32}\n", "per: {p: S}\n"}
)

// change makes one random change; the schema may be wrong afterwards.
func (m *model) change(t *rapid.T) {
	switch rapid.IntRange(0, 8).Draw(t, "change") {
	case 0, 1:
		m.types[rapid.SampledFrom([]string{"a", "b", "c"}).Draw(t, "field")] = rapid.SampledFrom(modelTypes).Draw(t, "type")
	case 2:
		m.indexes[rapid.SampledFrom([]string{"i", "j"}).Draw(t, "index")] = rapid.SampledFrom(modelIndexes).Draw(t, "shape")
	case 3:
		delete(m.indexes, rapid.SampledFrom([]string{"i", "j"}).Draw(t, "index"))
	case 4:
		m.key = rapid.SampledFrom(modelKeys).Draw(t, "key")
	case 5:
		m.structs[rapid.SampledFrom([]string{"S", "R"}).Draw(t, "struct")] = rapid.SliceOfNDistinct(rapid.SampledFrom(modelParts), 1, 3,
			func(s string) string { return s[:1] }).Draw(t, "parts")
	case 6:
		m.per = rapid.SampledFrom(modelPer).Draw(t, "per")
	case 7:
		m.fields = rapid.Permutation(m.fields).Draw(t, "order")
	case 8:
		if i := slices.Index(m.fields, "c"); i >= 0 {
			m.fields = slices.Delete(m.fields, i, i+1)
		} else {
			m.fields = append(m.fields, "c")
		}
	}
}

// Whatever changes, plan and a database agree.
func TestPlanAgreesWithOpenAtRandom(t *testing.T) {
	seen := map[string]int{}
	rapid.Check(t, func(t *rapid.T) {
		m := &model{
			fields: []string{"id", "a", "b", "c"}, types: map[string]string{"id": "string", "a": "int32", "b": "string?", "c": "E"},
			key: []string{"id"}, indexes: map[string]string{"i": "{on: [a]}"},
			structs: map[string][]string{"S": {"x: int32", "y: string"}, "R": {"x: int32", "y: string"}},
		}
		changed := func(m *model) *model { // the nearest schema that is right
			for range 8 {
				next := m.clone()
				for range rapid.IntRange(1, 4).Draw(t, "changes") {
					next.change(t)
				}
				if _, err := load.Parse(next.sources(), nil); err == nil {
					return next
				}
			}
			return m
		}
		before := changed(m)
		after := changed(before)
		plan, open, text, err := verdicts(before.sources(), after.sources())
		if err != nil {
			return // a name that was removed is used again, which the lock refuses
		}
		seen[open]++
		if plan != open {
			t.Fatalf("plan says %s, and a database %s\n%s\nbefore:\n%s%s\nafter:\n%s%s", plan, open, text,
				before.sources()[0].Data, before.sources()[1].Data, after.sources()[0].Data, after.sources()[1].Data)
		}
	})
	if len(seen) < 2 { // a short run may miss one
		t.Errorf("all changes were judged alike: %v", seen)
	}
}
