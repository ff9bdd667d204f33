package gostruct

import (
	"go/ast"
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/schema"
)

func TestColumnNames(t *testing.T) {
	type want struct {
		Column       string
		Hidden, Skip bool
	}
	tests := []struct {
		name, tag string
		want      want
	}{
		{name: "UserID", want: want{Column: "user_id"}},
		{name: "HTTPPort", want: want{Column: "http_port"}},
		{name: "X", want: want{Column: "x"}},
		{name: "Sha256Sum", want: want{Column: "sha256_sum"}},
		{name: "A", tag: `json:"b,omitempty"`, want: want{Column: "b"}},
		{name: "A", tag: `json:",omitempty"`, want: want{Column: "a"}},
		{name: "A", tag: `json:"-"`, want: want{Skip: true}},
		{name: "A", tag: `json:"b" storegen:"c,hidden"`, want: want{Column: "c", Hidden: true}},
		{name: "A", tag: `json:"-" storegen:",hidden"`, want: want{Column: "a", Hidden: true}},
		{name: "A", tag: `json:"b" storegen:"-"`, want: want{Skip: true}},
		{name: "A", tag: "no tag", want: want{Column: "a"}},
	}
	for _, test := range tests {
		f := &ast.Field{}
		if test.tag != "" {
			f.Tag = &ast.BasicLit{Value: "`" + test.tag + "`"}
		}
		var got want
		got.Column, got.Hidden, got.Skip = tagOf(f, test.name)
		if diff := cmp.Diff(test.want, got); diff != "" {
			t.Errorf("%s `%s` (-want +got):\n%s", test.name, test.tag, diff)
		}
	}
}

// All structs come from one load, in a module whose generated packages are not
// there yet.
func TestLoader(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"go.mod":       "module example.com/app\n\ngo 1.26\n",
		"a/a.go":       "package a\n\nimport \"example.com/app/db/models\"\n\n// Row is one.\ntype Row struct {\n\t// Which.\n\tID models.ID\n\tN *int\n}\n",
		"b/other.go":   "package different\n\nimport \"example.com/app/a\"\n\ntype Level uint32\n\ntype Row struct {\n\tLevels []Level\n\tA a.Row\n}\n\ntype Plain int\n\ntype Of[T any] struct{ X T }\n",
		"b/b_test.go":  "package different\n\ntype Test struct{ X int }\n",
		"empty/doc.go": "package empty\n\ntype Row struct{}\n",
	} {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	names := []string{"example.com/app/a.Row", "example.com/app/b.Row", "example.com/app/b.Plain", "example.com/app/b.Of", "example.com/app/b.Test", "example.com/app/empty.Row"}
	got := Loader(dir, "example.com/app/db/models")(names)

	want := []schema.GoField{
		{Name: "id", GoName: "ID", Type: "ID", Doc: "Which."},
		{Name: "n", GoName: "N", Type: "int64?", Go: &schema.GoType{Name: "int"}},
	}
	for i, f := range got[names[0]].Fields {
		if f.Pos.Line != 8+i || f.Pos.Col != 2 || f.Source == "" {
			t.Errorf("%s is at %v, in %q", f.GoName, f.Pos, f.Source)
		}
		got[names[0]].Fields[i].Pos, got[names[0]].Fields[i].Source = schema.Pos{}, ""
	}
	if diff := cmp.Diff(want, got[names[0]].Fields); diff != "" {
		t.Errorf("fields of %s (-want +got):\n%s", names[0], diff)
	}
	if diff := cmp.Diff(schema.GoType{Path: "example.com/app/b", Package: "different", Name: "Row"}, got[names[1]].Type); diff != "" {
		t.Errorf("type of %s (-want +got):\n%s", names[1], diff)
	}
	problems := map[string]string{}
	for name, s := range got {
		for _, p := range s.Problems {
			problems[name] = p.Message
		}
	}
	if diff := cmp.Diff(map[string]string{
		names[1]: "A has the type a.Row, which is a struct",
		names[2]: "Plain is no struct",
		names[3]: "Of has type parameters",
		names[4]: "the Go package example.com/app/b has no type Test",
		names[5]: "Row has no fields",
	}, problems); diff != "" {
		t.Errorf("problems (-want +got):\n%s", diff)
	}
}
