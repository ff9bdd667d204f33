package syntax

import (
	"unicode/utf8"

	"github.com/storegen/storegen/schema/diag"
)

// Kind is the shape of a node.
type Kind int8

const (
	BadNode    Kind = iota // held a mistake that is reported; says nothing more
	EmptyNode              // nothing written: the value of "key:"
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

// A Node is a piece of YAML, with its place.
type Node struct {
	Kind    Kind
	Quoting Quoting // of a scalar
	Dropped bool    // of a mapping: a pair is left out, since it holds a mistake
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

// Key returns the key of that text of a mapping, or nil.
func (n *Node) Key(text string) *Node {
	for _, p := range n.Pairs {
		if p.Key.Text == text {
			return p.Key
		}
	}
	return nil
}

// Span returns the place of the bytes from..to of a scalar's text, where the
// source line shows them one by one; otherwise the place of the whole scalar.
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

// endCol returns the column after a scalar; that after its line's text where the
// scalar does not end there, or is written with escapes.
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

// shown reports whether the source line shows a scalar's text byte for byte, as
// almost all do, and from which byte on.
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

// columns returns the column of every byte of a scalar's text, and of its end;
// nil when the scalar is not written on one line, or with escapes that stand for
// other characters than they show.
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
