package logictest

import (
	"fmt"
	"strings"
)

// token is a word of SQL. A name in quotes is without them.
type token struct {
	text   string
	quoted bool
	at     int // of its first byte
}

// is reports whether a token is a word, in any letter case.
func (t token) is(word string) bool { return !t.quoted && strings.EqualFold(t.text, word) }

// tokens splits a statement, without its comments.
func tokens(sql string) (out []token, err error) {
	for i := 0; i < len(sql); {
		c := sql[i]
		switch {
		case strings.IndexByte(" \t\r\n", c) >= 0:
			i++
		case strings.HasPrefix(sql[i:], "--"):
			for i < len(sql) && sql[i] != '\n' {
				i++
			}
		case strings.HasPrefix(sql[i:], "/*"):
			end := strings.Index(sql[i:], "*/")
			if end < 0 {
				return out, nil
			}
			i += end + 2
		case c == '"' || c == '`' || c == '[' || c == '\'':
			end := c
			if c == '[' {
				end = ']'
			}
			start := i
			var text strings.Builder
			for i++; ; i++ {
				if i >= len(sql) {
					return nil, fmt.Errorf("%q is not closed", sql[start:])
				}
				if sql[i] != end {
					text.WriteByte(sql[i])
					continue
				}
				if c == '[' || i+1 >= len(sql) || sql[i+1] != end {
					break
				}
				text.WriteByte(end)
				i++
			}
			i++
			out = append(out, token{text.String(), true, start})
		case word(c):
			start := i
			for i < len(sql) && word(sql[i]) {
				i++
			}
			out = append(out, token{sql[start:i], false, start})
		default:
			out = append(out, token{string(c), false, i})
			i++
		}
	}
	return out, nil
}

func word(c byte) bool {
	return c == '_' || c == '.' || c == '$' || c >= 0x80 || c >= '0' && c <= '9' || c|0x20 >= 'a' && c|0x20 <= 'z'
}

// reader reads tokens.
type reader struct {
	tokens []token
	at     int
}

func (r *reader) peek() token {
	if r.at < len(r.tokens) {
		return r.tokens[r.at]
	}
	return token{}
}

func (r *reader) next() token {
	t := r.peek()
	r.at++
	return t
}

// take reads some words, if they all come next.
func (r *reader) take(words ...string) bool {
	for i, w := range words {
		if r.at+i >= len(r.tokens) || !r.tokens[r.at+i].is(w) {
			return false
		}
	}
	r.at += len(words)
	return true
}

func (r *reader) want(word string) error {
	if !r.take(word) {
		return fmt.Errorf("near %q: syntax error: want %s", r.peek().text, word)
	}
	return nil
}

// skip reads what is in parentheses, if it comes next.
func (r *reader) skip() []token {
	if !r.take("(") {
		return nil
	}
	from := r.at
	for depth := 1; depth > 0 && r.at < len(r.tokens); r.at++ {
		switch {
		case r.tokens[r.at].is("("):
			depth++
		case r.tokens[r.at].is(")"):
			depth--
		}
	}
	return r.tokens[from : r.at-1]
}
