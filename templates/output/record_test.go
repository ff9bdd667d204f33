package output_test

import (
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/templates/output"
)

func TestRecord(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "of", "project.record")
	r := output.NewRecord(output.Sum{1})
	r.Add("table a b", output.Sum{2})
	a := file("a/a.go", "1")
	a.Unit = "table a b"
	r.AddFile(a)
	r.Add("models", output.Sum{3})
	program := output.Sum{9}
	if got := output.LoadRecord(path, program); got != nil {
		t.Errorf("a record that is not there: %v", got)
	}
	if err := r.Save(path, program); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(r, output.LoadRecord(path, program)); diff != "" {
		t.Errorf("read back (-want +got):\n%s", diff)
	}
	if got := output.LoadRecord(path, output.Sum{8}); got != nil {
		t.Errorf("a record of another program: %v", got)
	}

	data, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for i := range data {
		for _, damaged := range [][]byte{data[:i], append(append(data[:i:i], data[i]^1), data[i+1:]...)} {
			if err := os.WriteFile(path, damaged, 0o666); err != nil {
				t.Fatal(err)
			}
			if got := output.LoadRecord(path, program); got != nil {
				t.Fatalf("a record that is damaged at byte %d: %v", i, got)
			}
		}
	}
}

// Records of projects that are gone do not pile up.
func TestOldRecordsAreRemoved(t *testing.T) {
	dir := t.TempDir()
	old, other := filepath.Join(dir, "old.record"), filepath.Join(dir, "old.txt")
	for _, path := range []string{old, other} {
		if err := os.WriteFile(path, nil, 0o666); err != nil {
			t.Fatal(err)
		}
		long := time.Now().Add(-100 * 24 * time.Hour)
		if err := os.Chtimes(path, long, long); err != nil {
			t.Fatal(err)
		}
	}
	if err := output.NewRecord(output.Sum{}).Save(filepath.Join(dir, "new.record"), output.Sum{}); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff([]string{"new.record", "old.txt"}, names(t, dir)); diff != "" {
		t.Errorf("what is left (-want +got):\n%s", diff)
	}
}

func names(t *testing.T, dir string) []string {
	t.Helper()
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	var out []string
	for _, e := range entries {
		out = append(out, e.Name())
	}
	return out
}

func TestFolder(t *testing.T) {
	a := file("a/a.go", "1")
	a.Unit = "a"
	r := output.NewRecord(output.Sum{})
	r.Add("a", output.Sum{})
	r.AddFile(a)
	tests := []struct {
		name   string
		files  map[string]string
		a, all bool
	}{
		{name: "as it was", files: map[string]string{"a/a.go": string(a.Content)}, a: true, all: true},
		{name: "with files of people", files: map[string]string{"a/a.go": string(a.Content), "b.go": "package b", "c.txt": header}, a: true, all: true},
		{name: "with a file that is generated no more", files: map[string]string{"a/a.go": string(a.Content), "b.go": header}, a: true},
		{name: "changed", files: map[string]string{"a/a.go": header + "2"}},
		{name: "no longer generated", files: map[string]string{"a/a.go": "1"}},
		{name: "gone", files: map[string]string{"b.txt": ""}},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			f, err := output.ReadFolder(folder(t, test.files), "")
			if err != nil {
				t.Fatal(err)
			}
			if got := f.Holds(r.Units["a"]); got != test.a {
				t.Errorf("it holds a: %t", got)
			}
			if got := f.HoldsAll(r); got != test.all {
				t.Errorf("it holds all, and nothing else: %t", got)
			}
		})
	}
	if f, err := output.ReadFolder(filepath.Join(t.TempDir(), "none"), ""); err != nil || f.HoldsAll(r) {
		t.Errorf("a folder that is not there: %v", err)
	}
}
