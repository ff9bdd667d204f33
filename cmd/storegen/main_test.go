package main

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/storegen/storegen/internal/schematest"
)

// update is -update: the scripts and the golden files are written again.
var update = schematest.Update

func TestMain(m *testing.M) {
	if os.Getenv(cacheVariable) == "" {
		os.Setenv(cacheVariable, "off") // tests leave nothing behind; scripts have a folder of their own
	}
	testscript.Main(m, map[string]func(){"storegen": main})
}

// TestScripts runs the command as people do: each script is a small project.
func TestScripts(t *testing.T) {
	root, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	env := goEnv(t, "GOMODCACHE", "GOCACHE", "GOPROXY", "GOSUMDB", "GOFLAGS", "GOTOOLCHAIN")
	testscript.Run(t, testscript.Params{
		Dir:                 "testdata",
		UpdateScripts:       *update,
		RequireExplicitExec: true,
		Setup: func(e *testscript.Env) error {
			e.Vars = append(e.Vars, env...)
			e.Setenv("ROOT", root)
			e.Setenv("GOGC", "400") // the tool runs some hundred times, for a moment each
			e.Setenv(cacheVariable, filepath.Join(e.WorkDir, ".cache"))
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"append":    appendLine,
			"damage":    damage,
			"module":    module,
			"replace":   replace,
			"crlf":      crlf,
			"typecheck": checkTypes,
		},
		Condition: func(name string) (bool, error) {
			if name != "go" {
				return false, fmt.Errorf("unknown condition %q", name)
			}
			return *withGo, nil
		},
	})
}

// crlf gives the lines of files the ends that a checkout on Windows gives them.
func crlf(ts *testscript.TestScript, neg bool, args []string) {
	for _, file := range args {
		text := strings.ReplaceAll(ts.ReadFile(file), "\n", "\r\n")
		ts.Check(os.WriteFile(ts.MkAbs(file), []byte(text), 0o666))
	}
}

// replace writes a file with a text in the place of one that it holds once:
//
//	replace FROM OLD NEW TO
func replace(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 4 {
		ts.Fatalf("usage: replace from old new to")
	}
	text := ts.ReadFile(args[0])
	if strings.Count(text, args[1]) != 1 {
		ts.Fatalf("%s does not hold %q once", args[0], args[1])
	}
	ts.Check(os.WriteFile(ts.MkAbs(args[3]), []byte(strings.Replace(text, args[1], args[2], 1)), 0o666))
}

// goEnv is what the go command of this run goes by: scripts have a home of their
// own, but share its caches.
func goEnv(t *testing.T, names ...string) []string {
	t.Helper()
	out, err := exec.Command("go", append([]string{"env"}, names...)...).Output()
	if err != nil {
		t.Fatal(err)
	}
	values := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	for i, name := range names {
		names[i] = name + "=" + values[i]
	}
	return names
}

// module makes the current folder a module of its own, beside the repository:
//
//	module example.com/app
func module(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: module path")
	}
	root := ts.Getenv("ROOT")
	const us = "github.com/storegen/storegen"
	mod := "module " + args[0] + "\n\ngo 1.26.0\n\nrequire " + us + " v0.0.0\n\nreplace " + us + " => " + root + "\n"
	ts.Check(os.WriteFile(ts.MkAbs("go.mod"), []byte(mod), 0o666))
	sum, err := os.ReadFile(filepath.Join(root, "go.sum"))
	ts.Check(err)
	ts.Check(os.WriteFile(ts.MkAbs("go.sum"), sum, 0o666))
	ts.Setenv("GOFLAGS", strings.TrimSpace(ts.Getenv("GOFLAGS")+" -mod=mod"))
}

// appendLine adds a line to a file, as an editor would:
//
//	append db/orders/orders_store.go '// mine'
func appendLine(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 2 {
		ts.Fatalf("usage: append file line")
	}
	text := ts.ReadFile(args[0])
	ts.Check(os.WriteFile(ts.MkAbs(args[0]), []byte(text+args[1]+"\n"), 0o666))
}

// damage changes a byte in the middle of each file of a folder.
func damage(ts *testscript.TestScript, neg bool, args []string) {
	if neg || len(args) != 1 {
		ts.Fatalf("usage: damage folder")
	}
	files, err := filepath.Glob(filepath.Join(ts.MkAbs(args[0]), "*"))
	ts.Check(err)
	if len(files) == 0 {
		ts.Fatalf("there is nothing to damage")
	}
	for _, file := range files {
		data, err := os.ReadFile(file)
		ts.Check(err)
		data[len(data)/2] ^= 1
		ts.Check(os.WriteFile(file, data, 0o666))
	}
}
