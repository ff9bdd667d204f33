package main

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// fullDisk is a writer that takes nothing.
type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left on device") }

// What a program is to read and could not be printed is no success, whatever it says.
func TestCannotPrint(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"storegen.yaml": "schemas: schema\nout: db\n", "schema/t.yaml": "table: t\naccess: public\nkey: id\nfields: {id: string}\n", "go.mod": "module example.com/x\n",
	} {
		if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(name)), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	config := filepath.Join(dir, "storegen.yaml")
	for _, args := range [][]string{{"check", "-json"}, {"plan", "-json"}, {"lines", "-json"}, {"docs"}, {"proto"}, {"explain", "t"}} {
		var stderr bytes.Buffer
		code := run(append(args, "-config", config), fullDisk{}, &stderr)
		if code != exitFinding || !strings.Contains(stderr.String(), "no space left on device") {
			t.Errorf("%v: code %d, %q", args, code, stderr.String())
		}
	}
}
