package output_test

import (
	"fmt"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/templates/output"
)

// What a process that is gone has left beside its places is removed, and what another
// one that is at work has there is not.
func TestClean(t *testing.T) {
	dir := folder(t, map[string]string{
		".storegen-1234567890": "", ".storegen-4194304123-x": "", "a/.storegen-4194304123-y": "", "a/b.go": "1",
		fmt.Sprintf(".storegen-%d-z", os.Getppid()): "", ".storegen/table.schema.json": "{}",
	})
	f, err := output.ReadFolder(dir, "")
	if err != nil {
		t.Fatal(err)
	}
	if err := f.Clean(); err != nil {
		t.Fatal(err)
	}
	var left []string
	for _, pattern := range []string{".storegen-*", "*/.storegen-*", ".storegen/*", "a/b.go"} {
		found, err := filepath.Glob(filepath.Join(dir, pattern))
		if err != nil {
			t.Fatal(err)
		}
		for _, path := range found {
			rel, err := filepath.Rel(dir, path)
			if err != nil {
				t.Fatal(err)
			}
			left = append(left, filepath.ToSlash(rel))
		}
	}
	want := []string{fmt.Sprintf(".storegen-%d-z", os.Getppid()), ".storegen/table.schema.json", "a/b.go"}
	if diff := cmp.Diff(want, left); diff != "" {
		t.Errorf("(-want +left):\n%s", diff)
	}
}

// A process that is told to end leaves nothing beside its places.
func TestAbandon(t *testing.T) {
	dir := t.TempDir()
	blocked := filepath.Join(dir, "there")
	if err := os.MkdirAll(filepath.Join(blocked, "full"), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := output.WriteFile(blocked, []byte("x")); err == nil {
		t.Fatal("a file took the place of a folder")
	}
	output.Abandon()
	if found, err := filepath.Glob(filepath.Join(dir, ".storegen-*")); err != nil || len(found) > 0 {
		t.Errorf("left: %v, %v", found, err)
	}
}
