package schema

import "unicode/utf8"

// nodeKind is the shape of a node.
type nodeKind int8

const (
	badNode    nodeKind = iota // held a mistake that is reported; says nothing more
	emptyNode                  // nothing written: the value of "key:"
	scalarNode                 // text
	listNode
	mapNode
)

func (k nodeKind) String() string {
	switch k {
	case emptyNode:
		return "nothing"
	case scalarNode:
		return "text"
	case listNode:
		return "a list"
	case mapNode:
		return "a mapping"
	}
	return "a mistake"
}

// quoting is how a scalar is written.
type quoting int8

const (
	plain        quoting = iota
	doubleQuoted         // "text"
	singleQuoted         // 'text'
	block                // | or >
)

// A node is a piece of YAML, with its place.
type node struct {
	kind    nodeKind
	quoting quoting // of a scalar
	dropped bool    // of a mapping: a pair is left out, since it holds a mistake
	pos     Pos
	text    string  // of a scalar
	items   []*node // of a list
	pairs   []pair  // of a mapping, in written order, each key once
	src     *source
}

type pair struct {
	key   *node // a scalar
	value *node
}

// get returns the value under a key of a mapping, or nil.
func (n *node) get(key string) *node {
	for _, p := range n.pairs {
		if p.key.text == key {
			return p.value
		}
	}
	return nil
}

// key returns the key of that text of a mapping, or nil.
func (n *node) key(text string) *node {
	for _, p := range n.pairs {
		if p.key.text == text {
			return p.key
		}
	}
	return nil
}

// span returns the place of the bytes from..to of a scalar's text, where the
// source line shows them one by one; otherwise the place of the whole scalar.
func (n *node) span(from, to int) Pos {
	if first, ok := n.shown(); ok && from >= 0 && from < to && to <= len(n.text) {
		return Pos{File: n.pos.File, Line: n.pos.Line, Col: first + 1 + from, EndCol: first + 1 + to}
	}
	cols := n.columns()
	if cols == nil || from < 0 || to < from || to >= len(cols) {
		return n.pos
	}
	end := cols[to]
	if to > from {
		end = max(end, cols[from]+1)
	}
	return Pos{File: n.pos.File, Line: n.pos.Line, Col: cols[from], EndCol: max(end, cols[from]+1)}
}

// endCol returns the column after a scalar; that after its line's text where the
// scalar does not end there, or is written with escapes.
func (n *node) endCol() int {
	quotes := 0
	if n.quoting != plain {
		quotes = 1
	}
	if from, ok := n.shown(); ok {
		return from + len(n.text) + 1 + quotes
	}
	if cols := n.columns(); cols != nil {
		return cols[len(cols)-1] + quotes
	}
	return n.pos.EndCol
}

// shown reports whether the source line shows a scalar's text byte for byte, as
// almost all do, and from which byte on.
func (n *node) shown() (from int, ok bool) {
	line := n.src.line(n.pos.Line)
	quotes := 0
	if n.quoting != plain {
		quotes = 1
	}
	from = n.pos.Col - 1 + quotes
	to := from + len(n.text)
	return from, n.quoting != block && to+quotes <= len(line) && line[from:to] == n.text && ascii(line[:to]) &&
		(n.quoting == plain || line[to] == line[from-1])
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
func (n *node) columns() []int {
	line := []rune(n.src.line(n.pos.Line))
	col := n.pos.Col // of line[col-1]
	if n.quoting == block {
		return nil
	}
	if n.quoting != plain {
		col++
	}
	cols := make([]int, 0, len(n.text)+1)
	for _, r := range n.text {
		at := col
		if col > len(line) {
			return nil
		}
		switch {
		case n.quoting == doubleQuoted && line[col-1] == '\\':
			col++
			if r != '\\' && r != '"' {
				return nil
			}
		case n.quoting == singleQuoted && r == '\'':
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
