package proof

import "strings"

// Shrink drops parts of a query for as long as it still fails.
func Shrink(q *Query, fails func(*Query) bool) *Query {
	for tries := 0; tries < 3000; {
		smaller := false
		for _, cut := range cuts(q) {
			c := q.clone()
			if !cut(c) {
				continue
			}
			if tries++; fails(c) {
				q, smaller = c, true
				break
			}
		}
		if !smaller {
			return q
		}
	}
	return q
}

// cuts are the changes that make a query smaller. One tells whether it did.
func cuts(q *Query) (out []func(*Query) bool) {
	n := 0
	visit(q, func(*Query) { n++ })
	for i := range n {
		for _, cut := range queryCuts {
			for at := range 12 {
				out = append(out, func(c *Query) bool { return cut(nth(c, i), at) })
			}
		}
	}
	exprs := 0
	visitExprs(q, func(**Expr) { exprs++ })
	for i := range exprs {
		for arg := range 4 {
			out = append(out, func(c *Query) bool { return lift(c, i, arg) })
		}
	}
	return out
}

// lift puts an argument of an expression in its place.
func lift(q *Query, at, arg int) (done bool) {
	n := 0
	visitExprs(q, func(slot **Expr) {
		e := *slot
		if n == at && !e.Agg && arg < len(e.Args) && (!e.Bool || e.Args[arg].Bool) {
			*slot, done = e.Args[arg], true
		}
		n++
	})
	return done
}

func nth(q *Query, i int) (out *Query) {
	visit(q, func(c *Query) {
		if i == 0 {
			out = c
		}
		i--
	})
	return out
}

// cut removes the element at a position.
func cut[T any](s *[]T, at, least int) bool {
	if at >= len(*s) || len(*s) <= least {
		return false
	}
	*s = append(append([]T{}, (*s)[:at]...), (*s)[at+1:]...)
	return true
}

func clear1(e **Expr, at int) bool {
	if *e == nil || at > 0 {
		return false
	}
	*e = nil
	return true
}

// queryCuts are what a query can lose, by position. A condition in the place of a query that
// gives rows would tell other things: they are cut by lift alone.
var queryCuts = []func(q *Query, at int) bool{
	func(q *Query, at int) bool { return cut(&q.Compounds, at, 0) },
	func(q *Query, at int) bool { return cut(&q.With, at, 0) },
	func(q *Query, at int) bool { return cut(&q.From, at+1, 1) },
	func(q *Query, at int) bool { return clear1(&q.Where, at) },
	func(q *Query, at int) bool { return clear1(&q.Having, at) },
	func(q *Query, at int) bool {
		return at < len(q.Group) && !shown(q, q.Group[at]) && cut(&q.Group, at, 1)
	},
	func(q *Query, at int) bool { return clear1(&q.Offset, at) },
	func(q *Query, at int) bool { return q.Offset == nil && clear1(&q.Limit, at) },
	func(q *Query, at int) bool { return q.Limit == nil && cut(&q.Order, at, 0) },
	func(q *Query, at int) bool {
		if at >= len(q.From) || q.From[at].Join != "left join" && q.From[at].Join != "join" {
			return false
		}
		return clear1(&q.From[at].On, 0)
	},
	func(q *Query, at int) bool {
		was := q.Distinct
		q.Distinct = false
		return was && at == 0
	},
	func(q *Query, at int) bool { // an item that nothing is ordered by
		if len(q.Compounds) > 0 || q.Limit != nil {
			return false
		}
		for i := range q.Order {
			if q.Order[i].Item == at {
				return false
			}
		}
		if !cut(&q.Items, at, 1) {
			return false
		}
		for i := range q.Order {
			if q.Order[i].Item > at {
				q.Order[i].Item--
			}
		}
		return true
	},
}

// shown reports whether a query shows an expression that it groups by.
func shown(q *Query, group *Expr) bool {
	for i := range q.Items {
		var w, g writer
		w.expr(q.Items[i].Expr)
		g.expr(group)
		if w.b.String() == g.b.String() {
			return true
		}
	}
	return q.Having != nil
}

// visit calls a function for a query and all that are in it.
func visit(q *Query, f func(*Query)) {
	f(q)
	for i := range q.With {
		if !strings.HasPrefix(q.With[i].Name, "recursive ") { // which would not end without its parts
			visit(q.With[i].Sub, f)
		}
	}
	for i := range q.From {
		if q.From[i].Sub != nil {
			visit(q.From[i].Sub, f)
		}
	}
	for i := range q.Compounds {
		visit(q.Compounds[i].Sub, f)
	}
	own(q, func(slot **Expr) {
		if (*slot).Sub != nil {
			visit((*slot).Sub, f)
		}
	})
}

// visitExprs calls a function for all expressions, those within others first.
func visitExprs(q *Query, f func(**Expr)) {
	visit(q, func(c *Query) { own(c, f) })
}

// own calls a function for the expressions of a query itself.
func own(q *Query, f func(**Expr)) {
	var walk func(slot **Expr)
	walk = func(slot **Expr) {
		if *slot == nil {
			return
		}
		for i := range (*slot).Args {
			walk(&(*slot).Args[i])
		}
		f(slot)
	}
	for i := range q.Items {
		walk(&q.Items[i].Expr)
	}
	for i := range q.From {
		walk(&q.From[i].On)
	}
	walk(&q.Where)
	for i := range q.Group {
		walk(&q.Group[i])
	}
	for _, slot := range []**Expr{&q.Having, &q.Limit, &q.Offset} {
		walk(slot)
	}
}
