package templates_test

import (
	"flag"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/naming"
	"github.com/storegen/storegen/templates"
	"github.com/storegen/storegen/templates/output"
)

var update = flag.Bool("update", false, "rewrite the expected packages")

// loadProject loads the schema of a project.
func loadProject(t testing.TB, config string) (*load.Config, *schema.Set) {
	t.Helper()
	c, err := load.ReadConfig(config)
	if err != nil {
		t.Fatal(err)
	}
	set, err := load.Schemas(c)
	if err != nil {
		t.Fatal(err)
	}
	return c, set
}

func generate(t testing.TB, set *schema.Set, base string) []templates.File {
	t.Helper()
	files, err := templates.Generate(set, base)
	if err != nil {
		t.Fatal(err)
	}
	return files
}

// Each folder below testdata is a project of a user, for one behaviour of the
// generator, and its folder want what is generated. It is recorded only if it is
// good Go; make vet looks at it too.
func TestGolden(t *testing.T) {
	configs, err := filepath.Glob("testdata/*/storegen.yaml")
	if err != nil || len(configs) == 0 {
		t.Fatal(configs, err)
	}
	check, err := oneChecker()
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range configs {
		dir := filepath.Dir(config)
		t.Run(filepath.Base(dir), func(t *testing.T) {
			c, set := loadProject(t, config)
			files := generate(t, set, c.Package)
			if err := check.check(c.Package, files); err != nil {
				t.Fatal(err)
			}
			changes, err := output.Compare(c.Out, files)
			if err != nil {
				t.Fatal(err)
			}
			if *update {
				if err := output.Apply(c.Out, changes); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, c := range changes {
				t.Errorf("%s (-want +got; -update takes it over):\n%s", c.Path, cmp.Diff(lines(c.Old), lines(c.New)))
			}
		})
	}
}

func lines(b []byte) []string { return strings.Split(string(b), "\n") }

// projects are the configurations of all schemas of the repository.
func projects(t testing.TB) []string {
	t.Helper()
	configs, err := filepath.Glob("testdata/*/storegen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return append(configs, "../storegen.yaml", "internal/kitchen/storegen.yaml")
}

// The committed packages are good Go, and current.
func TestCommitted(t *testing.T) {
	check, err := oneChecker()
	if err != nil {
		t.Fatal(err)
	}
	for _, config := range []string{"../storegen.yaml", "internal/kitchen/storegen.yaml"} {
		c, set := loadProject(t, config)
		files := generate(t, set, c.Package)
		if err := check.check(c.Package, files); err != nil {
			t.Error(err)
		}
		changes, err := output.Compare(c.Out, files)
		if err != nil {
			t.Error(err)
		}
		for _, change := range changes {
			t.Errorf("%s is not current: run go generate ./...", filepath.Join(c.Out, change.Path))
		}
		if lock, err := os.ReadFile(c.Lock); err != nil || string(lock) != string(set.Lock.Format()) {
			t.Errorf("%s is not current: run go generate ./... (%v)", c.Lock, err)
		}
	}
}

// The reference tables fit into one package too.
func TestReferenceInOnePackage(t *testing.T) {
	c, err := load.ReadConfig("../storegen.yaml")
	if err != nil {
		t.Fatal(err)
	}
	sources, err := load.Sources(c)
	if err != nil {
		t.Fatal(err)
	}
	c.OnePackage, c.Schemas, c.Lock = true, t.TempDir(), filepath.Join(t.TempDir(), "lock")
	for _, s := range sources {
		// The rows of families have one name.
		row := "row: " + naming.GoName(strings.TrimSuffix(path.Base(s.Name), ".yaml")) + "Row"
		text := strings.Replace(string(s.Data), "row: Row", row, 1)
		if err := os.WriteFile(filepath.Join(c.Schemas, strings.ReplaceAll(s.Name, "/", "_")), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	set, err := load.Schemas(c)
	if err != nil {
		t.Fatal(err)
	}
	check, err := oneChecker()
	if err != nil {
		t.Fatal(err)
	}
	files := generate(t, set, c.Package)
	if err := check.check(c.Package, files); err != nil {
		t.Fatal(err)
	}
	for _, f := range files {
		if strings.Contains(f.Path, "/") {
			t.Errorf("%s is in a package of its own", f.Path)
		}
	}
}
