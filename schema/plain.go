package schema

import "strings"

// Almost all schema files are written in a small part of YAML: mappings by
// indentation, lists and mappings on one line, texts on one line. This file reads
// that part, at a fifth of what the library costs for all of YAML. It gives up at
// everything else, above all at whatever could be a mistake, and leaves the file
// to the library: what it does read, it reads as the library does.

const (
	plainDepth = 16   // far below maxDepth
	plainWidth = 1000 // of a line: YAML takes no longer keys than 1024
	plainPairs = 256  // of a mapping: more are not sought one by one
)

// A plainReader reads one file.
type plainReader struct {
	src   *source
	at    int    // the line in question, from 0; each holds something
	nodes []node // made ahead
}

// plainYAML reads a file in the plain part of YAML. It returns nil where the file
// holds anything else.
func plainYAML(src *source) *node {
	for _, line := range src.lines {
		if len(line) > plainWidth {
			return nil
		}
	}
	for _, c := range src.data {
		if c != '\n' && (c < ' ' || c > '~') {
			return nil
		}
	}
	r := &plainReader{src: src}
	r.skip()
	if r.at == len(src.lines) || indentOf(src.lines[r.at]) > 0 {
		return nil
	}
	root := r.mapping(0, 0)
	if r.at < len(src.lines) {
		return nil
	}
	return root
}

// skip goes on to the next line with more than a comment.
func (r *plainReader) skip() {
	for ; r.at < len(r.src.lines); r.at++ {
		if rest := strings.TrimLeft(r.src.lines[r.at], " "); rest != "" && rest[0] != '#' {
			return
		}
	}
}

func indentOf(line string) int { return len(line) - len(strings.TrimLeft(line, " ")) }

// node makes a node from a column of the line in question to before another.
func (r *plainReader) node(kind nodeKind, col, end int) *node {
	if len(r.nodes) == 0 {
		r.nodes = make([]node, 16)
	}
	n := &r.nodes[0]
	r.nodes = r.nodes[1:]
	n.kind, n.src, n.pos = kind, r.src, Pos{File: r.src.path, Line: r.at + 1, Col: col + 1, EndCol: end + 1}
	return n
}

// collection makes a list or a mapping, whose place ends with its first line.
func (r *plainReader) collection(kind nodeKind, col int) *node {
	return r.node(kind, col, len(strings.TrimRight(r.src.lines[r.at], " ")))
}

// put adds a pair to a mapping, unless the key is there.
func (n *node) put(key, value *node) bool {
	if len(n.pairs) == plainPairs || n.get(key.text) != nil {
		return false
	}
	n.pairs = append(n.pairs, pair{key, value})
	return true
}

// mapping reads the lines of a mapping that stand at an indentation. It returns
// nil, as do all below, where it gives up.
func (r *plainReader) mapping(indent, depth int) *node {
	if depth > plainDepth {
		return nil
	}
	n := r.collection(mapNode, indent)
	for r.at < len(r.src.lines) && indentOf(r.src.lines[r.at]) == indent {
		line := r.src.lines[r.at]
		key, at := r.key(line, indent)
		if key == nil {
			return nil
		}
		value := r.value(line, at, indent, depth)
		if value == nil {
			return nil
		}
		if value.kind == emptyNode {
			value.pos = key.pos
		}
		if !n.put(key, value) {
			return nil
		}
	}
	return n
}

// key reads a word and the colon behind it.
func (r *plainReader) key(line string, from int) (*node, int) {
	at := from
	for at < len(line) && (wordByte(line[at]) || line[at] == '.') {
		at++
	}
	if at == from || !letter(line[from]) || at == len(line) || line[at] != ':' || at+1 < len(line) && line[at+1] != ' ' {
		return nil, 0
	}
	key := r.node(scalarNode, from, at)
	key.text = line[from:at]
	return key, at + 1
}

func letter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' }

func wordByte(c byte) bool { return letter(c) || c >= '0' && c <= '9' || c == '_' }

// value reads what follows a key at an indentation, and goes on to the line that
// follows it.
func (r *plainReader) value(line string, at, indent, depth int) *node {
	at = blanks(line, at)
	var n *node
	switch {
	case ends(line, at):
		n = r.node(emptyNode, 0, 0)
		r.at++
		r.skip()
		if r.at == len(r.src.lines) {
			return n
		}
		if next := r.src.lines[r.at]; indentOf(next) > indent {
			return r.mapping(indentOf(next), depth+1)
		}
		return n
	case line[at] == '[' || line[at] == '{':
		n, at = r.flow(line, at, depth+1)
	case line[at] == '"' || line[at] == '\'':
		n, at = r.quoted(line, at)
	case wordByte(line[at]):
		n, at = r.text(line, at)
	}
	if n == nil || !ends(line, blanks(line, at)) {
		return nil
	}
	r.at++
	r.skip()
	if r.at < len(r.src.lines) && indentOf(r.src.lines[r.at]) > indent {
		return nil // the text goes on
	}
	return n
}

// blanks returns where the blanks end.
func blanks(line string, at int) int {
	for at < len(line) && line[at] == ' ' {
		at++
	}
	return at
}

// ends reports whether nothing but a comment, after a blank, is left of a line.
func ends(line string, at int) bool {
	return at == len(line) || line[at] == '#' && line[at-1] == ' '
}

// text reads a text without quotes, as it stands outside of brackets.
func (r *plainReader) text(line string, from int) (*node, int) {
	to := len(line)
	if i := strings.Index(line[from:], " #"); i >= 0 {
		to = from + i
	}
	text := strings.TrimRight(line[from:to], " ")
	if strings.HasSuffix(text, ":") || strings.Contains(text, ": ") {
		return nil, 0
	}
	n := r.node(scalarNode, from, from+len(text))
	n.text = text
	return n, to
}

// quoted reads a text in quotes that holds neither escapes nor quotes.
func (r *plainReader) quoted(line string, from int) (*node, int) {
	quote := line[from]
	i := strings.IndexByte(line[from+1:], quote)
	if i < 0 {
		return nil, 0
	}
	to := from + 1 + i + 1
	if strings.IndexByte(line[from:to], '\\') >= 0 || to < len(line) && line[to] == quote {
		return nil, 0
	}
	n := r.node(scalarNode, from, to)
	n.text, n.quoting = line[from+1:to-1], singleQuoted
	if quote == '"' {
		n.quoting = doubleQuoted
	}
	return n, to
}

// flow reads a list or a mapping in brackets.
func (r *plainReader) flow(line string, from, depth int) (*node, int) {
	if depth > plainDepth {
		return nil, 0
	}
	kind, closing := listNode, byte(']')
	if line[from] == '{' {
		kind, closing = mapNode, '}'
	}
	n := r.collection(kind, from)
	at := blanks(line, from+1)
	if at < len(line) && line[at] == closing {
		return n, at + 1
	}
	for {
		var key, value *node
		if kind == mapNode {
			if key, at = r.key(line, at); key == nil {
				return nil, 0
			}
			at = blanks(line, at)
		}
		if value, at = r.flowValue(line, at, depth); value == nil {
			return nil, 0
		}
		if kind == listNode {
			n.items = append(n.items, value)
		} else if !n.put(key, value) {
			return nil, 0
		}
		at = blanks(line, at)
		switch {
		case at == len(line):
			return nil, 0
		case line[at] == closing:
			return n, at + 1
		case line[at] != ',':
			return nil, 0
		}
		at = blanks(line, at+1)
	}
}

func (r *plainReader) flowValue(line string, from, depth int) (*node, int) {
	if from == len(line) {
		return nil, 0
	}
	switch c := line[from]; {
	case c == '[' || c == '{':
		return r.flow(line, from, depth+1)
	case c == '"' || c == '\'':
		return r.quoted(line, from)
	case !wordByte(c):
		return nil, 0
	}
	// What else could stand in a text has a meaning in brackets, or may have.
	to := from
	for to < len(line) && (wordByte(line[to]) || strings.IndexByte(" .-/=<>()", line[to]) >= 0 || line[to] == '?' && wordByte(line[to-1])) {
		to++
	}
	text := strings.TrimRight(line[from:to], " ")
	n := r.node(scalarNode, from, from+len(text))
	n.text = text
	return n, to
}
