package main

import (
	"flag"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/testscript"
)

var update = flag.Bool("update", false, "rewrite the expectations in the scripts")

func TestMain(m *testing.M) {
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
			return nil
		},
		Cmds: map[string]func(ts *testscript.TestScript, neg bool, args []string){
			"module": module,
		},
	})
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
