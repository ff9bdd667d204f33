package logictest

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the results that SQLite has")

func parse(t *testing.T, text string) []Record {
	t.Helper()
	records, err := Parse(strings.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	return records
}

// The files of testdata say what SQLite shows, and tables of a store show the same.
func TestCorpus(t *testing.T) {
	files, err := filepath.Glob("testdata/*.test")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no files: %v", err)
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".test"), func(t *testing.T) {
			text, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			records := parse(t, string(text))
			native, err := NewNative()
			if err != nil {
				t.Fatal(err)
			}
			defer native.Close()
			if *update {
				out, err := Update(t.Context(), records, native, "sqlite")
				if err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(file, []byte(out), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			ours, err := NewStore(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			for _, target := range []struct {
				name string
				Target
			}{{"native", native}, {"store", ours}} {
				rep := Run(t.Context(), file, records, target, "sqlite")
				for _, f := range append(rep.Failed, rep.Not...) {
					t.Errorf("%s: %v", target.name, f)
				}
			}
			if err := ours.Close(); err != nil {
				t.Error(err)
			}
		})
	}
}

// A result is written again as it is.
func TestUpdateChangesNothing(t *testing.T) {
	text, err := os.ReadFile("testdata/select.test")
	if err != nil {
		t.Fatal(err)
	}
	native, err := NewNative()
	if err != nil {
		t.Fatal(err)
	}
	defer native.Close()
	out, err := Update(t.Context(), parse(t, string(text)), native, "sqlite")
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(text), out); diff != "" {
		t.Error(diff)
	}
}
