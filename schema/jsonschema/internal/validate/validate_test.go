package validate_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	storegenschema "github.com/storegen/storegen/schema/jsonschema"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/rules"
	"gopkg.in/yaml.v3"
	"pgregory.net/rapid"
)

func compileSchema(t testing.TB, text []byte) *jsonschema.Schema {
	t.Helper()
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("mem:schema", doc); err != nil {
		t.Fatal(err)
	}
	s, err := c.Compile("mem:schema")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// What the loader refuses and a JSON Schema cannot know, by rule. A file that
// breaks no other rule may be taken or not.
var beyondJSONSchema = map[string]string{
	rules.Access:         "which field is the owner, and whether it is a string that the key begins with",
	rules.ConfigPackage:  "files",
	rules.ConfigPath:     "files",
	rules.DefaultKind:    "what a field's type is",
	rules.ExprPresence:   "conditions",
	rules.ExprSyntax:     "conditions",
	rules.ExprType:       "conditions",
	rules.FieldHidden:    "what the key is",
	rules.FieldUnknown:   "what is declared",
	rules.GoRow:          "Go source",
	rules.FileName:       "files",
	rules.FileRead:       "files",
	rules.FileEmpty:      "an editor checks nothing in an empty file",
	rules.IndexEach:      "what a field's type is",
	rules.IndexFold:      "what a field's type is",
	rules.IndexInclude:   "what an index holds",
	rules.IndexKind:      "what a field's type is",
	rules.IndexRedundant: "what other indexes hold",
	rules.KeyPart:        "what a field's type is",
	rules.KeyType:        "what a field's type is",
	rules.LimitKind:      "what a field's type is",
	rules.LimitRange:     "that min is not more than max, and how a number is written",
	rules.ListRepeat:     "what a list of fields names",
	rules.Literal:        "what a field's type is",
	rules.LockConflict:   "the lock",
	rules.LockDuplicate:  "the lock",
	rules.LockFull:       "the lock",
	rules.LockNumber:     "the lock",
	rules.LockRetired:    "the lock",
	rules.LockSyntax:     "the lock",
	rules.NameClash:      "names in Go",
	rules.NameDuplicate:  "names elsewhere",
	rules.NameReserved:   "names in Go",
	rules.SetEmpty:       "files",
	rules.TTLFrom:        "what a field's type is",
	rules.TTLKeep:        "what a field's type is, and durations",
	rules.TableGroup:     "names elsewhere",
	rules.TypeMapKey:     "what a type is",
	rules.TypeOptional:   "what stands beside the type",
	rules.TypeRecursive:  "what other types hold",
	rules.TypeUnknown:    "what is declared",
	rules.Was:            "the lock",
	rules.YAMLAlias:      "YAML, which is read before it",
	rules.YAMLCharacter:  "YAML, which is read before it",
	rules.YAMLDepth:      "YAML, which is read before it",
	rules.YAMLDocuments:  "YAML, which is read before it",
	rules.YAMLDuplicate:  "YAML, which is read before it",
	rules.YAMLSyntax:     "YAML, which is read before it",
	rules.YAMLTag:        "YAML, which is read before it",
}

// Values whose kind YAML decides by how they look, while the loader takes them as
// they are written: a name or text null, ~, or a true that is not written small.
var looksLikeAnother = regexp.MustCompile(`(?im)[\s\[{,:](null|~|true|false|0[xo][0-9a-f]+|[+-]?\.inf|\.nan)\s*([\]},#]|$)`)

// asJSON reads YAML as an editor does, into what JSON has.
func asJSON(text []byte) (any, error) {
	hidden, mark := syntax.HideQuestions(string(text))
	var root yaml.Node
	if err := yaml.Unmarshal([]byte(hidden), &root); err != nil {
		return nil, err
	}
	shown := func(s string) string { return strings.ReplaceAll(s, string(mark), "?") }
	var convert func(n *yaml.Node) (any, error)
	convert = func(n *yaml.Node) (v any, err error) {
		switch n.Kind {
		case yaml.DocumentNode:
			return convert(n.Content[0])
		case yaml.MappingNode:
			out := map[string]any{}
			for i := 0; i+1 < len(n.Content); i += 2 {
				if out[shown(n.Content[i].Value)], err = convert(n.Content[i+1]); err != nil {
					return nil, err
				}
			}
			return out, nil
		case yaml.SequenceNode:
			out := make([]any, len(n.Content))
			for i, e := range n.Content {
				if out[i], err = convert(e); err != nil {
					return nil, err
				}
			}
			return out, nil
		}
		switch n.Tag {
		case "!!null", "!!bool", "!!int", "!!float":
			if n.Tag == "!!int" || n.Tag == "!!float" { // as exact as it is written
				if exact := json.Number(strings.TrimPrefix(n.Value, "+")); json.Valid([]byte(exact)) {
					return exact, nil
				}
			}
			return v, n.Decode(&v)
		}
		return shown(n.Value), nil // a date is text in JSON's world
	}
	return convert(&root)
}

// A schemaFile is one file, and what the loader said about it.
type schemaFile struct {
	name string
	text []byte
	ds   diag.Diagnostics
}

// agree checks that the loader and the JSON Schema judge a file alike. It returns
// false where there was nothing to compare.
func agree(t interface {
	Helper()
	Errorf(string, ...any)
}, js *jsonschema.Schema, f schemaFile) bool {
	t.Helper()
	v, err := asJSON(f.text)
	if err != nil || v == nil || looksLikeAnother.Match(f.text) {
		return false
	}
	structural, refused := false, len(f.ds) > 0
	for _, d := range f.ds {
		structural = structural || beyondJSONSchema[d.Rule] == ""
	}
	switch err := js.Validate(v); {
	case err != nil && !refused:
		t.Errorf("%s: the loader takes it, the JSON Schema does not: %v\n%s", f.name, err, f.text)
	case err == nil && structural:
		t.Errorf("%s: the JSON Schema takes it, the loader does not:\n%s\n%s", f.name, f.ds, f.text)
	}
	return true
}

// loadFiles loads files together, and gives each its diagnostics.
func loadFiles(files []schema.Source) []schemaFile {
	_, err := load.ParseWithGo(files, nil, schematest.FakeGo)
	var all diag.Diagnostics
	errors.As(err, &all)
	var out []schemaFile
	for _, f := range files {
		s := schemaFile{name: f.Name, text: f.Data}
		for _, d := range all {
			if d.File == f.Path || f.Path == "" && d.File == f.Name {
				s.ds = append(s.ds, d)
			}
		}
		out = append(out, s)
	}
	return out
}

// corpus is every schema file of the repository that tests use, right and wrong.
func corpus(t testing.TB) [][]schema.Source {
	t.Helper()
	var out [][]schema.Source
	folder := func(dir string) {
		if files := schematest.ReadFolder(t, dir); len(files) > 0 {
			for i := range files {
				files[i].Path = "" // its own name in the folder
			}
			out = append(out, files)
		}
	}
	for _, dir := range []string{"../../../tables", "../../../load/testdata/language", "../../../load/testdata/gotypes", "../../../../templates/internal/kitchen/schema"} {
		folder(dir)
	}
	for _, c := range schematest.Cases(t, "../../../load/testdata/errors") {
		if !c.Has("storegen.yaml") {
			out = append(out, c.Sources("."))
		}
	}
	for _, c := range schematest.Cases(t, "../../../evolve/testdata/changes") {
		out = append(out, c.Sources("before"), c.Sources("after"))
	}
	return out
}

func TestJSONSchemaAgreesWithLoader(t *testing.T) {
	js := compileSchema(t, storegenschema.SchemaFile())
	compared, refused := 0, 0
	for _, files := range corpus(t) {
		for _, f := range loadFiles(files) {
			if agree(t, js, f) {
				compared++
				if len(f.ds) > 0 {
					refused++
				}
			}
		}
	}
	if compared < 150 || refused < 40 {
		t.Errorf("only %d files were compared, %d of them with mistakes", compared, refused)
	}
	for id := range beyondJSONSchema {
		if !schematest.RuleIDs[id] {
			t.Errorf("%s is no rule", id)
		}
	}
}

// Files that are changed at random are judged alike too.
func TestJSONSchemaAgreesAtRandom(t *testing.T) {
	js := compileSchema(t, storegenschema.SchemaFile())
	var files []schema.Source
	for _, dir := range []string{"../../../tables", "../../../load/testdata/language", "../../../load/testdata/gotypes", "../../../../templates/internal/kitchen/schema"} {
		for _, f := range schematest.ReadFolder(t, dir) {
			files = append(files, schema.Source{Name: f.Name, Data: f.Data})
		}
	}
	words := slices.Concat(lang.TableGrammar.Names(), lang.FieldGrammar.Names(), lang.IndexGrammar.Names(), lang.TypeGrammar.Names(), lang.TTLGrammar.Names(), lang.CheckGrammar.Names(), lang.KeyGrammar.Names(), lang.AccessGrammar.Names(), lang.RowGrammar.Names(), []string{"nonsense", "Upper", "a b", "9x"})
	values := []string{"text", "net/netip.Prefix", "{go: example.com/app/model.User}", `""`, "7", "-1", "0", "yes", "[]", "{}", "[a, b]", "{a: b}", "[[a]]", "", "3.5", "Upper", "string?", `"[]string"`, `"map[string]T"`, `"[][]T"`, "a b c", "2026-01-02", "[a, {b: c}]"}
	compared := 0
	rapid.Check(t, func(t *rapid.T) {
		f := rapid.SampledFrom(files).Draw(t, "file")
		var root yaml.Node
		hidden, mark := syntax.HideQuestions(string(f.Data))
		if err := yaml.Unmarshal([]byte(hidden), &root); err != nil {
			t.Fatal(err)
		}
		var nodes []*yaml.Node // mappings
		var walk func(n *yaml.Node)
		walk = func(n *yaml.Node) {
			if n.Kind == yaml.MappingNode {
				nodes = append(nodes, n)
			}
			for _, c := range n.Content {
				walk(c)
			}
		}
		walk(&root)
		for range rapid.IntRange(1, 2).Draw(t, "changes") {
			n := nodes[rapid.IntRange(0, len(nodes)-1).Draw(t, "where")]
			if len(n.Content) == 0 {
				continue
			}
			i := 2 * rapid.IntRange(0, len(n.Content)/2-1).Draw(t, "which")
			switch rapid.IntRange(0, 3).Draw(t, "change") {
			case 0:
				n.Content = slices.Delete(slices.Clone(n.Content), i, i+2)
			case 1:
				word := rapid.SampledFrom(words).Draw(t, "word")
				if !hasKey(n, word) { // of a key that is there twice a JSON Schema sees one
					n.Content[i].SetString(word)
				}
			case 2, 3:
				var v yaml.Node
				if err := yaml.Unmarshal([]byte(rapid.SampledFrom(values).Draw(t, "value")), &v); err != nil {
					t.Fatal(err)
				}
				if v.Kind == yaml.DocumentNode {
					n.Content[i+1] = v.Content[0]
				} else {
					n.Content[i+1] = &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null"}
				}
			}
		}
		text, err := yaml.Marshal(&root)
		if err != nil {
			return
		}
		text = []byte(strings.ReplaceAll(string(text), string(mark), "?"))
		if agree(t, js, loadFiles([]schema.Source{{Name: f.Name, Data: text}})[0]) {
			compared++
		}
	})
	if compared == 0 {
		t.Error("no file was compared")
	}
}

func hasKey(n *yaml.Node, key string) bool {
	for i := 0; i < len(n.Content); i += 2 {
		if n.Content[i].Value == key {
			return true
		}
	}
	return false
}

// A storegen.yaml is judged alike by the loader and the schema.
func TestConfigJSONSchema(t *testing.T) {
	js := compileSchema(t, storegenschema.Config())
	for _, text := range []string{
		"schemas: s\nout: o\npackage: example.com/o\n", "schemas: s\nout: o\npackage: example.com/o\nlock: s/x.lock\n", "schemas: s\n", "out: o\npackage: a\n", "schemas: [s]\nout: o\npackage: a\n",
		"schemas: s\nout: o\nmodule: x\npackage: a\n", "schemas: s\nout: \"\"\npackage: a\n", "schemas: s\nout: {a: b}\npackage: a\n", "[a]\n",
	} {
		dir := schematest.WriteFiles(t, map[string]string{"storegen.yaml": text, "s/a.yaml": "table: a\naccess: public\nkey: id\nfields: {id: string}\n"})
		_, err := load.ReadConfig(filepath.Join(dir, "storegen.yaml"))
		var ds diag.Diagnostics
		errors.As(err, &ds)
		if !agree(t, js, schemaFile{"storegen.yaml", []byte(text), ds}) {
			t.Errorf("%q was not compared", text)
		}
	}
}

// Every word is described, its examples are values that it takes, and the schema
// knows nothing but the words of the language.
func TestGrammar(t *testing.T) {
	for name, g := range map[string]*lang.Grammar{
		"table": lang.TableGrammar, "row": lang.RowGrammar, "field of a Go row": lang.GoFieldGrammar, "types": lang.TypesGrammar, "type": lang.TypeGrammar, "field": lang.FieldGrammar, "struct": lang.StructFieldGrammar, "per": lang.PerGrammar, "enum": lang.EnumValueGrammar,
		"key": lang.KeyGrammar, "access": lang.AccessGrammar, "index": lang.IndexGrammar, "ttl": lang.TTLGrammar, "check": lang.CheckGrammar, "config": lang.ConfigGrammar,
	} {
		for _, w := range g.Words {
			if w.Doc == "" || !strings.HasSuffix(w.Doc, ".") {
				t.Errorf("%s.%s has the doc %q", name, w.Name, w.Doc)
			}
			js := compileSchema(t, storegenschema.Form(w.Holds))
			for _, x := range w.Examples {
				if err := js.Validate(x); err != nil {
					t.Errorf("%s.%s does not take its example %v: %v", name, w.Name, x, err)
				}
			}
		}
	}
}

// An editor says of a name that has another meaning what the loader says.
func TestJSONSchemaReservedNames(t *testing.T) {
	s := compileSchema(t, storegenschema.SchemaFile())
	table := func(name, field, index string) string {
		return fmt.Sprintf("table: %s\naccess: public\nkey: id\nper: {p: string}\nfields: {id: string, %s: string}\nindexes: {%s: %s}\n", name, field, index, field)
	}
	cases := map[string]bool{table("fine", "fine", "fine"): true, table("g.fine", "string", "fine"): true, table("viewer", "orders", "keys"): true}
	for name := range lang.Words {
		cases[table("fine", name, "fine")] = false
		cases["types: {E: {enum: [fine, "+strconv.Quote(name)+"]}}\n"] = false
	}
	for _, name := range []string{"type", "func", "string", "make", "internal", "models", "documentation", "con", "lpt9", "a_test", "view", "tx", "db", "g.type", "g.view", "type.fine", "aux.fine", "g.a_test"} {
		cases[table(name, "fine", "fine")] = false
	}
	cases[table("fine", "fine", "key")] = false
	cases["types: {S: {struct: {check: string}}}\n"] = false
	cases[strings.Replace(table("fine", "fine", "fine"), "{p: string}", "{string: string}", 1)] = false
	for text, want := range cases {
		v, err := asJSON([]byte(text))
		if err != nil {
			t.Fatal(err)
		}
		if err := s.Validate(v); (err == nil) != want {
			t.Errorf("%s: the JSON Schema says %v", text, err)
		}
		if _, err := load.Parse([]schema.Source{{Name: "t.yaml", Data: []byte(text)}}, nil); (err == nil) != want {
			t.Errorf("%s: the loader says %v", text, err)
		}
	}
}
