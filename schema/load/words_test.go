package load_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/internal/schematest"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/load"
	"gopkg.in/yaml.v3"
)

// Each word of the language is read: without it, some schema of those that are right
// says something else. A word that is added to a grammar is added to one of them.
func TestWordsAreRead(t *testing.T) {
	read := map[string]bool{} // by grammar and word
	var grammar func(g *lang.Grammar)
	var form func(f *lang.Form)
	key := func(g *lang.Grammar, word string) string { return g.What + ": " + word }
	grammar = func(g *lang.Grammar) {
		for _, w := range g.Words {
			if _, seen := read[key(g, w.Name)]; !seen {
				read[key(g, w.Name)] = false
				form(w.Holds)
			}
		}
	}
	form = func(f *lang.Form) {
		if f == nil {
			return
		}
		if f.Words != nil {
			grammar(f.Words)
		}
		form(f.Each)
		form(f.List)
	}
	for _, g := range []*lang.Grammar{lang.TypesGrammar, lang.DeclaredTable, lang.GoTable, lang.MessageTable, lang.OwnTable} {
		grammar(g)
	}
	for _, dir := range []string{"testdata/language", "testdata/gotypes", "../tables", "../../templates/internal/kitchen/schema"} {
		for _, w := range wordsWithoutWhich(t, schematest.ReadFolder(t, dir), func(g *lang.Grammar, word string) bool { return !read[key(g, word)] }) {
			read[key(w.grammar, w.word)] = true
		}
	}
	for _, w := range wordsWithoutWhich(t, rareWords, func(*lang.Grammar, string) bool { return true }) {
		read[key(w.grammar, w.word)] = true
	}
	for _, word := range slices.Sorted(maps.Keys(read)) {
		if !read[word] {
			t.Errorf("no schema says something else without %s", word)
		}
	}
}

// rareWords are schemas with words that no other one has.
var rareWords = []schema.Source{
	{Name: "types.yaml", Data: []byte(`types:
  Part: {struct: {a: {type: string, min: 1, was: b}, n: int32}}
  Addr: {go: net/netip.Addr, order: text}
  Net: {go: net/netip.Prefix, as: scalar}
`)},
	{Name: "t.yaml", Data: []byte(`table: t
access: public
key: [addr, net]
per: {p: {type: string, was: q}}
fields: {addr: Addr, net: Net, part: Part, b: {type: bytes, default: {hex: 00ff}}}
blind: true
`)},
}

type wordOf struct {
	grammar *lang.Grammar
	word    string
}

// wordsWithoutWhich removes each word of a set of files, one after the other, and returns
// those without which the set is another.
func wordsWithoutWhich(t *testing.T, files []schema.Source, wanted func(g *lang.Grammar, word string) bool) []wordOf {
	var out []wordOf
	meaning := func() string {
		set, err := load.ParseWithGo(files, nil, schematest.FakeGo)
		if err != nil {
			return "refused"
		}
		return schematest.Dump(set) + fmt.Sprint(set.Warnings)
	}
	for i := range files {
		hidden, mark := syntax.HideQuestions(string(files[i].Data))
		var root yaml.Node
		if err := yaml.Unmarshal([]byte(hidden), &root); err != nil {
			t.Fatal(err)
		}
		was := files[i].Data
		write := func() {
			text, err := yaml.Marshal(&root)
			if err != nil {
				t.Fatal(err)
			}
			files[i].Data = []byte(strings.ReplaceAll(string(text), string(mark), "?"))
		}
		write()
		before := meaning()
		if before == "refused" {
			t.Fatalf("%s is refused when it is written again", files[i].Name)
		}
		var mapping func(n *yaml.Node, g *lang.Grammar)
		var value func(n *yaml.Node, f *lang.Form)
		mapping = func(n *yaml.Node, g *lang.Grammar) {
			for at := 0; at+1 < len(n.Content); at += 2 {
				w := g.Word(n.Content[at].Value)
				if w == nil {
					t.Fatalf("%s: %q is no word of %s", files[i].Name, n.Content[at].Value, g.What)
				}
				if wanted(g, w.Name) && (len(n.Content) > 2 || w.Needed || g == lang.RowGrammar) {
					all := n.Content
					n.Content = slices.Delete(slices.Clone(all), at, at+2)
					if write(); meaning() != before {
						out = append(out, wordOf{g, w.Name})
					}
					n.Content = all
				}
				value(n.Content[at+1], w.Holds)
			}
		}
		value = func(n *yaml.Node, f *lang.Form) {
			switch {
			case n.Kind == yaml.MappingNode && f.Names != "":
				for at := 1; at < len(n.Content); at += 2 {
					value(n.Content[at], f.Each)
				}
			case n.Kind == yaml.MappingNode && f.Words != nil:
				mapping(n, f.Words)
			case n.Kind == yaml.SequenceNode:
				for _, item := range n.Content {
					value(item, f.List)
				}
			}
		}
		mapping(root.Content[0], grammarOf(root.Content[0]))
		files[i].Data = was
	}
	return out
}

// grammarOf is the grammar of a file.
func grammarOf(root *yaml.Node) *lang.Grammar {
	words := map[string]*yaml.Node{}
	for at := 0; at+1 < len(root.Content); at += 2 {
		words[root.Content[at].Value] = root.Content[at+1]
	}
	row := words[lang.WordRow]
	switch {
	case words[lang.WordTypes] != nil:
		return lang.TypesGrammar
	case row == nil || row.Kind != yaml.MappingNode:
		return lang.DeclaredTable
	}
	for _, n := range row.Content {
		switch n.Value {
		case lang.WordProto:
			return lang.MessageTable
		case lang.WordCodec:
			return lang.OwnTable
		}
	}
	return lang.GoTable
}
