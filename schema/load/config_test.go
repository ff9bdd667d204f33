package load_test

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/schema/load"
)

func TestConfig(t *testing.T) {
	dir := schematest.WriteFiles(t, map[string]string{
		"go.mod":             "// a comment\nmodule \"example.com/app\" // and another\n\ngo 1.26\n",
		"storegen.yaml":      "schemas: db/schema\nout: internal/db\n",
		"full.yaml":          "schemas: ./db/schema/\nout: gen\npackage: example.com/elsewhere\nlock: db/numbers.lock\n",
		"db/schema/a.yaml":   "table: a\naccess: public\nkey: id\nfields: {id: string}\n",
		"nested/go.mod":      "module example.com/nested\n",
		"nested/config.yaml": "schemas: ../db/schema\nout: .\n",
		"broken/go.mod":      "go 1.26\n",
		"broken/config.yaml": "schemas: ../db/schema\nout: .\n",
		"file.yaml":          "schemas: go.mod\nout: gen\n",
	})
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	tests := []struct {
		file string
		want load.Config
	}{
		{"storegen.yaml", load.Config{Schemas: at("db/schema"), Out: at("internal/db"), Package: "example.com/app/internal/db", Lock: at("db/schema/storegen.lock")}},
		{"full.yaml", load.Config{Schemas: at("db/schema"), Out: at("gen"), Package: "example.com/elsewhere", Lock: at("db/numbers.lock")}},
		{"nested/config.yaml", load.Config{Schemas: at("db/schema"), Out: at("nested"), Package: "example.com/nested", Lock: at("db/schema/storegen.lock")}},
	}
	for _, test := range tests {
		test.want.File = at(test.file)
		got, err := load.ReadConfig(at(test.file))
		if err != nil {
			t.Errorf("%s: %v", test.file, err)
			continue
		}
		if *got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.file, *got, test.want)
		}
		set, err := load.Schemas(got)
		if err != nil || len(set.Tables) != 1 || set.Tables[0].File != "a.yaml" {
			t.Errorf("%s: Load gives %+v, %v", test.file, set, err)
		}
	}
	for file, want := range map[string]string{
		"broken/config.yaml": "names no module",
		"file.yaml":          "no folder",
		"none.yaml":          "cannot read the configuration",
	} {
		_, err := load.ReadConfig(at(file))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", file, err, want)
		}
	}
	if _, err := os.Stat(at("db/schema/storegen.lock")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("Load wrote the lock")
	}
}

// Without a go.mod above, the import path must be given.
func TestConfigNoModule(t *testing.T) {
	dir := schematest.WriteFiles(t, map[string]string{"storegen.yaml": "schemas: s\nout: o\n", "s/a.yaml": "types: {A: string}\n"})
	for up := dir; up != filepath.Dir(up); up = filepath.Dir(up) {
		if _, err := os.Stat(filepath.Join(up, "go.mod")); err == nil {
			t.Skipf("there is a go.mod above the folder for temporary files, in %s", up)
		}
	}
	_, err := load.ReadConfig(filepath.Join(dir, "storegen.yaml"))
	if err == nil || !strings.Contains(err.Error(), "no go.mod above it") {
		t.Errorf("got %v", err)
	}
}
