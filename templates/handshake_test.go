package templates_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/runtime/storeimpl"
	"github.com/storegen/storegen/templates"
)

// Generated code does not compile over a runtime that it is too old or too new for,
// and the compiler says what to do.
func TestHandshake(t *testing.T) {
	if testing.Short() {
		t.Skip("it compiles packages")
	}
	file, err := filepath.Abs("../runtime/storeimpl/version.go")
	if err != nil {
		t.Fatal(err)
	}
	src, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	// A runtime that serves these versions.
	build := func(t *testing.T, oldest, newest int) string {
		t.Helper()
		text := string(src)
		for name, n := range map[string]int{"OldestGenerated": oldest, "NewestGenerated": newest} {
			before, after, found := strings.Cut(text, "\t"+name+" = ")
			if !found {
				t.Fatalf("%s does not say %s", file, name)
			}
			_, rest, _ := strings.Cut(after, "\n")
			text = before + "\t" + name + " = " + strconv.Itoa(n) + "\n" + rest
		}
		dir := t.TempDir()
		changed, overlay := filepath.Join(dir, "version.go"), filepath.Join(dir, "overlay.json")
		list, err := json.Marshal(map[string]any{"Replace": map[string]string{file: changed}})
		if err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(changed, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(overlay, list, 0o666); err != nil {
			t.Fatal(err)
		}
		cmd := exec.Command("go", "build", "-overlay", overlay, "./generated/system/users")
		cmd.Dir = ".."
		out, err := cmd.CombinedOutput()
		if (err == nil) != (len(out) == 0) {
			t.Fatalf("%v\n%s", err, out)
		}
		_, message, _ := strings.Cut(string(out), "users_table.go:")
		_, message, _ = strings.Cut(message, ": ") // the place
		return strings.TrimSpace(message)
	}
	const v = templates.Version
	for _, c := range []struct {
		name           string
		oldest, newest int
		want           string
	}{
		{"the runtime of the generator", v, v, ""},
		{"one that serves others too", v - 1, v + 1, ""},
		{"one that serves newer code only", v + 1, v + 2, "constant -1 overflows storeimpl.CodeTooOldRunGoGenerate"},
		{"one that serves older code only", v - 1, v - 1, "constant -1 overflows storeimpl.RuntimeTooOldUpdateStoregen"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, build(t, c.oldest, c.newest)); diff != "" {
				t.Errorf("what the compiler says (-want +got):\n%s", diff)
			}
		})
	}
}

// What the generator writes is what the runtime beside it serves.
func TestVersion(t *testing.T) {
	if templates.Version < storeimpl.OldestGenerated || templates.Version != storeimpl.NewestGenerated {
		t.Errorf("the generator writes version %d, the runtime serves %d to %d", templates.Version, storeimpl.OldestGenerated, storeimpl.NewestGenerated)
	}
}
