package templates

import (
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// The precedence of Go's operators, the lowest first.
const (
	bindOr = iota
	bindAnd
	bindCompare
	bindUnary
)

// cond is a Go condition, the precedence of its operator, and what that joins.
type cond struct {
	text  string
	bind  int
	parts []cond
}

// within is the condition as an operand of an operator of this precedence.
func (c cond) within(bind int) string {
	if c.bind < bind {
		return "(" + c.text + ")"
	}
	return c.text
}

// allOf and anyOf join conditions. One that comes twice, as v.X != nil does for each
// comparison of X, is written once: go vet, and so go test, refuses more.
func allOf(cs ...cond) cond { return joined(cs, " && ", bindAnd) }
func anyOf(cs ...cond) cond { return joined(cs, " || ", bindOr) }

func joined(cs []cond, op string, bind int) cond {
	var parts []cond
	var texts []string
	for _, c := range cs {
		inner := c.parts
		if c.bind != bind || inner == nil {
			inner = []cond{c}
		}
		for _, p := range inner {
			if text := p.within(bind); !slices.Contains(texts, text) {
				parts, texts = append(parts, p), append(texts, text)
			}
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	return cond{strings.Join(texts, op), bind, parts}
}

// present and absent are the conditions for an optional field.
func present(x string) cond { return cond{x + " != nil", bindCompare, nil} }
func absent(x string) cond  { return cond{x + " == nil", bindCompare, nil} }

// condition is an expression over a row's fields, in Go.
func (g *generator) condition(v string, e schema.Expr) cond {
	switch e := e.(type) {
	case schema.And:
		return allOf(g.condition(v, e.L), g.condition(v, e.R))
	case schema.Or:
		return anyOf(g.condition(v, e.L), g.condition(v, e.R))
	case schema.Not:
		return g.not(v, e.X)
	case schema.Has:
		x := v + "." + e.Field.GoName
		if e.Field.Optional {
			return present(x)
		}
		return cond{call("len", x) + " > 0", bindCompare, nil}
	case schema.BoolField:
		x := v + "." + e.Field.GoName
		if e.Field.Optional {
			return allOf(present(x), cond{g.truth(e.Field, "*"+x), bindUnary, nil})
		}
		return cond{g.truth(e.Field, x), bindUnary, nil}
	case schema.Compare:
		return g.compare(v, e)
	}
	panic("templates: unknown expression")
}

// truth is a value of a bool type as a plain bool, which can be joined with comparisons.
func (g *generator) truth(f *schema.Field, x string) string {
	if isConverted(f.Type) {
		return call("bool", x)
	}
	return x
}

// not is the opposite of an expression.
func (g *generator) not(v string, e schema.Expr) cond {
	switch e := e.(type) {
	case schema.Not:
		return g.condition(v, e.X)
	case schema.Has:
		x := v + "." + e.Field.GoName
		if e.Field.Optional {
			return absent(x)
		}
		return cond{call("len", x) + " == 0", bindCompare, nil}
	}
	return cond{"!" + g.condition(v, e).within(bindUnary), bindUnary, nil}
}

// compare emits a comparison. With an absent field it is false, except for !=.
func (g *generator) compare(v string, e schema.Compare) cond {
	var parts []cond
	for _, o := range []schema.Operand{e.Left, e.Right} {
		if o.Field == nil || o.Len || !o.Field.Optional {
			continue
		}
		x := v + "." + o.Field.GoName
		if e.Op == schema.NotEqual {
			parts = append(parts, absent(x))
		} else {
			parts = append(parts, present(x))
		}
	}
	parts = append(parts, g.compareValues(v, e))
	if e.Op == schema.NotEqual {
		return anyOf(parts...)
	}
	return allOf(parts...)
}

// compareValues compares two values that are known to be present.
func (g *generator) compareValues(v string, e schema.Compare) cond {
	typ := e.Left.Field.Type
	left, right := g.side(v, e.Left, typ), g.side(v, e.Right, typ)
	switch {
	case e.Left.Len:
	case e.Right.Field != nil && e.Right.Field.Type.Kind != typ.Kind:
		left, right = widened(left, typ, right, e.Right.Field.Type)
	case e.Right.Lit != nil && typ.Kind == kind.Bool:
		x := g.truth(e.Left.Field, left)
		if e.Right.Lit.Value.Bool() != (e.Op == schema.Equal) {
			x = "!" + x
		}
		return cond{x, bindUnary, nil}
	case rowOf(typ).Gen.Compare != "" && !heldInString(typ):
		if strings.HasPrefix(rowOf(typ).Gen.Compare, "$x.") && !needsPlain(typ) {
			left = v + "." + e.Left.Field.GoName // a method is called on what a pointer points to
		}
		return cond{g.gen(typ, rowOf(typ).Gen.Compare, left, right) + " " + e.Op + " 0", bindCompare, nil}
	}
	return cond{left + " " + e.Op + " " + right, bindCompare, nil}
}

// widened are two integers of different widths as the wider one.
func widened(left string, l *schema.Type, right string, r *schema.Type) (string, string) {
	a, b := rowOf(l), rowOf(r)
	switch {
	case a.Gen.Type == b.Gen.Type:
		return left, right
	case a.Bits < b.Bits:
		return call(b.Gen.Type, left), right
	}
	return left, call(a.Gen.Type, right)
}

// side is one side of a comparison.
func (g *generator) side(v string, o schema.Operand, typ *schema.Type) string {
	switch {
	case o.Lit != nil && o.Lit.Kind() == kind.Duration && o.Lit.Value.Duration() == 0:
		return "0"
	case o.Lit != nil:
		return g.literal(o.Lit, typ)
	}
	x := v + "." + o.Field.GoName
	switch {
	case o.Len && isPointer(o.Field):
		return call("record.Len", x)
	case o.Len:
		return call("len", x)
	}
	return g.bare(typ, value(x, o.Field))
}

// literal is a literal as Go.
func (g *generator) literal(l *schema.Literal, typ *schema.Type) string {
	switch {
	case l.Enum != nil:
		return "models." + l.Enum.GoName
	case l.Kind() == kind.Bytes && heldInString(typ):
		return strconv.Quote(l.Value.Text())
	}
	return kind.Of(l.Kind()).Gen.Lit(l.Value)
}

// durationOf is a duration in the largest unit that divides it.
func durationOf(d time.Duration) string { return kind.Of(kind.Duration).Gen.Lit(kind.DurationOf(d)) }
