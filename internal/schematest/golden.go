package schematest

import (
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
)

// Update is the flag -update: golden files are written again.
var Update = flag.Bool("update", false, "write the golden files again")

// Golden compares text with a file below testdata, or writes it there.
func Golden(t *testing.T, name, got string) {
	t.Helper()
	file := filepath.Join("testdata", filepath.FromSlash(name))
	if *Update {
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatalf("%v; go test -update writes it", err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s differs (-want +got); go test -update writes it again:\n%s", file, diff)
	}
}

// ReadFolder reads the schema files of a folder; none if there is no such folder.
func ReadFolder(t testing.TB, dir string) []schema.Source {
	t.Helper()
	files, _ := load.Sources(&load.Config{Schemas: dir})
	return files
}
