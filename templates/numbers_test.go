package templates

import (
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
)

// What generated code says of its numbers is what the lock says that it was made with.
func TestNumbers(t *testing.T) {
	for _, config := range []string{"../storegen.yaml", "internal/kitchen/storegen.yaml", "internal/owned/storegen.yaml"} {
		c, err := load.ReadConfig(config)
		if err != nil {
			t.Fatal(err)
		}
		data, err := os.ReadFile(c.Lock)
		if err != nil {
			t.Fatal(err)
		}
		committed, err := lock.Parse(c.Lock, data)
		if err != nil {
			t.Fatal(err)
		}
		var want, got []lock.Number
		for _, n := range committed.Numbers() {
			if !n.Retired {
				want = append(want, n)
			}
		}
		for _, content := range generatedFiles(t, c.Out) {
			got = append(got, Numbers(content)...)
		}
		less := func(a, b lock.Number) bool {
			return a.Kind+" "+a.Owner+" "+a.Name < b.Kind+" "+b.Owner+" "+b.Name
		}
		if diff := cmp.Diff(want, got, cmpopts.SortSlices(less)); diff != "" || len(got) == 0 {
			t.Errorf("%s (-lock +generated):\n%s", config, diff)
		}
	}
}

func generatedFiles(t *testing.T, dir string) (contents [][]byte) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(dir), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		content, err := os.ReadFile(filepath.Join(dir, path))
		contents = append(contents, content)
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return contents
}
