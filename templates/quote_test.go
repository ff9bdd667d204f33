package templates

import (
	"strings"
	"testing"

	"github.com/dave/jennifer/jen"
	"github.com/google/go-cmp/cmp"
)

// Names of other packages become imports, and what only looks like one stays.
func TestQuote(t *testing.T) {
	for _, c := range []struct{ name, text, want string }{
		{"a package of the table", "var x store.DB", "import \"github.com/storegen/storegen/runtime/store\"\n\nvar x store.DB"},
		{"one that comes twice", "var x, y = keys.Fold(`a`), keys.Fold(`b`)", "import \"github.com/storegen/storegen/keys\"\n\nvar x, y = keys.Fold(`a`), keys.Fold(`b`)"},
		{"one behind dots", "func f(x ...time.Time)", "import \"time\"\n\nfunc f(x ...time.Time)"},
		{"the named types", "var x models.UserID", "import \"example.com/db/models\"\n\nvar x models.UserID"},
		{"a package of the user's", `var x "example.com/app/store".Item`, "import store \"example.com/app/store\"\n\nvar x store.Item"},
		{"one of a name that is taken", `var x store.DB; var y "example.com/app/store".Item`,
			"import (\n\tstore1 \"example.com/app/store\"\n\t\"github.com/storegen/storegen/runtime/store\"\n)\n\nvar x store.DB\nvar y store1.Item"},
		{"the package itself", `var x "example.com/db/users".Store`, "var x Store"},
		{"a comment", "// store.DB and \"x\".Y and 'tis\nvar x int", "// store.DB and \"x\".Y and 'tis\nvar x int"},
		{"a text", "var x = \"store.DB \\\" keys.Fold\" + `time.Now \\`", "var x = \"store.DB \\\" keys.Fold\" + `time.Now \\`"},
		{"a rune", `var x = []rune{'"', '\'', '\\'}; var y time.Time`, "import \"time\"\n\nvar x = []rune{'\"', '\\'', '\\\\'}\nvar y time.Time"},
		{"a name that ends like one", "var x = mystore.DB + s.timex.At", "var x = mystore.DB + s.timex.At"},
		{"letters of other scripts", "var Ünikeys, é = 1, store.DB", "import \"github.com/storegen/storegen/runtime/store\"\n\nvar Ünikeys, é = 1, store.DB"},
	} {
		t.Run(c.name, func(t *testing.T) {
			g := &generator{models: "example.com/db/models"}
			f := jen.NewFilePathName("example.com/db/users", "users")
			for name, path := range packages {
				f.ImportName(path, name)
			}
			f.ImportName(g.models, "models")
			f.Add(g.quote(c.text))
			var out strings.Builder
			if err := f.Render(&out); err != nil {
				t.Fatal(err)
			}
			_, got, _ := strings.Cut(strings.TrimSpace(out.String()), "\n\n")
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

// Holes are filled once, and a line that is a hole for nothing is none.
func TestFill(t *testing.T) {
	got := fill(`
func $Name($params) {
	$first
	$second
	return $value
}
`, "$Name", "f", "$params", "x int", "$first", "", "$second", "x++", "$value", "$Name")
	if want := "func f(x int) {\n\tx++\n\treturn $Name\n}"; got != want {
		t.Errorf("%q, want %q", got, want)
	}
}

// Comments are wrapped at the width of a screen, and paragraphs stay apart.
func TestWrapComments(t *testing.T) {
	word := strings.Repeat("x", 24)
	line := strings.Join([]string{word, word, word}, " ") // of 74 characters
	for _, c := range []struct{ name, src, want string }{
		{"what fits", "// " + line + "\n// y\n", "// " + line + "\n// y\n"},
		{"what does not", "// " + line + " " + word + "\n", "// " + line + "\n// " + word + "\n"},
		{"what goes on below", "// " + line + " " + word + "\n// y\n//\n// z\n", "// " + line + "\n// " + word + " y\n//\n// z\n"},
		{"a field's", "\t// " + line + " " + "yyyyyyyyyyyyyyyyy zz\n\tA int\n", "\t// " + line + " yyyyyyyyyyyyyyyyy\n\t// zz\n\tA int\n"},
		{"a long word", "// " + strings.Repeat("x", 200) + "\n", "// " + strings.Repeat("x", 200) + "\n"},
		{"behind a long word", "// " + strings.Repeat("x", 200) + " y\n", "// " + strings.Repeat("x", 200) + "\n// y\n"},
		{"many lines", "// " + line + " " + line + " " + line + "\nvar a int\n", "// " + line + "\n// " + line + "\n// " + line + "\nvar a int\n"},
		{"an instruction", "//go:noinline " + line + line + "\n", "//go:noinline " + line + line + "\n"},
		{"what would be one", "// " + line + " yyyyyyyyyyyyyyyy +build x\n", "// " + line + " yyyyyyyyyyyyyyyy\n// + build x\n"},
		{"code", "\tx := 1 // " + line + line + "\n", "\tx := 1 // " + line + line + "\n"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if diff := cmp.Diff(c.want, string(wrapComments([]byte(c.src)))); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
			if again := string(wrapComments([]byte(c.want))); again != c.want {
				t.Errorf("wrapped again, it is %q", again)
			}
		})
	}
}

// What the head of a file says is read again by the line, and is not wrapped.
func TestHead(t *testing.T) {
	long := strings.Repeat("a b/", 40)
	g := &generator{base: "example.com/db", models: "example.com/db/models", config: long + "storegen.yaml"}
	s := g.newSource("models/x.go", g.models, long+"types.yaml", "more.yaml")
	s.add("// A is a "+strings.Repeat("long ", 30)+"comment.", "type A int")
	f, err := s.render()
	if err != nil {
		t.Fatal(err)
	}
	if got, want := ConfigOf(f.Content), "../"+g.config; got != want {
		t.Errorf("the configuration is %q, want %q", got, want)
	}
	if source := "\n// source: " + long + "types.yaml, more.yaml\n"; !strings.Contains(string(f.Content), source) {
		t.Errorf("there is no line %q", source)
	}
	if Edited(f.Content) {
		t.Error("the file is taken for one that was edited")
	}
	for line := range strings.Lines(string(f.Content)) {
		if strings.Contains(line, "long") && len(line) > commentWidth {
			t.Errorf("a line of %d columns: %s", len(line), line)
		}
	}
}
