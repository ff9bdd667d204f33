package templates_test

import (
	"errors"
	"os"
	"path/filepath"
	"sync"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates"
)

// fuzzTypes are declared beside what is fuzzed, so that its tables have types to
// name.
const fuzzTypes = `types:
  UserID: {is: string, max: 256}
  RowID: {is: bytes}
  Count: int32
  Moment: timestamp
  Token: uuid
  Flag: bool
  Score: float64
  JobStatus: {enum: [queued, running, failed]}
  TableID: {struct: {namespace: UserID, table: RowID}}
  Line: {struct: {name: string?, at: timestamp, parts: "[]TableID"}}
`

// FuzzGenerate: any schema is refused with messages that say where, or becomes
// Go that compiles.
func FuzzGenerate(tf *testing.F) {
	f := inputs.New(tf)
	for _, pattern := range []string{
		"../schema/tables/*.yaml", "../schema/tables/*/*.yaml", "../schema/load/testdata/language/*.yaml", "../schema/load/testdata/language/*/*.yaml",
		"internal/kitchen/schema/*.yaml", "testdata/*/schema/*.yaml",
	} {
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
	cases, err := filepath.Glob("../schema/load/testdata/errors/*.txtar")
	if err != nil || len(cases) == 0 {
		f.Fatalf("%v, %v", cases, err)
	}
	for _, file := range cases {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		for _, part := range archive.Files {
			if filepath.Ext(part.Name) == ".yaml" {
				f.Add(part.Data)
			}
		}
	}
	for _, table := range goTables {
		f.Add([]byte(table))
	}
	types, err := os.ReadFile("../schema/tables/types.yaml")
	if err != nil {
		f.Fatal(err)
	}
	check, err := oneChecker()
	if err != nil {
		f.Fatal(err)
	}
	var mu sync.Mutex
	f.Fuzz(func(t *testing.T, data []byte) {
		if len(data) > 1<<13 {
			return // more of the same
		}
		generated := false
		for _, beside := range []string{fuzzTypes, string(types), "types:" + goTypes, ""} {
			sources := []schema.Source{{Name: "a.yaml", Data: data}, {Name: "types.yaml", Data: []byte(beside)}}
			if beside == "" {
				sources = sources[:1]
			}
			set, err := load.ParseWithGo(sources, nil, loadGo)
			if err != nil {
				var ds diag.Diagnostics
				if !errors.As(err, &ds) {
					t.Fatalf("not a message about the schema: %v", err)
				}
				continue
			}
			if generated {
				return
			}
			generated = true
			const base = "example.com/app/db"
			files, err := templates.Generate(set, base)
			if err != nil {
				t.Fatalf("%v\n%s", err, data)
			}
			mu.Lock()
			err = check.check(base, files)
			mu.Unlock()
			if err != nil {
				t.Fatalf("%v\n%s", err, data)
			}
		}
	})
}
