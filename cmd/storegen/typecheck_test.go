package main

import (
	"flag"
	"go/token"
	"go/types"
	"regexp"
	"strings"
	"sync"

	"github.com/rogpeppe/go-internal/testscript"
	"github.com/storegen/storegen/internal/typecheck"
)

// withGo is -go: scripts let the go command compile, vet and run what they generate.
// Without it, it is type-checked in this process, which is a tenth of the work.
var withGo = flag.Bool("go", false, "let the go command compile and run what scripts generate; make test-long does")

// checking is what all scripts check by, one at a time.
var checking struct {
	sync.Mutex
	fset     *token.FileSet
	compiled types.Importer
}

// checkTypes is the script command
//
//	typecheck package...
//	! typecheck package... regexp
//
// Packages are ., ./db or ./db/... of the module in the current folder; a regular
// expression is what the mistakes in them match.
func checkTypes(ts *testscript.TestScript, neg bool, args []string) {
	want := ""
	if neg && len(args) > 1 {
		want, args = args[len(args)-1], args[:len(args)-1]
	}
	if len(args) == 0 || neg == (want == "") {
		ts.Fatalf("usage: typecheck package..., or ! typecheck package... regexp")
	}
	mistakes := ""
	if *withGo {
		mistakes = vet(ts, args)
	} else if err := inProcess(ts, args); err != nil {
		mistakes = err.Error()
	}
	switch {
	case !neg && mistakes != "":
		ts.Fatalf("%s", mistakes)
	case neg && mistakes == "":
		ts.Fatalf("it passes; mistakes that match %q are expected", want)
	case neg && !regexp.MustCompile(want).MatchString(mistakes):
		ts.Fatalf("these mistakes do not match %q:\n%s", want, mistakes)
	}
}

// vet is what the go command says is wrong with packages.
func vet(ts *testscript.TestScript, packages []string) string {
	if err := ts.Exec("go", append([]string{"vet"}, packages...)...); err != nil {
		return ts.ReadFile("stderr") + err.Error()
	}
	return ""
}

func inProcess(ts *testscript.TestScript, packages []string) error {
	checking.Lock()
	defer checking.Unlock()
	if checking.compiled == nil {
		checking.fset = token.NewFileSet()
		compiled, err := typecheck.Compiled(checking.fset, typecheck.Usual...)
		ts.Check(err)
		checking.compiled = compiled
	}
	name, _, _ := strings.Cut(strings.TrimPrefix(ts.ReadFile("go.mod"), "module "), "\n")
	m := &typecheck.Module{Dir: ts.MkAbs("."), Path: name, Compiled: checking.compiled, Fset: checking.fset}
	return m.Check(packages...)
}
