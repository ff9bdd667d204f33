package schematest

import (
	"errors"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/load"
)

// A Case is a test case in one file, in the txtar format. It holds input files, and
// files whose names begin with "want", which hold the expected output.
type Case struct {
	Name    string // the file's, without .txtar
	file    string
	archive *txtar.Archive
}

// Cases reads the cases in a folder; there is at least one.
func Cases(t testing.TB, folder string) []*Case {
	t.Helper()
	files, err := filepath.Glob(filepath.Join(folder, "*.txtar"))
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no cases in %s: %v", folder, err)
	}
	var out []*Case
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		out = append(out, &Case{Name: strings.TrimSuffix(filepath.Base(file), ".txtar"), file: file, archive: archive})
	}
	return out
}

// Has reports whether a case holds a file of that name.
func (c *Case) Has(name string) bool { return c.find(name) != nil }

func (c *Case) find(name string) *txtar.File {
	for i := range c.archive.Files {
		if c.archive.Files[i].Name == name {
			return &c.archive.Files[i]
		}
	}
	return nil
}

// Sources returns the schema files in a folder of a case; "." is the case itself.
func (c *Case) Sources(folder string) []schema.Source {
	var out []schema.Source
	for _, f := range c.archive.Files {
		name := f.Name
		if folder != "." {
			rest, ok := strings.CutPrefix(name, folder+"/")
			if !ok {
				continue
			}
			name = rest
		}
		if path.Ext(name) == ".yaml" && name != "storegen.yaml" {
			out = append(out, schema.Source{Name: name, Data: f.Data})
		}
	}
	return out
}

// Mistakes writes the input files into a folder and loads it: by its storegen.yaml if
// there is one, or as a folder of schemas. It returns the mistakes, with the file names
// of the case.
func (c *Case) Mistakes(t testing.TB) diag.Diagnostics {
	t.Helper()
	files := map[string]string{}
	for _, f := range c.archive.Files {
		if !strings.HasPrefix(f.Name, "want") {
			files[f.Name] = string(f.Data)
		}
	}
	dir := WriteFiles(t, files)
	set, err := loadFolder(dir)
	var ds diag.Diagnostics
	if !errors.As(err, &ds) {
		t.Fatalf("%s: got %v and the error %v, want Diagnostics", c.Name, set, err)
	}
	if set != nil {
		t.Errorf("%s: there is a Set beside the error", c.Name)
	}
	name := func(file string) string {
		rel, err := filepath.Rel(dir, file)
		if err != nil {
			t.Fatal(err)
		}
		return filepath.ToSlash(rel)
	}
	for i := range ds {
		ds[i].File = name(ds[i].File)
		for j := range ds[i].Related {
			ds[i].Related[j].File = name(ds[i].Related[j].File)
		}
	}
	return ds
}

func loadFolder(dir string) (*schema.Set, error) {
	c := &load.Config{Schemas: dir, Lock: filepath.Join(dir, "storegen.lock")}
	if file := filepath.Join(dir, "storegen.yaml"); exists(file) {
		var err error
		if c, err = load.ReadConfig(file); err != nil {
			return nil, err
		}
	}
	return load.Schemas(c)
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// Want compares text with a file of a case, or writes it there.
func (c *Case) Want(t testing.TB, name, got string) {
	t.Helper()
	want := c.find(name)
	if *Update {
		if want == nil {
			c.archive.Files = append(c.archive.Files, txtar.File{Name: name})
			want = c.find(name)
		}
		want.Data = []byte(got)
		if err := os.WriteFile(c.file, txtar.Format(c.archive), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	if want == nil {
		t.Errorf("%s has no %s; go test -update writes it", c.file, name)
		return
	}
	if diff := cmp.Diff(string(want.Data), got); diff != "" {
		t.Errorf("%s: %s (-want +got); go test -update writes it again:\n%s", c.file, name, diff)
	}
}
