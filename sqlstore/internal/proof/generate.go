package proof

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
)

// gen makes up queries over some tables.
type gen struct {
	*rand.Rand
	tables []*Table
	names  int // aliases that are in use
	subs   int // how many subqueries there may still be
	ranges int // predicates with a range that were made
	path   int // that the last directed predicates are for
}

// scope is a table with an alias of its own.
func (g *gen) scope(t *Table) *scoped {
	g.names++
	return &scoped{As: fmt.Sprintf("t%d", g.names), Columns: t.Columns, Table: t}
}

// query makes up a query.
func (g *gen) query() *Query {
	g.names, g.subs = 0, 1
	switch n := g.IntN(100); {
	case n < 42:
		return g.simple()
	case n < 60:
		return g.join()
	case n < 72:
		return g.grouped()
	case n < 77:
		return g.distinct()
	case n < 84:
		return g.compound()
	case n < 90:
		return g.window()
	case n < 97:
		return g.named()
	}
	return g.wrong()
}

func from(s *scoped) []Source {
	if s.Table == nil {
		return []Source{{Table: s.As}}
	}
	return []Source{{Table: s.Table.Name, As: s.As}}
}

// simple reads one table.
func (g *gen) simple() *Query {
	s := g.scope(pick(g.Rand, g.tables))
	in := []*scoped{s}
	q := &Query{From: from(s)}
	if g.IntN(10) > 0 {
		q.Where = g.where(in)
	} else {
		g.path = g.IntN(len(s.Table.Paths))
	}
	for range 1 + g.IntN(4) {
		q.Items = append(q.Items, Item{Expr: g.item(in)})
	}
	if chance(g.Rand, 6) {
		q.Items = []Item{{Expr: raw("count(*)")}}
		return q
	}
	if chance(g.Rand, 3) {
		g.pathOrder(q, s)
	} else {
		g.order(q, in)
	}
	return q
}

// pathOrder orders a query as a path does, or the other way round, and by the key behind it.
func (g *gen) pathOrder(q *Query, s *scoped) {
	reverse := chance(g.Rand, 2)
	columns := append([]PathColumn{}, s.Table.Paths[g.path%len(s.Table.Paths)].Columns...)
	for _, k := range s.Table.Key {
		columns = append(columns, PathColumn{Column: k})
	}
	text := chance(g.Rand, 2)
	for _, c := range columns {
		if c.Each {
			continue
		}
		q.Items = append(q.Items, Item{Expr: s.ref(c.Column).expr()})
		q.Order = append(q.Order, Order{Item: len(q.Items) - 1, Desc: c.Desc != reverse, ByText: text})
	}
	if g.IntN(3) > 0 {
		g.limit(q)
	} else if chance(g.Rand, 2) { // the key is not needed
		q.Order = q.Order[:1+g.IntN(len(q.Order))]
	}
}

func (g *gen) limit(q *Query) {
	q.Limit = lit(pick(g.Rand, []Value{int64(0), int64(1), int64(1), int64(2), int64(5), int64(10), int64(100), int64(-1)}))
	if chance(g.Rand, 3) {
		q.Offset = lit(pick(g.Rand, []Value{int64(0), int64(1), int64(3), int64(50)}))
	}
}

// order orders a query by some of its items, perhaps, and limits it where that tells which
// rows are left, or where the answer can be looked at all the same.
func (g *gen) order(q *Query, in []*scoped) {
	if chance(g.Rand, 3) {
		return
	}
	perm := g.Perm(len(q.Items))
	for _, i := range perm[:1+g.IntN(len(perm))] {
		q.Order = append(q.Order, g.term(q, i))
	}
	switch g.IntN(4) {
	case 0: // a total order: by all that is shown
		for _, i := range perm[len(q.Order):] {
			q.Order = append(q.Order, g.term(q, i))
		}
		for i := range q.Order {
			q.Order[i].Collate = ""
			if has(q.Items[q.Order[i].Item].Expr, isCollated) {
				q.Order[i].Collate, q.Partial = "nocase", true
			}
		}
		g.limit(q)
	case 1:
		g.limit(q)
		q.Partial = true
	}
}

func (g *gen) term(q *Query, i int) Order {
	o := Order{Item: i, Desc: chance(g.Rand, 2), Nulls: pick(g.Rand, []string{"", "", "", "first", "last"})}
	e := q.Items[i].Expr
	o.ByText = chance(g.Rand, 2) && len(q.Compounds) == 0 && !has(e, func(e *Expr) bool { return e.Lit != nil || e.Sub != nil })
	if has(e, isCollated) || chance(g.Rand, 10) {
		o.Collate = "nocase"
	}
	return o
}

func isCollated(e *Expr) bool { return strings.Contains(e.Form, "collate") }

// has reports whether an expression or a part of it is such a one.
func has(e *Expr, such func(*Expr) bool) bool {
	return such(e) || slices.ContainsFunc(e.Args, func(a *Expr) bool { return has(a, such) })
}

// item is something that a query shows.
func (g *gen) item(in []*scoped) *Expr {
	c := g.column(in)
	if g.IntN(3) > 0 {
		return c.expr()
	}
	return g.scalar(in, c, 2)
}

// scalar is an expression over a column that never fails.
func (g *gen) scalar(in []*scoped, c ref, depth int) *Expr {
	x := c.expr()
	if depth > 1 && chance(g.Rand, 4) {
		x = g.scalar(in, c, depth-1)
	}
	switch g.IntN(24) {
	case 0:
		return call("length($)", x)
	case 1:
		return call("upper($)", x)
	case 2:
		return call("typeof("+c.Text+")", x)
	case 3:
		return call("coalesce($, $)", x, g.column(in).expr())
	case 4:
		return call("($ || $)", x, g.literal(c.Column))
	case 5:
		return call("($ + 1)", x)
	case 6:
		return call("($ * $)", x, g.literal(c.Column))
	case 7:
		return call("substr($, 2, 3)", x)
	case 8:
		return call("nullif($, $)", x, g.literal(c.Column))
	case 9:
		return call("case when $ then $ else $ end", g.predicate(in, 0), x, g.column(in).expr())
	case 10:
		return call("cast($ as "+pick(g.Rand, []string{"integer", "text", "real", "blob", "numeric"})+")", x)
	case 11:
		return call("hex($)", x)
	case 12:
		return call("quote($)", x)
	case 13:
		return call("($ = $)", x, g.literal(c.Column))
	case 14:
		return call("instr($, $)", x, g.literal(c.Column))
	case 15:
		return call("iif($, $, $)", g.predicate(in, 0), x, g.literal(c.Column))
	case 16:
		return call("(-$)", x)
	case 17:
		return call("trim($)", x)
	case 18:
		return call("($ is null)", x)
	case 19:
		return call("$ collate nocase", x)
	case 20:
		if c.List {
			return call("json_array_length($)", c.expr())
		}
	case 21:
		return call("replace($, 'a', 'bb')", x)
	case 22:
		if g.subs > 0 {
			return g.scalarQuery(in, c)
		}
	}
	return call("ifnull($, $)", x, g.literal(c.Column))
}

// scalarQuery is a query of one value of another table.
func (g *gen) scalarQuery(in []*scoped, c ref) *Expr {
	g.subs--
	s := g.scope(pick(g.Rand, g.tables))
	d := g.likeColumn([]*scoped{s}, c.Column)
	q := &Query{From: from(s), Where: cond(d.Text + " " + pick(g.Rand, []string{"=", "=", "<"}) + " " + c.Text)}
	show := g.column([]*scoped{s})
	if chance(g.Rand, 3) {
		q.Items = []Item{{Expr: show.expr()}}
		for _, k := range s.Table.Key {
			q.Items = append(q.Items, Item{Expr: s.ref(k).expr()})
			q.Order = append(q.Order, Order{Item: len(q.Items) - 1, ByText: true, Desc: chance(g.Rand, 2)})
		}
		q.Limit = lit(int64(1))
		// Only the first item is the value.
		inner := &Query{Items: []Item{{Expr: raw("x")}}, From: []Source{{Sub: q, As: "one"}}}
		q.Items[0].As = "x"
		return &Expr{Form: "(@)", Sub: inner}
	}
	q.Items = []Item{{Expr: agg(pick(g.Rand, []string{"max($)", "min($)", "count($)"}), show.expr())}}
	return &Expr{Form: "(@)", Sub: q}
}

// joinOn is how a source is joined to those before it.
func (g *gen) joinOn(before []*scoped, s *scoped) *Expr {
	i := g.IntN(len(s.Columns))
	if p := pick(g.Rand, s.Table.Paths); g.IntN(3) > 0 && !p.Columns[0].Each {
		i = p.Columns[0].Column
	}
	d := s.ref(i)
	c := g.likeColumn(before, d.Column)
	on := cond(c.Text + " = " + d.Text)
	if chance(g.Rand, 2) {
		on = cond(d.Text + " = " + c.Text)
	}
	switch g.IntN(8) {
	case 0:
		on = cond(d.Text + pick(g.Rand, []string{" is ", " == "}) + c.Text)
	case 1, 2:
		on = and(on, g.predicate([]*scoped{s}, 0))
	case 3:
		e := s.ref(g.IntN(len(s.Columns)))
		on = and(on, cond(g.likeColumn(before, e.Column).Text+" "+pick(g.Rand, []string{"=", "<=", ">"})+" "+e.Text))
	}
	return on
}

// join reads several tables.
func (g *gen) join() *Query {
	first := g.scope(pick(g.Rand, g.tables))
	in := []*scoped{first}
	q := &Query{From: from(first)}
	size := first.Table.Rows
	for range 1 + g.IntN(2) {
		s := g.scope(pick(g.Rand, g.tables))
		src := Source{Join: pick(g.Rand, []string{"join", "join", "left join", "left join", "cross join", "right join", "full join"}), Table: s.Table.Name, As: s.As}
		size *= s.Table.Rows
		if g.IntN(6) > 0 || size > 2000 || src.Join == "full join" || src.Join == "right join" {
			src.On = g.joinOn(in, s)
		} else if d := s.ref(g.IntN(len(s.Columns))); chance(g.Rand, 2) {
			g.ranges++
			c := g.likeColumn(in, d.Column)
			src.On = cond("$ and $", cond(d.Text+" >= "+c.Text), cond(d.Text+" < $", g.literal(c.Column)))
		} else {
			src.Join = ","
		}
		in = append(in, s)
		q.From = append(q.From, src)
	}
	if g.IntN(3) > 0 {
		q.Where = g.where(in)
	}
	for range 1 + g.IntN(4) {
		q.Items = append(q.Items, Item{Expr: g.item(in)})
	}
	switch g.IntN(8) {
	case 0:
		q.Items = []Item{{Expr: raw("count(*)")}}
		return q
	case 1:
		q.Items = append(q.Items, Item{Expr: raw(in[len(in)-1].As + ".*")})
		return q
	}
	g.order(q, in)
	return q
}

// aggregate is a value of many rows whose order does not matter.
func (g *gen) aggregate(in []*scoped) *Expr {
	c := g.column(in)
	filter := ""
	var args []*Expr
	if chance(g.Rand, 6) {
		filter = " filter (where $)"
		args = []*Expr{g.predicate(in, 0)}
	}
	switch n := g.IntN(9); {
	case n == 0:
		return agg("count(*)"+filter, args...)
	case n == 1:
		return agg("count(distinct "+c.Text+")"+filter, args...)
	case n == 2:
		return agg("group_concat("+c.Text+", ',' order by "+c.Text+")"+filter, args...)
	case n < 6:
		return agg(pick(g.Rand, []string{"min(", "max("})+c.Text+")"+filter, args...)
	case n < 8 && c.Small():
		return agg(pick(g.Rand, []string{"sum(", "total(", "avg("})+c.Text+")"+filter, args...)
	}
	return agg("count("+c.Text+")"+filter, args...)
}

// grouped makes groups of rows, or one of all.
func (g *gen) grouped() *Query {
	s := g.scope(pick(g.Rand, g.tables))
	in := []*scoped{s}
	q := &Query{From: from(s), Loose: true}
	if chance(g.Rand, 4) {
		t := g.scope(pick(g.Rand, g.tables))
		q.From = append(q.From, Source{Join: "join", Table: t.Table.Name, As: t.As, On: g.joinOn(in, t)})
		in = append(in, t)
	}
	if g.IntN(3) > 0 {
		q.Where = g.where(in)
	}
	if g.IntN(4) > 0 {
		for range 1 + g.IntN(2) {
			e := g.column(in).expr()
			if chance(g.Rand, 5) {
				e = raw("(" + g.column(in).Text + " is null)")
			}
			q.Group = append(q.Group, e)
			q.Items = append(q.Items, Item{Expr: e.clone()})
		}
	}
	for range 1 + g.IntN(3) {
		q.Items = append(q.Items, Item{Expr: g.aggregate(in)})
	}
	if len(q.Group) > 0 && chance(g.Rand, 3) {
		q.Having = pick(g.Rand, []*Expr{cond("count(*) > 1"), cond("count(*) <= $", lit(int64(2))), cond("$ is not null", g.aggregate(in)), cond("$ > $", g.aggregate(in), lit(int64(1)))})
	}
	if len(q.Group) > 0 {
		g.order(q, in)
	}
	return q
}

func (g *gen) distinct() *Query {
	s := g.scope(pick(g.Rand, g.tables))
	in := []*scoped{s}
	q := &Query{From: from(s), Distinct: true, Loose: true}
	for range 1 + g.IntN(2) {
		q.Items = append(q.Items, Item{Expr: g.column(in).expr()})
	}
	if g.IntN(3) > 0 {
		q.Where = g.where(in)
	}
	g.order(q, in)
	return q
}

// compound puts answers of several queries together.
func (g *gen) compound() *Query {
	s := g.scope(pick(g.Rand, g.tables))
	in := []*scoped{s}
	q := &Query{From: from(s), Where: g.where(in), Loose: true}
	var columns []ref
	for range 1 + g.IntN(2) {
		c := g.column(in)
		columns = append(columns, c)
		q.Items = append(q.Items, Item{Expr: c.expr()})
	}
	for range 1 + g.IntN(2) {
		o := g.scope(pick(g.Rand, g.tables))
		sub := &Query{From: from(o)}
		for _, c := range columns {
			sub.Items = append(sub.Items, Item{Expr: g.likeColumn([]*scoped{o}, c.Column).expr()})
		}
		if g.IntN(3) > 0 {
			sub.Where = g.where([]*scoped{o})
		}
		q.Compounds = append(q.Compounds, Compound{pick(g.Rand, []string{"union", "union all", "except", "intersect"}), sub})
	}
	g.order(q, in)
	return q
}

// window looks at the rows around a row.
func (g *gen) window() *Query {
	s := g.scope(pick(g.Rand, g.tables))
	in := []*scoped{s}
	q := &Query{From: from(s), Loose: true}
	if g.IntN(3) > 0 {
		q.Where = g.where(in)
	}
	var key []string
	desc := pick(g.Rand, []string{"", " desc"})
	for _, k := range s.Table.Key {
		key = append(key, s.ref(k).Text+desc)
	}
	total := strings.Join(key, ", ")
	c, by := g.column(in), g.column(in)
	part := ""
	if chance(g.Rand, 2) {
		part = "partition by " + g.column(in).Text + " "
	}
	small := "count(" + c.Text + ")"
	if c.Small() {
		small = "sum(" + c.Text + ")"
	}
	for range 1 + g.IntN(2) {
		q.Items = append(q.Items, Item{Expr: agg(pick(g.Rand, []string{
			"row_number() over (" + part + "order by " + total + ")",
			"row_number() over (" + part + "order by " + by.Text + ", " + total + ")",
			"rank() over (" + part + "order by " + by.Text + desc + ")",
			"dense_rank() over (order by " + by.Text + ")",
			"ntile(3) over (order by " + total + ")",
			"lag(" + c.Text + ") over (" + part + "order by " + total + ")",
			"lead(" + c.Text + ", 2) over (order by " + total + ")",
			"first_value(" + c.Text + ") over (" + part + "order by " + total + ")",
			"count(*) over (" + part + ")",
			small + " over (" + part + "order by " + by.Text + ")",
			"max(" + c.Text + ") over (order by " + total + " rows between 2 preceding and 1 following)",
			small + " over (order by " + total + " rows between 1 preceding and current row)",
		}))})
	}
	for _, k := range s.Table.Key {
		q.Items = append(q.Items, Item{Expr: s.ref(k).expr()})
	}
	g.order(q, in)
	return q
}

// named reads a query that has a name, or stands in the place of a table.
func (g *gen) named() *Query {
	if chance(g.Rand, 6) {
		s := g.scope(pick(g.Rand, g.tables))
		c := g.column([]*scoped{s})
		q := &Query{Items: []Item{{Expr: raw("n.x")}, {Expr: g.column([]*scoped{s}).expr()}},
			From: []Source{{Table: "n"}, {Join: pick(g.Rand, []string{"join", "left join"}), Table: s.Table.Name, As: s.As, On: cond(c.Text + " = n.x")}}}
		q.With = []With{{Name: "recursive n(x)", Sub: &Query{Items: []Item{{Expr: raw("-1")}},
			Compounds: []Compound{{"union all", &Query{Items: []Item{{Expr: raw("x + 1")}}, From: []Source{{Table: "n"}}, Where: cond("x < 6")}}}}}}
		return q
	}
	s := g.scope(pick(g.Rand, g.tables))
	sub := &Query{From: from(s)}
	if g.IntN(3) > 0 {
		sub.Where = g.where([]*scoped{s})
	}
	view := &scoped{As: "v"}
	for i := range 2 + g.IntN(3) {
		c := g.column([]*scoped{s})
		name := fmt.Sprintf("c%d", i)
		sub.Items = append(sub.Items, Item{Expr: c.expr(), As: name})
		view.Columns = append(view.Columns, Column{Name: name, Kind: c.Kind, List: c.List, Samples: c.Samples})
	}
	q := &Query{}
	in := []*scoped{view}
	if chance(g.Rand, 2) {
		q.With = []With{{Name: "v", Hint: pick(g.Rand, []string{"", "materialized", "not materialized"}), Sub: sub}}
		q.From = []Source{{Table: "v"}}
	} else {
		q.From = []Source{{Sub: sub, As: "v"}}
	}
	if chance(g.Rand, 2) {
		t := g.scope(pick(g.Rand, g.tables))
		q.From = append(q.From, Source{Join: pick(g.Rand, []string{"join", "left join"}), Table: t.Table.Name, As: t.As, On: g.joinOn(in, t)})
		in = append(in, t)
	}
	if g.IntN(3) > 0 {
		q.Where = g.where(in)
	}
	if chance(g.Rand, 4) {
		q.Loose = true
		q.Items = []Item{{Expr: g.aggregate(in)}, {Expr: g.aggregate(in)}}
		return q
	}
	for range 1 + g.IntN(3) {
		q.Items = append(q.Items, Item{Expr: g.item(in)})
	}
	g.order(q, in)
	return q
}

// wrong is a query that fails, wherever it is asked.
func (g *gen) wrong() *Query {
	s := g.scope(pick(g.Rand, g.tables))
	c := s.ref(g.IntN(len(s.Columns)))
	q := &Query{Items: []Item{{Expr: c.expr()}}, From: from(s)}
	switch g.IntN(9) {
	case 0:
		q.Items[0].Expr = raw("nothing")
	case 1:
		q.From[0].Table = "nothing"
	case 2:
		q.Limit = lit("x")
		q.Partial = true
	case 3:
		q.Items[0].Expr = raw("length(" + c.Text + ", 1, 2)")
	case 4:
		q.Where = cond(c.Text + " in (select 1, 2)")
	case 5:
		q.Where = cond("max(" + c.Text + ") > 1")
	case 6:
		q.Where = cond("json(" + c.Text + ") is not null")
	case 7:
		q.Where = cond("abs(-9223372036854775807 - ("+c.Text+" is "+c.Text+")) > $", lit(int64(0)))
	case 8:
		q.Items[0].Expr = raw("ambiguous")
		q.Where = cond("(" + c.Text + ", 1) = 5")
	}
	return q
}
