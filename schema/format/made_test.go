package format

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/load"
	"pgregory.net/rapid"
)

// trickyTexts look like something else to one YAML reader or another.
var trickyTexts = []string{
	"12:30", "1:2:3", "a:b", "http://example.com/a?b=c#d", "a: b", "a #b", "#a", "a:", "yes", "No", "on", "y", "true", "~", "null", "Null",
	"0x1F", "0o17", "017", "1_000", "1e3", ".5", "+.inf", ".NaN", "-", "- a", "-1", "--- a", "? a", "what?", "[a]", "{a: b}", "a, b", "a]", "a}",
	"2030-01-02", "2030-01-02T03:04:05Z", "<<", "=", "!a", "&a", "*a", "%a", "@a", "`a`", "|", ">", "'", `"`, `a"b`, "it's", `a\b`, `\u0041`,
	" a", "a ", "a  b", "é", "日本語", "🎉 party", "a\tb", "", "…", "\u00a0",
}

// asYAML writes a text with the quotes that are drawn; without any, if it can be read so.
func asYAML(t *rapid.T, text string, flow bool) string {
	switch rapid.IntRange(0, 3).Draw(t, "quotes") {
	case 0:
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	case 1:
		return `"` + strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(text) + `"`
	}
	line := "k: " + text + "\n"
	if flow {
		line = "k: {k: " + text + ", l: [" + text + "]}\n"
	}
	n := syntax.Parse(diag.NewReporter(), diag.NewText("t.yaml", "", []byte(line)))
	if n != nil && flow && n.Get("k") != nil {
		if l := n.Get("k").Get("l"); l == nil || len(l.Items) != 1 || l.Items[0].Text != text {
			n = nil
		} else {
			n = n.Get("k")
		}
	}
	if n == nil || n.Get("k") == nil || n.Get("k").Text != text || strings.TrimSpace(text) == "" {
		return "'" + strings.ReplaceAll(text, "'", "''") + "'"
	}
	return text
}

// madeField is a field of a random type, with a random default and doc.
func madeField(t *rapid.T, name string) string {
	row := kind.Scalars()[rapid.IntRange(0, len(kind.Scalars())-1).Draw(t, "kind")]
	rng := rand.New(rand.NewPCG(rapid.Uint64().Draw(t, "seed"), 0))
	flow := rapid.Bool().Draw(t, "flow")
	tricky := func() string { return asYAML(t, rapid.SampledFrom(trickyTexts).Draw(t, "text"), flow) }
	typ := kind.TypeText(row.Kind, &row.FormExample)
	value := row.Lit(row.Random(rng, &row.FormExample))
	switch row.Literal {
	case kind.NameLiteral:
		typ, value = "Colour", "green"
	case kind.NoLiteral:
		value = map[kind.Kind]string{kind.Timestamp: "now", kind.UUID: "new"}[row.Kind]
	case kind.DurationLiteral:
		value = strconv.Itoa(rng.IntN(100)) + "m"
	case kind.TextLiteral:
		value = tricky()
	case kind.JSONLiteral:
		value = asYAML(t, `{"a": [1, "b: c"]}`, flow)
	case kind.QuotedLiteral:
		value = asYAML(t, value, flow)
	case kind.BareLiteral:
		if value == "NaN" || strings.Contains(value, "Inf") {
			value = "1.5"
		}
	}
	words := []string{"type: " + asYAML(t, typ, flow)}
	if !slices.Contains([]string{"null", "Null", "~"}, value) { // which is no default of a text
		words = append(words, "default: "+value)
	}
	if doc := tricky(); strings.TrimSpace(strings.Trim(doc, `'"`)) != "" {
		words = append(words, "doc: "+doc)
	}
	words = rapid.Permutation(words).Draw(t, "order")
	if flow {
		return "  " + name + ": {" + strings.Join(words, ", ") + "}\n"
	}
	return "  " + name + ":\n    " + strings.Join(words, "\n    ") + "\n"
}

// Made-up schemas with literals of all kinds, and texts that YAML is known to read as
// something else, mean the same when they are formatted; and what is on one line stays
// there, since no value needs a line of its own in braces that it was in already.
func TestFormatKeepsMeaningAtRandom(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := "table: t\naccess: public\nkey: id\nfields:\n  id: string\n"
		for i := range rapid.IntRange(1, 6).Draw(t, "fields") {
			text += madeField(t, fmt.Sprintf("f%d", i))
		}
		files := []schema.Source{{Name: "t.yaml", Data: []byte(text)}, {Name: "types.yaml", Data: []byte("types: {Colour: {enum: [red, green]}}\n")}}
		want, err := load.Parse(files, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		out, err := Source(files[0])
		if err != nil {
			t.Fatalf("%v\n%s", err, text)
		}
		for line := range strings.Lines(text) {
			name, _, flow := strings.Cut(line, ": {")
			if flow && strings.HasPrefix(name, "  f") && !strings.Contains(string(out), "\n"+name+": {") {
				t.Fatalf("%s is on several lines:\n%s\nformatted:\n%s", strings.TrimSpace(name), text, out)
			}
		}
		again, err := Source(schema.Source{Name: "t.yaml", Data: out})
		if err != nil || string(again) != string(out) {
			t.Fatalf("formatted again: %v\n%s", err, cmp.Diff(string(out), string(again)))
		}
		files[0].Data = out
		got, err := load.Parse(files, nil)
		if err != nil {
			t.Fatalf("%v\n%s", err, out)
		}
		if diff := cmp.Diff(schematest.Dump(want), schematest.Dump(got)); diff != "" {
			t.Fatalf("formatted (-want +got):\n%s\n%s", diff, out)
		}
	})
}
