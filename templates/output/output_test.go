package output_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/templates"
	"github.com/storegen/storegen/templates/output"
)

const header = templates.Header + "\n"

func file(path, text string) templates.File {
	return templates.File{Path: path, Content: []byte(header + text)}
}

// folder makes a folder that holds files.
func folder(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// contents are the files of a folder; an empty folder below it ends in a slash.
func contents(t *testing.T, dir string) map[string]string {
	t.Helper()
	out := map[string]string{}
	err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() {
			entries, err := os.ReadDir(filepath.Join(dir, name))
			if len(entries) == 0 {
				out[name+"/"] = ""
			}
			return err
		}
		b, err := os.ReadFile(filepath.Join(dir, name))
		out[name] = string(b)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestCompareAndApply(t *testing.T) {
	tests := []struct {
		name    string
		before  map[string]string
		files   []templates.File
		changes []output.Change
		after   map[string]string
	}{
		{
			name:    "new",
			files:   []templates.File{file("b/b.go", "1"), file("a.go", "2")},
			changes: []output.Change{{Path: "a.go", New: []byte(header + "2")}, {Path: "b/b.go", New: []byte(header + "1")}},
			after:   map[string]string{"a.go": header + "2", "b/b.go": header + "1"},
		},
		{
			name:   "unchanged",
			before: map[string]string{"a.go": header + "1"},
			files:  []templates.File{file("a.go", "1")},
			after:  map[string]string{"a.go": header + "1"},
		},
		{
			name:    "changed",
			before:  map[string]string{"a.go": header + "1", "b.go": header + "2"},
			files:   []templates.File{file("a.go", "1"), file("b.go", "3")},
			changes: []output.Change{{Path: "b.go", Old: []byte(header + "2"), New: []byte(header + "3")}},
			after:   map[string]string{"a.go": header + "1", "b.go": header + "3"},
		},
		{
			name: "gone, with the folders that are empty then",
			before: map[string]string{"x/y/a.go": header + "1", "x/y/b.go": header + "2", "z/c.go": header, "z/note.go": "package z",
				"w/d.go": header, "w/note.txt": header},
			changes: []output.Change{{Path: "w/d.go", Old: []byte(header)}, {Path: "x/y/a.go", Old: []byte(header + "1")},
				{Path: "x/y/b.go", Old: []byte(header + "2")}, {Path: "z/c.go", Old: []byte(header)}},
			after: map[string]string{"z/note.go": "package z", "w/note.txt": header},
		},
		{
			name:   "files of people",
			before: map[string]string{"a.go": "package a", "b.go": "// " + header, "c.go": strings.TrimSuffix(header, "\n"), "d.txt": header},
			after:  map[string]string{"a.go": "package a", "b.go": "// " + header, "c.go": strings.TrimSuffix(header, "\n"), "d.txt": header},
		},
		{
			name:    "a file becomes a folder, after it",
			before:  map[string]string{"a/a.go": header},
			files:   []templates.File{file("a/a/a.go", "1")},
			changes: []output.Change{{Path: "a/a.go", Old: []byte(header)}, {Path: "a/a/a.go", New: []byte(header + "1")}},
			after:   map[string]string{"a/a/a.go": header + "1"},
		},
	}
	for _, test := range tests {
		t.Run(test.name, func(t *testing.T) {
			dir := folder(t, test.before)
			changes, err := output.Compare(dir, test.files)
			if err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.changes, changes); diff != "" {
				t.Errorf("changes (-want +got):\n%s", diff)
			}
			if err := output.Apply(dir, changes); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(test.after, contents(t, dir)); diff != "" {
				t.Errorf("afterwards (-want +got):\n%s", diff)
			}
			if again, err := output.Compare(dir, test.files); err != nil || len(again) != 0 {
				t.Errorf("a second time there is more to do: %v, %v", again, err)
			}
		})
	}
}

// A folder that is not there yet is made; there is nothing to remove in it.
func TestNoFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "not", "there")
	changes, err := output.Compare(dir, []templates.File{file("a.go", "1")})
	if err != nil || len(changes) != 1 {
		t.Fatal(changes, err)
	}
	if err := output.Apply(dir, changes); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(map[string]string{"a.go": header + "1"}, contents(t, dir)); diff != "" {
		t.Error(diff)
	}
}

// What stands in the way and was not generated is never overwritten, and all of
// it is named at once.
func TestInTheWay(t *testing.T) {
	before := map[string]string{"a.go": "package a", "b.go": header + "1", "c": "a file, where a folder should be", "d.go": "package d"}
	dir := folder(t, before)
	changes, err := output.Compare(dir, []templates.File{file("a.go", "2"), file("b.go", "2"), file("c/c.go", "2"), file("d.go", "2")})
	if err == nil || changes != nil {
		t.Fatalf("got %v, %v", changes, err)
	}
	for _, want := range []string{"a.go is in the way", filepath.Join("c", "c.go"), "d.go is in the way"} {
		if !strings.Contains(err.Error(), want) {
			t.Errorf("the error does not tell of %s:\n%v", want, err)
		}
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("the folder has changed:\n%s", diff)
	}
}

// A file that need not change is not touched, so that builds see nothing new.
func TestUntouched(t *testing.T) {
	dir := folder(t, map[string]string{"a.go": header + "1", "b.go": header})
	old := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	if err := os.Chtimes(filepath.Join(dir, "a.go"), old, old); err != nil {
		t.Fatal(err)
	}
	changes, err := output.Compare(dir, []templates.File{file("a.go", "1"), file("b.go", "2")})
	if err != nil {
		t.Fatal(err)
	}
	if err := output.Apply(dir, changes); err != nil {
		t.Fatal(err)
	}
	info, err := os.Stat(filepath.Join(dir, "a.go"))
	if err != nil || !info.ModTime().Equal(old) {
		t.Errorf("a.go was written at %v (%v)", info.ModTime(), err)
	}
}

// When a file cannot be written, no file is changed and nothing is left behind.
func TestAllOrNothing(t *testing.T) {
	before := map[string]string{"a.go": header + "1", "b.go": header + "1", "c": "a file"}
	dir := folder(t, before)
	err := output.Apply(dir, []output.Change{
		{Path: "a.go", Old: []byte(header + "1"), New: []byte(header + "2")},
		{Path: "b.go", Old: []byte(header + "1")},
		{Path: "c/c.go", New: []byte(header)},
	})
	if err == nil {
		t.Fatal("no error")
	}
	if diff := cmp.Diff(before, contents(t, dir)); diff != "" {
		t.Errorf("the folder has changed:\n%s", diff)
	}
}

func TestWriteFile(t *testing.T) {
	dir := t.TempDir()
	path := filepath.Join(dir, "new", "lock")
	for _, text := range []string{"1", "2"} {
		if err := output.WriteFile(path, []byte(text)); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(map[string]string{"new/lock": text}, contents(t, dir)); diff != "" {
			t.Error(diff)
		}
	}
	if err := output.WriteFile(filepath.Join(dir, "new"), []byte("3")); err == nil {
		t.Error("a folder was replaced by a file")
	}
	if diff := cmp.Diff(map[string]string{"new/lock": "2"}, contents(t, dir)); diff != "" {
		t.Errorf("a failed write left something behind:\n%s", diff)
	}
}
