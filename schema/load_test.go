package schema

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"

	"github.com/storegen/storegen/internal/torture/inputs"
)

func TestDuration(t *testing.T) {
	tests := []struct {
		text, canonical string
		want            time.Duration
	}{
		{"30d", "30d", 30 * 24 * time.Hour},
		{"1h30m", "1h30m", 90 * time.Minute},
		{"90m", "1h30m", 90 * time.Minute},
		{"2w3d", "17d", 17 * 24 * time.Hour},
		{"1s500ms", "1s500ms", 1500 * time.Millisecond},
		{"7us9ns", "7us9ns", 7009},
		{"0s", "0s", 0},
		{"-5m", "-5m", -5 * time.Minute},
		{"106751d", "106751d", 106751 * 24 * time.Hour},
	}
	for _, test := range tests {
		got, err := parseDuration(test.text)
		if err != nil || got != test.want {
			t.Errorf("%s is %v, %v; want %v", test.text, got, err, test.want)
		}
		if text := formatDuration(got); text != test.canonical {
			t.Errorf("%v is written %s, want %s", got, text, test.canonical)
		}
	}
	for text, want := range map[string]error{
		"": errDurationForm, "-": errDurationForm, "5": errDurationForm, "d": errDurationForm, "1.5h": errDurationForm, "1h1h": errDurationForm,
		"1m1h": errDurationForm, "1y": errDurationForm, "1 h": errDurationForm, "--1h": errDurationForm, "1H": errDurationForm,
		"106752d": errDurationRange, "99999999999999999999s": errDurationRange, "15250w2d": errDurationRange, "9223372036s1000ms": errDurationRange,
	} {
		if d, err := parseDuration(text); !errors.Is(err, want) {
			t.Errorf("%q is %v, %v; want the error %q", text, d, err, want)
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		d := time.Duration(rapid.Int64Min(-1<<63+1).Draw(t, "d"))
		if got, err := parseDuration(formatDuration(d)); err != nil || got != d {
			t.Fatalf("%d is written %s and read as %d, %v", d, formatDuration(d), got, err)
		}
	})
}

func TestGoName(t *testing.T) {
	for name, want := range map[string]string{
		"user_id": "UserID", "id": "ID", "url": "URL", "created_at": "CreatedAt", "json": "JSON", "http_url": "HTTPURL", "cpu_used": "CPUUsed",
		"a__b_": "AB", "ipv4": "Ipv4", "live_queries": "LiveQueries", "user_ids": "UserIDs", "oauth": "OAuth", "ttl_seconds": "TTLSeconds", "s3": "S3",
	} {
		if got := GoName(name); got != want {
			t.Errorf("GoName(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestNearest(t *testing.T) {
	names := []string{"username", "user_id", "created_at", "role"}
	for name, want := range map[string]string{
		"usernmae": "username", "userid": "user_id", "UserID": "user_id", "createdat": "created_at", "roel": "role", "xyz": "", "": "",
		"username": "", strings.Repeat("x", 1000): "",
	} {
		if got := Nearest(name, names); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", name, got, want)
		}
	}
}

func TestSplitLines(t *testing.T) {
	got := splitLines("a\nb\r\nc\rd\u0085e\u2028f\u2029\n")
	if want := "a|b|c|d|e|f||"; strings.Join(got, "|") != want {
		t.Errorf("got %q, want %q", strings.Join(got, "|"), want)
	}
}

// A long line is cut around the place in question, and control characters do not
// reach the terminal.
func TestExcerpt(t *testing.T) {
	d := Diagnostic{Rule: "r", File: "f", Line: 12, Col: 501, EndCol: 504, Message: "m", Source: strings.Repeat("x", 500) + "abc" + strings.Repeat("y", 500)}
	lines := strings.Split(d.String(), "\n")
	if len(lines) != 3 || len(lines[1]) > excerptWidth+20 {
		t.Fatalf("got\n%s", d)
	}
	mark := strings.Index(lines[2], "^^^")
	if mark < 0 || lines[1][mark:mark+3] != "abc" || strings.Count(lines[2], "^") != 3 {
		t.Errorf("the mark is not under abc:\n%s", d)
	}
	d = Diagnostic{Line: 1, Col: 3, EndCol: 4, Source: "\ta\x1b[2J"}
	if got := d.String(); strings.Contains(got, "\x1b") || !strings.Contains(got, "1 | \ta\ufffd[2J\n      | \t ^") {
		t.Errorf("got %q", got)
	}
}

// write makes a folder of files, and returns its path.
func write(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range files {
		file := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(file), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(file, []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

func TestConfig(t *testing.T) {
	dir := write(t, map[string]string{
		"go.mod":             "// a comment\nmodule \"example.com/app\" // and another\n\ngo 1.26\n",
		"storegen.yaml":      "schemas: db/schema\nout: internal/db\n",
		"full.yaml":          "schemas: ./db/schema/\nout: gen\npackage: example.com/elsewhere\nlock: db/numbers.lock\n",
		"db/schema/a.yaml":   "table: a\naccess: public\nkey: id\nfields: {id: string}\n",
		"nested/go.mod":      "module example.com/nested\n",
		"nested/config.yaml": "schemas: ../db/schema\nout: .\n",
		"broken/go.mod":      "go 1.26\n",
		"broken/config.yaml": "schemas: ../db/schema\nout: .\n",
		"file.yaml":          "schemas: go.mod\nout: gen\n",
	})
	at := func(name string) string { return filepath.Join(dir, filepath.FromSlash(name)) }
	tests := []struct {
		file string
		want Config
	}{
		{"storegen.yaml", Config{Schemas: at("db/schema"), Out: at("internal/db"), Package: "example.com/app/internal/db", Lock: at("db/schema/storegen.lock")}},
		{"full.yaml", Config{Schemas: at("db/schema"), Out: at("gen"), Package: "example.com/elsewhere", Lock: at("db/numbers.lock")}},
		{"nested/config.yaml", Config{Schemas: at("db/schema"), Out: at("nested"), Package: "example.com/nested", Lock: at("db/schema/storegen.lock")}},
	}
	for _, test := range tests {
		test.want.File = at(test.file)
		got, err := LoadConfig(at(test.file))
		if err != nil {
			t.Errorf("%s: %v", test.file, err)
			continue
		}
		if *got != test.want {
			t.Errorf("%s: got %+v, want %+v", test.file, *got, test.want)
		}
		set, err := Load(got)
		if err != nil || len(set.Tables) != 1 || set.Tables[0].File != "a.yaml" {
			t.Errorf("%s: Load gives %+v, %v", test.file, set, err)
		}
	}
	for file, want := range map[string]string{
		"broken/config.yaml": "names no module",
		"file.yaml":          "no folder",
		"none.yaml":          "cannot read the configuration",
	} {
		_, err := LoadConfig(at(file))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s: got %v, want an error with %q", file, err, want)
		}
	}
	if _, err := os.Stat(at("db/schema/storegen.lock")); !errors.Is(err, fs.ErrNotExist) {
		t.Error("Load wrote the lock")
	}
}

// Without a go.mod above, the import path must be given.
func TestConfigNoModule(t *testing.T) {
	dir := write(t, map[string]string{"storegen.yaml": "schemas: s\nout: o\n", "s/a.yaml": "types: {A: string}\n"})
	if path, why := importPath(dir); path != "" {
		t.Skipf("a go.mod above the folder for temporary files gives %q %s", path, why)
	}
	_, err := LoadConfig(filepath.Join(dir, "storegen.yaml"))
	if err == nil || !strings.Contains(err.Error(), "no go.mod above it") {
		t.Errorf("got %v", err)
	}
}

func TestLoadFiles(t *testing.T) {
	dir := write(t, map[string]string{
		"a.yaml": "types: {A: string}\n", "sub/deep/b.yaml": "types: {B: {is: bytes}}\n", ".hidden.yaml": "broken: [\n",
		".git/x.yaml": "broken: [\n", "README.md": "# Not a schema\n", "c.yaml.orig": "x",
	})
	set, err := Load(&Config{Schemas: dir, Lock: filepath.Join(dir, "storegen.lock")})
	if err != nil {
		t.Fatal(err)
	}
	if got := dump(set); got != "type A string\ntype B bytes\n" {
		t.Errorf("got %s", got)
	}
	_, err = Load(&Config{Schemas: filepath.Join(dir, "none"), Lock: "x"})
	if err == nil || !strings.Contains(err.Error(), "[file-read]") {
		t.Errorf("a folder that is not there: %v", err)
	}
}

// A question mark inside braces is part of the type, also in texts that hold the
// characters that stand in for it.
func TestQuestionMark(t *testing.T) {
	text := "table: t\ndoc: \"Why? \ue000 \ue001?\"\naccess: public\nkey: id\nfields: {id: string, a: int32?, b: {type: string?, doc: Is it there?}}\n"
	set, err := Parse([]Source{{Name: "t.yaml", Data: []byte(text)}}, nil)
	if err != nil {
		t.Fatal(err)
	}
	table := set.Tables[0]
	if table.Doc != "Why? \ue000 \ue001?" || !table.Field("a").Optional || !table.Field("b").Optional || table.Field("b").Doc != "Is it there?" {
		t.Errorf("got\n%s", dump(set))
	}
}

// A byte order mark at the beginning moves no column.
func TestByteOrderMark(t *testing.T) {
	_, err := Parse([]Source{{Name: "t.yaml", Data: []byte("\ufeff{table: t, acess: public, key: id, fields: {id: string}}\n")}}, nil)
	ds, _ := err.(Diagnostics)
	if len(ds) != 1 || ds[0].Rule != ruleKeyUnknown || string([]rune(ds[0].Source)[ds[0].Col-1:ds[0].EndCol-1]) != "acess" {
		t.Errorf("got %v", err)
	}
}

// BenchmarkParse reads a thousand tables of the size of the reference's.
func BenchmarkParse(b *testing.B) {
	types, err := os.ReadFile("tables/types.yaml")
	if err != nil {
		b.Fatal(err)
	}
	jobs, err := os.ReadFile("tables/system/jobs.yaml")
	if err != nil {
		b.Fatal(err)
	}
	files := []Source{{Name: "types.yaml", Data: types}}
	for i := range 1000 {
		name := fmt.Sprintf("system.jobs%d", i)
		files = append(files, Source{Name: name + ".yaml", Data: []byte(strings.Replace(string(jobs), "system.jobs", name, 1))})
	}
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Parse(files, nil); err != nil {
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
		data, err := os.ReadFile("tables/types.yaml")
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
	for _, pattern := range []string{"tables/*.yaml", "tables/*/*.yaml", "testdata/language/*.yaml", "testdata/language/*/*.yaml", "testdata/gotypes/*.yaml", "testdata/gomistakes/*.yaml", "testdata/errors/*/*.yaml"} {
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
	f.Fuzz(func(t *testing.T, data []byte) {
		files := []Source{{Name: "a.yaml", Data: data}, {Name: "types.yaml", Data: []byte(fuzzTypes)}}
		set, err := ParseGo(files, nil, fakeGo)
		if err != nil {
			ds, ok := err.(Diagnostics)
			if !ok || set != nil {
				t.Fatalf("got %v and the error %v", set, err)
			}
			checkPlaces(t, ds)
			_ = ds.Error()
			return
		}
		again, err := ParseGo(files, &Source{Name: "storegen.lock", Data: set.Lock.Format()}, fakeGo)
		if err != nil {
			t.Fatalf("the lock of a good schema is refused:\n%v\n%s", err, set.Lock.Format())
		}
		if dump(again) != dump(set) {
			t.Fatalf("loaded again with its lock:\n%s\nat first:\n%s", dump(again), dump(set))
		}
	})
}
