package templates_test

import (
	"bytes"
	"errors"
	"fmt"
	"go/ast"
	"go/build"
	"go/format"
	"go/parser"
	"go/token"
	"go/types"
	"io"
	"path"
	"strings"
	"sync"

	"github.com/storegen/storegen/internal/typecheck"
	"github.com/storegen/storegen/templates"
)

// checker type-checks generated packages. It is for one goroutine.
type checker struct {
	fset    *token.FileSet
	runtime types.Importer
}

// oneChecker is one checker for all tests, none of which is parallel to another: to list
// and to read compiled packages costs more than most of the checks.
var oneChecker = sync.OnceValues(func() (*checker, error) {
	fset := token.NewFileSet()
	compiled, err := typecheck.Compiled(fset, typecheck.Usual...)
	if err != nil {
		return nil, err
	}
	return &checker{fset, compiled}, nil
})

// run is one check of a set of packages.
type run struct {
	*checker
	base    string
	asts    map[string][]*ast.File // by folder
	done    map[string]*types.Package
	problem error
}

// check says what is wrong with generated files, which go below the import path
// base: that they do not parse or type-check, that the go command would pass over
// one, or that they are not as people write Go.
func (c *checker) check(base string, files []templates.File) error {
	r := &run{checker: c, base: base, asts: map[string][]*ast.File{}, done: map[string]*types.Package{}}
	var errs []error
	names := map[string]string{}
	for _, f := range files {
		errs = append(errs, formed(f))
		folded := strings.ToLower(f.Path)
		if other := names[folded]; other != "" {
			errs = append(errs, fmt.Errorf("%s and %s are one file where letter case does not count", other, f.Path))
		}
		names[folded] = f.Path
		parsed, err := parser.ParseFile(c.fset, f.Path, f.Content, parser.ParseComments|parser.SkipObjectResolution)
		if err != nil {
			return fmt.Errorf("%s does not parse: %w\n%s", f.Path, err, f.Content)
		}
		errs = append(errs, spaced(c.fset, parsed))
		dir := path.Dir(f.Path)
		r.asts[dir] = append(r.asts[dir], parsed)
	}
	for dir := range r.asts {
		if _, err := r.Import(path.Join(base, dir)); err != nil {
			errs = append(errs, err)
		}
	}
	return errors.Join(append(errs, r.problem)...)
}

// Import implements types.Importer.
func (r *run) Import(p string) (*types.Package, error) {
	dir, ours := strings.CutPrefix(p, r.base+"/")
	if p == r.base {
		dir, ours = ".", true
	}
	if !ours {
		return r.runtime.Import(p)
	}
	if done := r.done[dir]; done != nil {
		return done, nil
	}
	files := r.asts[dir]
	if files == nil {
		return nil, fmt.Errorf("generated code imports %s, which is not generated", p)
	}
	config := types.Config{Importer: r, Error: func(err error) { r.problem = errors.Join(r.problem, err) }}
	pkg, err := config.Check(p, r.fset, files, nil)
	r.done[dir] = pkg
	return pkg, err
}

// formed looks at a file as a whole.
func formed(f templates.File) error {
	var errs []error
	if !bytes.HasPrefix(f.Content, []byte(templates.Header+"\n")) {
		errs = append(errs, fmt.Errorf("%s does not begin with the header", f.Path))
	}
	again, err := format.Source(f.Content)
	if err != nil || !bytes.Equal(again, f.Content) {
		errs = append(errs, fmt.Errorf("%s is not as gofmt has it (%v):\n%s", f.Path, err, f.Content))
	}
	for _, line := range strings.Split(string(f.Content), "\n") {
		if line == "//go:noinline" { // the one that emitted code has
			continue
		}
		if text := strings.TrimSpace(line); strings.HasPrefix(text, "//") && strings.HasPrefix(strings.TrimSpace(text[2:]), "+build") ||
			strings.HasPrefix(text, "//go:") || strings.HasPrefix(text, "//line ") {
			errs = append(errs, fmt.Errorf("%s has an instruction: %s", f.Path, line))
		}
		if code, _, _ := strings.Cut(line, "//"); !strings.ContainsAny(code, "\"`") && strings.Contains(code, "((") && strings.Contains(code, "))") &&
			!strings.Contains(code, "func(") {
			if inner := doubled(code); inner != "" {
				errs = append(errs, fmt.Errorf("%s has double parentheses: %s", f.Path, inner))
			}
		}
	}
	for _, goos := range []string{"plan9", "linux"} {
		context := build.Context{GOOS: goos, GOARCH: "arm64", Compiler: "gc", OpenFile: func(string) (io.ReadCloser, error) {
			return io.NopCloser(bytes.NewReader(f.Content)), nil
		}}
		if ok, err := context.MatchFile("dir", path.Base(f.Path)); !ok || err != nil || strings.HasSuffix(f.Path, "_test.go") {
			errs = append(errs, fmt.Errorf("the go command would pass over %s: %v", f.Path, err))
		}
	}
	return errors.Join(errs...)
}

// doubled finds parentheses right within parentheses, which say nothing more.
func doubled(code string) string {
	for i := 0; i+1 < len(code); i++ {
		if code[i] != '(' || code[i+1] != '(' {
			continue
		}
		depth := 0
		for j := i; j < len(code); j++ {
			switch code[j] {
			case '(':
				depth++
			case ')':
				depth--
				if depth == 1 && j+1 < len(code) && code[j+1] == ')' {
					return code[i : j+2]
				}
				if depth <= 1 {
					j = len(code)
				}
			}
		}
	}
	return ""
}

// spaced finds declarations without an empty line before them. Functions without a
// comment of their own may follow one that speaks for them.
func spaced(fset *token.FileSet, f *ast.File) error {
	var errs []error
	for i, d := range f.Decls {
		if i == 0 {
			continue
		}
		from := d.Pos()
		switch d := d.(type) {
		case *ast.FuncDecl:
			if _, ok := f.Decls[i-1].(*ast.FuncDecl); ok && d.Doc == nil {
				continue
			}
			if d.Doc != nil {
				from = d.Doc.Pos()
			}
		case *ast.GenDecl:
			if d.Doc != nil {
				from = d.Doc.Pos()
			}
		}
		if fset.Position(from).Line < fset.Position(f.Decls[i-1].End()).Line+2 {
			errs = append(errs, fmt.Errorf("%s: no empty line before", fset.Position(from)))
		}
	}
	return errors.Join(errs...)
}
