package queries

import (
	"bytes"
	"context"
	"fmt"
	"slices"

	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
)

// asked is a query as one asks it that plans without values, has an order of its own
// on some columns, and hands over some values in a form that does not fit.
type asked struct {
	meant, said plan.Query
	values      [][]provider.Value
	odd         bool // some value does not fit
}

// without takes values out of a query.
func (a *asker) without(q plan.Query) asked {
	q.Where = slices.Clone(q.Where)
	for range a.IntN(3) {
		q.EqualOnly.Add(a.column())
	}
	out := asked{meant: q, said: q}
	out.said.Where = slices.Clone(q.Where)
	for i := range q.Where {
		c := &out.said.Where[i]
		if c.Op == plan.IsNull || c.Op == plan.NotNull || chance(a.Rand, 3) {
			continue
		}
		values := []provider.Value{c.Value}
		if c.Op == plan.In {
			values = slices.Clone(c.Values)
		}
		for j, v := range values {
			if chance(a.Rand, 20) && !v.IsNull() {
				values[j], out.odd = a.disguised(v), true
			}
			out.odd = out.odd || v.IsNull()
		}
		out.odd = out.odd || len(values) == 0
		out.values = append(out.values, values)
		c.Unknown, c.Value, c.Values = true, provider.Value{}, nil
	}
	return out
}

// disguised is a value as one of a kind that never fits, but for a text where that is
// what is meant.
func (a *asker) disguised(v provider.Value) provider.Value {
	if v.Kind() == provider.String("").Kind() {
		return provider.Float64(1.5)
	}
	return provider.String(v.String())
}

// holds tells whether a row meets a constraint as it is meant.
func (q *asked) holds(k *known, c *plan.Constraint) bool {
	if !q.meant.EqualOnly.Has(c.Column) {
		return k.holds(c)
	}
	turned := *c
	switch c.Op {
	case plan.Lt:
		turned.Op = plan.Gt
	case plan.Le:
		turned.Op = plan.Ge
	case plan.Gt:
		turned.Op = plan.Lt
	case plan.Ge:
		turned.Op = plan.Le
	case plan.Prefix: // a prefix is something else there
		v := fromValue(c.Value)
		return v != nil && k.columns[c.Column] != nil && compare(k.columns[c.Column], v) >= 0
	}
	return k.holds(&turned)
}

func (q *asked) inOrder(x, y *known) int {
	for _, o := range q.meant.Order {
		d := ordered(x.columns[o.Column], y.columns[o.Column])
		if o.Desc != q.meant.EqualOnly.Has(o.Column) {
			d = -d
		}
		if d != 0 {
			return d
		}
	}
	return 0
}

// askLater plans a query without its values, binds them, and compares with the rows
// that a scope shows.
func (a *asker) askLater(ctx context.Context, s provider.Scope, whole plan.Query, rows []*known) error {
	q := a.without(whole)
	chosen := plan.Choose(a.def, q.said)
	if chosen.Err != nil {
		return fmt.Errorf("a good query is refused: %w", chosen.Err)
	}
	var want []*known
	for _, k := range rows {
		if !slices.ContainsFunc(q.meant.Where, func(c plan.Constraint) bool { return !q.holds(k, &c) }) {
			want = append(want, k)
		}
	}
	for _, p := range append(chosen.Alternatives(), chosen) {
		b := p.Bind(q.values)
		err := b.Err
		if err == nil {
			err = a.keeps(p, b, &q)
		}
		if err == nil {
			err = a.runLater(ctx, s, b, &q, rows, want)
		}
		if err == nil {
			err = a.scan(ctx, s, b, &q.meant, rows, want)
		}
		if err != nil {
			return fmt.Errorf("%w\nwhere %s order %+v columns %v limit %d equality only %v\n%svalues %q\n%s",
				err, whereText(a.def, &q.meant), q.meant.Order, q.meant.Columns.List(), q.meant.Limit, q.meant.EqualOnly.List(), p.Explain(), q.values, b.Explain())
		}
		a.seen.Bound++
		if len(b.Unchecked()) > 0 {
			a.seen.Unchecked++
		}
	}
	return nil
}

// keeps makes sure that a plan with values is what the one without promised.
func (a *asker) keeps(p, b *plan.Plan, q *asked) error {
	if b.Path != p.Path {
		return fmt.Errorf("path %d was promised, and %d is taken", p.Path, b.Path)
	}
	if q.odd || p.Nothing {
		return nil
	}
	if b.Nothing || b.Reverse != p.Reverse || b.Ordered != p.Ordered || b.Limit != p.Limit || b.Covering != p.Covering || b.One != p.One ||
		!slices.Equal(b.Exact, p.Exact) || !slices.Equal(b.Columns, p.Columns) {
		return fmt.Errorf("what was promised without values is not kept with them")
	}
	return nil
}

// runLater compares the rows of a plan that is run whole, with what the plan does not
// check checked here.
func (a *asker) runLater(ctx context.Context, s provider.Scope, b *plan.Plan, q *asked, rows, want []*known) error {
	unchecked := b.Unchecked()
	rowOf := func(key []byte) *known {
		at, ok := slices.BinarySearchFunc(rows, key, func(k *known, key []byte) int { return bytes.Compare(k.key, key) })
		if !ok {
			return nil
		}
		return rows[at]
	}
	var keep func(provider.Cursor) bool
	if len(unchecked) > 0 {
		keep = func(c provider.Cursor) bool {
			k := rowOf(c.Key())
			return k == nil || !slices.ContainsFunc(unchecked, func(at int) bool { return !q.holds(k, &q.meant.Where[at]) })
		}
	}
	c, err := b.Run(ctx, a.t, s, keep)
	if err != nil {
		return err
	}
	defer c.Close()
	sorts := !b.Ordered && slices.ContainsFunc(q.meant.Order, func(o plan.OrderBy) bool {
		// Rows that have one value have one order.
		return q.meant.EqualOnly.Has(o.Column) && !slices.ContainsFunc(q.meant.Where, func(c plan.Constraint) bool { return c.Column == o.Column && c.Op == plan.Eq && !c.Fold })
	})
	n := len(want)
	if q.meant.Limit > 0 && !sorts {
		n = min(n, int(q.meant.Limit))
	}
	inTurn := slices.Clone(want)
	slices.SortStableFunc(inTurn, q.inOrder)
	left := map[string]bool{}
	for _, k := range want {
		left[string(k.key)] = true
	}
	at := 0
	for ; c.Next(); at++ {
		k := rowOf(c.Key())
		switch {
		case at >= n:
			return fmt.Errorf("more than %d rows", n)
		case k == nil || !left[string(k.key)]:
			return fmt.Errorf("row %q does not match, or comes twice", c.Key())
		case !sorts && q.inOrder(k, inTurn[at]) != 0:
			return fmt.Errorf("row %d is %q, out of order: want %q", at, c.Key(), inTurn[at].key)
		}
		delete(left, string(c.Key()))
		if err := a.values(c, k, q.meant.Columns); err != nil {
			return err
		}
	}
	if err := c.Close(); err != nil {
		return err
	}
	if at != n {
		return fmt.Errorf("%d rows, want %d", at, n)
	}
	return nil
}
