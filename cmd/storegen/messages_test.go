package main

import (
	"bytes"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/evolve"
	"github.com/storegen/storegen/schema/gostruct"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
)

// loadGo finds the Go types of cases, which are all of the standard library.
var loadGo = gostruct.Loader(".", "example.com/app/db", "example.com/app/db/models")

// asJSON is what -json prints.
func asJSON(fs []finding) []byte {
	var b bytes.Buffer
	(&call{stdout: &b, json: true}).report(fs)
	return b.Bytes()
}

// Every case of a mistake has a golden in the form of -json beside the plain one.
func TestMistakesAsJSON(t *testing.T) {
	dirs, err := filepath.Glob("../../schema/load/testdata/errors/*")
	if err != nil || len(dirs) == 0 {
		t.Fatalf("there are no cases: %v", err)
	}
	for _, dir := range dirs {
		config := &load.Config{Schemas: dir, Lock: filepath.Join(dir, "storegen.lock")}
		err := error(nil)
		if file := filepath.Join(dir, "storegen.yaml"); exists(file) {
			config, err = load.ReadConfig(file)
		}
		if err == nil {
			_, err = load.Schemas(config)
		}
		fs := findings(err)
		if len(fs) == 0 {
			t.Errorf("%s holds no mistake", dir)
		}
		got := bytes.ReplaceAll(asJSON(fs), []byte(filepath.ToSlash(dir)+"/"), nil)
		file := filepath.Join(dir, "want.json")
		if *update {
			if err := os.WriteFile(file, got, 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(file)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), string(got)); diff != "" {
			t.Errorf("%s (-want +got); go test -update writes it anew:\n%s", file, diff)
		}
	}
}

func exists(file string) bool {
	_, err := os.Stat(file)
	return err == nil
}

// Every case of a change has one too.
func TestChangesAsJSON(t *testing.T) {
	files, err := filepath.Glob("../../schema/evolve/testdata/changes/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are no cases: %v", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		var before, after []schema.Source
		for _, f := range archive.Files {
			if name, ok := strings.CutPrefix(f.Name, "before/"); ok {
				before = append(before, schema.Source{Name: name, Data: f.Data})
			}
			if name, ok := strings.CutPrefix(f.Name, "after/"); ok {
				after = append(after, schema.Source{Name: name, Data: f.Data})
			}
		}
		old, err := load.ParseWithGo(before, nil, loadGo)
		if err != nil {
			t.Fatal(err)
		}
		text := old.Lock.Format()
		set, err := load.ParseWithGo(after, &schema.Source{Name: "storegen.lock", Data: text}, loadGo)
		if err != nil {
			t.Fatal(err)
		}
		was, err := lock.Parse("storegen.lock", text)
		if err != nil {
			t.Fatal(err)
		}
		got := asJSON(changeFindings(evolve.Compare(was, set)))
		i := slices.IndexFunc(archive.Files, func(f txtar.File) bool { return f.Name == "want.json" })
		if *update {
			if i < 0 {
				i = len(archive.Files)
				archive.Files = append(archive.Files, txtar.File{Name: "want.json"})
			}
			archive.Files[i].Data = got
			if err := os.WriteFile(file, txtar.Format(archive), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		if i < 0 {
			t.Errorf("%s has no want.json; go test -update writes it", file)
			continue
		}
		if diff := cmp.Diff(string(archive.Files[i].Data), string(got)); diff != "" {
			t.Errorf("%s (-want +got); go test -update writes it anew:\n%s", file, diff)
		}
	}
}

// The rules of the command's own findings are on the page of messages too.
func TestOwnRulesAreOnThePage(t *testing.T) {
	data, err := os.ReadFile("../../docs/messages.md")
	if err != nil {
		t.Fatal(err)
	}
	for _, id := range []string{ruleNotCurrent, ruleNotFormatted, ruleInTheWay, ruleEdited, ruleRenumbered, ruleFailed} {
		if !bytes.Contains(data, []byte("| `"+id+"` | ")) {
			t.Errorf("%s is not on the page of messages", id)
		}
	}
}
