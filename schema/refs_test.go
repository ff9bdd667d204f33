package schema

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestReferenceSet(t *testing.T) {
	golden(t, "reference.txt", dump(loadReference(t)))
}

// The schema in testdata/language uses every part of the language.
func TestLanguage(t *testing.T) {
	set, err := Load(&Config{Schemas: "testdata/language", Lock: "testdata/language/storegen.lock"})
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "language.txt", dump(set))
}

// Where the files lie and in which order they come does not matter.
func TestFileOrder(t *testing.T) {
	files := []Source{
		{Name: "b.yaml", Data: []byte("types: {B: {struct: {a: A}}}")},
		{Name: "c.yaml", Data: []byte("{table: g.c, access: public, key: id, fields: {id: A, b: B}}")},
		{Name: "a.yaml", Data: []byte("types: {A: string}")},
		{Name: "d.yaml", Data: []byte("{table: g.a, access: public, key: id, fields: {id: A}}")},
	}
	first, err := Parse(files, nil)
	if err != nil {
		t.Fatal(err)
	}
	for range len(files) {
		files = append(files[1:], files[0])
		again, err := Parse(files, nil)
		if err != nil {
			t.Fatal(err)
		}
		if dump(again) != dump(first) || string(again.Lock.Format()) != string(first.Lock.Format()) {
			t.Fatalf("another order of the files gives\n%s\nnot\n%s", dump(again), dump(first))
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
	set := loadReference(t)
	file := filepath.Join("tables", "storegen.lock")
	got := string(set.Lock.Format())
	if *update {
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
