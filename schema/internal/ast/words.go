package ast

import (
	"strings"

	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
)

// Words are the words of a mapping whose values have the form that the grammar says:
// the scalars of each. What they mean is for package resolve.
type Words map[string][]*syntax.Node

// Node returns the value of a word, nil if it is not there.
func (w Words) Node(word string) *syntax.Node {
	if nodes := w[word]; len(nodes) > 0 {
		return nodes[0]
	}
	return nil
}

// Nodes returns the values of a word that may have several.
func (w Words) Nodes(word string) []*syntax.Node { return w[word] }

// Is reports whether a flag is set.
func (w Words) Is(word string) bool { return w.Node(word) != nil }

// Doc returns the documentation.
func (w Words) Doc() string {
	if n := w.Node("doc"); n != nil {
		return strings.TrimSpace(n.Text)
	}
	return ""
}

// words reads the words of a mapping by their grammar. Of a word that is not in it,
// unknown tells.
func (d *Decoder) words(n *syntax.Node, g lang.Grammar, unknown func(key *syntax.Node)) Words {
	words := Words{}
	for _, p := range n.Pairs {
		if w := g.Word(p.Key.Text); w != nil {
			d.word(words, w, p.Value)
		} else {
			unknown(p.Key)
		}
	}
	return words
}

// word reads the value of a word.
func (d *Decoder) word(words Words, w *lang.Word, n *syntax.Node) {
	var value *syntax.Node
	switch {
	case w.Holds.List != nil:
		words[w.Name] = d.texts(n, w.Name)
		return
	case w.Holds.Flag:
		value = d.flag(n, w.Name)
	default:
		value = d.Text(n, w.Name)
	}
	if value != nil {
		words[w.Name] = []*syntax.Node{value}
	}
}
