package templates_test

import (
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates"
	"github.com/storegen/storegen/templates/output"
)

// sources are the files of a schema, and its lock if there is one.
func sources(t testing.TB, c *load.Config) (files []schema.Source, lock *schema.Source) {
	t.Helper()
	err := fs.WalkDir(os.DirFS(c.Schemas), ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || filepath.Ext(name) != ".yaml" {
			return err
		}
		data, err := os.ReadFile(filepath.Join(c.Schemas, name))
		files = append(files, schema.Source{Name: name, Path: filepath.Join(c.Schemas, name), Data: data})
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if data, err := os.ReadFile(c.Lock); err == nil {
		lock = &schema.Source{Name: "storegen.lock", Data: data}
	}
	return files, lock
}

// A schema gives the same bytes every time, in whatever order its files are
// read, on one processor and on several.
func TestDeterministic(t *testing.T) {
	for _, config := range projects(t) {
		t.Run(filepath.Base(filepath.Dir(config)), func(t *testing.T) {
			c, set := loadProject(t, config)
			want := generate(t, set, c.Package)
			files, lock := sources(t, c)
			for _, procs := range []int{1, 2} {
				slices.Reverse(files)
				before := runtime.GOMAXPROCS(procs)
				in := load.Inputs{Sources: files, Lock: lock}
				set, err := in.Parse(c, nil)
				if err != nil {
					t.Fatal(err)
				}
				set.OnePackage = c.OnePackage // what Parse does not know
				got := generate(t, set, c.Package)
				again := generate(t, set, c.Package) // a set can be used twice
				runtime.GOMAXPROCS(before)
				if diff := cmp.Diff(texts(want), texts(got)); diff != "" {
					t.Errorf("on %d processors (-want +got):\n%s", procs, diff)
				}
				if diff := cmp.Diff(texts(got), texts(again)); diff != "" {
					t.Errorf("the second time:\n%s", diff)
				}
			}
		})
	}
}

func texts(files []templates.File) map[string]string {
	out := map[string]string{}
	for _, f := range files {
		out[f.Path] = string(f.Content)
	}
	return out
}

// What was deleted comes back as it was.
func TestRegenerate(t *testing.T) {
	dir := t.TempDir()
	c, set := loadProject(t, "../storegen.yaml")
	files := generate(t, set, c.Package)
	apply := func() {
		t.Helper()
		changes, err := output.Compare(dir, files)
		if err != nil {
			t.Fatal(err)
		}
		if err := output.Apply(dir, changes); err != nil {
			t.Fatal(err)
		}
	}
	read := func() map[string]string {
		out := map[string]string{}
		err := fs.WalkDir(os.DirFS(dir), ".", func(name string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
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
	apply()
	first := read()
	if diff := cmp.Diff(texts(files), first); diff != "" {
		t.Fatalf("what is written (-want +got):\n%s", diff)
	}
	if len(first) < 50 || !strings.HasPrefix(first["system/users/users_table.go"], templates.Header) {
		t.Fatalf("%d files are written", len(first))
	}
	if err := os.RemoveAll(filepath.Join(dir, "system")); err != nil {
		t.Fatal(err)
	}
	apply()
	if diff := cmp.Diff(first, read()); diff != "" {
		t.Errorf("written again (-want +got):\n%s", diff)
	}
}
