package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// TestRun runs every statement a little, which checks that both tables give the same.
func TestRun(t *testing.T) {
	var out bytes.Buffer
	o := options{rows: 600, slices: 1, slice: time.Microsecond}
	if err := run(t.Context(), o, &out, ""); err != nil {
		t.Fatal(err)
	}
	for _, st := range statements {
		if !strings.Contains(out.String(), "| "+st.name+" | ") {
			t.Errorf("there is no line for %s in\n%s", st.name, out.String())
		}
	}
	doc := filepath.Join(t.TempDir(), "doc.md")
	if err := os.WriteFile(doc, []byte("before\n"+begin+"old\n"+end+"behind\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	o.only = "count"
	if err := run(t.Context(), o, &out, doc); err != nil {
		t.Fatal(err)
	}
	b, err := os.ReadFile(doc)
	if err != nil {
		t.Fatal(err)
	}
	if s := string(b); !strings.HasPrefix(s, "before\n"+begin) || !strings.HasSuffix(s, end+"behind\n") || strings.Contains(s, "old") || !strings.Contains(s, "| count(*) | ") {
		t.Errorf("the document became\n%s", s)
	}
}
