package queries

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
)

// known is a row as it must show: a value for each column.
type known struct {
	key     []byte
	columns []any // a []any where the column is a list
}

// shown turns a row into what its columns show.
func shown(def *provider.TableDef, key string, r *dynamic.Row) *known {
	k := &known{key: []byte(key), columns: make([]any, len(def.Columns))}
	part := 0
	for i := range def.Columns {
		v := r.Fields[def.Columns[i].Field]
		if key, ok := v.(*dynamic.Struct); ok {
			v = key.Fields[part]
			part++
		}
		k.columns[i] = v
	}
	return k
}

// holds tells whether a row meets a constraint, with no help of what is tested.
func (k *known) holds(c *plan.Constraint) bool {
	v := k.columns[c.Column]
	switch c.Op {
	case plan.IsNull:
		return v == nil
	case plan.NotNull:
		return v != nil
	case plan.In:
		return v != nil && slices.ContainsFunc(c.Values, func(w provider.Value) bool { return !w.IsNull() && compare(v, fromValue(w)) == 0 })
	}
	w := fromValue(c.Value)
	if v == nil || w == nil {
		return false
	}
	switch c.Op {
	case plan.Contains:
		return slices.ContainsFunc(v.([]any), func(e any) bool { return compare(e, w) == 0 })
	case plan.Prefix:
		return strings.HasPrefix(v.(kind.Value).Text(), w.(kind.Value).Text())
	}
	switch d := compare(v, w); c.Op {
	case plan.Eq:
		return d == 0
	case plan.Lt:
		return d < 0
	case plan.Le:
		return d <= 0
	case plan.Gt:
		return d > 0
	case plan.Ge:
		return d >= 0
	}
	return false
}

// answer is the rows that a query is to find, in the order of their keys.
func answer(rows []*known, q *plan.Query) []*known {
	var out []*known
	for _, k := range rows {
		if !slices.ContainsFunc(q.Where, func(c plan.Constraint) bool { return !k.holds(&c) }) {
			out = append(out, k)
		}
	}
	return out
}

// inOrder compares two rows by what a query orders by.
func inOrder(q *plan.Query, a, b *known) int {
	for _, o := range q.Order {
		d := ordered(a.columns[o.Column], b.columns[o.Column])
		if o.Desc {
			d = -d
		}
		if d != 0 {
			return d
		}
	}
	return 0
}

// wrong tells whether a query names what is not there, or compares values of two
// kinds.
func wrong(def *provider.TableDef, q *plan.Query) bool {
	there := func(col int) bool { return col >= 0 && col < len(def.Columns) }
	for i := range q.Where {
		c := &q.Where[i]
		if !there(c.Column) || c.Op < plan.Eq || c.Op > plan.NotNull {
			return true
		}
		k := def.Columns[c.Column].Kind
		values := append(slices.Clone(c.Values), c.Value)
		switch c.Op {
		case plan.IsNull, plan.NotNull:
			continue
		case plan.Prefix:
			if !k.Text() {
				return true
			}
		case plan.Contains:
			t := def.Columns[c.Column].Type
			if t.Kind != kind.List {
				return true
			}
			if k = t.Elem.Kind; !k.Scalar() {
				k = kind.JSON
			}
		}
		if slices.ContainsFunc(values, func(v provider.Value) bool { return !v.IsNull() && v.Kind() != k }) {
			return true
		}
	}
	if slices.ContainsFunc(q.Order, func(o plan.OrderBy) bool { return !there(o.Column) }) {
		return true
	}
	return slices.ContainsFunc(q.Columns.List(), func(col int) bool { return !there(col) }) || q.Limit < 0
}
