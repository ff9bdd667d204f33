package behaviour

import (
	"os"
	"path/filepath"
	"regexp"
	"testing"
)

// Each command is used by a file, so that none stands there untried.
func TestCommandsAreUsed(t *testing.T) {
	files, err := filepath.Glob("testdata/*")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	var all []byte
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, b...)
	}
	for name, c := range commands {
		if !regexp.MustCompile(`(?m)^` + name + `\b`).Match(all) {
			t.Errorf("no file uses %s: %s", name, c.help)
		}
	}
}
