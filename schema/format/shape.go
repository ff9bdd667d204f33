package format

import (
	"slices"

	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
)

// A shape says how a mapping is laid out.
type shape struct {
	order   []string          // its keys, where they are words of the language
	section bool              // it has one line, or more, for each entry
	under   map[string]*shape // what is under a word
	each    *shape            // what is under a name, or each element of a list
}

var fieldShape = &shape{order: lang.FieldKeys}

func fileShape(root *syntax.Node) *shape {
	if root != nil && root.Get("types") != nil {
		return typesFileShape
	}
	return tableShape
}

var noShape = &shape{}

// child is the shape of what is under a key.
func (s *shape) child(key string) *shape {
	if c := s.under[key]; c != nil {
		return c
	}
	if s.each != nil {
		return s.each
	}
	return noShape
}

// rank is the place of a key: words in their order, then what is unknown as it
// is written.
func (s *shape) rank(key string) int {
	if i := slices.Index(s.order, key); i >= 0 {
		return i
	}
	return len(s.order)
}
