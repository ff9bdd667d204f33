package dynamic

import (
	"fmt"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// condition is an expression of a description, with its literals read. Comparisons have the
// order of keys; one with an absent value is false, except "!=", which is true.
type condition func(fields []data) bool

// newCondition returns the condition of an expression over the fields of a table.
func newCondition(t *catalog.Table, e *catalog.Expr) (condition, error) {
	switch e.Op {
	case catalog.And, catalog.Or:
		args := make([]condition, len(e.Args))
		for i := range e.Args {
			var err error
			if args[i], err = newCondition(t, &e.Args[i]); err != nil {
				return nil, err
			}
		}
		all := e.Op == catalog.And
		return func(fields []data) bool {
			for _, holds := range args {
				if holds(fields) != all {
					return !all
				}
			}
			return all
		}, nil
	case catalog.Not:
		holds, err := newCondition(t, &e.Args[0])
		return func(fields []data) bool { return !holds(fields) }, err
	case catalog.Has:
		return func(fields []data) bool { return has(&fields[e.Field], &t.Fields[e.Field]) }, nil
	case catalog.True:
		return func(fields []data) bool { return fields[e.Field].set && fields[e.Field].value.Bool() }, nil
	}
	return newComparison(t, e)
}

// has reports whether a field is present or, where it always is, not empty.
func has(d *data, f *catalog.Field) bool {
	switch {
	case f.Optional:
		return d.set
	case f.Type.Kind == kind.List, f.Type.Kind == kind.Map, isText(f.Type.Kind):
		return length(d, &f.Type) > 0
	}
	return true
}

// length is the bytes of a text and the elements of a list or map; what is absent has none.
func length(d *data, t *catalog.Type) int64 {
	if s := kind.Of(t.Kind); s != nil {
		return int64(len(d.value.Bytes()))
	}
	return int64(len(d.elems))
}

// operand is one side of a comparison: null where it is absent.
type operand func(fields []data) kind.Value

func newComparison(t *catalog.Table, e *catalog.Expr) (condition, error) {
	var holds func(c int) bool
	switch e.Op {
	case catalog.Eq:
		holds = func(c int) bool { return c == 0 }
	case catalog.Ne:
		holds = func(c int) bool { return c != 0 }
	case catalog.Lt:
		holds = func(c int) bool { return c < 0 }
	case catalog.Le:
		holds = func(c int) bool { return c <= 0 }
	case catalog.Gt:
		holds = func(c int) bool { return c > 0 }
	case catalog.Ge:
		holds = func(c int) bool { return c >= 0 }
	default:
		return nil, fmt.Errorf("a condition with the operator %q, which this program does not know", e.Op)
	}
	if len(e.Args) != 2 {
		return nil, fmt.Errorf("a comparison of %d values", len(e.Args))
	}
	left, err := newOperand(t, &e.Args[0], &e.Args[1])
	if err != nil {
		return nil, err
	}
	right, err := newOperand(t, &e.Args[1], &e.Args[0])
	if err != nil {
		return nil, err
	}
	absent := e.Op == catalog.Ne
	return func(fields []data) bool {
		a, b := left(fields), right(fields)
		if a.IsNull() || b.IsNull() {
			return absent
		}
		return holds(a.CompareWith(b))
	}, nil
}

// newOperand returns a side of a comparison with another side, which tells what a literal is.
func newOperand(t *catalog.Table, e, other *catalog.Expr) (operand, error) {
	switch e.Op {
	case catalog.FieldOf:
		return func(fields []data) kind.Value {
			if !fields[e.Field].set {
				return kind.Value{}
			}
			return fields[e.Field].value
		}, nil
	case catalog.LenOf:
		return func(fields []data) kind.Value {
			return kind.Int64Of(length(&fields[e.Field], &t.Fields[e.Field].Type))
		}, nil
	case catalog.Lit:
		typ := &catalog.Type{Kind: kind.Int64}
		if other.Op == catalog.FieldOf {
			typ = &t.Fields[other.Field].Type
		}
		s := kind.Of(typ.Kind)
		if s == nil {
			return nil, fmt.Errorf("the field %s is compared, which is no scalar", t.Fields[other.Field].Name)
		}
		v, err := s.ParseLit(&typ.Params, e.Lit)
		if err != nil {
			return nil, fmt.Errorf("the literal %q: %w", e.Lit, err)
		}
		return func([]data) kind.Value { return v }, nil
	}
	return nil, fmt.Errorf("a comparison with %q, which this program does not know", e.Op)
}
