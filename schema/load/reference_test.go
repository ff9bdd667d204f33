package load_test

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
)

func TestReferenceSet(t *testing.T) {
	schematest.Golden(t, "reference.txt", schematest.Dump(schematest.LoadReference(t)))
}

// The schema in testdata/language uses every part of the language.
func TestLanguage(t *testing.T) {
	set, err := load.Schemas(&load.Config{Schemas: "testdata/language", Lock: "testdata/language/storegen.lock"})
	if err != nil {
		t.Fatal(err)
	}
	schematest.Golden(t, "language.txt", schematest.Dump(set))
}

// Where the files lie and in which order they come does not matter.
func TestFileOrder(t *testing.T) {
	files := []schema.Source{
		{Name: "b.yaml", Data: []byte("types: {B: {struct: {a: A}}}")},
		{Name: "c.yaml", Data: []byte("{table: g.c, access: public, key: id, fields: {id: A, b: B}}")},
		{Name: "a.yaml", Data: []byte("types: {A: string}")},
		{Name: "d.yaml", Data: []byte("{table: g.a, access: public, key: id, fields: {id: A}}")},
	}
	first, err := load.Parse(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range len(files) {
		files = append(files[1:], files[0])
		again, err := load.Parse(files, nil)
		if err != nil {
			t.Fatal(err)
		}
		if schematest.Dump(again) != schematest.Dump(first) || string(again.Lock.Format()) != string(first.Lock.Format()) {
			t.Fatalf("another order of the files gives\n%s\nnot\n%s", schematest.Dump(again), schematest.Dump(first))
		}
	}
	if first.Table("g.a").Number != 1 || first.Table("g.c").Number != 2 {
		t.Error("new tables are not numbered by name")
	}
	if first.Type("A") == nil || first.Type("Z") != nil || first.Table("g.b") != nil {
		t.Error("lookups by name are wrong")
	}
	c := first.Table("g.c")
	if c.Field("b").Type != first.Type("B") || c.Field("z") != nil || c.Index("b") != nil {
		t.Error("lookups in a table are wrong")
	}
}

// The committed lock is what the reference schemas ask for.
func TestReferenceLock(t *testing.T) {
	set := schematest.LoadReference(t)
	file := filepath.Join("../tables", "storegen.lock")
	got := string(set.Lock.Format())
	if *schematest.Update {
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s is not current (-want +got):\n%s", file, diff)
	}
}
