package main

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	const text = `# what the list is about
tests ./a ./b -run One|Two
file a/a.go
== the first
-	if x {
-
+	if !x {
== the second
-	return nil
equivalent: nobody asks
file b/b.go
== another file
-	go f()
+	f()
tests ./c
== other tests, the same file
-	defer g()
+	g()
module d/e
tests ./f
file d/e/f/f.go
== of another module
-	h()
`
	first := []string{"./a", "./b", "-run", "One|Two"}
	want := []*mutant{
		{list: "list", name: "the first", file: "a/a.go", tests: first, old: "\tif x {\n\n", new: "\tif !x {\n"},
		{list: "list", name: "the second", file: "a/a.go", tests: first, old: "\treturn nil\n", equivalent: "nobody asks"},
		{list: "list", name: "another file", file: "b/b.go", tests: first, old: "\tgo f()\n", new: "\tf()\n"},
		{list: "list", name: "other tests, the same file", file: "b/b.go", tests: []string{"./c"}, old: "\tdefer g()\n", new: "\tg()\n"},
		{list: "list", name: "of another module", file: "d/e/f/f.go", module: "d/e", tests: []string{"./f"}, old: "\th()\n"},
	}
	got, err := parse("list", text)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got, cmp.AllowUnexported(mutant{})); d != "" {
		t.Error(d)
	}

	for _, tt := range []struct{ name, text, want string }{
		{"a line of no kind", "tests ./a\nfile a.go\n== x\nwhat is this", `4: what is "what is this"?`},
		{"a change before a name", "tests ./a\nfile a.go\n-x", `3: what is "-x"?`},
		{"a change behind a new file", "tests ./a\nfile a.go\n== x\n-x\nfile b.go\n+y", `6: what is "+y"?`},
		{"no file", "tests ./a\n== x\n-x", `2: which file is "x" about, and which tests?`},
		{"tests of another module", "tests ./a\nfile a.go\nmodule b\n== x\n-x", `4: which file is "x" about, and which tests?`},
		{"no tests", "file a.go\n== x\n-x", `2: which file is "x" about, and which tests?`},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if _, err := parse("list", tt.text); err == nil || err.Error() != tt.want {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
}

func TestChanged(t *testing.T) {
	t.Chdir(t.TempDir())
	const source = "package a\n\nfunc f() int {\n\tg()\n\tg()\n\treturn 1\n}\n"
	write(t, "a.go", source)
	m := &mutant{list: "l", name: "n", file: "a.go", old: "\treturn 1\n", new: "\treturn 2\n"}
	got, err := m.changed()
	if want := strings.Replace(source, "return 1", "return 2", 1); err != nil || got != want {
		t.Errorf("got %q, %v", got, err)
	}
	for _, tt := range []struct{ name, old, new, want string }{
		{"it is there twice", "\tg()\n", "", "what it changes is in a.go 2 times, and must be there once"},
		{"it is not there", "\treturn 3\n", "", "what it changes is in a.go 0 times, and must be there once"},
		{"a line is whole", "return 1\n", "return 2\n", ""}, // its tab stays before it
		{"nothing to change", "", "\treturn 2\n", "what it changes is in a.go"},
		{"no change", "\treturn 1\n", "\treturn 1\n", "it changes nothing"},
		{"no Go", "\treturn 1\n", "\treturn )\n", "the changed source is no Go"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			m := &mutant{list: "l", name: "n", file: "a.go", old: tt.old, new: tt.new}
			_, err := m.changed()
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	m.file = "gone.go"
	if _, err := m.changed(); !os.IsNotExist(err) {
		t.Errorf("a file that is not there: %v", err)
	}
}

var builds = flag.Bool("builds", false, "build and test wrong programs, which takes the go command some ten runs; make test-long does")

// TestRun runs mutants of a module that it makes: of each kind of outcome one.
func TestRun(t *testing.T) {
	if !*builds {
		t.Skip("it has the go command build programs; make test-long does, by -builds")
	}
	t.Chdir(t.TempDir())
	t.Setenv("GOWORK", "off")
	write(t, "go.mod", "module a\n\ngo 1.26\n")
	write(t, "a.go", "package a\n\nfunc one() int {\n\treturn 1\n}\n\nfunc two() int {\n\treturn 2\n}\n")
	write(t, "a_test.go", "package a\n\nimport \"testing\"\n\nfunc TestOne(t *testing.T) {\n\tif one() != 1 {\n\t\tt.Fail()\n\t}\n}\n\nfunc TestBad(t *testing.T) {\n\tt.Fail()\n}\n")
	list := func(tests, mutants string) {
		t.Helper()
		write(t, "internal/mutants/list/l.txt", "tests . -run "+tests+"\nfile a.go\n"+mutants)
	}
	const (
		caught   = "== caught\n-\treturn 1\n+\treturn 3\n"
		survives = "== survives\n-\treturn 2\n+\treturn 3\n"
	)
	for _, tt := range []struct {
		name, tests, mutants string
		how                  mode
		want                 string // of the error
	}{
		{"all caught", "One", caught, tryAll, ""},
		{"one survives", "One", caught + survives, tryAll, "1 of 2 were caught"},
		{"one is the same", "One", caught + survives + "equivalent: nobody calls it\n", tryAll, "1 of 2 were caught"}, // too many of them
		{"one is not the same after all", "One", caught + "equivalent: so it is said\n", tryAll, "0 of 1 were caught"},
		{"one does not compile", "One", "== types\n-\treturn 1\n+\treturn \"1\"\n", tryAll, "0 of 1 were caught"},
		{"the tests fail without any", "One|Bad", caught, tryAll, "fails without any mutant"},
		{"there are no tests", "Three", caught, tryAll, "a package has no such tests"},
		{"one does not fit", "One", "== gone\n-\treturn 4\n", onlyFit, "0 times"},
		{"all fit", "Bad", survives, onlyFit, ""},
		{"all compile", "Bad", survives, onlyBuild, ""},
		{"one is no program", "Bad", survives + "== types\n-\treturn 1\n+\treturn \"1\"\n", onlyBuild, "1 of 2 do not compile"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			list(tt.tests, tt.mutants)
			err := run("", 1, tt.how, 0.95)
			if tt.want == "" {
				if err != nil {
					t.Error(err)
				}
			} else if err == nil || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("got %v, want %s", err, tt.want)
			}
		})
	}
	list("One", caught+survives)
	if err := run("caught", 1, tryAll, 1); err != nil {
		t.Errorf("by name: %v", err)
	}
	if err := run("", 2, tryAll, 1); err != nil {
		t.Errorf("each second: %v", err)
	}
}

func write(t *testing.T, name, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o777); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, []byte(text), 0o666); err != nil {
		t.Fatal(err)
	}
}
