package ast

import (
	"cmp"
	"slices"
	"strings"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/rules"
)

// Words are the words of a mapping, whose values have the forms that its grammar says.
// What they mean is for package resolve.
type Words []*Value

// A Value is what stands under a word or a name.
type Value struct {
	Word  string         // "" for what stands under a name
	Key   *syntax.Node   // the word or the name
	At    *syntax.Node   // the whole value, as it is written
	Texts []*syntax.Node // of a text, or of a list of texts
	Words Words          // of a mapping of words, or of a value that is short for one
	Items []*Value       // of a mapping of names, or of a list that may hold mappings
}

// value returns what stands under a word, the last if it was added to; an empty value if
// there is nothing.
func (w Words) value(word string) *Value {
	for _, v := range slices.Backward(w) {
		if v.Word == word {
			return v
		}
	}
	return &nothing
}

var nothing Value

// Node returns the text under a word, nil if there is none.
func (w Words) Node(word string) *syntax.Node {
	if nodes := w.Nodes(word); len(nodes) > 0 {
		return nodes[0]
	}
	return nil
}

// Nodes returns the texts under a word that may have several.
func (w Words) Nodes(word string) []*syntax.Node { return w.value(word).Texts }

// At returns the whole value of a word, as it is written, nil if there is none.
func (w Words) At(word string) *syntax.Node { return w.value(word).At }

// In returns the words of the mapping under a word.
func (w Words) In(word string) Words { return w.value(word).Words }

// Items returns what the mapping of names, or the list, under a word holds.
func (w Words) Items(word string) []*Value { return w.value(word).Items }

// Is reports whether a flag is set.
func (w Words) Is(word string) bool { return w.Node(word) != nil }

// Doc returns the documentation.
func (w Words) Doc() string {
	if n := w.Node(lang.WordDoc); n != nil {
		return strings.TrimSpace(n.Text)
	}
	return ""
}

// Root reads a file that is one mapping; nil if it is none.
func (d *Decoder) Root(n *syntax.Node, g *lang.Grammar) Words {
	return d.value(nil, n, &lang.Form{Words: g}, g.What).Words
}

// words reads the words of a mapping by their grammar. name is the name before the
// mapping, "" for none; at is where is told what it lacks.
func (d *Decoder) words(n *syntax.Node, g *lang.Grammar, name string, at diag.Pos) Words {
	words := make(Words, 0, len(n.Pairs))
	for _, p := range n.Pairs {
		if w := g.Word(p.Key.Text); w != nil {
			v := d.value(p.Key, p.Value, w.Holds, cmp.Or(w.Holds.Called, w.Name))
			v.Word = w.Name
			words = append(words, v)
		} else {
			d.unknown(p.Key, g, name)
		}
	}
	for _, w := range g.Words {
		if w.Needed && missing(n, w.Name, g) {
			d.Report(rules.ValueMissing, at, "%s", named(cmp.Or(w.Missing, g.What+" has no "+w.Name), name)).Help("%s", named(w.Help, name))
		}
	}
	return words
}

// nameOf is the text of a name, "" for none.
func nameOf(key *syntax.Node) string {
	if key == nil {
		return ""
	}
	return key.Text
}

// named puts the name of a mapping into a text of its grammar.
func named(text, name string) string { return strings.ReplaceAll(text, "NAME", name) }

// unknown reports a word that a grammar does not have.
func (d *Decoder) unknown(key *syntax.Node, g *lang.Grammar, name string) {
	what := named(g.What, name)
	e := d.Report(rules.KeyUnknown, key.Pos, "unknown key %q in %s", key.Text, what)
	synonym, known := g.Synonyms[diag.Squash(key.Text)]
	switch {
	case g.Of != nil && g.Of.Word(key.Text) != nil:
		e.Help("remove it; %s can have %s", what, strings.Join(g.Names(), ", "))
	case known:
		e.Help("%s", named(synonym.Help, name))
	default:
		e.Suggest(key.Text, g.Names())
	}
}

// missing reports whether a mapping lacks a word. A key that looks like it, or is a
// synonym of it, is reported as unknown, so that the word does not count as missing.
func missing(n *syntax.Node, word string, g *lang.Grammar) bool {
	return n.Get(word) == nil && !slices.ContainsFunc(n.Pairs, func(p syntax.Pair) bool {
		return g.Word(p.Key.Text) == nil && (g.Synonyms.Means(p.Key.Text, word) || diag.Nearest(p.Key.Text, g.Names()) == word)
	})
}

// value reads a value by its form. what is what messages call it.
func (d *Decoder) value(key, n *syntax.Node, f *lang.Form, what string) *Value {
	v := &Value{Key: key, At: n}
	g := f.Words
	switch {
	case f.Names != "":
		if d.mapping(n, what, f.Help) {
			v.Items = make([]*Value, 0, len(n.Pairs))
			for _, p := range n.Pairs {
				v.Items = append(v.Items, d.value(p.Key, p.Value, f.Each, named(f.Each.Words.What, p.Key.Text)))
			}
		}
	case g != nil && n.Kind == syntax.MapNode && f.Loose && g.Short == "" && missing(n, g.Needed()[0], g): // a text is meant, more likely
		d.text(n, what)
	case g != nil && n.Kind == syntax.MapNode && (g.Help == "" || len(n.Pairs) > 0):
		name, at := "", n.Pos
		if strings.Contains(g.What, "NAME") {
			name, at = key.Text, key.Pos
		}
		v.Words = d.words(n, g, name, at)
	case g != nil && g.Short != "" && (n.Kind == syntax.ScalarNode || n.Kind == syntax.ListNode && f.List != nil):
		v.Words = d.short(key, n, g, what)
	case g != nil && g.InList != "" && n.Kind == syntax.ListNode:
		d.Report(rules.ValueShape, n.Pos, "%s must be %s, and this is a list", what, g.Is).
			Help("%s", strings.ReplaceAll(g.InList, "LIST", strings.Join(scalarTexts(n.Items), ", ")))
	case g != nil && g.Help != "":
		d.mapping(n, what, named(g.Help, nameOf(key)))
	case f.List != nil && f.List.Words == nil:
		v.Texts = d.texts(n, what)
	case f.List != nil && n.Kind == syntax.ListNode:
		for _, item := range n.Items {
			v.Items = append(v.Items, d.value(nil, item, f.List, f.List.Words.What))
		}
	case f.List != nil && f.Text != "": // one element without brackets
		v.Items = []*Value{{At: n, Words: d.short(nil, n, f.List.Words, what)}}
	case f.List != nil: // an enum that is no list, which has a message of its own
	case f.Flag:
		v.Texts = d.flag(n, what)
	case f.Text == lang.AnyText && n.Kind == syntax.ScalarNode && n.Quoting != syntax.Plain:
		v.Texts = []*syntax.Node{n}
	default:
		if text := d.text(n, what); text != nil {
			v.Texts = []*syntax.Node{text}
		}
	}
	return v
}

// short reads a value that is short for a mapping of one word.
func (d *Decoder) short(key, n *syntax.Node, g *lang.Grammar, what string) Words {
	v := d.value(key, n, g.Word(g.Short).Holds, what)
	v.Word = g.Short
	return Words{v}
}
