package schema

import (
	"cmp"
	"errors"
	"slices"
	"strconv"
	"strings"
)

// An exprScope is what a condition may name.
type exprScope struct {
	*reporter
	fields map[string]*Field
	names  []string // of the fields, in declared order
	// find finds a field, and reports an unknown one.
	find func(name string, pos Pos) *Field
}

// A condition binds the notation of one condition to the fields of a table.
type condition struct {
	*exprScope
	n *node // the scalar that holds the text
}

// bindCondition reads and binds a condition; nil when it holds a mistake.
func bindCondition(scope *exprScope, n *node) Expr {
	raw, err := parseExpr(n.text)
	if err != nil {
		scope.report(ruleExprSyntax, n.span(err.from, err.to), "%s", err.text).mend("%s", err.mend)
		return nil
	}
	c := condition{exprScope: scope, n: n}
	return c.bind(raw)
}

func (c condition) bind(x *exprNode) Expr {
	switch x.op {
	case "or", "and":
		l, r := c.bind(x.l), c.bind(x.r)
		switch {
		case l == nil || r == nil:
			return nil
		case x.op == "or":
			return Or{L: l, R: r}
		}
		return And{L: l, R: r}
	case "not":
		if inner := c.bind(x.l); inner != nil {
			return Not{X: inner}
		}
		return nil
	case "has":
		return c.has(x)
	case "compare":
		return c.compare(x)
	}
	return c.bare(x)
}

func (c condition) pos(t exprToken) Pos { return c.n.span(t.from, t.to) }

// field finds a field, reporting an unknown one. It returns nil also for a field
// whose type holds a mistake.
func (c condition) field(t exprToken) *Field {
	if c.foreign(t) {
		return nil
	}
	f := c.find(t.text, c.pos(t))
	if f == nil || f.Type.Kind == Invalid {
		return nil
	}
	return f
}

// foreign reports a word that other languages have as a value, where it is no field.
func (c condition) foreign(t exprToken) bool {
	help := valueHabits[strings.ToLower(t.text)]
	if help == "" || t.kind != tokWord || c.fields[t.text] != nil {
		return false
	}
	c.report(ruleLiteral, c.pos(t), "there is no %s in expressions", t.text).mend("%s", help)
	return true
}

func (c condition) has(x *exprNode) Expr {
	f := c.field(x.a.tok)
	if f == nil {
		return nil
	}
	switch f.Type.Kind {
	case String, Bytes, JSON, List, Map:
		if f.Type.Marshalled() && !f.Optional {
			c.report(ruleExprPresence, c.pos(x.a.tok), "%s is always present", f.Name).
				mend("make it optional, or keep what is asked for in a field of its own").related(f.Pos, "declared here")
			return nil
		}
	default:
		if !f.Optional {
			c.report(ruleExprPresence, c.pos(x.a.tok), "%s is always present", f.Name).
				mend("make it optional (%s?), or compare its value", f.Type).related(f.Pos, "declared here")
			return nil
		}
	}
	return Has{Field: f}
}

// bare is an operand without a comparison, which must be a bool field.
func (c condition) bare(x *exprNode) Expr {
	t := x.a.tok
	if t.kind != tokWord || x.a.len || words[t.text] {
		c.report(ruleExprType, c.n.span(x.from, x.to), "%s alone is no condition", c.n.text[x.from:x.to]).
			mend("compare it: %s == value", c.n.text[x.from:x.to])
		return nil
	}
	f := c.field(t)
	switch {
	case f == nil:
		return nil
	case f.Type.Kind != Bool:
		d := c.report(ruleExprType, c.pos(t), "%s is %s, and only a bool stands alone", f.Name, article(f.Type.String()))
		if f.Optional {
			d.mend("write has %s, or compare it: %s == value", f.Name, f.Name)
		} else {
			d.mend("compare it: %s == value", f.Name)
		}
		d.related(f.Pos, "declared here")
		return nil
	}
	return BoolField{Field: f}
}

var flipped = map[string]string{"==": "==", "!=": "!=", "<": ">", "<=": ">=", ">": "<", ">=": "<="}

// isField reports whether an operand has the form of a field, or is its length.
// The name of an enum's value has that form too.
func (c condition) isField(o operandNode) bool {
	return o.len || o.tok.kind == tokWord && o.tok.text != "true" && o.tok.text != "false"
}

func (c condition) compare(x *exprNode) Expr {
	a, b, op := x.a, x.b, x.cmp.text
	// A field stands on the left.
	if !c.isField(a) || c.isField(b) && c.fields[a.tok.text] == nil && c.fields[b.tok.text] != nil && !a.len {
		a, b, op = b, a, flipped[op]
	}
	if !c.isField(a) {
		c.report(ruleExprType, c.n.span(x.from, x.to), "both sides are values").mend("name a field on one side")
		return nil
	}
	left := c.field(a.tok)
	if a.len {
		return c.compareLen(left, a, b, op)
	}
	if left == nil {
		if b.len || c.isField(b) && c.fields[b.tok.text] != nil {
			c.field(b.tok)
		}
		return nil
	}
	t := left.Type
	if t.Marshalled() {
		d := c.report(ruleExprType, c.pos(a.tok), "%s is stored as %s that only its Go type knows, and has no comparison", left.Name, t.Go.Form)
		d.mend("keep what is compared in a field of its own").related(left.Pos, "declared here")
		if left.Optional {
			d.mend("write has %s", left.Name)
		}
		return nil
	}
	switch t.Kind {
	case JSON, List, Map, Struct:
		d := c.report(ruleExprType, c.pos(a.tok), "%s is %s, which has no comparison", left.Name, article(t.String()))
		switch {
		case t.Kind == List || t.Kind == Map:
			d.mend("compare its length, len(%s), or write has %s", left.Name, left.Name)
		case t.Kind == JSON || left.Optional:
			d.mend("write has %s", left.Name)
		default:
			d.mend("keep what is compared in a field of its own, beside the struct")
		}
		d.related(left.Pos, "declared here")
		return nil
	}
	if (op != "==" && op != "!=") && !t.Kind.Ordered() {
		c.report(ruleExprType, c.pos(x.cmp), "%s is %s, which has no order", left.Name, article(t.String())).mend("use == or !=").related(left.Pos, "declared here")
		return nil
	}
	if b.len {
		c.report(ruleExprType, c.n.span(x.from, x.to), "%s is compared with a length", left.Name).mend("compare a length with a number or a length")
		return nil
	}
	right, ok := c.right(left, b)
	if !ok {
		return nil
	}
	return Compare{Op: op, Left: Operand{Field: left}, Right: right}
}

// right binds the side of a comparison that faces a field.
func (c condition) right(left *Field, b operandNode) (Operand, bool) {
	t := left.Type
	if !c.isField(b) {
		lit := c.literal(left, b.tok)
		return Operand{Lit: lit}, lit != nil
	}
	other := c.fields[b.tok.text]
	if t.Kind == Enum {
		names := make([]string, 0, len(t.Values))
		for _, v := range t.Values {
			names = append(names, v.Name)
		}
		isValue := slices.Contains(names, b.tok.text)
		switch {
		case isValue && other != nil && other.Type == t:
			c.report(ruleExprType, c.pos(b.tok), "%s is both a value of %s and a field", b.tok.text, t).
				mend("rename the field").related(other.Pos, "the field")
			return Operand{}, false
		case isValue || other == nil && valueHabits[strings.ToLower(b.tok.text)] == "":
			lit := enumLiteral(c.reporter, t, b.tok.text, c.pos(b.tok))
			return Operand{Lit: lit}, lit != nil
		}
	}
	if other == nil && c.foreign(b.tok) {
		return Operand{}, false
	}
	if other == nil && (t.Kind == String || t.Kind == Bytes) && Nearest(b.tok.text, c.names) == "" {
		c.report(ruleLiteral, c.pos(b.tok), "%s is no field of this table", b.tok.text).mend("put text in quotes: \"%s\"", b.tok.text)
		return Operand{}, false
	}
	f := c.field(b.tok)
	if f == nil {
		return Operand{}, false
	}
	if !f.Type.same(t) {
		c.report(ruleExprType, c.pos(b.tok), "%s is %s and %s %s", left.Name, t.called(), f.Name, f.Type.called()).
			mend("compare fields of one type").related(left.Pos, "%s is declared here", left.Name).related(f.Pos, "%s is declared here", f.Name)
		return Operand{}, false
	}
	return Operand{Field: f}, true
}

// compareLen binds the comparison of a field's length.
func (c condition) compareLen(left *Field, a, b operandNode, op string) Expr {
	check := func(f *Field, t exprToken) bool {
		if f == nil {
			return false
		}
		switch f.Type.Kind {
		case String, Bytes, List, Map:
			if !f.Type.Marshalled() {
				return true
			}
		}
		c.report(ruleExprType, c.pos(t), "%s is %s, which has no length", f.Name, article(f.Type.String())).
			mend("len is for string, bytes, lists and maps").related(f.Pos, "declared here")
		return false
	}
	ok := check(left, a.tok)
	var right Operand
	switch {
	case b.len:
		f := c.field(b.tok)
		ok = check(f, b.tok) && ok
		right = Operand{Field: f, Len: true}
	case b.tok.kind == tokNumber:
		n, err := strconv.ParseInt(b.tok.text, 10, 64)
		if err != nil || n < 0 {
			c.report(ruleLiteral, c.pos(b.tok), "%s is no length", b.tok.text).mend("write a whole number from 0")
			return nil
		}
		right = Operand{Lit: &Literal{Kind: Int64, Int: n}}
	default:
		c.report(ruleExprType, c.pos(b.tok), "a length is compared with %s", b.tok.text).mend("compare a length with a number or a length")
		return nil
	}
	if !ok {
		return nil
	}
	return Compare{Op: op, Left: Operand{Field: left, Len: true}, Right: right}
}

// literal makes the value of a token that faces a field.
func (c condition) literal(f *Field, tok exprToken) *Literal {
	t := f.Type
	bad := func(mend string, args ...any) *Literal {
		c.report(ruleLiteral, c.pos(tok), "%s is %s, and %s is none", f.Name, article(t.String()), tok.text).mend(mend, args...)
		return nil
	}
	switch {
	case t.Kind == Bool:
		if tok.kind == tokWord {
			return &Literal{Kind: Bool, Bool: tok.text == "true"}
		}
		return bad("write true or false, or the field alone")
	case t.Kind.Integer() || t.Kind == Float64:
		lit, err := parseNumber(t.Kind, tok.text)
		switch {
		case tok.kind == tokNumber && err == nil:
			return lit
		case tok.kind == tokNumber && errors.Is(err, strconv.ErrRange):
			outOfRange(c.reporter, c.pos(tok), tok.text, t.Kind)
			return nil
		case tok.kind == tokNumber && errors.Is(err, errTooSmall):
			c.report(ruleLiteral, c.pos(tok), "%s is nearer to 0 than any %s, and would be 0", tok.text, t.Kind).mend("write 0, or a number that can be told from it")
			return nil
		}
		return bad("write a number, without quotes")
	case t.Kind == String, t.Kind == Bytes:
		if tok.kind != tokString {
			return bad("put text in quotes: \"%s\"", tok.text)
		}
		text, ok := unquote(tok.text)
		if !ok {
			return bad(`after a backslash write \, a quote, n, t, or a code as in Go`)
		}
		return &Literal{Kind: t.Kind, Str: text}
	case t.Kind == Duration:
		d, err := parseDuration(tok.text)
		if tok.kind != tokNumber || err != nil {
			return bad("%s", cmp.Or(err, errDurationForm))
		}
		return &Literal{Kind: Duration, Dur: d}
	case t.Kind == Enum:
		return bad("write the name of a value of %s, without quotes", t)
	case t.Kind == Timestamp:
		return bad("a timestamp compares with another timestamp field only")
	}
	return bad("a %s compares with another field only", t.Kind)
}
