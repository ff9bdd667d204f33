package schema

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestEvolve(t *testing.T) {
	before := []Source{
		{Name: "a.yaml", Data: []byte("table: a\naccess: public\nkey: id\nfields: {id: string, x: int32, y: int32, k: K}\nindexes: {x: x, y: y}\n")},
		{Name: "b.yaml", Data: []byte("table: b\naccess: public\nkey: id\nfields: {id: string}\nindexes: {}\n")},
		{Name: "c.yaml", Data: []byte("table: c\naccess: public\nkey: id\nfields: {id: string}\n")},
		{Name: "t.yaml", Data: []byte("types:\n  K: {enum: [one, two]}\n  S: {struct: {p: int32}}\n  P: {struct: {n: string}}\n")},
	}
	before[1].Data = []byte("table: b\naccess: public\nkey: p\nfields: {p: P}\n")
	after := []Source{
		{Name: "a.yaml", Data: []byte("table: a\naccess: public\nkey: [id, more]\nfields:\n  id: string\n  more: string\n  z: {type: int32, was: x}\n  k: L\n  new: int32?\nindexes:\n  z: {on: [z], was: x}\n  new: new\n")},
		{Name: "b.yaml", Data: []byte("table: bb\nwas: b\naccess: public\nkey: p\nfields: {p: P}\n")},
		{Name: "d.yaml", Data: []byte("table: d\naccess: public\nkey: id\nfields: {id: string}\nindexes: {id: [id]}\n")},
		{Name: "t.yaml", Data: []byte("types:\n  L: {enum: [one, three], was: K}\n  S: {struct: {p: int32, q: int32}}\n  P: {struct: {n: string, m: string}}\n")},
	}
	after[2].Data = []byte("table: d\naccess: public\nkey: id\nfields: {id: string, v: int32}\nindexes: {v: v}\n")
	old, err := Parse(before, nil)
	if err != nil {
		t.Fatal(err)
	}
	text := old.Lock.Format()
	set, err := Parse(after, &Source{Name: "storegen.lock", Data: text})
	if err != nil {
		t.Fatal(err)
	}
	lock, err := ParseLock("storegen.lock", text)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range Evolve(lock, set) {
		got = append(got, fmt.Sprintf("%s %s: %s", e.Rule, e.Class, e.Message))
		if e.Pos.Line == 0 || e.Pos.File == "" {
			t.Errorf("%s has no place", e.Message)
		}
		if (e.Mend == "") && e.Class != Safe {
			t.Errorf("%s does not say what to do", e.Message)
		}
	}
	want := `field-added forbidden: the field a.more is new
field-renamed safe: the field a.z was x
field-added safe: the field a.new is new
index-renamed safe: the index a.z was x
index-added rebuild: the index a.new is new
table-renamed safe: the table bb was b
table-added safe: the table d is new
enum-removed migrate: the value K.two is removed
field-removed safe: the field a.y is removed
index-removed rebuild: the index a.y is removed
table-removed safe: the table c is removed
enum-added safe: the value L.three is new
field-added safe: the field S.q is new
field-added forbidden: the field P.m is new`
	if diff := cmp.Diff(strings.Split(want, "\n"), got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	again, err := ParseLock("storegen.lock", set.Lock.Format())
	if err != nil {
		t.Fatal(err)
	}
	set, err = Parse(after, &Source{Name: "storegen.lock", Data: set.Lock.Format()})
	if err != nil {
		t.Fatal(err)
	}
	if changes := Evolve(again, set); len(changes) > 0 {
		t.Errorf("a schema against its own lock: %v", changes)
	}
}
