package load_test

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/rules"
)

func TestLoadFiles(t *testing.T) {
	dir := schematest.WriteFiles(t, map[string]string{
		"a.yaml": "types: {A: string}\n", "sub/deep/b.yaml": "types: {B: {is: bytes}}\n", ".hidden.yaml": "broken: [\n",
		".git/x.yaml": "broken: [\n", "README.md": "# Not a schema\n", "c.yaml.orig": "x",
	})
	set, err := load.Schemas(&load.Config{Schemas: dir, Lock: filepath.Join(dir, "storegen.lock")})
	if err != nil {
		t.Fatal(err)
	}
	if got := schematest.Dump(set); got != "type A string\ntype B bytes\n" {
		t.Errorf("got %s", got)
	}
	_, err = load.Schemas(&load.Config{Schemas: filepath.Join(dir, "none"), Lock: "x"})
	if err == nil || !strings.Contains(err.Error(), "[file-read]") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// A question mark inside braces is part of the type, also in texts that hold the
// characters that stand in for it.
func TestQuestionMark(t *testing.T) {
	text := "table: t\ndoc: \"Why? \ue000 \ue001?\"\naccess: public\nkey: id\nfields: {id: string, a: int32?, b: {type: string?, doc: Is it there?}}\n"
	set, err := load.Parse([]schema.Source{{Name: "t.yaml", Data: []byte(text)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	table := set.Tables[0]
	if table.Doc != "Why? \ue000 \ue001?" || !table.Field("a").Optional || !table.Field("b").Optional || table.Field("b").Doc != "Is it there?" {
		t.Errorf("got\n%s", schematest.Dump(set))
	}
}

// A byte order mark at the beginning moves no column.
func TestByteOrderMark(t *testing.T) {
	_, err := load.Parse([]schema.Source{{Name: "t.yaml", Data: []byte("\ufeff{table: t, acess: public, key: id, fields: {id: string}}\n")}}, nil)
	ds, _ := err.(diag.Diagnostics)
	if len(ds) != 1 || ds[0].Rule != rules.KeyUnknown || string([]rune(ds[0].Source)[ds[0].Col-1:ds[0].EndCol-1]) != "acess" {
		t.Errorf("got %v", err)
	}
}

// BenchmarkParse reads a thousand tables of the size of the reference's.
func BenchmarkParse(b *testing.B) {
	types, err := os.ReadFile("../tables/types.yaml")
	if err != nil {
		b.Fatal(err)
	}
	jobs, err := os.ReadFile("../tables/system/jobs.yaml")
	if err != nil {
		b.Fatal(err)
	}
	files := []schema.Source{{Name: "types.yaml", Data: types}}
	for i := range 1000 {
		name := fmt.Sprintf("system.jobs%d", i)
		files = append(files, schema.Source{Name: name + ".yaml", Data: []byte(strings.Replace(string(jobs), "system.jobs", name, 1))})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := load.Parse(files, nil); err != nil {
			b.Fatal(err)
		}
	}
}

// fuzzTypes are the named types of the reference tables, in few bytes: they are
// loaded again for every input.
const fuzzTypes = `types:
  UserID: {is: string, max: 256}
  UserName: string
  NamespaceID: string
  TableName: string
  StorageID: string
  JobID: string
  RowID: {is: bytes}
  TableID: {struct: {namespace: NamespaceID, table: TableName}}
  TableSchemaID: {struct: {namespace: NamespaceID, table: TableName, version: uint32}}
  LiveQueryID: {struct: {user: UserID, connection: string, table: TableName, query: string}}
  UserRowID: {struct: {user: UserID, row: RowID}}
  ColumnSchema: {struct: {name: string, type: string, nullable: bool, ordinal: uint32}}
  Role: {enum: [user, service, dba, system]}
  TableAccess: {enum: [public, private, restricted]}
  TableType: {enum: [user, shared, stream, system]}
  AuthType: {enum: [password, oauth, internal]}
  StorageMode: {enum: [table, region]}
  StorageType: {enum: [filesystem, s3, gcs, azure]}
  JobStatus: {enum: [new, queued, running, retrying, completed, failed, cancelled, skipped]}
  JobType: {enum: [flush, compact, cleanup, backup, restore]}
`

// The short types say what the long ones say.
func TestFuzzTypes(t *testing.T) {
	for name := range strings.Lines(fuzzTypes) {
		name, _, _ = strings.Cut(strings.TrimSpace(name), ":")
		data, err := os.ReadFile("../tables/types.yaml")
		if err != nil {
			t.Fatal(err)
		}
		if !strings.Contains(string(data), name+":") {
			t.Errorf("the reference tables have no type %s", name)
		}
	}
}

// FuzzLoad: any text is a Set or Diagnostics with places inside the text, and a
// Set's lock gives the same Set again.
func FuzzLoad(tf *testing.F) {
	f := inputs.New(tf)
	for _, pattern := range []string{"../tables/*.yaml", "../tables/*/*.yaml", "testdata/language/*.yaml", "testdata/language/*/*.yaml", "testdata/gotypes/*.yaml", "testdata/gomistakes/*.yaml"} {
		files, err := filepath.Glob(pattern)
		if err != nil || len(files) == 0 {
			f.Fatalf("%s: %v, %v", pattern, files, err)
		}
		for _, file := range files {
			data, err := os.ReadFile(file)
			if err != nil {
				f.Fatal(err)
			}
			f.Add(data)
		}
	}
	for _, c := range schematest.Cases(tf, "testdata/errors") {
		for _, file := range c.Sources(".") {
			f.Add(file.Data)
		}
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		files := []schema.Source{{Name: "a.yaml", Data: data}, {Name: "types.yaml", Data: []byte(fuzzTypes)}}
		set, err := load.ParseWithGo(files, nil, schematest.FakeGo)
		if err != nil {
			ds, ok := err.(diag.Diagnostics)
			if !ok || set != nil {
				t.Fatalf("got %v and the error %v", set, err)
			}
			schematest.CheckPositions(t, ds)
			_ = ds.Error()
			return
		}
		again, err := load.ParseWithGo(files, &schema.Source{Name: "storegen.lock", Data: set.Lock.Format()}, schematest.FakeGo)
		if err != nil {
			t.Fatalf("the lock of a good schema is refused:\n%v\n%s", err, set.Lock.Format())
		}
		if schematest.Dump(again) != schematest.Dump(set) {
			t.Fatalf("loaded again with its lock:\n%s\nat first:\n%s", schematest.Dump(again), schematest.Dump(set))
		}
	})
}
