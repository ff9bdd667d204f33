package format

import (
	"errors"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/load"
)

func formatted(t *testing.T, text string) string {
	t.Helper()
	out, err := Source(schema.Source{Name: "t.yaml", Data: []byte(text)})
	if err != nil {
		t.Fatal(err)
	}
	return string(out)
}

func TestFormat(t *testing.T) {
	tests := []struct{ name, text, want string }{
		{"order and one line each",
			"fields: {id: string, \"name\": { doc: The name., type: string? } }\nkey: [ id ]\n# Who may.\naccess:   public # all\ntable: t\n",
			"table: t\n# Who may.\naccess: public # all\nkey: [id]\nfields:\n  id: string\n  \"name\": {type: string?, doc: The name.}\n"},
		{"short mappings are joined, long ones are not",
			"table: t\nfields:\n    id:\n        type: string\n        max: 5\n    a:\n        type: string\n        doc: A text that is so long that a line with all of it would be much longer than anybody likes to read, and so is not.\n",
			"table: t\nfields:\n  id: {type: string, max: 5}\n  a:\n    type: string\n    doc: A text that is so long that a line with all of it would be much longer than anybody likes to read, and so is not.\n"},
		{"comments everywhere",
			"# A file.\n\n# A table.\ntable: t # its name\nfields: # all\n  # The id.\n  id: string # unique\n  name: # called\n    # what kind\n    type: string\n    max: 3\nindexes:\n  a: {on: [name]} # first\n\n# The end.\n",
			"# A file.\n\n# A table.\ntable: t # its name\nfields: # all\n  # The id.\n  id: string # unique\n  name: # called\n    # what kind\n    type: string\n    max: 3\nindexes:\n  a: {on: [name]} # first\n\n# The end.\n"},
		{"sections of types",
			"# Types.\ntypes:\n  # Names.\n  A: {is: string}\n\n\n  # Kinds.\n  B:\n    enum: [ x, y ]\n    doc: Kinds.\n  C: {struct: {y: int32, x: float64}}\n",
			"# Types.\ntypes:\n  # Names.\n  A: {is: string}\n\n  # Kinds.\n  B: {doc: Kinds., enum: [x, y]}\n  C: {struct: {y: int32, x: float64}}\n"},
		{"texts",
			"table: t\ndoc: >\n  Folded\n  text.\ncheck: ['a == \"x\"', \"len(a) > 1\"]\nfields:\n  a:\n    type: string\n    doc: |-\n      Two\n      lines.\n",
			"table: t\ndoc: >\n  Folded text.\nfields:\n  a:\n    type: string\n    doc: |-\n      Two\n      lines.\ncheck:\n  - 'a == \"x\"'\n  - \"len(a) > 1\"\n"},
		{"checks with docs",
			"table: t\ncheck:\n- a < b\n- doc: Why.\n  rule: b < c\n",
			"table: t\ncheck:\n  - a < b\n  - {rule: b < c, doc: Why.}\n"},
		{"what is unknown stays behind what is known", "zoo: 1\ntable: t\nant: 2\n", "table: t\nzoo: 1\nant: 2\n"},
		{"question marks", "table: t\ndoc: \"Why? {So?}\"\nfields: {a: string?, b: {type: 'int32?'}} # sure?\n", "table: t\ndoc: \"Why? {So?}\"\nfields: # sure?\n  a: string?\n  b: {type: 'int32?'}\n"},
		{"nothing behind a key", "table:\nfields:\n  a:\n", "table:\nfields:\n  a:\n"},
	}
	for _, test := range tests {
		got := formatted(t, test.text)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", test.name, diff)
		}
		if again := formatted(t, got); again != got {
			t.Errorf("%s: formatted again:\n%s", test.name, cmp.Diff(got, again))
		}
	}
}

func TestFormatErrors(t *testing.T) {
	for _, text := range []string{"", "a: [\n", "a: &x b\n", "a: b\na: c\n"} {
		var ds diag.Diagnostics
		if _, err := Source(schema.Source{Name: "t.yaml", Data: []byte(text)}); !errors.As(err, &ds) {
			t.Errorf("%q: got the error %v, want Diagnostics", text, err)
		}
	}
	var lost *Error
	if out, err := Source(schema.Source{Name: "t.yaml", Data: []byte("- a\n- b\n")}); !errors.As(err, &lost) {
		t.Errorf("a list: got %s and the error %v, want a FormatError", out, err)
	}
}

// The reference tables, and the test tables with every part of the language, mean
// the same when they are formatted; the reference tables are in canonical form.
func TestFormatKeepsMeaning(t *testing.T) {
	for _, dir := range []string{"../tables", "../load/testdata/language", "../load/testdata/gotypes", "../../templates/internal/kitchen/schema"} {
		c := &load.Config{Schemas: dir, Lock: filepath.Join(dir, "storegen.lock")}
		files, err := load.Sources(c)
		if err != nil {
			t.Fatal(err)
		}
		want, err := load.ParseWithGo(files, nil, schematest.FakeGo)
		if err != nil {
			t.Fatal(err)
		}
		for i, f := range files {
			files[i].Data = []byte(formatted(t, string(f.Data)))
			if dir == "../tables" {
				if diff := cmp.Diff(string(f.Data), string(files[i].Data)); diff != "" {
					t.Errorf("%s (-is +formatted):\n%s", f.Path, diff)
				}
			}
			if again := formatted(t, string(files[i].Data)); again != string(files[i].Data) {
				t.Errorf("%s: formatted again:\n%s", f.Path, cmp.Diff(string(files[i].Data), again))
			}
		}
		got, err := load.ParseWithGo(files, nil, schematest.FakeGo)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(schematest.Dump(want), schematest.Dump(got)); diff != "" {
			t.Errorf("%s, formatted (-want +got):\n%s", dir, diff)
		}
	}
}

// FuzzFormat: any text is refused, or formatted so that formatting again changes
// nothing, and that it declares the same.
func FuzzFormat(tf *testing.F) {
	f := inputs.New(tf)
	for _, pattern := range []string{"../tables/*.yaml", "../tables/*/*.yaml", "../load/testdata/language/*.yaml", "../load/testdata/language/*/*.yaml", "../load/testdata/gotypes/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("%s: %v, %v", pattern, files, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(string(data))
		}
	}
	f.Add("table: t # a\n# b\nfields:\n  # c\n\n  a: string # d\n  # e\n# f\nkey: [a, # g\n b]\n")
	f.Add("# a\n\n# b\ntypes:\n  A: # c\n    is: string\n  # d\n\n  # e\n  B: {enum: [x, # f\n y]} # g\n")
	f.Add("table: t\ncheck:\n  # a\n  - a # b\n  -\n    # c\n    rule: x # d\n    doc: >-\n      y\n  # e\ndoc: |\n  a\n\n  b\n")
	types, err := os.ReadFile("../tables/types.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, text string) {
		once, err := Source(schema.Source{Name: "a.yaml", Data: []byte(text)})
		if err != nil {
			return
		}
		twice, err := Source(schema.Source{Name: "a.yaml", Data: once})
		if err != nil {
			t.Fatalf("formatted once:\n%s\nagain: %v", once, err)
		}
		if string(twice) != string(once) {
			t.Fatalf("formatted again (-once +twice):\n%s", cmp.Diff(string(once), string(twice)))
		}
		load := func(data []byte) string {
			set, err := load.Parse([]schema.Source{{Name: "a.yaml", Data: data}, {Name: "types.yaml", Data: types}}, nil)
			if err != nil {
				return ""
			}
			return schematest.Dump(set)
		}
		if want, got := load([]byte(text)), load(once); want != got {
			t.Fatalf("the formatted file declares something else (-want +got):\n%s", cmp.Diff(want, got))
		}
	})
}
