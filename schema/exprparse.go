package schema

import (
	"strings"
	"unicode/utf8"
)

// This file reads the notation of conditions:
//
//	or    = and { "or" and }
//	and   = unary { "and" unary }
//	unary = "not" unary | "(" or ")" | "has" field | operand [ op operand ]
//	operand = field | "len" "(" field ")" | number | duration | string | name

type tokenKind int

const (
	tokEnd    tokenKind = iota
	tokWord             // a name, or a word of the notation
	tokNumber           // begins with a digit, or - and a digit: a number or a duration
	tokString           // with its quotes
	tokOp               // a comparison
	tokOpen
	tokClose
	tokBad
)

type exprToken struct {
	kind     tokenKind
	text     string
	from, to int // bytes of the whole text
	mend     string
}

// nextToken reads the token at or after byte i.
func nextToken(s string, i int) exprToken {
	for i < len(s) && strings.IndexByte(" \t\r\n", s[i]) >= 0 {
		i++
	}
	if i == len(s) {
		return exprToken{kind: tokEnd, from: i, to: i}
	}
	tok := func(kind tokenKind, size int, mend string) exprToken {
		return exprToken{kind: kind, text: s[i : i+size], from: i, to: i + size, mend: mend}
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

// An exprNode is a condition as it is written.
type exprNode struct {
	op       string // or and not has compare, or "" for a bare operand
	l, r     *exprNode
	cmp      exprToken // of compare
	a, b     operandNode
	from, to int
}

type operandNode struct {
	tok exprToken // of a length: the field
	len bool
}

// An exprError is where and why a condition cannot be read.
type exprError struct {
	from, to   int
	text, mend string
}

// maxExprDepth is how deep parentheses and nots may be nested.
const maxExprDepth = 50

type exprParser struct {
	text  string
	tok   exprToken
	depth int
	err   *exprError // the first
}

// parseExpr reads a condition.
func parseExpr(text string) (*exprNode, *exprError) {
	p := &exprParser{text: text}
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

func (p *exprParser) next() { p.tok = nextToken(p.text, p.tok.to) }

func (p *exprParser) fail(from, to int, text, mend string) {
	if p.err == nil {
		p.err = &exprError{from: from, to: to, text: text, mend: mend}
	}
}

// What the notation wants at a place, and the mend where it is not there.
var wantedMends = map[string]string{
	"and, or or the end": "join conditions with and or or",
	")":                  "close what ( has opened",
	"(":                  "write len(field)",
	"a field's name":     "name a field of the table",
	"a comparison":       "write one of == != < <= > >=",
	"a field or a value": "write a field, a value or len(field)",
}

// unexpected reports the token at hand.
func (p *exprParser) unexpected(wanted string) {
	t := p.tok
	mend := wantedMends[wanted]
	switch {
	case t.kind == tokClose && wanted == "and, or or the end":
		p.fail(t.from, t.to, "there is nothing for ) to close", "remove it")
	case t.kind == tokEnd:
		p.fail(t.from, t.to, "the expression ends where "+wanted+" is expected", mend)
	case t.kind == tokBad && strings.HasPrefix(t.mend, "close"):
		p.fail(t.from, t.to, "the quote is not closed", t.mend)
	case t.kind == tokBad && t.mend != "":
		p.fail(t.from, t.to, "there is no "+t.text+" in expressions", t.mend)
	case t.kind == tokWord && words[strings.ToLower(t.text)] && !words[t.text]:
		p.fail(t.from, t.to, "unexpected "+t.text, "write "+strings.ToLower(t.text))
	case t.kind == tokWord && wanted == "and, or or the end" && exprHabits[strings.ToLower(t.text)] != "":
		p.fail(t.from, t.to, "there is no "+t.text+" in expressions", exprHabits[strings.ToLower(t.text)])
	case t.kind == tokOpen && wanted == "and, or or the end":
		p.fail(t.from, t.to, "unexpected ( where "+wanted+" is expected", "there is no function but len(field)")
	default:
		if t.kind == tokWord && wanted == "and, or or the end" {
			if best := Nearest(t.text, []string{"and", "or"}); best != "" {
				mend = "did you mean \"" + best + "\"?"
			}
		}
		p.fail(t.from, t.to, "unexpected "+t.text+" where "+wanted+" is expected", mend)
	}
}

func (p *exprParser) word(w string) bool { return p.tok.kind == tokWord && p.tok.text == w }

func (p *exprParser) or() *exprNode  { return p.chain("or", p.and) }
func (p *exprParser) and() *exprNode { return p.chain("and", p.unary) }

func (p *exprParser) chain(op string, operand func() *exprNode) *exprNode {
	x := operand()
	for n := 0; p.err == nil && p.word(op); n++ {
		if n >= maxExprTerms {
			p.fail(p.tok.from, p.tok.to, "the expression is too long", "split it into several rules")
			break
		}
		p.next()
		r := operand()
		if p.err != nil {
			return nil
		}
		x = &exprNode{op: op, l: x, r: r, from: x.from, to: r.to}
	}
	return x
}

// maxExprTerms is how many terms one and or or may join, so that a condition
// stays shallow enough for what works on it.
const maxExprTerms = 1000

func (p *exprParser) unary() *exprNode {
	p.depth++
	defer func() { p.depth-- }()
	from := p.tok.from
	switch {
	case p.err != nil:
		return nil
	case p.depth > maxExprDepth:
		p.fail(p.tok.from, p.tok.to, "the expression is nested too deep", "split it into several rules")
		return nil
	case p.word("not"):
		p.next()
		x := p.unary()
		if p.err != nil {
			return nil
		}
		return &exprNode{op: "not", l: x, from: from, to: x.to}
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
	case p.word("has"):
		p.next()
		if p.tok.kind != tokWord || words[p.tok.text] {
			p.unexpected("a field's name")
			return nil
		}
		x := &exprNode{op: "has", a: operandNode{tok: p.tok}, from: from, to: p.tok.to}
		p.next()
		return x
	}
	return p.compare()
}

func (p *exprParser) compare() *exprNode {
	from := p.tok.from
	x := &exprNode{from: from}
	x.a, x.to = p.operand()
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
	x.op, x.cmp = "compare", p.tok
	p.next()
	x.b, x.to = p.operand()
	if p.err == nil && p.tok.kind == tokOp {
		p.fail(p.tok.from, p.tok.to, "a comparison has two sides", "join two comparisons: a < b and b < c")
	}
	return x
}

// operand reads one side of a comparison and returns it with its end.
func (p *exprParser) operand() (operandNode, int) {
	t := p.tok
	switch {
	case t.kind == tokNumber, t.kind == tokString, t.kind == tokWord && (!words[t.text] || t.text == "true" || t.text == "false"):
		p.next()
		return operandNode{tok: t}, t.to
	case p.word("len"):
		p.next()
		if p.tok.kind != tokOpen {
			p.unexpected("(")
			return operandNode{}, 0
		}
		p.next()
		field := p.tok
		if field.kind != tokWord || words[field.text] {
			p.unexpected("a field's name")
			return operandNode{}, 0
		}
		p.next()
		if p.tok.kind != tokClose {
			p.unexpected(")")
			return operandNode{}, 0
		}
		to := p.tok.to
		p.next()
		return operandNode{tok: field, len: true}, to
	}
	p.unexpected("a field or a value")
	return operandNode{}, 0
}
