package docs

import (
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/schema"
)

var update = flag.Bool("update", false, "rewrite the golden files")

func load(t *testing.T, dir string) *schema.Set {
	t.Helper()
	set, err := schema.Load(&schema.Config{Schemas: dir, Lock: filepath.Join(dir, "storegen.lock")})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

func TestGolden(t *testing.T) {
	for name, dir := range map[string]string{"reference": "../../schema/tables", "language": "../../schema/testdata/language"} {
		got := string(Markdown(load(t, dir)))
		golden := filepath.Join("testdata", name+".md")
		if *update {
			if err := os.WriteFile(golden, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(golden)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", golden, diff)
		}
	}
}

var (
	link    = regexp.MustCompile(`\]\(#([^)]*)\)`)
	heading = regexp.MustCompile(`(?m)^#+ (.*)$`)
)

// Every link leads to a heading, every row of a table has as many cells as its
// head, and nothing of the schema is left out.
func TestWhole(t *testing.T) {
	for _, dir := range []string{"../../schema/tables", "../../schema/testdata/language", "../internal/kitchen/schema"} {
		set := load(t, dir)
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
				if !strings.Contains(page, "| `By"+ix.GoName) {
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
