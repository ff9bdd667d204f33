package load_test

import (
	"encoding/json"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/rules"
)

// Types and rows that are in Go already, with all that can be said of them.
func TestGoTypes(t *testing.T) {
	sources := schematest.ReadFolder(t, "testdata/gotypes")
	set, err := load.ParseWithGo(sources, nil, schematest.FakeGo)
	if err != nil {
		t.Fatal(err)
	}
	schematest.Golden(t, "gotypes/set.txt", schematest.Dump(set)+"\n"+string(set.Lock.Format()))
	again, err := load.ParseWithGo(sources, &schema.Source{Name: "storegen.lock", Data: set.Lock.Format()}, schematest.FakeGo)
	if err != nil {
		t.Fatal(err)
	}
	if want, got := schematest.Dump(set), schematest.Dump(again); want != got {
		t.Errorf("with its own lock:\n%s\nwithout one:\n%s", got, want)
	}
}

// What cannot be done with types that are in Go already.
func TestGoMistakes(t *testing.T) {
	_, err := load.ParseWithGo(schematest.ReadFolder(t, "testdata/gomistakes"), nil, schematest.FakeGo)
	ds, ok := err.(diag.Diagnostics)
	if !ok {
		t.Fatalf("%v, want Diagnostics", err)
	}
	schematest.CheckPositions(t, ds)
	schematest.Golden(t, "gomistakes/want.txt", ds.Error()+"\n")
	data, err := json.MarshalIndent(ds, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	schematest.Golden(t, "gomistakes/want.json", string(data)+"\n")
}

// A package that imports what would import it is found before Go says so.
func TestGoCycles(t *testing.T) {
	files := []schema.Source{
		{Name: "types.yaml", Data: []byte("types:\n  Home: {go: example.com/app/model.Place}\n  Both: {struct: {a: string, home: \"[]Home\"}}\n")},
		{Name: "users.yaml", Data: []byte("table: app.users\naccess: public\nrow: {go: example.com/app/model.User}\nkey: id\n")},
		{Name: "moves.yaml", Data: []byte("table: moves\naccess: public\nkey: id\nfields: {id: string, to: Home}\n")},
	}
	for uses, want := range map[string]int{"": 0, "models": 1, "app/users": 1, "moves": 1, "other": 0} {
		_, err := load.ParseWithGo(files, nil, func(ask schema.GoAsk) *schema.GoSource {
			s := schematest.FakeGo(ask)
			s.Uses["example.com/app/model"] = []string{s.Package + "/" + uses}
			return s
		})
		ds, _ := err.(diag.Diagnostics)
		if len(ds) != want || want > 0 && ds[0].Rule != rules.GoType {
			t.Errorf("%q: %v", uses, err)
		}
	}
}

// A key or an index over what is stored as text and has another order is told of, and is no
// mistake. Where the type says so, and where nothing orders the values, there is no word.
func TestTextOrder(t *testing.T) {
	files := []schema.Source{
		{Name: "types.yaml", Data: []byte("types:\n  Addr: {go: net/netip.Addr}\n  ID: {go: example.com/app/model.UserID}\n  Net: {go: net/netip.Prefix, order: text}\n  Tag: {go: example.com/app/model.Tag}\n  Place: {struct: {id: ID, addr: Addr}}\n")},
		{Name: "t.yaml", Data: []byte("table: t\naccess: public\nkey: id\nfields: {id: ID, addr: Addr, more: \"[]Addr\", s: string, net: Net, tag: Tag}\nindexes: {a: [s, addr], m: each more, s: s, n: net, g: tag}\n")},
		{Name: "u.yaml", Data: []byte("table: u\naccess: public\nkey: [place, addr, net]\nfields:\n  place: Place\n  addr: Addr\n  net: Net\n")},
	}
	set, err := load.ParseWithGo(files, nil, schematest.FakeGo)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range set.Warnings {
		got = append(got, fmt.Sprintf("%s:%d:%d %s: %s", d.File, d.Line, d.Col, d.Rule, d.Message))
	}
	const why = " is in the order of the text of net/netip.Addr, and not of its method Compare: texts compare byte by byte, so that 10 comes before 9"
	want := []string{
		"t.yaml:5:18 text-order: addr" + why,
		"t.yaml:5:28 text-order: more" + why,
		"u.yaml:3:7 text-order: addr" + why, // a part of place
		"u.yaml:3:14 text-order: addr" + why,
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
