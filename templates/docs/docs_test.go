package docs

import (
	"bytes"
	"encoding/xml"
	"errors"
	"flag"
	"io"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/schema/naming"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func loaded(t *testing.T, dir string) *describe.Schema {
	t.Helper()
	set, err := load.Schemas(&load.Config{Schemas: dir, Lock: filepath.Join(dir, "storegen.lock")})
	if err != nil {
		t.Fatal(err)
	}
	return describe.Set(set)
}

func TestGolden(t *testing.T) {
	for name, dir := range map[string]string{"reference": "../../schema/tables", "language": "../../schema/load/testdata/language"} {
		page, err := HTML(loaded(t, dir))
		if err != nil {
			t.Fatal(err)
		}
		golden(t, name+".md", Markdown(loaded(t, dir)))
		golden(t, name+".html", page)
	}
}

// The tables have all scalars, as fields, with defaults and in keys.
func TestGoldenOfKinds(t *testing.T) {
	set := *loaded(t, "../internal/kitchen/schema")
	set.Tables = slices.DeleteFunc(slices.Clone(set.Tables), func(t *catalog.Table) bool {
		return t.Name != "sink.defaults" && !strings.HasPrefix(t.Name, "sink.local_key")
	})
	set.Types = slices.DeleteFunc(slices.Clone(set.Types), func(t *describe.Named) bool { return t.Name == "Every" })
	golden(t, "kinds.md", Markdown(&set))
}

func golden(t *testing.T, name string, got []byte) {
	t.Helper()
	file := filepath.Join("testdata", name)
	if *update {
		if err := os.WriteFile(file, got, 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), string(got)); diff != "" {
		t.Errorf("%s (-want +got):\n%s", file, diff)
	}
}

var (
	link    = regexp.MustCompile(`\]\(#([^)]*)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// Every link leads to a heading, every row of a table has as many cells as its
// head, and nothing of the schema is left out.
func TestWhole(t *testing.T) {
	for _, dir := range []string{"../../schema/tables", "../../schema/load/testdata/language", "../internal/kitchen/schema"} {
		set := loaded(t, dir)
		page := string(Markdown(set))
		headings := map[string]bool{}
		for _, m := range heading.FindAllStringSubmatch(page, -1) {
			headings[anchor(m[1])] = true
		}
		for _, m := range link.FindAllStringSubmatch(page, -1) {
			if !headings[m[1]] {
				t.Errorf("%s: a link to #%s, which is no heading", dir, m[1])
			}
		}
		cells := 0
		for line := range strings.Lines(page) {
			if !strings.HasPrefix(line, "|") {
				cells = 0
				continue
			}
			n := strings.Count(strings.ReplaceAll(line, `\|`, ""), "|")
			if cells > 0 && n != cells {
				t.Errorf("%s: %d cells in place of %d: %s", dir, n, cells, line)
			}
			cells = n
		}
		for _, table := range set.Tables {
			for _, f := range table.Fields {
				if !strings.Contains(page, "| `"+f.Name+"` |") {
					t.Errorf("%s: the field %s.%s is not on the page", dir, table.Name, f.Name)
				}
			}
			for _, ix := range table.Indexes {
				if !strings.Contains(page, "| `By"+naming.GoName(ix.Name)) {
					t.Errorf("%s: the index %s.%s is not on the page", dir, table.Name, ix.Name)
				}
			}
		}
	}
}

func TestEscaped(t *testing.T) {
	if got, want := cell("a | <b>\n*c* [d](e)"), `a \| &lt;b&gt; \*c\* \[d](e)`; got != want {
		t.Errorf("got %s, want %s", got, want)
	}
}

// The page of HTML is well-formed, asks nothing of a network, has an element for
// every link, and all of the schema.
func TestHTML(t *testing.T) {
	for _, dir := range []string{"../../schema/tables", "../../schema/load/testdata/language", "../internal/kitchen/schema"} {
		set := loaded(t, dir)
		text, err := HTML(set)
		if err != nil {
			t.Fatal(err)
		}
		ids, links := map[string]bool{}, map[string]bool{}
		d := xml.NewDecoder(bytes.NewReader(text))
		d.Strict, d.Entity = true, xml.HTMLEntity
		for {
			token, err := d.Token()
			if errors.Is(err, io.EOF) {
				break
			}
			if err != nil {
				t.Fatalf("%s: %v", dir, err)
			}
			start, ok := token.(xml.StartElement)
			if !ok {
				continue
			}
			switch start.Name.Local {
			case "script", "link", "img", "iframe", "object", "use", "image", "base":
				t.Errorf("%s: there is a <%s>", dir, start.Name.Local)
			}
			for _, a := range start.Attr {
				switch {
				case a.Name.Local == "id" && ids[a.Value]:
					t.Errorf("%s: the id %s is there twice", dir, a.Value)
				case a.Name.Local == "id":
					ids[a.Value] = true
				case a.Name.Local == "href" && !strings.HasPrefix(a.Value, "#"):
					t.Errorf("%s: a link to %s", dir, a.Value)
				case a.Name.Local == "href":
					links[a.Value[1:]] = true
				case strings.HasPrefix(a.Name.Local, "on"):
					t.Errorf("%s: there is a script in %s", dir, a.Name.Local)
				}
			}
		}
		for link := range links {
			if !ids[link] {
				t.Errorf("%s: a link to #%s, which is not there", dir, link)
			}
		}
		if bytes.Contains(text, []byte("http:")) || bytes.Contains(text, []byte("https:")) || bytes.Contains(text, []byte("@import")) {
			t.Errorf("%s: the page names another", dir)
		}
		for _, table := range set.Tables {
			for _, f := range table.Fields {
				if !bytes.Contains(text, []byte("<tr><td><code>"+f.Name+"</code>")) {
					t.Errorf("%s: the field %s.%s is not on the page", dir, table.Name, f.Name)
				}
			}
			for _, ix := range table.Indexes {
				if !bytes.Contains(text, []byte("<code>By"+naming.GoName(ix.Name))) {
					t.Errorf("%s: the index %s.%s is not on the page", dir, table.Name, ix.Name)
				}
			}
		}
	}
}

// What people wrote is text and nothing else, wherever it stands.
func TestHTMLEscaped(t *testing.T) {
	const evil = `</title></svg><script>alert("x")</script>` + "`<b>`&amp; <img src=x onerror=y>"
	doc := func(indent string) string { return indent + "doc: '" + evil + "'\n" }
	set, err := load.Parse([]schema.Source{
		{Name: "t.yaml", Data: []byte("table: t\n" + doc("") + "access: public\nkey: id\nper:\n  p:\n    type: string\n" + doc("    ") +
			"fields:\n  id:\n    type: string\n    default: '" + evil + "'\n" + doc("    ") + "indexes:\n  i:\n    on: fold id\n    unique: true\n    where: id == \"<b>\"\n" + doc("    ") +
			"check:\n  - rule: id != \"</code><i>\"\n" + doc("    "))},
		{Name: "types.yaml", Data: []byte("types:\n  E:\n    enum:\n      - name: a\n" + doc("        ") + doc("    ") + "  S:\n    struct:\n      x:\n        type: string\n" + doc("        ") + doc("    "))},
	}, nil)
	if err != nil {
		t.Fatal(err)
	}
	page, err := HTML(describe.Set(set))
	if err != nil {
		t.Fatal(err)
	}
	for _, bad := range []string{"<script", "<img", "<b>", "<i>", "</title></svg>", "onerror=y>"} {
		if n := bytes.Count(page, []byte(bad)); n > 0 {
			t.Errorf("the page holds %s", bad)
		}
	}
	if n := bytes.Count(page, []byte("&lt;script&gt;")); n < 7 {
		t.Errorf("the docs are on the page only %d times", n)
	}
}

// Boxes do not lie on each other, and are inside of the drawing.
func TestDraw(t *testing.T) {
	for _, dir := range []string{"../../schema/tables", "../../schema/load/testdata/language", "../internal/kitchen/schema"} {
		set := loaded(t, dir)
		d := draw(set)
		if len(d.Boxes) != len(set.Tables) || len(d.Curves) != len(references(set)) {
			t.Errorf("%s: %d boxes and %d curves", dir, len(d.Boxes), len(d.Curves))
		}
		for i, a := range d.Boxes {
			if a.X < 0 || a.Y < 0 || a.X+a.Width > d.Width || a.Y+a.Height > d.Height {
				t.Errorf("%s: %s is not inside", dir, a.Name)
			}
			for _, b := range d.Boxes[:i] {
				if a.X < b.X+b.Width && b.X < a.X+a.Width && a.Y < b.Y+b.Height && b.Y < a.Y+a.Height {
					t.Errorf("%s: %s lies on %s", dir, a.Name, b.Name)
				}
			}
		}
	}
	if d := draw(&describe.Schema{}); d.Width != 0 || len(d.Boxes) != 0 {
		t.Errorf("nothing is drawn as %+v", d)
	}
}
