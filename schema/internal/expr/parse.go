package expr

import (
	"strings"
	"unicode/utf8"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lang"
)

// This file parses conditions:
//
//	or    = and { "or" and }
//	and   = unary { "and" unary }
//	unary = "not" unary | "(" or ")" | "has" field | operand [ op operand ]
//	operand = field | "len" "(" field ")" | number | duration | string | name

type tokenKind int

const (
	tokEnd    tokenKind = iota
	tokWord             // a name, or a word such as and
	tokNumber           // begins with a digit, or - and a digit: a number or a duration
	tokString           // with its quotes
	tokOp               // a comparison
	tokOpen
	tokClose
	tokBad
)

type token struct {
	kind     tokenKind
	text     string
	from, to int // byte offsets in the text
	help     string
}

// nextToken returns the first token at or after byte i.
func nextToken(s string, i int) token {
	for i < len(s) && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
		i++
	}
	if i == len(s) {
		return token{kind: tokEnd, from: i, to: i}
	}
	tok := func(kind tokenKind, size int, help string) token {
		return token{kind: kind, text: s[i : i+size], from: i, to: i + size, help: help}
	}
	two := s[i:min(i+2, len(s))]
	switch two {
	case "==", "!=", "<=", ">=":
		return tok(tokOp, 2, "")
	case "&&":
		return tok(tokBad, 2, "write and")
	case "||":
		return tok(tokBad, 2, "write or")
	case "<>":
		return tok(tokBad, 2, "write !=")
	}
	switch c := s[i]; {
	case c == '<' || c == '>':
		return tok(tokOp, 1, "")
	case c == '(':
		return tok(tokOpen, 1, "")
	case c == ')':
		return tok(tokClose, 1, "")
	case c == '=':
		return tok(tokBad, 1, "write ==")
	case c == '!':
		return tok(tokBad, 1, "write not")
	case c == '"' || c == '\'':
		for j := i + 1; j < len(s); j++ {
			switch s[j] {
			case '\\':
				j++
			case c:
				return tok(tokString, j+1-i, "")
			}
		}
		return tok(tokBad, len(s)-i, "close the quote")
	case isDigit(c) || c == '-' && i+1 < len(s) && isDigit(s[i+1]):
		j := i + 1
		for j < len(s) && (isDigit(s[j]) || isLetter(s[j]) || s[j] == '.' ||
			(s[j] == '+' || s[j] == '-') && (s[j-1] == 'e' || s[j-1] == 'E')) {
			j++
		}
		return tok(tokNumber, j-i, "")
	case isLetter(c):
		j := i + 1
		for j < len(s) && (isLetter(s[j]) || isDigit(s[j])) {
			j++
		}
		return tok(tokWord, j-i, "")
	}
	_, size := utf8.DecodeRuneInString(s[i:])
	return tok(tokBad, size, "")
}

func isDigit(c byte) bool  { return c >= '0' && c <= '9' }
func isLetter(c byte) bool { return c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c == '_' }

// A nodeOp is the operator of a node.
type nodeOp string

const (
	orOp      nodeOp = "or"
	andOp     nodeOp = "and"
	notOp     nodeOp = "not"
	hasOp     nodeOp = "has"
	compareOp nodeOp = "compare"
	operandOp nodeOp = "" // an operand alone
)

// A node is a node of the syntax tree of a condition.
type node struct {
	op       nodeOp
	l, r     *node
	cmp      token // of compare
	a, b     operand
	from, to int
}

type operand struct {
	tok token // of a length: the field
	len bool
}

// A syntaxError is where and why a condition cannot be read.
type syntaxError struct {
	from, to   int
	text, help string
}

// maxExprDepth is how deep parentheses and nots may be nested.
const maxExprDepth = 50

type parser struct {
	text  string
	tok   token
	depth int
	err   *syntaxError // the first error
}

// parse reads a condition.
func parse(text string) (*node, *syntaxError) {
	p := &parser{text: text}
	p.next()
	x := p.or()
	if p.err == nil && p.tok.kind != tokEnd {
		p.unexpected("and, or or the end")
	}
	if p.err != nil {
		return nil, p.err
	}
	return x, nil
}

func (p *parser) next() { p.tok = nextToken(p.text, p.tok.to) }

func (p *parser) fail(from, to int, text, help string) {
	if p.err == nil {
		p.err = &syntaxError{from: from, to: to, text: text, help: help}
	}
}

// What may be expected at a token, and the help if it is not there.
var wantedHelp = map[string]string{
	"and, or or the end": "join conditions with and or or",
	")":                  "close what ( has opened",
	"(":                  "write len(field)",
	"a field's name":     "name a field of the table",
	"a comparison":       "write one of == != < <= > >=",
	"a field or a value": "write a field, a value or len(field)",
}

// unexpected reports the current token.
func (p *parser) unexpected(wanted string) {
	t := p.tok
	help := wantedHelp[wanted]
	switch {
	case t.kind == tokClose && wanted == "and, or or the end":
		p.fail(t.from, t.to, "there is nothing for ) to close", "remove it")
	case t.kind == tokEnd:
		p.fail(t.from, t.to, "the expression ends where "+wanted+" is expected", help)
	case t.kind == tokBad && strings.HasPrefix(t.help, "close"):
		p.fail(t.from, t.to, "the quote is not closed", t.help)
	case t.kind == tokBad && t.help != "":
		p.fail(t.from, t.to, "there is no "+t.text+" in expressions", t.help)
	case t.kind == tokWord && lang.Words[strings.ToLower(t.text)] && !lang.Words[t.text]:
		p.fail(t.from, t.to, "unexpected "+t.text, "write "+strings.ToLower(t.text))
	case t.kind == tokWord && wanted == "and, or or the end" && lang.ExprSynonyms[strings.ToLower(t.text)] != "":
		p.fail(t.from, t.to, "there is no "+t.text+" in expressions", lang.ExprSynonyms[strings.ToLower(t.text)])
	case t.kind == tokOpen && wanted == "and, or or the end":
		p.fail(t.from, t.to, "unexpected ( where "+wanted+" is expected", "there is no function but len(field)")
	case wanted == "and, or or the end" && digitBefore(p.text, t.from) && (t.text == ":" || strings.HasPrefix(t.text, "-")):
		from, to := t.from, t.to
		for from > 0 && (digitBefore(p.text, from) || strings.ContainsRune("-:", rune(p.text[from-1]))) {
			from--
		}
		for to < len(p.text) && (digitBefore(p.text, to+1) || strings.ContainsRune("-:.", rune(p.text[to]))) {
			to++
		}
		p.fail(from, to, p.text[from:to]+" needs quotes", "write \""+p.text[from:to]+"\"")
	default:
		if t.kind == tokWord && wanted == "and, or or the end" {
			if best := diag.Nearest(t.text, []string{"and", "or"}); best != "" {
				help = "did you mean \"" + best + "\"?"
			}
		}
		p.fail(t.from, t.to, "unexpected "+t.text+" where "+wanted+" is expected", help)
	}
}

// digitBefore tells whether there is a digit before a place of the text.
func digitBefore(text string, at int) bool {
	return at > 0 && at <= len(text) && text[at-1] >= '0' && text[at-1] <= '9'
}

func (p *parser) word(w string) bool { return p.tok.kind == tokWord && p.tok.text == w }

func (p *parser) or() *node  { return p.chain(orOp, p.and) }
func (p *parser) and() *node { return p.chain(andOp, p.unary) }

func (p *parser) chain(op nodeOp, operand func() *node) *node {
	x := operand()
	for n := 0; p.err == nil && p.word(string(op)); n++ {
		if n >= maxExprTerms {
			p.fail(p.tok.from, p.tok.to, "the expression is too long", "split it into several rules")
			break
		}
		p.next()
		r := operand()
		if p.err != nil {
			return nil
		}
		x = &node{op: op, l: x, r: r, from: x.from, to: r.to}
	}
	return x
}

// maxExprTerms is how many terms "and" or "or" may join, so that recursion over a
// condition does not get too deep.
const maxExprTerms = 1000

func (p *parser) unary() *node {
	p.depth++
	defer func() { p.depth-- }()
	from := p.tok.from
	switch {
	case p.err != nil:
		return nil
	case p.depth > maxExprDepth:
		p.fail(p.tok.from, p.tok.to, "the expression is nested too deep", "split it into several rules")
		return nil
	case p.word(string(notOp)):
		p.next()
		x := p.unary()
		if p.err != nil {
			return nil
		}
		return &node{op: notOp, l: x, from: from, to: x.to}
	case p.tok.kind == tokOpen:
		p.next()
		x := p.or()
		if p.err == nil && p.tok.kind != tokClose {
			p.unexpected(")")
		}
		if p.err != nil {
			return nil
		}
		to := p.tok.to
		p.next()
		copied := *x
		copied.from, copied.to = from, to
		return &copied
	case p.word(string(hasOp)):
		p.next()
		if p.tok.kind != tokWord || lang.Words[p.tok.text] {
			p.unexpected("a field's name")
			return nil
		}
		x := &node{op: hasOp, a: operand{tok: p.tok}, from: from, to: p.tok.to}
		p.next()
		return x
	}
	return p.compare()
}

func (p *parser) compare() *node {
	from := p.tok.from
	x := &node{op: operandOp, from: from}
	x.a, x.to = p.side()
	if p.err != nil {
		return nil
	}
	if p.tok.kind == tokBad {
		p.unexpected("a comparison")
		return nil
	}
	if p.tok.kind != tokOp {
		return x
	}
	x.op, x.cmp = compareOp, p.tok
	p.next()
	x.b, x.to = p.side()
	if p.err == nil && p.tok.kind == tokOp {
		p.fail(p.tok.from, p.tok.to, "a comparison has two sides", "join two comparisons: a < b and b < c")
	}
	return x
}

// side reads one side of a comparison, and returns it and its end.
func (p *parser) side() (operand, int) {
	t := p.tok
	switch {
	case t.kind == tokNumber, t.kind == tokString, t.kind == tokWord && (!lang.Words[t.text] || t.text == "true" || t.text == "false"):
		p.next()
		return operand{tok: t}, t.to
	case p.word("len"):
		p.next()
		if p.tok.kind != tokOpen {
			p.unexpected("(")
			return operand{}, 0
		}
		p.next()
		field := p.tok
		if field.kind != tokWord || lang.Words[field.text] {
			p.unexpected("a field's name")
			return operand{}, 0
		}
		p.next()
		if p.tok.kind != tokClose {
			p.unexpected(")")
			return operand{}, 0
		}
		to := p.tok.to
		p.next()
		return operand{tok: field, len: true}, to
	}
	p.unexpected("a field or a value")
	return operand{}, 0
}
