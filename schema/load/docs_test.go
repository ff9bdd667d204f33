package load_test

import (
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
)

// docsTable holds the fields that the fragments in docs/schema.md name.
const docsTable = `table: t
access: public
key: key
fields:
  key: string
  name: string
  country: string
  city: string
  email: string?
  tags: "[]string"
  words: "[]string"
  status: OrderStatus
  count: int64
  limit: int64
  ratio: float64
  seconds: uint32?
  lifetime: duration
  flag: bool
  created_at: timestamp
  closed_at: timestamp?
`

// docsTypes are the types that fragments name.
const docsTypes = `types:
  OrderStatus: {enum: [open, shipped, returned]}
  Line: {struct: {product: string}}
  Price: {struct: {units: int64}}
  Currency: string
  Hash: {is: bytes, max: 32}
  AccountID: string
  PlaceID: {struct: {country: string, number: uint32}}
`

func indent(text string) string {
	return "  " + strings.ReplaceAll(strings.TrimSuffix(text, "\n"), "\n", "\n  ") + "\n"
}

// Every fenced block of YAML in docs/schema.md loads. The comment before it says
// what must stand around it.
func TestDocs(t *testing.T) {
	data, err := os.ReadFile("../../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	blocks := regexp.MustCompile("(?s)<!-- (\\w+) -->\n```yaml\n(.*?)```").FindAllStringSubmatch(string(data), -1)
	if n := strings.Count(string(data), "```yaml"); n == 0 || n != len(blocks) {
		t.Fatalf("docs/schema.md has %d blocks of YAML, and %d with a comment that says what they are", n, len(blocks))
	}
	// Whole files are loaded together, so that a table finds its types.
	var whole []schema.Source
	for i, b := range blocks {
		kind, text := b[1], b[2]
		var table string
		switch kind {
		case "file":
			whole = append(whole, schema.Source{Name: "whole" + string(rune('a'+i)) + ".yaml", Data: []byte(text)})
			continue
		case "config":
			dir := schematest.WriteFiles(t, map[string]string{"storegen.yaml": text, "schema/tables/a.yaml": docsTable, "schema/tables/types.yaml": docsTypes})
			c, err := load.ReadConfig(filepath.Join(dir, "storegen.yaml"))
			if err != nil {
				t.Errorf("block %d: %v", i, err)
				continue
			}
			if _, err := load.Schemas(c); err != nil {
				t.Errorf("block %d: %v", i, err)
			}
			continue
		case "go":
			files := []schema.Source{{Name: "go.yaml", Data: []byte(text)}, {Name: "types.yaml", Data: []byte(docsTypes)}}
			if _, err := load.ParseWithGo(files, nil, schematest.FakeGo); err != nil {
				t.Errorf("block %d: %v", i, err)
			}
			continue
		case "whole":
			table = text
		case "table":
			table = "table: t\naccess: public\n" + text
		case "fields":
			table = "table: t\naccess: public\nkey: key\nfields:\n  key: string\n" + indent(text)
		case "indexes":
			table = docsTable + "indexes:\n" + indent(text)
		case "ttl", "check", "blind":
			table = docsTable + text
		default:
			t.Fatalf("block %d: nothing is known of <!-- %s -->", i, kind)
		}
		set, err := load.Parse([]schema.Source{{Name: "t.yaml", Data: []byte(table)}, {Name: "types.yaml", Data: []byte(docsTypes)}}, nil)
		if err != nil {
			t.Errorf("block %d (%s): %v", i, kind, err)
			continue
		}
		if len(set.Tables) != 1 {
			t.Errorf("block %d (%s) declares %d tables", i, kind, len(set.Tables))
		}
	}
	if set, err := load.Parse(whole, nil); err != nil {
		t.Errorf("the whole files: %v", err)
	} else if set.Table("app.orders") == nil || len(set.Types) < 8 {
		t.Errorf("the whole files hold %s", schematest.Dump(set))
	}
}

// The message that docs/schema.md shows is the one that its first table would get.
func TestDocsMessage(t *testing.T) {
	data, err := os.ReadFile("../../docs/schema.md")
	if err != nil {
		t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(data), "```yaml\n")
	table, rest, _ := strings.Cut(rest, "```")
	_, rest, _ = strings.Cut(rest, "```yaml\n")
	types, _, _ := strings.Cut(rest, "```")
	table = strings.Replace(table, "fold customer", "fold custmer", 1)
	_, err = load.Parse([]schema.Source{
		{Name: "app/orders.yaml", Path: "schema/app/orders.yaml", Data: []byte(table)},
		{Name: "types.yaml", Data: []byte(types)},
	}, nil)
	if err == nil {
		t.Fatal("the mistake is not found")
	}
	if want := "    " + strings.ReplaceAll(err.Error(), "\n", "\n    ") + "\n"; !strings.Contains(string(data), want) {
		t.Errorf("docs/schema.md does not show the message\n%s", want)
	}
}
