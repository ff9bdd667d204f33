package templates_test

import (
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
)

// TestCompiled bounds what the compiler makes of a generated package, which is
// what compiling it costs: one function takes it about a third of a millisecond. A
// method that is promoted, or generic, or inlined where it need not be, shows here
// as several.
func TestCompiled(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles packages")
	}
	for _, c := range []struct {
		pkg              string
		functions, bytes int
	}{
		{"system/users", 106, 18000},
		{"system/jobs", 128, 21300},
	} {
		object := filepath.Join(t.TempDir(), "pkg.a")
		run := func(args ...string) string {
			cmd := exec.Command("go", args...)
			cmd.Dir = ".."
			out, err := cmd.CombinedOutput()
			if err != nil {
				t.Fatalf("go %s: %v\n%s", strings.Join(args, " "), err, out)
			}
			return string(out)
		}
		run("build", "-o", object, "./generated/"+c.pkg)
		functions, bytes := 0, 0
		for line := range strings.Lines(run("tool", "nm", "-size", object)) {
			if f := strings.Fields(line); len(f) >= 4 && (f[2] == "T" || f[2] == "t") {
				n, err := strconv.Atoi(f[1])
				if err != nil {
					t.Fatal(err)
				}
				functions, bytes = functions+1, bytes+n
			}
		}
		t.Logf("%s: %d functions, %d bytes of machine code", c.pkg, functions, bytes)
		if functions == 0 || functions > c.functions || bytes > c.bytes {
			t.Errorf("%s is compiled to %d functions of %d bytes; at most %d of %d are expected", c.pkg, functions, bytes, c.functions, c.bytes)
		}
	}
}
