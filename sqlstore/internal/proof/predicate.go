package proof

import (
	"strings"

	"github.com/storegen/storegen/runtime/kind"
)

// ref is a column of a source, as an expression names it.
type ref struct {
	*Column
	Of   *scoped
	Text string
}

// scoped is a source whose columns an expression can name.
type scoped struct {
	As      string
	Columns []Column
	Table   *Table // nil for a query
}

func (s *scoped) ref(i int) ref {
	return ref{&s.Columns[i], s, s.As + "." + s.Columns[i].Name}
}

func (r ref) expr() *Expr { return raw(r.Text) }

func raw(form string) *Expr { return &Expr{Form: form} }

func call(form string, args ...*Expr) *Expr { return &Expr{Form: form, Args: args} }

func cond(form string, args ...*Expr) *Expr { return &Expr{Form: form, Args: args, Bool: true} }

func agg(form string, args ...*Expr) *Expr { return &Expr{Form: form, Args: args, Agg: true} }

func (g *gen) column(in []*scoped) ref {
	s := pick(g.Rand, in)
	return s.ref(g.IntN(len(s.Columns)))
}

// like is a column of the same kind as another, if there is one.
func (g *gen) likeColumn(in []*scoped, as *Column) ref {
	for range 8 {
		if c := g.column(in); c.Kind == as.Kind && c.List == as.List {
			return c
		}
	}
	return g.column(in)
}

// where is a condition of a few predicates.
func (g *gen) where(in []*scoped) *Expr {
	var parts []*Expr
	if g.IntN(5) > 1 {
		parts = append(parts, g.directed(in)...)
	}
	for len(parts) == 0 || g.IntN(4) == 0 && len(parts) < 5 {
		parts = append(parts, g.predicate(in, 2))
	}
	if g.IntN(6) == 0 { // by several ways
		other := g.directed(in)
		if len(other) == 0 {
			other = []*Expr{g.predicate(in, 1)}
		}
		return cond("($ or $)", joined(" and ", parts), joined(" and ", other))
	}
	return joined(" and ", parts)
}

func joined(word string, parts []*Expr) *Expr {
	if len(parts) == 1 {
		return parts[0]
	}
	return cond("($"+strings.Repeat(word+"$", len(parts)-1)+")", parts...)
}

// directed are predicates that a path of a table can serve: equality on some columns, then
// perhaps a range.
func (g *gen) directed(in []*scoped) (out []*Expr) {
	s := pick(g.Rand, in)
	if s.Table == nil {
		return nil
	}
	g.path = g.IntN(len(s.Table.Paths))
	p := &s.Table.Paths[g.path]
	for _, pc := range p.Columns {
		c := s.ref(pc.Column)
		if pc.Each {
			out = append(out, cond("exists (select 1 from json_each("+list(c)+") as j where j.value = $)", lit("a")))
			continue
		}
		switch n := g.IntN(10); {
		case pc.Fold && n < 7:
			out = append(out, g.anyCase(c))
		case n < 6:
			out = append(out, g.equality(c))
			if n < 2 && chance(g.Rand, 2) {
				return out
			}
		default:
			return append(out, g.ranged(c)...)
		}
	}
	return out
}

// anyCase asks for a text in any letter case.
func (g *gen) anyCase(c ref) *Expr {
	switch g.IntN(6) {
	case 0:
		return cond(c.Text+" like $", lit(g.pattern(c.Column, false)))
	case 1:
		return cond(c.Text+" collate nocase in ($, $, $)", g.literal(c.Column), g.literal(c.Column), g.literal(c.Column))
	case 2:
		return cond(c.Text+" collate nocase is $", g.literal(c.Column))
	case 3:
		return cond(c.Text+" collate nocase "+pick(g.Rand, comparisons)+" $", g.literal(c.Column))
	}
	return cond(c.Text+" = $ collate nocase", g.literal(c.Column))
}

// list is a column of a document, for functions that fail with what is none: SQLite may give
// them what the column is compared with in its place.
func list(c ref) string { return "iif(json_valid(" + c.Text + "), " + c.Text + ", '[]')" }

// equality asks for one value or some.
func (g *gen) equality(c ref) *Expr {
	switch g.IntN(12) {
	case 0:
		return cond("$ = $", g.literal(c.Column), c.expr())
	case 1:
		return cond(c.Text+" is $", g.literal(c.Column))
	case 2:
		return cond(c.Text + " is null")
	case 3, 4, 5:
		return g.in(c)
	case 6:
		v := g.literal(c.Column)
		w := g.literal(c.Column)
		return cond("("+c.Text+" = $ or "+c.Text+" = $)", v, w)
	}
	return cond(c.Text+" = $", g.literal(c.Column))
}

func (g *gen) in(c ref) *Expr {
	var args []*Expr
	for range g.IntN(5) {
		args = append(args, g.literal(c.Column))
	}
	if len(args) > 0 && chance(g.Rand, 5) {
		args[0] = lit(nil)
	}
	form := strings.TrimSuffix(strings.Repeat("$, ", len(args)), ", ")
	return cond(c.Text+pick(g.Rand, []string{" in (", " in (", " in (", " not in ("})+form+")", args...)
}

// ranged asks for values between bounds.
func (g *gen) ranged(c ref) []*Expr {
	g.ranges++
	low, high := g.literal(c.Column), g.literal(c.Column)
	n := g.IntN(7)
	if c.Kind == kind.String && chance(g.Rand, 3) {
		n = 3
	}
	switch n {
	case 0:
		return []*Expr{cond(c.Text+" between $ and $", low, high)}
	case 1:
		return []*Expr{cond(c.Text+" "+pick(g.Rand, []string{">", ">="})+" $", low), cond(c.Text+" "+pick(g.Rand, []string{"<", "<="})+" $", high)}
	case 2:
		return []*Expr{cond("$ "+pick(g.Rand, comparisons)+" "+c.Text, low)}
	case 3:
		glob := chance(g.Rand, 2)
		if glob {
			return []*Expr{cond(c.Text+" glob $", lit(g.pattern(c.Column, true)))}
		}
		return []*Expr{cond(c.Text+" like $", lit(g.pattern(c.Column, false)))}
	}
	return []*Expr{cond(c.Text+" "+pick(g.Rand, comparisons)+" $", low)}
}

var comparisons = []string{"<", "<=", ">", ">="}

// predicate is a condition of any form.
func (g *gen) predicate(in []*scoped, depth int) *Expr {
	c := g.column(in)
	switch g.IntN(24) {
	case 0, 1:
		if depth > 0 {
			return cond("($ "+pick(g.Rand, []string{"or", "or", "and"})+" $)", g.predicate(in, depth-1), g.predicate(in, depth-1))
		}
	case 2:
		if depth > 0 {
			return cond("not ($)", g.predicate(in, depth-1))
		}
	case 3, 4, 5:
		return joined(" and ", g.ranged(c))
	case 6:
		return cond(c.Text + pick(g.Rand, []string{" is null", " is not null", " notnull", " isnull"}))
	case 7:
		return cond(c.Text+pick(g.Rand, []string{" is $", " is not $", " <> $", " != $", " is distinct from $", " is not distinct from $", " == $"}), g.literal(c.Column))
	case 8:
		return g.in(c)
	case 9:
		d := g.likeColumn(in, c.Column)
		return cond(c.Text + " " + pick(g.Rand, []string{"=", "<", ">=", "is", "<>"}) + " " + d.Text)
	case 10:
		return cond(c.Text+" "+pick(g.Rand, []string{"=", "<", ">", "<="})+" $ collate "+pick(g.Rand, []string{"nocase", "binary", "rtrim"}), g.literal(c.Column))
	case 11:
		return cond(c.Text+" collate "+pick(g.Rand, []string{"nocase", "binary", "rtrim"})+" "+pick(g.Rand, []string{"=", "<", ">"})+" $", g.literal(c.Column))
	case 12:
		return g.rows(in, c)
	case 13:
		not := pick(g.Rand, []string{"", "not "})
		if chance(g.Rand, 3) {
			return cond(c.Text+" "+not+"like $ escape '\\'", lit(escaped(g.pattern(c.Column, false))))
		}
		return cond(c.Text+" "+not+"like $", lit(g.pattern(c.Column, false)))
	case 14:
		return cond(c.Text+" "+pick(g.Rand, []string{"", "not "})+"glob $", lit(g.pattern(c.Column, true)))
	case 15:
		return cond("$ "+pick(g.Rand, []string{"=", "<", ">", "is"})+" $", g.scalar(in, c, 1), g.literal(c.Column))
	case 16:
		return cond(c.Text+" not between $ and $", g.literal(c.Column), g.literal(c.Column))
	case 17, 18:
		if g.subs > 0 {
			return g.subquery(in, c)
		}
	case 19:
		if c.List || c.Kind == kind.JSON {
			return cond(pick(g.Rand, []string{"$ in (select value from json_each(" + list(c) + "))", "json_extract(" + list(c) + ", '$[0]') = $", "json_array_length(" + list(c) + ") > $"}), g.literal(&Column{}))
		}
	case 20:
		return cond("+"+c.Text+" = $", g.literal(c.Column))
	case 21:
		return cond("case when $ then $ else $ end", g.predicate(in, 0), g.predicate(in, 0), g.predicate(in, 0))
	}
	return g.equality(c)
}

// escaped puts an escape before some signs of a pattern.
func escaped(s string) string {
	return strings.NewReplacer("_", `\_`, `\`, `\\`).Replace(s)
}

// rows compares several columns at once.
func (g *gen) rows(in []*scoped, c ref) *Expr {
	d := c.Of.ref(g.IntN(len(c.Of.Columns)))
	if t := c.Of.Table; t != nil && chance(g.Rand, 2) {
		if p := pick(g.Rand, t.Paths); len(p.Columns) > 1 {
			c, d = c.Of.ref(p.Columns[0].Column), c.Of.ref(p.Columns[1].Column)
		}
	}
	two := "(" + c.Text + ", " + d.Text + ")"
	if chance(g.Rand, 3) {
		return cond(two+" in (values ($, $), ($, $))", g.literal(c.Column), g.literal(d.Column), g.literal(c.Column), g.literal(d.Column))
	}
	g.ranges++
	return cond(two+" "+pick(g.Rand, []string{"=", "<", "<=", ">", ">=", "is", "<>"})+" ($, $)", g.literal(c.Column), g.literal(d.Column))
}

// subquery is a condition with a query of another table in it.
func (g *gen) subquery(in []*scoped, c ref) *Expr {
	g.subs--
	s := g.scope(pick(g.Rand, g.tables))
	d := g.likeColumn([]*scoped{s}, c.Column)
	q := &Query{Items: []Item{{Expr: d.expr()}}, From: []Source{{Table: s.Table.Name, As: s.As}}}
	if chance(g.Rand, 2) {
		q.Where = g.where([]*scoped{s})
	}
	switch g.IntN(5) {
	case 0, 1:
		return &Expr{Form: c.Text + pick(g.Rand, []string{" in (@)", " in (@)", " not in (@)"}), Sub: q, Bool: true}
	case 2, 3:
		q.Items = []Item{{Expr: raw("1")}}
		on := cond(d.Text + " " + pick(g.Rand, []string{"=", "=", "=", "<", "is"}) + " " + c.Text)
		q.Where = and(on, q.Where)
		return &Expr{Form: pick(g.Rand, []string{"exists (@)", "not exists (@)"}), Sub: q, Bool: true}
	}
	q.Items = []Item{{Expr: agg(pick(g.Rand, []string{"max", "min"})+"($)", d.expr())}}
	if chance(g.Rand, 2) {
		e := g.column(in)
		q.Where = and(cond(g.likeColumn([]*scoped{s}, e.Column).Text+" = "+e.Text), q.Where)
	}
	return &Expr{Form: c.Text + " " + pick(g.Rand, []string{"=", "<", ">", "<>"}) + " (@)", Sub: q, Bool: true}
}

func and(a, b *Expr) *Expr {
	if b == nil {
		return a
	}
	return cond("($ and $)", a, b)
}
