package gostruct

import (
	"crypto/sha256"
	"errors"
	"flag"
	"fmt"
	"go/ast"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/go/packages"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
)

func TestColumnNames(t *testing.T) {
	tests := []struct {
		name, tag string
		want      fieldTag
	}{
		{name: "UserID", want: fieldTag{column: "user_id"}},
		{name: "HTTPPort", want: fieldTag{column: "http_port"}},
		{name: "X", want: fieldTag{column: "x"}},
		{name: "Sha256Sum", want: fieldTag{column: "sha256_sum"}},
		{name: "A", tag: `json:"b,omitempty"`, want: fieldTag{column: "b", named: true}},
		{name: "A", tag: `json:",omitempty"`, want: fieldTag{column: "a"}},
		{name: "A", tag: `json:"-"`, want: fieldTag{skip: true}},
		{name: "A", tag: `json:"b" storegen:"c,hidden"`, want: fieldTag{column: "c", named: true, hidden: true}},
		{name: "A", tag: `json:"-" storegen:",hidden"`, want: fieldTag{column: "a", hidden: true}},
		{name: "A", tag: `storegen:",binary,hidden"`, want: fieldTag{column: "a", hidden: true, as: "binary"}},
		{name: "A", tag: `storegen:"b,scalar"`, want: fieldTag{column: "b", named: true, as: "scalar"}},
		{name: "A", tag: `storegen:"text"`, want: fieldTag{column: "text", named: true}},
		{name: "A", tag: `json:"b" storegen:"-"`, want: fieldTag{skip: true}},
		{name: "A", tag: "no tag", want: fieldTag{column: "a"}},
	}
	for _, test := range tests {
		f := &ast.Field{}
		if test.tag != "" {
			f.Tag = &ast.BasicLit{Value: "`" + test.tag + "`"}
		}
		if got := tagOf(f, test.name); got != test.want {
			t.Errorf("%s `%s` is %+v, want %+v", test.name, test.tag, got, test.want)
		}
	}
}

// module writes the files of a Go module, without go.mod, and returns its folder.
func module(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	files["go.mod"] = "module example.com/app\n\ngo 1.26\n"
	for name, text := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func load(dir string, ask schema.GoAsk) *schema.GoSource {
	return Loader(dir, "example.com/app/db", "example.com/app/db/models")(ask)
}

// All structs come from one load, in a module whose generated packages are not
// there yet.
func TestRows(t *testing.T) {
	dir := module(t, map[string]string{
		"a/a.go":       "package a\n\nimport \"example.com/app/db/models\"\n\n// Row is one.\ntype Row struct {\n\t// Which.\n\tID models.ID\n\tN *int\n}\n",
		"b/other.go":   "package different\n\nimport \"example.com/app/a\"\n\ntype Level uint32\n\ntype Row struct {\n\tLevels []Level\n\tA a.Row\n}\n\ntype Plain int\n\ntype Of[T any] struct{ X T }\n",
		"b/b_test.go":  "package different\n\ntype Test struct{ X int }\n",
		"empty/doc.go": "package empty\n\ntype Row struct{}\n",
	})
	names := []string{"example.com/app/a.Row", "example.com/app/b.Row", "example.com/app/b.Plain", "example.com/app/b.Of", "example.com/app/b.Test", "example.com/app/empty.Row"}
	got := load(dir, schema.GoAsk{Rows: names})

	want := []schema.GoField{
		{Name: "id", GoName: "ID", Type: "ID", Doc: "Which."},
		{Name: "n", GoName: "N", Type: "int64?", Go: &schema.GoType{Name: "int", Zero: "0", Comparable: true, Under: "int"}},
	}
	a, b := got.Rows[names[0]], got.Rows[names[1]]
	if a.Doc != "Row is one." {
		t.Errorf("%s has the doc %q", names[0], a.Doc)
	}
	for i, f := range a.Fields {
		if f.Pos.Line != 8+i || f.Pos.Col != 2 || f.Source == "" {
			t.Errorf("%s is at %v, in %q", f.GoName, f.Pos, f.Source)
		}
		a.Fields[i].Pos, a.Fields[i].Source = diag.Pos{}, ""
	}
	if diff := cmp.Diff(want, a.Fields); diff != "" {
		t.Errorf("fields of %s (-want +got):\n%s", names[0], diff)
	}
	if b.Type.String() != names[1] || b.Type.Package != "different" {
		t.Errorf("the type of %s is %+v", names[1], b.Type)
	}
	// A struct of the user's own within another is a type, under its own name.
	if len(got.Structs) != 1 || got.Structs[0].Name != "Row" || got.Structs[0].For != names[1] || len(got.Structs[0].Fields) != 2 || b.Fields[1].Type != "Row" {
		t.Errorf("nested structs: %+v, of %+v", got.Structs, b.Fields)
	}
	if diff := cmp.Diff(map[string][]string{"example.com/app/a": {"example.com/app/db/models"}, "example.com/app/b": {"example.com/app/db/models"}, "example.com/app/empty": nil}, got.Uses); diff != "" {
		t.Errorf("generated packages (-want +got):\n%s", diff)
	}
	problems := map[string]string{}
	for name, s := range got.Rows {
		for _, p := range s.Problems {
			problems[name] = p.Message
		}
	}
	if diff := cmp.Diff(map[string]string{
		names[2]: "Plain is no struct",
		names[3]: "Of has type parameters",
		names[4]: "the Go package example.com/app/b has no type Test",
		names[5]: "Row has no fields",
	}, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}

const source = `package m

import (
	"encoding/json"
	"errors"
	"time"

	"github.com/google/uuid"
)

type (
	Str   string
	Big   int64
	Word  uint
	Raw   []byte
	ID    [16]byte
	Also  uuid.UUID
	Wait  time.Duration
	Later Wait
	When  time.Time
	Stamp struct{ time.Time }
	Doc   json.RawMessage
	Alias = Str
	Tiny  int8
	Short [4]byte
	Fn    func()
	Any   interface{}
	Ptr   *int
	Gen[T any] struct{ X T }
	List  []string
)

type Text struct{ s string; b []byte }

func (t Text) MarshalText() ([]byte, error)     { return nil, errors.New("no") }
func (t *Text) UnmarshalText(text []byte) error { return nil }

type Both string

func (t Both) IsZero() bool                        { return true }
func (t Both) MarshalText() ([]byte, error)        { return nil, nil }
func (t *Both) UnmarshalText(text []byte) error    { return nil }
func (t Both) MarshalBinary() ([]byte, error)      { return nil, nil }
func (t *Both) UnmarshalBinary(data []byte) error  { return nil }

type Bin struct{ X int }

func (t *Bin) MarshalBinary() ([]byte, error)     { return nil, nil }
func (t *Bin) UnmarshalBinary(data []byte) error  { return nil }

// Half has a text that nothing reads.
type Half int32

func (t Half) MarshalText() ([]byte, error) { return nil, nil }

// Wrong has methods of those names.
type Wrong bool

func (t Wrong) MarshalText() string       { return "" }
func (t *Wrong) UnmarshalText(int) error  { return nil }

type Within struct {
	Text Text
	Nest *Node
	Many map[Str][]Bin
}

type Node struct {
	Kids []Node
	Both Both ` + "`storegen:\",binary\"`" + `
	Tiny Tiny
	lower int
	Secret string ` + "`storegen:\",hidden\"`" + `
}
`

// What types are stored as, and why others cannot be.
func TestTypes(t *testing.T) {
	dir := module(t, map[string]string{"m/m.go": source})
	// The package of UUIDs is not there in this module, and need not be.
	ask := schema.GoAsk{}
	for _, name := range strings.Fields("Str Big Word Raw ID Wait Later When Stamp Doc Alias Tiny Short Fn Any Ptr Gen List Text Both Bin Half Wrong Within None") {
		ask.Types = append(ask.Types, schema.GoNamed{Name: name, Go: "example.com/app/m." + name})
	}
	ask.Types = append(ask.Types, schema.GoNamed{Name: "Time", Go: "time.Time"}, schema.GoNamed{Name: "Nowhere", Go: "example.com/none.X"},
		schema.GoNamed{Name: "Month", Go: "time.Month"}, schema.GoNamed{Name: "Mutex", Go: "sync.Mutex"})
	got := load(dir, ask)
	var b strings.Builder
	describe := func(d *schema.GoDecl) {
		fmt.Fprintf(&b, "%s: %s as %s %q", d.Name, d.Type.String(), d.Type.Form, d.Scalar)
		if d.Type.Zero != "" {
			fmt.Fprintf(&b, ", zero %s", d.Type.Zero)
		}
		if d.Type.Comparable {
			b.WriteString(", comparable")
		}
		b.WriteByte('\n')
		for _, f := range d.Fields {
			fmt.Fprintf(&b, "\t%s %s %s", f.Name, f.GoName, f.Type)
			for _, g := range []*schema.GoType{f.Go, f.Key} {
				if g != nil {
					fmt.Fprintf(&b, " (%s as %s)", g, g.Form)
				}
			}
			b.WriteByte('\n')
		}
		for _, p := range d.Problems {
			fmt.Fprintf(&b, "\t! %s; %s\n", p.Message, p.Help)
		}
	}
	for _, a := range ask.Types {
		describe(got.Types[a.Name])
	}
	for _, s := range got.Structs {
		describe(s)
	}
	golden(t, "types.txt", b.String())
}

// The word of the schema chooses among the forms that there are.
func TestForms(t *testing.T) {
	dir := module(t, map[string]string{"m/m.go": source})
	tests := []struct{ name, as, want string }{
		{"Both", "", "string text"}, {"Both", "text", "string text"}, {"Both", "binary", "bytes binary"}, {"Both", "scalar", "string scalar"},
		{"Text", "scalar", "remove the word scalar"}, {"Text", "binary", "give it MarshalBinary and UnmarshalBinary, or remove the word"},
		{"Str", "text", "give it MarshalText and UnmarshalText, or remove the word"}, {"Str", "scalar", "string scalar"}, {"Bin", "", "bytes binary"},
	}
	var ask schema.GoAsk
	for i, test := range tests {
		ask.Types = append(ask.Types, schema.GoNamed{Name: fmt.Sprint("X", i), Go: "example.com/app/m." + test.name, As: test.as})
	}
	found := load(dir, ask)
	for i, test := range tests {
		got := found.Types[fmt.Sprint("X", i)]
		text := got.Scalar + " " + got.Type.Form.String()
		if len(got.Problems) > 0 {
			text = got.Problems[0].Help
		}
		if text != test.want {
			t.Errorf("%s as %q: %s, want %s", test.name, test.as, text, test.want)
		}
	}
}

// Whatever has a part in what types are is an input, and a change of it is one of
// its sum.
func TestInputs(t *testing.T) {
	dir := module(t, map[string]string{
		"m/m.go":      "package m\n\nimport (\n\t\"example.com/app/db/models\"\n\t\"example.com/app/n\"\n)\n\ntype X struct {\n\tA models.A\n\tB n.B\n}\n",
		"n/n.go":      "package n\n\ntype B string\n",
		"m/m_test.go": "package m\n",
	})
	ask := schema.GoAsk{Rows: []string{"example.com/app/m.X"}}
	in := load(dir, ask).Inputs
	for _, want := range []string{"m", "n", "db/models", "go.mod", "go.sum", "go.work"} {
		if !slices.Contains(in, filepath.Join(dir, filepath.FromSlash(want))) {
			t.Errorf("%s is no input", want)
		}
	}
	sums := func() string {
		h := sha256.New()
		for _, input := range in {
			sum := Sum(input)
			h.Write(sum[:])
		}
		return string(h.Sum(nil))
	}
	last := sums()
	changed := func(what string, want bool) {
		t.Helper()
		now := sums()
		if (now != last) != want {
			t.Errorf("%s: the sums have changed: %v, want %v", what, now != last, want)
		}
		last = now
	}
	put := func(name, text string) {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := errors.Join(os.MkdirAll(filepath.Dir(path), 0o777), os.WriteFile(path, []byte(text), 0o666)); err != nil {
			t.Fatal(err)
		}
	}
	changed("nothing", false)
	put("m/m_test.go", "package m_test\n")
	changed("a test", false)
	put("m/text.txt", "text")
	changed("a text", false)
	put("m/m.go", "package m\n\ntype X struct{ A string }\n")
	changed("a file", true)
	put("n/more.go", "package n\n")
	changed("another file", true)
	put("db/models/models.go", "package models\n")
	changed("a package that was not there", true)
	put("go.work", "go 1.26\n\nuse .\n")
	changed("a workspace", true)
	t.Setenv("GOFLAGS", "-tags=other")
	changed("tags", true)
	l := &loader{packages: map[string]*packages.Package{"example.com/app/m": {
		PkgPath: "example.com/app/m", GoFiles: []string{filepath.Join(dir, "m", "m.go")}, Module: &packages.Module{Path: "example.com/app", Main: true, Dir: dir},
	}}}
	if in := l.inputs(dir, time.Now().Add(time.Hour)); !slices.Contains(in, filepath.Join(dir, "m")) {
		t.Errorf("the inputs are %v", in)
	}
	if in := l.inputs(dir, time.Now().Add(-time.Hour)); in != nil {
		t.Errorf("with a file that has changed since, the inputs are %v", in)
	}
	t.Setenv("GOFLAGS", "-overlay=x.json")
	if in := (&loader{}).inputs(dir, time.Now()); in != nil {
		t.Errorf("with an overlay the inputs are %v", in)
	}
}

var update = flag.Bool("update", false, "write the golden files")

func golden(t *testing.T, name, got string) {
	t.Helper()
	path := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(path, []byte(got), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), got); diff != "" {
		t.Errorf("%s (-want +got); go test -update writes it again:\n%s", name, diff)
	}
}

// What cannot be a column is told with what to write instead, each once; aliases of
// types that are yet to be generated are those types.
func TestRowMistakes(t *testing.T) {
	dir := module(t, map[string]string{
		"m/m.go": `package m

import "example.com/app/db/models"

type (
	Role = models.Role
	Opt[T any] struct{ V T }
	Inst = Opt[int]
	Gen[T any] struct{ ID string }
)

type Row struct {
	ID     string
	Role   Role
	Opt    Opt[string]
	Array  [16]byte
	Short  [20]byte
	Bytes  *[]byte
	Texts  *[]string
	Counts *map[string]int
	Twice  **string
	Err    error
	Texts2 []*string
}
`,
		"c/c.go": "//go:build never\n\npackage c\n\ntype Row struct{ ID string }\n", "c/other.go": "package c\n",
	})
	ask := schema.GoAsk{Rows: []string{"example.com/app/m.Row", "example.com/app/m.Inst", "example.com/app/m.Gen", "example.com/app/c.Row"}}
	got := load(dir, ask)
	var b strings.Builder
	for _, name := range ask.Rows {
		d := got.Rows[name]
		fmt.Fprintf(&b, "%s\n", name)
		for _, f := range d.Fields {
			fmt.Fprintf(&b, "\t%s %s\n", f.Name, f.Type)
		}
		for _, p := range d.Problems {
			fmt.Fprintf(&b, "\t! %s; %s\n", p.Message, p.Help)
		}
	}
	golden(t, "rowmistakes.txt", b.String())
}

// An array of other things than bytes is a list, with or without a name; what no list can
// hold is a mistake with its place.
func TestArrays(t *testing.T) {
	dir := module(t, map[string]string{
		"m/m.go": `package m

import (
	"time"

	"example.com/app/db/models"
	"example.com/app/n"
	"github.com/google/uuid"
)

type Row struct {
	ID      string
	Axes    [3]float64
	At      n.Vec
	Named   Short
	Over    Over
	Alias   Alias
	Paren   ([2](string))
	Const   [n.Size]int
	Times   [4]time.Time
	Hashes  [2][32]byte
	UUIDs   [2]uuid.UUID
	Blobs   [2][]byte
	Letters [3]Letter
	Structs [2]n.Zip
	Roles   [2]models.Role
	Sums    [2]int64 ` + "`storegen:\",varint\"`" + `
	n.Vec3
	Hash    [32]byte
	Text    n.Text
	Bytes   n.Text ` + "`storegen:\",scalar\"`" + `
}

type (
	Short [2]string
	Over n.Vec
	Alias = [5]bool
	Letter byte
)

type Bad struct {
	Pointer *[3]float64
	Named   *n.Vec
	Nested  [2][3]float64
	Deep    [2]n.Vec
	Lists   [2][]string
	Maps    [2]map[string]int
	Slice   [][3]float64
	Slice2  []n.Vec
	Map     map[string][3]float64
	Key     map[[3]float64]string
	Keys    map[n.Vec]string
	Pointers [2]*n.Zip
	None    [0]float64
	Nothing [0]byte
	Long    [256]byte
	Huge    [65537]float64
	Unknown [n.Missing]float64
	Funcs   [2]func()
	hidden  [2]string
	Own     own
	Inst    n.Gen[int]
	Form    n.Vec ` + "`storegen:\",text\"`" + `
}

type own [3]float64
`,
		"n/n.go": `package n

const Size = 7

type (
	Vec [3]float64
	Vec3 [3]Letter
	Letter rune
	Zip struct{ Code int }
	Text [2]string
	Gen[T any] [2]T
)

func (t Text) MarshalText() ([]byte, error) { return nil, nil }
func (t *Text) UnmarshalText([]byte) error { return nil }
`,
	})
	ask := schema.GoAsk{Rows: []string{"example.com/app/m.Row", "example.com/app/m.Bad"}}
	got := load(dir, ask)
	var b strings.Builder
	for _, name := range ask.Rows {
		d := got.Rows[name]
		fmt.Fprintf(&b, "%s\n", name)
		for _, f := range d.Fields {
			fmt.Fprintf(&b, "\t%s %s", f.Name, f.Type)
			if f.Array != nil {
				fmt.Fprintf(&b, ", an array of %d", f.Array.Len)
				if f.Array.Go != nil {
					fmt.Fprintf(&b, ", %s", f.Array.Go)
				}
			}
			if f.Go != nil {
				fmt.Fprintf(&b, ", elements %s", f.Go)
			}
			b.WriteString("\n")
		}
		for _, p := range d.Problems {
			fmt.Fprintf(&b, "\t! %d:%d %s; %s\n", p.Pos.Line, p.Pos.Col, p.Message, p.Help)
		}
	}
	golden(t, "arrays.txt", b.String())
}

// Fields of embedded structs are columns where they stand, as in encoding/json: those
// that are embedded less deep hide others, and what cannot be told is a mistake.
func TestEmbedded(t *testing.T) {
	dir := module(t, map[string]string{
		"m/m.go": `package m

import (
	"sync"
	"time"

	"example.com/app/db/models"
	"example.com/app/n"
)

type base struct {
	Made time.Time
	n.Deep
}

type Text string

type Row struct {
	ID string
	base
	n.Base
	*Kids
	Text
	n.Tagged ` + "`json:\"tagged\"`" + `
	time.Duration
	Last []*n.Base
	Map  map[string]*n.Base
	Raw  [][]byte
	Raws map[string][]byte
}

type Kids struct{ N int }

type Plain struct {
	n.Deep
	Own string
}

type Hides struct {
	n.Deep
	Other string ` + "`json:\"depth\"`" + `
}

type Twice struct {
	n.Base
	n.Deep
	Also string ` + "`json:\"made\"`" + `
	Name string ` + "`json:\"its_name\"`" + `
}

type Locked struct {
	sync.Mutex
	models.Job
	n.Of[int]
	n.Again
	ID string
}

type Skips struct {
	sync.Mutex ` + "`storegen:\"-\"`" + `
	n.Deep
}

type Covered struct {
	n.Deep
	n.Base
	Name string ` + "`storegen:\"-\"`" + `
}

func (Covered) Depth() {}
`,
		"n/n.go": `package n

type Base struct {
	ID   string
	Name string
}

type Tagged struct{ X int }

type Deep struct {
	// How deep.
	Depth int
	Name string ` + "`json:\"deep_name\"`" + `
}

type Of[T any] struct{ T T }

type Again Base
`,
	})
	ask := schema.GoAsk{}
	for _, name := range strings.Fields("Row Plain Hides Twice Locked Skips Covered") {
		ask.Rows = append(ask.Rows, "example.com/app/m."+name)
	}
	got := load(dir, ask)
	var b strings.Builder
	for _, name := range ask.Rows {
		d := got.Rows[name]
		fmt.Fprintf(&b, "%s, partly %v, comparable %v\n", name, d.Type.Partly, d.Type.Comparable)
		for _, f := range d.Fields {
			fmt.Fprintf(&b, "\t%s %s %s, pointers %v, %q\n", f.Name, f.GoName, f.Type, f.Pointers, f.Doc)
		}
		if d.Type.Layout != nil {
			fmt.Fprintf(&b, "\tlayout %s\n", layoutText(d.Type.Layout))
		}
		for _, p := range d.Problems {
			at := filepath.ToSlash(strings.TrimPrefix(p.Pos.File, dir))
			fmt.Fprintf(&b, "\t! %s:%d:%d %s; %s\n", at, p.Pos.Line, p.Pos.Col, strings.ReplaceAll(p.Message, dir, ""), p.Help)
		}
	}
	golden(t, "embedded.txt", b.String())
}

func layoutText(parts []schema.GoLayout) string {
	var out []string
	for _, p := range parts {
		switch {
		case p.Embedded != nil:
			out = append(out, p.Embedded.String()+" "+layoutText(p.Fields))
		case p.Type != nil:
			out = append(out, "of "+p.Type.String())
		default:
			out = append(out, p.Field+p.Text)
		}
	}
	return "{" + strings.Join(out, "; ") + "}"
}
