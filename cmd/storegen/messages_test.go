package main

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/evolve"
	"github.com/storegen/storegen/schema/gostruct"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/lock"
)

// loadGo finds the Go types of cases, which are of the standard library, or rows that do
// not exist.
func loadGo(ask schema.GoAsk) *schema.GoSource {
	if len(ask.Messages)+len(ask.Own)+len(ask.Rows) > 0 {
		return schematest.FakeGo(ask)
	}
	return gostruct.Loader(".", "example.com/app/db", "example.com/app/db/models")(ask)
}

// asJSON is what -json prints.
func asJSON(fs []finding) []byte {
	var b bytes.Buffer
	(&call{stdout: &b, json: true}).report(fs)
	return b.Bytes()
}

// What -json prints of every case of a mistake is what the text says. Where the text
// marks no place in a line, the case holds a want.json; two others do, as examples.
func TestMistakesAsJSON(t *testing.T) {
	for _, c := range schematest.Cases(t, "../../schema/load/testdata/errors") {
		ds := c.Mistakes(t)
		got := asJSON(findings(ds))
		if diff := cmp.Diff([]diag.Diagnostic(ds), decoded(t, got), withoutSource); diff != "" {
			t.Errorf("%s (-text +json):\n%s", c.Name, diff)
		}
		unmarked := slices.ContainsFunc(ds, func(d diag.Diagnostic) bool { return strings.TrimSpace(d.Source) == "" })
		if unmarked || c.Has("want.json") {
			c.Want(t, "want.json", string(got))
		}
	}
}

// What -json prints of every case of a change is what the text says, and its class.
func TestChangesAsJSON(t *testing.T) {
	for _, c := range schematest.Cases(t, "../../schema/evolve/testdata/changes") {
		old, err := load.ParseWithGo(c.Sources("before"), nil, loadGo)
		if err != nil {
			t.Fatal(err)
		}
		text := old.Lock.Format()
		set, err := load.ParseWithGo(c.Sources("after"), &schema.Source{Name: "storegen.lock", Data: text}, loadGo)
		if err != nil {
			t.Fatal(err)
		}
		was, err := lock.Parse("storegen.lock", text)
		if err != nil {
			t.Fatal(err)
		}
		changes := evolve.Compare(was, set)
		got := asJSON(changeFindings(changes))
		var want []diag.Diagnostic
		var classes []string
		for _, e := range changes {
			want, classes = append(want, e.Diagnostic), append(classes, string(e.Class))
		}
		if diff := cmp.Diff(want, decoded(t, got), withoutSource); diff != "" {
			t.Errorf("%s (-text +json):\n%s", c.Name, diff)
		}
		for i, f := range decodedFindings(t, got) {
			if f.Class != classes[i] {
				t.Errorf("%s: %s has the class %q, want %q", c.Name, f.Rule, f.Class, classes[i])
			}
		}
		if c.Has("want.json") {
			c.Want(t, "want.json", string(got))
		}
	}
}

// withoutSource compares diagnostics but for the lines that they are about, which
// -json leaves to who reads it.
var withoutSource = cmp.Options{
	cmpopts.EquateEmpty(), cmpopts.IgnoreFields(diag.Diagnostic{}, "Source"), cmpopts.IgnoreFields(diag.Related{}, "Source"),
}

func decodedFindings(t *testing.T, text []byte) []finding {
	t.Helper()
	var fs []finding
	if err := json.Unmarshal(text, &fs); err != nil {
		t.Fatalf("%v in\n%s", err, text)
	}
	return fs
}

// decoded is what -json has printed, as diagnostics.
func decoded(t *testing.T, text []byte) []diag.Diagnostic {
	t.Helper()
	var ds []diag.Diagnostic
	for _, f := range decodedFindings(t, text) {
		d := diag.Diagnostic{Rule: f.Rule, File: f.File, Line: f.Line, Col: f.Col, EndCol: f.EndCol, Message: f.Message, Note: f.Note, Help: f.Help}
		for _, r := range f.Related {
			d.Related = append(d.Related, diag.Related{File: r.File, Line: r.Line, Col: r.Col, EndCol: r.EndCol, Message: r.Message})
		}
		ds = append(ds, d)
	}
	return ds
}
