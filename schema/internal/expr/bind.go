package expr

import (
	"cmp"
	"slices"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/rules"
)

// A Scope holds the fields that a condition may name.
type Scope struct {
	*diag.Reporter
	Fields map[string]*schema.Field
	Names  []string // of the fields, in declared order
	// Find finds a field, and reports an unknown one.
	Find func(name string, pos diag.Pos) *schema.Field
}

// A condition is one condition while it is bound to the fields of a table.
type condition struct {
	*Scope
	n *syntax.Node // the scalar that holds the text
}

// Bind reads and binds a condition; nil if it has a mistake.
func Bind(scope *Scope, n *syntax.Node) schema.Expr {
	raw, err := parse(n.Text)
	if err != nil {
		scope.Report(rules.ExprSyntax, n.Span(err.from, err.to), "%s", err.text).Help("%s", err.help)
		return nil
	}
	c := condition{Scope: scope, n: n}
	return c.bind(raw)
}

func (c condition) bind(x *node) schema.Expr {
	switch x.op {
	case orOp, andOp:
		l, r := c.bind(x.l), c.bind(x.r)
		switch {
		case l == nil || r == nil:
			return nil
		case x.op == orOp:
			return schema.Or{L: l, R: r}
		}
		return schema.And{L: l, R: r}
	case notOp:
		if inner := c.bind(x.l); inner != nil {
			return schema.Not{X: inner}
		}
		return nil
	case hasOp:
		return c.has(x)
	case compareOp:
		return c.compare(x)
	}
	return c.bare(x)
}

func (c condition) pos(t token) diag.Pos { return c.n.Span(t.from, t.to) }

// field finds a field, and reports an unknown one. It also returns nil for a field
// whose type has a mistake.
func (c condition) field(t token) *schema.Field {
	if c.foreign(t) {
		return nil
	}
	f := c.Find(t.text, c.pos(t))
	if f == nil || f.Type.Kind == kind.Invalid {
		return nil
	}
	return f
}

// foreign reports a value of another language, such as null, unless a field has that
// name.
func (c condition) foreign(t token) bool {
	help := lang.ValueSynonyms[strings.ToLower(t.text)]
	if help == "" || t.kind != tokWord || c.Fields[t.text] != nil {
		return false
	}
	c.Report(rules.Literal, c.pos(t), "there is no %s in expressions", t.text).Help("%s", help)
	return true
}

func (c condition) has(x *node) schema.Expr {
	f := c.field(x.a.tok)
	if f == nil {
		return nil
	}
	switch f.Type.Kind {
	case kind.String, kind.Bytes, kind.JSON, kind.List, kind.Map:
		if f.Type.Marshalled() && !f.Optional {
			c.Report(rules.ExprPresence, c.pos(x.a.tok), "%s is always present", f.Name).
				Help("make it optional, or keep what is asked for in a field of its own").Related(f.Pos, "declared here")
			return nil
		}
	default:
		if !f.Optional {
			c.Report(rules.ExprPresence, c.pos(x.a.tok), "%s is always present", f.Name).
				Help("make it optional (%s?), or compare its value", f.Type).Related(f.Pos, "declared here")
			return nil
		}
	}
	return schema.Has{Field: f}
}

// bare binds an operand without a comparison, which must be a bool field.
func (c condition) bare(x *node) schema.Expr {
	t := x.a.tok
	if t.kind != tokWord || x.a.len || lang.Words[t.text] {
		c.Report(rules.ExprType, c.n.Span(x.from, x.to), "%s alone is no condition", c.n.Text[x.from:x.to]).
			Help("compare it: %s == value", c.n.Text[x.from:x.to])
		return nil
	}
	f := c.field(t)
	switch {
	case f == nil:
		return nil
	case f.Type.Kind != kind.Bool:
		d := c.Report(rules.ExprType, c.pos(t), "%s is %s, and only a bool stands alone", f.Name, diag.Article(f.Type.String()))
		if f.Optional {
			d.Help("write has %s, or compare it: %s == value", f.Name, f.Name)
		} else {
			d.Help("compare it: %s == value", f.Name)
		}
		d.Related(f.Pos, "declared here")
		return nil
	}
	return schema.BoolField{Field: f}
}

var flipped = map[string]string{
	schema.Equal: schema.Equal, schema.NotEqual: schema.NotEqual,
	schema.Less: schema.Greater, schema.LessOrEqual: schema.GreaterOrEqual,
	schema.Greater: schema.Less, schema.GreaterOrEqual: schema.LessOrEqual,
}

// isField reports whether an operand looks like a field or its length. The name of
// an enum's value looks so too.
func (c condition) isField(o operand) bool {
	return o.len || o.tok.kind == tokWord && o.tok.text != "true" && o.tok.text != "false"
}

func (c condition) compare(x *node) schema.Expr {
	a, b, op := x.a, x.b, x.cmp.text
	// The field goes to the left side.
	if !c.isField(a) || c.isField(b) && c.Fields[a.tok.text] == nil && c.Fields[b.tok.text] != nil && !a.len {
		a, b, op = b, a, flipped[op]
	}
	if !c.isField(a) {
		c.Report(rules.ExprType, c.n.Span(x.from, x.to), "both sides are values").Help("name a field on one side")
		return nil
	}
	left := c.field(a.tok)
	if a.len {
		return c.compareLen(left, a, b, op)
	}
	if left == nil {
		if b.len || c.isField(b) && c.Fields[b.tok.text] != nil {
			c.field(b.tok)
		}
		return nil
	}
	t := left.Type
	if t.Marshalled() {
		d := c.Report(rules.ExprType, c.pos(a.tok), "%s is stored as %s that only its Go type knows, and has no comparison", left.Name, t.Go.Form)
		d.Help("keep what is compared in a field of its own").Related(left.Pos, "declared here")
		if left.Optional {
			d.Help("write has %s", left.Name)
		}
		return nil
	}
	switch t.Kind {
	case kind.JSON, kind.List, kind.Map, kind.Struct:
		d := c.Report(rules.ExprType, c.pos(a.tok), "%s is %s, which has no comparison", left.Name, diag.Article(t.String()))
		switch {
		case t.Kind == kind.List || t.Kind == kind.Map:
			d.Help("compare its length, len(%s), or write has %s", left.Name, left.Name)
		case t.Kind == kind.JSON || left.Optional:
			d.Help("write has %s", left.Name)
		default:
			d.Help("keep what is compared in a field of its own, beside the struct")
		}
		d.Related(left.Pos, "declared here")
		return nil
	}
	if op != schema.Equal && op != schema.NotEqual && !t.Kind.Ordered() {
		c.Report(rules.ExprType, c.pos(x.cmp), "%s is %s, which has no order", left.Name, diag.Article(t.String())).Help("use == or !=").Related(left.Pos, "declared here")
		return nil
	}
	if b.len {
		c.Report(rules.ExprType, c.n.Span(x.from, x.to), "%s is compared with a length", left.Name).Help("compare a length with a number or a length")
		return nil
	}
	right, ok := c.right(left, b)
	if !ok {
		return nil
	}
	return schema.Compare{Op: op, Left: schema.Operand{Field: left}, Right: right}
}

// right binds the right side of a comparison, whose left side is a field.
func (c condition) right(left *schema.Field, b operand) (schema.Operand, bool) {
	t := left.Type
	if !c.isField(b) {
		lit := c.literal(left, b.tok)
		return schema.Operand{Lit: lit}, lit != nil
	}
	other := c.Fields[b.tok.text]
	if t.Kind == kind.Enum {
		names := make([]string, 0, len(t.Values))
		for _, v := range t.Values {
			names = append(names, v.Name)
		}
		isValue := slices.Contains(names, b.tok.text)
		switch {
		case isValue && other != nil && other.Type == t:
			c.Report(rules.ExprType, c.pos(b.tok), "%s is both a value of %s and a field", b.tok.text, t).
				Help("rename the field").Related(other.Pos, "the field")
			return schema.Operand{}, false
		case isValue || other == nil && lang.ValueSynonyms[strings.ToLower(b.tok.text)] == "":
			lit := EnumValue(c.Reporter, t, b.tok.text, c.pos(b.tok))
			return schema.Operand{Lit: lit}, lit != nil
		}
	}
	if other == nil && c.foreign(b.tok) {
		return schema.Operand{}, false
	}
	if other == nil && kind.Of(t.Kind).Literal == kind.TextLiteral && diag.Nearest(b.tok.text, c.Names) == "" {
		c.Report(rules.Literal, c.pos(b.tok), "%s is no field of this table", b.tok.text).Help("put text in quotes: \"%s\"", b.tok.text)
		return schema.Operand{}, false
	}
	f := c.field(b.tok)
	if f == nil {
		return schema.Operand{}, false
	}
	if !t.ComparesWith(f.Type) {
		help := "compare fields of one type"
		if t.Kind.Integer() && f.Type.Kind.Integer() && !t.Kind.ComparesWith(f.Type.Kind) {
			help = "compare signed integers with signed ones, and unsigned with unsigned"
		}
		c.Report(rules.ExprType, c.pos(b.tok), "%s is %s and %s %s", left.Name, t.Called(), f.Name, f.Type.Called()).
			Help("%s", help).Related(left.Pos, "%s is declared here", left.Name).Related(f.Pos, "%s is declared here", f.Name)
		return schema.Operand{}, false
	}
	return schema.Operand{Field: f}, true
}

// compareLen binds a comparison whose left side is a length.
func (c condition) compareLen(left *schema.Field, a, b operand, op string) schema.Expr {
	check := func(f *schema.Field, t token) bool {
		if f == nil {
			return false
		}
		switch f.Type.Kind {
		case kind.String, kind.Bytes, kind.List, kind.Map:
			if !f.Type.Marshalled() {
				return true
			}
		}
		c.Report(rules.ExprType, c.pos(t), "%s is %s, which has no length", f.Name, diag.Article(f.Type.String())).
			Help("len is for string, bytes, lists and maps").Related(f.Pos, "declared here")
		return false
	}
	ok := check(left, a.tok)
	var right schema.Operand
	switch {
	case b.len:
		f := c.field(b.tok)
		ok = check(f, b.tok) && ok
		right = schema.Operand{Field: f, Len: true}
	case b.tok.kind == tokNumber:
		n, err := strconv.ParseInt(b.tok.text, 10, 64)
		if err != nil || n < 0 {
			c.Report(rules.Literal, c.pos(b.tok), "%s is no length", b.tok.text).Help("write a whole number from 0")
			return nil
		}
		right = schema.Operand{Lit: schema.LiteralOf(kind.Int64Of(n))}
	default:
		c.Report(rules.ExprType, c.pos(b.tok), "a length is compared with %s", b.tok.text).Help("compare a length with a number or a length")
		return nil
	}
	if !ok {
		return nil
	}
	return schema.Compare{Op: op, Left: schema.Operand{Field: left, Len: true}, Right: right}
}

// literal returns the value of a token that is compared with a field.
func (c condition) literal(f *schema.Field, tok token) *schema.Literal {
	t := f.Type
	bad := func(help string, args ...any) *schema.Literal {
		c.Report(rules.Literal, c.pos(tok), "%s is %s, and %s is none", f.Name, diag.Article(t.String()), tok.text).Help(help, args...)
		return nil
	}
	row := kind.Of(t.Kind)
	switch row.Literal {
	case kind.BareLiteral:
		if t.Kind == kind.Bool {
			if tok.kind == tokWord {
				return schema.LiteralOf(kind.BoolOf(tok.text == "true"))
			}
			return bad("write true or false, or the field alone")
		}
		if tok.kind != tokNumber {
			return bad("%s", NumberHelp(row, tok.kind == tokString))
		}
		lit, err := Number(c.Reporter, t, tok.text, c.pos(tok))
		if err != nil {
			return bad("%s", NumberHelp(row, false))
		}
		return lit
	case kind.TextLiteral:
		if tok.kind != tokString {
			return bad("put text in quotes: \"%s\"", tok.text)
		}
		text, ok := unquote(tok.text)
		if !ok {
			return bad(`after a backslash write \, a quote, n, t, or a code as in Go`)
		}
		v, err := row.ParseLit(t.Params(), text)
		if err != nil {
			return bad("%s", err)
		}
		return schema.LiteralOf(v)
	case kind.QuotedLiteral:
		text, ok := "", tok.kind == tokString
		if ok {
			text, ok = unquote(tok.text)
		}
		v, err := row.ParseLit(t.Params(), text)
		if !ok || err != nil {
			d := c.Report(rules.Literal, c.pos(tok), "%s is %s, and %s is none", f.Name, diag.Article(t.String()), tok.text).
				Help("write it in quotes, as %q", row.Lit(row.Example(t.Params())))
			if why := Reason(err); ok && why != "" {
				d.Note("%s", why)
			}
			return nil
		}
		return schema.LiteralOf(v)
	case kind.DurationLiteral:
		d, err := kind.ParseDuration(tok.text)
		if tok.kind != tokNumber || err != nil {
			return bad("%s", cmp.Or(err, kind.ErrDurationForm))
		}
		return schema.LiteralOf(kind.DurationOf(d))
	case kind.NameLiteral:
		return bad("write the name of a value of %s, without quotes", t)
	}
	return bad("a %s compares with another %s field only", t.Kind, t.Kind)
}
