package format

import (
	"slices"

	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
)

// A style says how a mapping is written.
type style struct {
	order   []string          // its keys, if they are words of the language
	section bool              // each entry has a line of its own
	under   map[string]*style // the style of a word's value
	each    *style            // the style of a name's value, or of an element of a list
}

var fieldStyle = &style{order: lang.FieldGrammar.Names()}

func fileStyle(root *syntax.Node) *style {
	if root != nil && root.Get(lang.WordTypes) != nil {
		return typesFileStyle
	}
	return tableStyle
}

var noStyle = &style{}

// child returns the style of a key's value.
func (s *style) child(key string) *style {
	if c := s.under[key]; c != nil {
		return c
	}
	if s.each != nil {
		return s.each
	}
	return noStyle
}

// rank returns the position of a key: words in their order, then unknown keys.
func (s *style) rank(key string) int {
	if i := slices.Index(s.order, key); i >= 0 {
		return i
	}
	return len(s.order)
}
