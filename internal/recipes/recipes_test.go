package recipes

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var build = flag.Bool("build", false, "apply each patch to a copy of the tree, generate, and run its tests: some minutes")

// recipes are the additions, with the files that each takes.
var recipes = []struct {
	name  string
	files []string // by a patch; what go generate and -update write is not counted
	tests []string // of the module, which go by the table
}{
	{
		name:  "scalar",
		files: []string{"docs/format.md", "docs/schema.md", "keys/char.go", "runtime/kind/kind.go", "runtime/kind/scalars.go", "runtime/record/char.go"},
		tests: []string{"./runtime/kind/...", "./internal/kinds", "./schema/lang", "./runtime/provider/...", "./internal/torture/queries"},
	},
	{
		name:  "option",
		files: []string{"docs/schema.md", "keys/trim.go", "runtime/catalog/column.go"},
		tests: []string{"./runtime/catalog", "./schema/lock", "./schema/numbering", "./schema/evolve", "./runtime/provider/...", "./internal/torture/queries"},
	},
}

// root is the folder of the module.
const root = "../.."

var changed = regexp.MustCompile(`(?m)^diff --git a/(\S+) b/`)

func TestRecipes(t *testing.T) {
	for _, r := range recipes {
		t.Run(r.name, func(t *testing.T) {
			t.Parallel()
			patch, err := filepath.Abs(filepath.Join("testdata", r.name, "change.patch"))
			if err != nil {
				t.Fatal(err)
			}
			text, err := os.ReadFile(patch)
			if err != nil {
				t.Fatal(err)
			}
			var files []string
			for _, m := range changed.FindAllStringSubmatch(string(text), -1) {
				files = append(files, m[1])
			}
			if diff := cmp.Diff(r.files, files); diff != "" {
				t.Errorf("files of the patch (-want +got):\n%s", diff)
			}
			if !*build {
				run(t, root, "git", "apply", "--check", patch)
				return
			}
			dir := t.TempDir()
			copyTree(t, dir)
			run(t, dir, "git", "init", "-q")
			run(t, dir, "git", "apply", patch)
			project := filepath.Join(dir, "internal", "recipe")
			if err := os.CopyFS(project, os.DirFS(filepath.Join("testdata", r.name))); err != nil {
				t.Fatal(err)
			}
			if err := os.Rename(filepath.Join(project, "recipe_test.go.txt"), filepath.Join(project, "recipe_test.go")); err != nil {
				t.Fatal(err)
			}
			run(t, dir, "go", "run", "./cmd/storegen", "generate", "-config", "internal/recipe/storegen.yaml")
			run(t, dir, "go", "vet", "./...")
			run(t, dir, "go", append([]string{"test", "-vet=off", "./internal/recipe/..."}, r.tests...)...)
		})
	}
}

// copyTree copies what git knows of the module.
func copyTree(t *testing.T, dir string) {
	out := run(t, root, "git", "ls-files", "-z", "--cached", "--others", "--exclude-standard")
	for _, name := range strings.Split(strings.TrimRight(out, "\x00"), "\x00") {
		b, err := os.ReadFile(filepath.Join(root, name))
		if os.IsNotExist(err) {
			continue // removed, and not committed yet
		}
		if err != nil {
			t.Fatal(err)
		}
		to := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(to), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(to, b, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// run runs a command in a folder, and returns what it prints.
func run(t *testing.T, dir, name string, args ...string) string {
	t.Helper()
	cmd := exec.Command(name, args...)
	cmd.Dir = dir
	var errs strings.Builder
	cmd.Stderr = &errs
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, errs.String())
	}
	return string(out)
}
