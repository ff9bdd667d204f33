package templates

import (
	"fmt"
	"math"
	"strconv"
	"time"

	"github.com/dave/jennifer/jen"
	"github.com/storegen/storegen/schema"
)

// How tightly a Go condition binds.
const (
	bindOr = iota
	bindAnd
	bindCompare
	bindUnary
)

// cond is a Go condition, with how tightly it binds, and what it joins.
type cond struct {
	*jen.Statement
	bind  int
	parts []cond
}

// within is the condition as an operand of what binds so tightly.
func (c cond) within(bind int) *jen.Statement {
	if c.bind < bind {
		return jen.Parens(c.Statement)
	}
	return c.Statement
}

// allOf and anyOf join conditions. What is there twice, as that a field is present
// is for each comparison of it, is said once: go vet, and so go test, refuses more.
func allOf(cs ...cond) cond { return joined(cs, "&&", bindAnd) }
func anyOf(cs ...cond) cond { return joined(cs, "||", bindOr) }

func joined(cs []cond, op string, bind int) cond {
	var parts []cond
	seen := map[string]bool{}
	for _, c := range cs {
		inner := c.parts
		if c.bind != bind || inner == nil {
			inner = []cond{c}
		}
		for _, p := range inner {
			if text := fmt.Sprintf("%#v", p.Statement); !seen[text] {
				seen[text] = true
				parts = append(parts, p)
			}
		}
	}
	if len(parts) == 1 {
		return parts[0]
	}
	out := jen.Null()
	for i, c := range parts {
		if i > 0 {
			out.Op(op)
		}
		out.Add(c.within(bind))
	}
	return cond{out, bind, parts}
}

// present and absent are the conditions for an optional field.
func present(x *jen.Statement) cond { return cond{x.Clone().Op("!=").Nil(), bindCompare, nil} }
func absent(x *jen.Statement) cond  { return cond{x.Clone().Op("==").Nil(), bindCompare, nil} }

// condition is an expression over a row's fields, in Go.
//
//	v.Status != models.JobStatusCompleted || v.StartedAt != nil
func (g *generator) condition(v *jen.Statement, e schema.Expr) cond {
	switch e := e.(type) {
	case schema.And:
		return allOf(g.condition(v, e.L), g.condition(v, e.R))
	case schema.Or:
		return anyOf(g.condition(v, e.L), g.condition(v, e.R))
	case schema.Not:
		return g.not(v, e.X)
	case schema.Has:
		x := v.Clone().Dot(e.Field.GoName)
		if e.Field.Optional {
			return present(x)
		}
		return cond{jen.Len(x).Op(">").Lit(0), bindCompare, nil}
	case schema.BoolField:
		x := v.Clone().Dot(e.Field.GoName)
		if e.Field.Optional {
			return allOf(present(x), cond{g.truth(e.Field, jen.Op("*").Add(x)), bindUnary, nil})
		}
		return cond{g.truth(e.Field, x), bindUnary, nil}
	case schema.Compare:
		return g.compare(v, e)
	}
	panic("templates: unknown expression")
}

// truth is a bool as Go's own, which the results of comparisons mix with.
func (g *generator) truth(f *schema.Field, x *jen.Statement) *jen.Statement {
	if isConverted(f.Type) {
		return jen.Bool().Call(x)
	}
	return x
}

// not is the opposite of an expression.
//
//	v.StartedAt == nil
func (g *generator) not(v *jen.Statement, e schema.Expr) cond {
	switch e := e.(type) {
	case schema.Not:
		return g.condition(v, e.X)
	case schema.Has:
		x := v.Clone().Dot(e.Field.GoName)
		if e.Field.Optional {
			return absent(x)
		}
		return cond{jen.Len(x).Op("==").Lit(0), bindCompare, nil}
	}
	return cond{jen.Op("!").Add(g.condition(v, e).within(bindUnary)), bindUnary, nil}
}

// compare emits a comparison. With an absent field it is false, except for !=.
//
//	v.Limit != nil && v.Count < *v.Limit
func (g *generator) compare(v *jen.Statement, e schema.Compare) cond {
	var parts []cond
	for _, o := range []schema.Operand{e.Left, e.Right} {
		if o.Field == nil || o.Len || !o.Field.Optional {
			continue
		}
		x := v.Clone().Dot(o.Field.GoName)
		if e.Op == "!=" {
			parts = append(parts, absent(x))
		} else {
			parts = append(parts, present(x))
		}
	}
	parts = append(parts, g.compareValues(v, e))
	if e.Op == "!=" {
		return anyOf(parts...)
	}
	return allOf(parts...)
}

// compareValues compares two values that are there.
func (g *generator) compareValues(v *jen.Statement, e schema.Compare) cond {
	typ := e.Left.Field.Type
	left, right := g.side(v, e.Left, typ), g.side(v, e.Right, typ)
	switch {
	case e.Left.Len:
	case e.Right.Lit != nil && typ.Kind == schema.Bool:
		x := g.truth(e.Left.Field, left)
		if e.Right.Lit.Bool != (e.Op == "==") {
			x = jen.Op("!").Add(x)
		}
		return cond{x, bindUnary, nil}
	case typ.Kind == schema.Timestamp:
		// A method is called on what a pointer points to.
		at := v.Clone().Dot(e.Left.Field.GoName)
		if needsPlain(typ) {
			at = left
		}
		return cond{at.Dot("Compare").Call(right).Op(e.Op).Lit(0), bindCompare, nil}
	case typ.Kind == schema.Float64:
		// The order of keys, in which NaN is a value as others are.
		return cond{jen.Qual("cmp", "Compare").Call(left, right).Op(e.Op).Lit(0), bindCompare, nil}
	case typ.Kind == schema.Bytes && !heldInString(typ):
		return cond{jen.Qual("bytes", "Compare").Call(left, right).Op(e.Op).Lit(0), bindCompare, nil}
	}
	return cond{left.Op(e.Op).Add(right), bindCompare, nil}
}

// side is one side of a comparison.
func (g *generator) side(v *jen.Statement, o schema.Operand, typ *schema.Type) *jen.Statement {
	switch {
	case o.Lit != nil && o.Lit.Kind == schema.Duration && o.Lit.Dur == 0:
		return jen.Lit(0)
	case o.Lit != nil:
		return g.literal(o.Lit, typ)
	}
	x := v.Clone().Dot(o.Field.GoName)
	switch {
	case o.Len && isPointer(o.Field):
		return jen.Qual(pathRecord, "Len").Call(x)
	case o.Len:
		return jen.Len(x)
	}
	return g.bare(typ, value(x, o.Field))
}

// literal is a literal as Go.
func (g *generator) literal(l *schema.Literal, typ *schema.Type) *jen.Statement {
	switch l.Kind {
	case schema.Bool:
		return jen.Lit(l.Bool)
	case schema.Int32, schema.Int64:
		return jen.Id(strconv.FormatInt(l.Int, 10))
	case schema.Uint32, schema.Uint64:
		return jen.Id(strconv.FormatUint(l.Uint, 10))
	case schema.Float64:
		if l.Float == 0 && math.Signbit(l.Float) {
			return jen.Qual("math", "Copysign").Call(jen.Lit(0), jen.Lit(-1)) // Go has no literal of -0
		}
		return jen.Lit(l.Float)
	case schema.Duration:
		return durationOf(l.Dur)
	case schema.Enum:
		return jen.Qual(g.models, l.Enum.GoName)
	case schema.Bytes:
		if !heldInString(typ) {
			return jen.Index().Byte().Call(jen.Lit(l.Str))
		}
		return jen.Lit(l.Str)
	case schema.JSON:
		return jen.Qual("encoding/json", "RawMessage").Call(jen.Lit(l.Str))
	}
	return jen.Lit(l.Str)
}

// durationOf is a duration in the largest unit that divides it.
//
//	720 * time.Hour
func durationOf(d time.Duration) *jen.Statement {
	for _, u := range []struct {
		size time.Duration
		name string
	}{{time.Hour, "Hour"}, {time.Minute, "Minute"}, {time.Second, "Second"}, {time.Millisecond, "Millisecond"}, {time.Microsecond, "Microsecond"}} {
		if d != 0 && d%u.size == 0 {
			return jen.Id(strconv.FormatInt(int64(d/u.size), 10)).Op("*").Qual("time", u.name)
		}
	}
	return jen.Qual("time", "Duration").Call(jen.Id(strconv.FormatInt(int64(d), 10)))
}
