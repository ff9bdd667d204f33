package main

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

var update = flag.Bool("update", false, "write the golden file again")

// TestTour runs the whole program twice, in a directory of the test's and in one
// of the program's own, and compares what it says.
func TestTour(t *testing.T) {
	for _, dir := range []string{t.TempDir(), ""} {
		var out bytes.Buffer
		if err := inDir(dir, &out); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", "tour.golden")
		if *update {
			if err := os.MkdirAll("testdata", 0o777); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, out.Bytes(), 0o666); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(strings.Split(string(want), "\n"), strings.Split(out.String(), "\n")); diff != "" {
			t.Errorf("the tour says otherwise (-want +got); write it again with -update\n%s", diff)
		}
	}
}

// A database that the tour has been through holds what it would insert.
func TestTourTwice(t *testing.T) {
	dir := t.TempDir()
	var out bytes.Buffer
	if err := inDir(dir, &out); err != nil {
		t.Fatal(err)
	}
	if err := inDir(dir, &out); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("a second tour of one directory ended with %v", err)
	}
	if err := inDir(filepath.Join(dir, "LOCK"), &out); err == nil {
		t.Error("a file was taken for a directory")
	}
}
