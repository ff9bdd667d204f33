package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// named matches a block of the README that is a file: its name is the last thing
// in backticks in the paragraph before.
var named = regexp.MustCompile("(?m)^[^`\n]*`([a-z./]+\\.(?:yaml|go))`[^\n]*\n\n```(?:yaml|go)\n((?s:.*?))^```$")

// TestReadme does what the README tells a new user to do, in a module beside the
// repository.
func TestReadme(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	text, err := os.ReadFile(filepath.Join(root, "README.md"))
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	var files []string
	for _, m := range named.FindAllStringSubmatch(string(text), -1) {
		path := filepath.Join(dir, filepath.FromSlash(m[1]))
		files = append(files, m[1])
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(m[2]), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{"storegen.yaml", "schema/orders.yaml", "generate.go", "main.go"}, files); diff != "" {
		t.Fatalf("the files that the README gives (-want +got):\n%s", diff)
	}
	goRun := func(args ...string) string {
		t.Helper()
		cmd := exec.Command("go", args...)
		cmd.Dir = dir
		cmd.Env = append(os.Environ(), "GOWORK=off")
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
		}
		return string(out)
	}
	goRun("mod", "init", "example.com/shop")
	// In place of "go get -tool", which asks for a published version: this one.
	goRun("mod", "edit", "-replace", "github.com/storegen/storegen="+root, "-require", "github.com/storegen/storegen@v0.0.0",
		"-tool", "github.com/storegen/storegen/cmd/storegen")
	goRun("mod", "tidy", "-e")
	goRun("generate", "./...")
	goRun("mod", "tidy")
	if got, want := goRun("run", "."), "ann/1 [tea]\n"; got != want {
		t.Errorf("the program printed %q, want %q", got, want)
	}
}
