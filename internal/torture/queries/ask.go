package queries

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"

	"github.com/storegen/storegen/internal/madeup"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
)

// asker asks a table random queries.
type asker struct {
	*rand.Rand
	t    provider.Table
	def  *provider.TableDef
	seen *Seen
}

// Seen counts what was asked.
type Seen struct {
	Queries, Plans, Partial, Refused, Found, Exact, Sorted, Deleted, Bound, Unchecked int
}

func (a *asker) column() int {
	// Columns that paths are on come more often.
	if chance(a.Rand, 2) {
		return pick(a.Rand, pick(a.Rand, a.def.Paths).Columns).Column
	}
	return a.IntN(len(a.def.Columns))
}

// value is one for a column of a type, now and then null or of another kind.
func (a *asker) value(t *catalog.Type) provider.Value {
	switch a.IntN(60) {
	case 0:
		return provider.Value{}
	case 1:
		other := madeup.TypeOf(pick(a.Rand, madeup.InKeys).Kind)
		t = &other
	}
	if !t.Kind.Scalar() {
		return provider.JSON("{}") // a document of a struct or a map
	}
	v := scalar(a.Rand, t)
	if t.Kind == kind.Enum && chance(a.Rand, 3) {
		return provider.Enum(nil, int32(v.Int64())) // a number alone is as good
	}
	return v
}

func (a *asker) constraint() plan.Constraint {
	c := plan.Constraint{Column: a.column(), Op: plan.Op(1 + a.IntN(int(plan.NotNull)))}
	t := a.def.Columns[c.Column].Type
	text := t.Kind.Text()
	switch {
	case chance(a.Rand, 300):
		c.Column = pick(a.Rand, []int{-1, len(a.def.Columns), 1 << 30})
	case chance(a.Rand, 300):
		c.Op = pick(a.Rand, []plan.Op{-1, 0, plan.NotNull + 1})
	case a.def.Columns[c.Column].Document():
		// Documents are compared as texts, of which the oracle has none.
		if c.Op != plan.IsNull && c.Op != plan.NotNull {
			c.Op = plan.Contains
		}
		if t.Kind != kind.List && c.Op == plan.Contains && !chance(a.Rand, 20) {
			c.Op = plan.NotNull
		}
	case c.Op == plan.Contains, c.Op == plan.Prefix && !text:
		if !chance(a.Rand, 40) {
			c.Op = plan.Eq
		}
	}
	switch c.Op {
	case plan.IsNull, plan.NotNull:
		return c
	case plan.In:
		for range a.IntN(4) {
			c.Values = append(c.Values, a.value(t))
		}
		return c
	case plan.Contains:
		if t.Elem != nil {
			t = t.Elem
		}
	}
	c.Value = a.value(t)
	return c
}

// towards makes constraints by which a path may miss no row.
func (a *asker) towards(p provider.Path) []plan.Constraint {
	var out []plan.Constraint
	for _, pc := range p.Columns {
		t := a.def.Columns[pc.Column].Type
		switch {
		case pc.Each:
			out = append(out, plan.Constraint{Column: pc.Column, Op: plan.Contains, Value: a.value(t.Elem)})
		case p.Sparse.Has(pc.Column):
			out = append(out, plan.Constraint{Column: pc.Column, Op: plan.NotNull})
		}
	}
	if p.Where != nil {
		out = a.leaves(out, p.Where, false)
	}
	return out
}

// turned are the comparisons that hold where others do not.
var turned = map[catalog.Op]catalog.Op{
	catalog.Eq: catalog.Ne, catalog.Ne: catalog.Eq, catalog.Lt: catalog.Ge, catalog.Le: catalog.Gt, catalog.Gt: catalog.Le, catalog.Ge: catalog.Lt,
}

// leaves makes constraints like those that a condition, or its opposite, has on
// single columns: with its values, or others.
func (a *asker) leaves(out []plan.Constraint, e *catalog.Expr, not bool) []plan.Constraint {
	col := a.def.ColumnOf(e.Field)
	switch e.Op {
	case catalog.Not:
		return a.leaves(out, &e.Args[0], !not)
	case catalog.And, catalog.Or:
		for i := range e.Args {
			out = a.leaves(out, &e.Args[i], not)
		}
		return out
	case catalog.True:
		return append(out, plan.Constraint{Column: col, Op: plan.Eq, Value: provider.Bool(!not)})
	case catalog.Has:
		if not {
			return append(out, plan.Constraint{Column: col, Op: plan.IsNull})
		}
		return append(out, plan.Constraint{Column: col, Op: plan.NotNull})
	}
	if e.Args[0].Op != catalog.FieldOf || e.Args[1].Op != catalog.Lit {
		return out
	}
	if col = a.def.ColumnOf(e.Args[0].Field); col < 0 {
		return out
	}
	op := e.Op
	if not {
		op = turned[op]
	}
	t := a.def.Columns[col].Type
	c := plan.Constraint{Column: col, Op: map[catalog.Op]plan.Op{
		catalog.Eq: plan.Eq, catalog.Ne: plan.Gt, catalog.Lt: plan.Lt, catalog.Le: plan.Le, catalog.Gt: plan.Gt, catalog.Ge: plan.Ge,
	}[op]}
	v, err := kind.Of(t.Kind).ParseLit(&t.Params, e.Args[1].Lit)
	if err != nil {
		panic(err)
	}
	if c.Value = v; chance(a.Rand, 3) {
		c.Value = a.value(t)
	}
	return append(out, c)
}

func (a *asker) query() plan.Query {
	q := plan.Query{Stats: pick(a.Rand, []provider.Stats{{}, {Rows: 10, Known: true}, {Rows: 1e6, Known: true}})}
	if chance(a.Rand, 2) {
		q.Where = a.towards(pick(a.Rand, a.def.Paths))
	}
	for range a.IntN(4) {
		q.Where = append(q.Where, a.constraint())
	}
	for range a.IntN(3) {
		o := plan.OrderBy{Column: a.column(), Desc: chance(a.Rand, 2)}
		switch {
		case chance(a.Rand, 200):
			o.Column = pick(a.Rand, []int{-1, len(a.def.Columns)})
		case a.def.Columns[o.Column].Document():
			continue
		}
		q.Order = append(q.Order, o)
	}
	for range a.IntN(4) {
		q.Columns.Add(a.column())
	}
	if chance(a.Rand, 200) {
		q.Columns.Add(pick(a.Rand, []int{-1, len(a.def.Columns)}))
	}
	q.Limit = int64(max(0, a.IntN(8)-4))
	return q
}

// ask runs one query by every path and compares with the rows that a scope shows.
func (a *asker) ask(ctx context.Context, s provider.Scope, rows []*known) error {
	q := a.query()
	a.seen.Queries++
	chosen := plan.Choose(a.def, q)
	if wrong(a.def, &q) {
		a.seen.Refused++
		return a.refused(ctx, s, chosen)
	}
	if chosen.Err != nil {
		return fmt.Errorf("a good query is refused: %w", chosen.Err)
	}
	want := answer(rows, &q)
	if len(want) > 0 {
		a.seen.Found++
	}
	for _, p := range append(chosen.Alternatives(), chosen) {
		a.seen.Plans++
		if !p.Nothing && a.def.Paths[p.Path].Where != nil {
			a.seen.Partial++
		}
		err := a.run(ctx, s, p, &q, want)
		if err == nil {
			err = a.scan(ctx, s, p, &q, rows, want)
		}
		if err != nil {
			return fmt.Errorf("%w\nwhere %s order %+v columns %v limit %d\n%s", err, whereText(a.def, &q), q.Order, q.Columns.List(), q.Limit, p.Explain())
		}
	}
	return a.askLater(ctx, s, q, rows)
}

func whereText(def *provider.TableDef, q *plan.Query) string {
	out := ""
	for _, c := range q.Where {
		out += fmt.Sprintf("[%s %s %q %q] ", def.Columns[c.Column].Name, c.Op, c.Value, c.Values)
	}
	return out
}

// refused makes sure that a query that means nothing is an error, and has no rows.
func (a *asker) refused(ctx context.Context, s provider.Scope, p *plan.Plan) error {
	if !errors.Is(p.Err, engine.ErrInvalid) {
		return fmt.Errorf("a query that means nothing is planned: where %+v order %+v columns %v", p.Query.Where, p.Query.Order, p.Query.Columns.List())
	}
	if _, err := a.t.Scan(ctx, p.Request(s)); err == nil {
		return fmt.Errorf("a scan takes the request of a query that means nothing: %w", p.Err)
	}
	c, err := p.Run(ctx, a.t, s, nil)
	if err == nil {
		if c.Next() {
			return fmt.Errorf("a query that means nothing has a row: %w", p.Err)
		}
		err = c.Close()
	}
	if err == nil {
		return fmt.Errorf("a query that means nothing runs: %w", p.Err)
	}
	return nil
}

// run compares the rows of a plan that is run whole.
func (a *asker) run(ctx context.Context, s provider.Scope, p *plan.Plan, q *plan.Query, want []*known) error {
	c, err := p.Run(ctx, a.t, s, nil)
	if err != nil {
		return err
	}
	defer c.Close()
	if !p.Ordered {
		a.seen.Sorted++
	}
	n := len(want)
	if q.Limit > 0 {
		n = min(n, int(q.Limit))
	}
	if p.One && len(want) > 1 {
		return fmt.Errorf("one row is promised, and there are %d", len(want))
	}
	if p.Nothing && len(want) > 0 {
		return fmt.Errorf("no row is promised, and there are %d", len(want))
	}
	left := map[string]*known{}
	for _, k := range want {
		left[string(k.key)] = k
	}
	inTurn := slices.Clone(want)
	slices.SortStableFunc(inTurn, func(x, y *known) int { return inOrder(q, x, y) })
	at := 0
	for ; c.Next(); at++ {
		k := left[string(c.Key())]
		switch {
		case at >= n:
			return fmt.Errorf("more than %d rows", n)
		case k == nil:
			return fmt.Errorf("row %q does not match, or comes twice", c.Key())
		case inOrder(q, k, inTurn[at]) != 0:
			return fmt.Errorf("row %d is %q, out of order: want %q", at, c.Key(), inTurn[at].key)
		}
		delete(left, string(c.Key()))
		if err := a.values(c, k, q.Columns); err != nil {
			return err
		}
	}
	if err := c.Err(); err != nil {
		return err
	}
	if at != n {
		return fmt.Errorf("%d rows, want %d", at, n)
	}
	return a.hides(ctx, s, p, q, n)
}

// values compares what a cursor shows of a row.
func (a *asker) values(c provider.Cursor, k *known, columns provider.ColSet) error {
	for _, col := range columns.List() {
		got, want := fromValue(c.Value(col)), k.columns[col]
		if a.def.Columns[col].Document() {
			if got == nil && want != nil {
				return fmt.Errorf("%s of row %q is null", a.def.Columns[col].Name, k.key)
			}
			continue
		}
		if (got == nil) != (want == nil) || got != nil && compare(got, want) != 0 {
			return fmt.Errorf("%s of row %q is %v, want %v", a.def.Columns[col].Name, k.key, got, want)
		}
	}
	return nil
}

// hides makes sure that a cursor shows no column that the query did not ask for.
func (a *asker) hides(ctx context.Context, s provider.Scope, p *plan.Plan, q *plan.Query, n int) error {
	col := a.column()
	if n == 0 || q.Columns.Has(col) || !chance(a.Rand, 4) {
		return nil
	}
	c, err := p.Run(ctx, a.t, s, nil)
	if err != nil {
		return err
	}
	defer c.Close()
	if !c.Next() {
		return fmt.Errorf("no row: %w", c.Err())
	}
	if v := c.Value(col); !v.IsNull() {
		return fmt.Errorf("%s was not asked for, and is %s", a.def.Columns[col].Name, v)
	}
	if c.Next() || !errors.Is(c.Err(), engine.ErrInvalid) {
		return fmt.Errorf("%s was not asked for, and reading it is no error", a.def.Columns[col].Name)
	}
	return nil
}

// scan makes sure of what a plan says of its constraints: the path's ranges have
// all rows that the query is to find, and none that breaks a constraint that they
// serve.
func (a *asker) scan(ctx context.Context, s provider.Scope, p *plan.Plan, q *plan.Query, rows, want []*known) error {
	req := p.Request(s)
	req.Limit = 0
	c, err := a.t.Scan(ctx, req)
	if err != nil {
		return err
	}
	defer c.Close()
	there := map[string]bool{}
	for c.Next() {
		at, ok := slices.BinarySearchFunc(rows, c.Key(), func(k *known, key []byte) int { return bytes.Compare(k.key, key) })
		if !ok {
			return fmt.Errorf("the ranges have row %q, which is not there", c.Key())
		}
		if there[string(c.Key())] {
			return fmt.Errorf("the ranges have row %q twice", c.Key())
		}
		there[string(c.Key())] = true
		for i, exact := range p.Exact {
			if exact && !rows[at].holds(&q.Where[i]) {
				return fmt.Errorf("constraint %d is exact, and row %q breaks it", i, c.Key())
			}
		}
	}
	if err := c.Close(); err != nil {
		return err
	}
	if !slices.Contains(p.Exact, false) {
		a.seen.Exact++
	}
	for _, k := range want {
		if !there[string(k.key)] {
			return fmt.Errorf("the ranges miss row %q", k.key)
		}
	}
	return nil
}

// Add adds up.
func (s *Seen) Add(o Seen) {
	s.Queries += o.Queries
	s.Plans += o.Plans
	s.Partial += o.Partial
	s.Refused += o.Refused
	s.Found += o.Found
	s.Exact += o.Exact
	s.Sorted += o.Sorted
	s.Deleted += o.Deleted
	s.Bound += o.Bound
	s.Unchecked += o.Unchecked
}
