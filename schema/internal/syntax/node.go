package syntax

import (
	"unicode/utf8"

	"github.com/storegen/storegen/schema/diag"
)

// Kind says what a node is.
type Kind int8

const (
	BadNode    Kind = iota // could not be read; the mistake is reported
	EmptyNode              // no value, as after "key:"
	ScalarNode             // text
	ListNode
	MapNode
)

func (k Kind) String() string {
	switch k {
	case EmptyNode:
		return "nothing"
	case ScalarNode:
		return "text"
	case ListNode:
		return "a list"
	case MapNode:
		return "a mapping"
	}
	return "a mistake"
}

// Quoting is how a scalar is written.
type Quoting int8

const (
	Plain        Quoting = iota
	DoubleQuoted         // "text"
	SingleQuoted         // 'text'
	Block                // | or >
)

// A Node is a YAML node with its position.
type Node struct {
	Kind    Kind
	Quoting Quoting // of a scalar
	Dropped bool    // of a mapping: a pair was left out because of a mistake
	Pos     diag.Pos
	Text    string  // of a scalar
	Items   []*Node // of a list
	Pairs   []Pair  // of a mapping, in written order, each key once
	File    *diag.Text
}

type Pair struct {
	Key   *Node // a scalar
	Value *Node
}

// Get returns the value under a key of a mapping, or nil.
func (n *Node) Get(key string) *Node {
	for _, p := range n.Pairs {
		if p.Key.Text == key {
			return p.Value
		}
	}
	return nil
}

// Key returns the key with that text of a mapping, or nil.
func (n *Node) Key(text string) *Node {
	for _, p := range n.Pairs {
		if p.Key.Text == text {
			return p.Key
		}
	}
	return nil
}

// Span returns the position of the bytes from..to of a scalar's text. If the source
// line does not show them one by one, it returns the position of the whole scalar.
func (n *Node) Span(from, to int) diag.Pos {
	if first, ok := n.shown(); ok && from >= 0 && from < to && to <= len(n.Text) {
		return diag.Pos{File: n.Pos.File, Line: n.Pos.Line, Col: first + 1 + from, EndCol: first + 1 + to}
	}
	cols := n.columns()
	if cols == nil || from < 0 || to < from || to >= len(cols) {
		return n.Pos
	}
	end := cols[to]
	if to > from {
		end = max(end, cols[from]+1)
	}
	return diag.Pos{File: n.Pos.File, Line: n.Pos.Line, Col: cols[from], EndCol: max(end, cols[from]+1)}
}

// endCol returns the column after a scalar. If the scalar ends on another line, or is
// written with escapes, it returns the end of the line's text.
func (n *Node) endCol() int {
	quotes := 0
	if n.Quoting != Plain {
		quotes = 1
	}
	if from, ok := n.shown(); ok {
		return from + len(n.Text) + 1 + quotes
	}
	if cols := n.columns(); cols != nil {
		return cols[len(cols)-1] + quotes
	}
	return n.Pos.EndCol
}

// shown reports whether the source line holds a scalar's text byte for byte, as is
// almost always so, and at which byte it begins.
func (n *Node) shown() (from int, ok bool) {
	line := n.File.Line(n.Pos.Line)
	quotes := 0
	if n.Quoting != Plain {
		quotes = 1
	}
	from = n.Pos.Col - 1 + quotes
	to := from + len(n.Text)
	return from, n.Quoting != Block && to+quotes <= len(line) && line[from:to] == n.Text && ascii(line[:to]) &&
		(n.Quoting == Plain || line[to] == line[from-1])
}

func ascii(s string) bool {
	for i := range len(s) {
		if s[i] >= utf8.RuneSelf {
			return false
		}
	}
	return true
}

// columns returns the column of every byte of a scalar's text and of its end. It
// returns nil if the scalar is on several lines, or has escapes such as \n.
func (n *Node) columns() []int {
	line := []rune(n.File.Line(n.Pos.Line))
	col := n.Pos.Col // of line[col-1]
	if n.Quoting == Block {
		return nil
	}
	if n.Quoting != Plain {
		col++
	}
	cols := make([]int, 0, len(n.Text)+1)
	for _, r := range n.Text {
		at := col
		if col > len(line) {
			return nil
		}
		switch {
		case n.Quoting == DoubleQuoted && line[col-1] == '\\':
			col++
			if r != '\\' && r != '"' {
				return nil
			}
		case n.Quoting == SingleQuoted && r == '\'':
			col++
		}
		if col > len(line) || line[col-1] != r {
			return nil
		}
		for range utf8.RuneLen(r) {
			cols = append(cols, at)
		}
		col++
	}
	return append(cols, col)
}
