package kitchen

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"text/template"

	gocmp "github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

var update = flag.Bool("update", false, "make the schema files of testdata/schema anew; go generate follows")

// scalarWords are what the templates of schema files write of a scalar.
type scalarWords struct {
	*kind.Scalar
	Name      string // of fields
	Type      string
	My        string // a type with a name that is this one
	Named     bool   // My is not Type
	Lists     bool
	Default   string // "" for a kind that has none
	Literal   string // "" for a kind whose values are not written
	Condition string // holds for some rows of the table of indexes
}

func (w scalarWords) InKeys() bool   { return w.Kind.InKeys() }
func (w scalarWords) KeysMaps() bool { return w.Kind.KeysMaps() }

func wordsOf(row *kind.Scalar) scalarWords {
	p := row.FormExample
	w := scalarWords{
		Scalar: row, Name: strings.NewReplacer("[", "_", "]", "").Replace(row.Name), Type: kind.TypeText(row.Kind, &p),
		My: "My" + row.Ident, Named: true,
		Lists: row.Kind != kind.Uint8, // bytes are what such a list is
	}
	switch row.Kind {
	case kind.Enum:
		w.Name, w.Type, w.My, w.Named = "colour", "Colour", "Colour", false
		w.Literal = "green"
	case kind.JSON:
		w.My, w.Named = w.Type, false
		w.Literal = `"{}"`
	default:
		if row.Literal != kind.NoLiteral {
			w.Literal = schema.LiteralOf(row.Example(&p)).String()
		}
	}
	w.Default = w.Literal
	switch row.Kind {
	case kind.Timestamp:
		w.Default = "now"
	case kind.UUID:
		w.Default = "new"
	}
	other := "my_" + w.Name + "_opt"
	switch {
	case w.Literal == "" || !row.Kind.InKeys():
		w.Condition = fmt.Sprintf("%s_opt == %s or not has %s", w.Name, w.Name, other)
	case row.Ordered:
		w.Condition = fmt.Sprintf("%s < %s or %s >= %s", w.Name, w.Literal, other, w.Literal)
	default:
		w.Condition = fmt.Sprintf("%s != %s or %s == %s", w.Name, w.Literal, other, w.Literal)
	}
	return w
}

// The schema has all scalars in all places: its files are made of the table of kinds.
func TestSchema(t *testing.T) {
	var all []scalarWords
	for _, row := range kind.Scalars() {
		all = append(all, wordsOf(row))
	}
	files, err := filepath.Glob("testdata/schema/*.tmpl")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, file := range files {
		name := strings.TrimSuffix(filepath.Base(file), ".tmpl")
		if !strings.Contains(name, "N") {
			checkFile(t, file, name, 0, all)
			continue
		}
		// Keys of all kinds would have names that no line has room for.
		for n := range 3 {
			checkFile(t, file, strings.Replace(name, "N", strconv.Itoa(n+1), 1), n+1, all[n*len(all)/3:(n+1)*len(all)/3])
		}
	}
}

// checkFile makes a file of the schema, and compares it with the one that is there.
func checkFile(t *testing.T, tmplFile, name string, n int, kinds []scalarWords) {
	tmpl, err := template.New(filepath.Base(tmplFile)).Funcs(template.FuncMap{"n": func() int { return n }}).ParseFiles(tmplFile)
	if err != nil {
		t.Fatal(err)
	}
	b := bytes.NewBufferString("# Made of " + tmplFile + " by: go test ./templates/internal/kitchen -run TestSchema -update\n")
	if err := tmpl.Execute(b, kinds); err != nil {
		t.Fatal(err)
	}
	path := filepath.Join("schema", name)
	if *update {
		if err := os.WriteFile(path, b.Bytes(), 0o666); err != nil {
			t.Fatal(err)
		}
		return
	}
	have, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := gocmp.Diff(string(have), b.String()); diff != "" {
		t.Errorf("%s is not what the table of kinds says (-have +want); in %s, go test -run TestSchema -update and then storegen generate -fresh make it anew:\n%s", path, "templates/internal/kitchen", diff)
	}
}
