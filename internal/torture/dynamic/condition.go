package dynamic

import (
	"fmt"
	"slices"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// holds tells whether a condition holds for a row.
func (c *Codec) holds(v *Row, e *catalog.Expr) bool {
	switch e.Op {
	case catalog.And:
		return !slices.ContainsFunc(e.Args, func(a catalog.Expr) bool { return !c.holds(v, &a) })
	case catalog.Or:
		return slices.ContainsFunc(e.Args, func(a catalog.Expr) bool { return c.holds(v, &a) })
	case catalog.Not:
		return !c.holds(v, &e.Args[0])
	case catalog.Has:
		return !zero(c.at(v, e.Field), &c.desc.Fields[e.Field])
	case catalog.True:
		return scalar(&c.desc.Fields[e.Field].Type, c.at(v, e.Field)).Bool()
	case catalog.Eq, catalog.Ne, catalog.Lt, catalog.Le, catalog.Gt, catalog.Ge:
		return compare(e.Op, c.operand(v, &e.Args[0], &e.Args[1]), c.operand(v, &e.Args[1], &e.Args[0]))
	}
	panic("dynamic: unknown condition " + e.Op)
}

// operand is a side of a comparison, beside the other one; null is absent.
func (c *Codec) operand(v *Row, e, other *catalog.Expr) kind.Value {
	switch e.Op {
	case catalog.Lit:
		t := &catalog.Type{Kind: kind.Int64} // of a length
		if other.Op == catalog.FieldOf {
			t = &c.desc.Fields[other.Field].Type
		}
		return literal(t, e.Lit)
	case catalog.LenOf:
		switch x := c.at(v, e.Field).(type) {
		case kind.Value:
			return kind.Int64Of(int64(len(x.Text())))
		case []any:
			return kind.Int64Of(int64(len(x)))
		case map[string]any:
			return kind.Int64Of(int64(len(x)))
		}
		return kind.Int64Of(0)
	case catalog.FieldOf:
		if f := &c.desc.Fields[e.Field]; !f.Optional || c.at(v, e.Field) != nil {
			return scalar(&f.Type, c.at(v, e.Field))
		}
		return kind.Value{}
	}
	panic("dynamic: unknown operand " + e.Op)
}

// literal is a value as descriptions have it.
func literal(t *catalog.Type, text string) kind.Value {
	row := kind.Of(t.Kind)
	if row == nil {
		panic(unknown("a literal", t.Kind))
	}
	x, err := row.ParseLit(&t.Params, text)
	if err != nil {
		panic(fmt.Sprintf("dynamic: the literal %q is no %s: %v", text, t.Kind, err))
	}
	return x
}

func compare(op catalog.Op, a, b kind.Value) bool {
	switch {
	case a.IsNull() || b.IsNull():
		return op == catalog.Ne
	case !a.Kind().ComparesWith(b.Kind()):
		panic(fmt.Sprintf("dynamic: %s is compared with %s", a.Kind(), b.Kind()))
	}
	order := a.CompareWith(b)
	return map[catalog.Op]bool{
		catalog.Eq: order == 0, catalog.Ne: order != 0, catalog.Lt: order < 0, catalog.Le: order <= 0, catalog.Gt: order > 0, catalog.Ge: order >= 0,
	}[op]
}
