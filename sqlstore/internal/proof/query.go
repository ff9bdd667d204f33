package proof

import (
	"strconv"
	"strings"
)

// Expr is an expression: a text in which each $ stands for an argument and each @ for a
// subquery. One with a Lit is that value, and has neither.
type Expr struct {
	Form string
	Args []*Expr
	Sub  *Query
	Lit  *Value
	Bool bool // it is a condition, so that one of its arguments that is one can take its place
	Agg  bool // it stands for many rows, so that no argument can take its place
}

// Item is an expression that a query shows.
type Item struct {
	Expr *Expr
	As   string
}

// Source is a table or a query that rows come from.
type Source struct {
	Join  string // "," or what stands before it, as "left join"; "" for the first
	Table string // or
	Sub   *Query
	As    string
	On    *Expr
}

// Order is a term of ORDER BY: an item, by its position or by its text.
type Order struct {
	Item    int
	ByText  bool
	Desc    bool
	Nulls   string // "first", "last" or ""
	Collate string
}

// With is a query that has a name.
type With struct {
	Name string // with its columns, where it names them
	Hint string // "materialized" and the like
	Sub  *Query
}

// Compound is a query behind another.
type Compound struct {
	Op  string
	Sub *Query
}

// Query is a SELECT, in parts that can be dropped.
type Query struct {
	With          []With
	Distinct      bool
	Items         []Item
	From          []Source
	Where         *Expr
	Group         []*Expr
	Having        *Expr
	Compounds     []Compound
	Order         []Order
	Limit, Offset *Expr

	// Loose says that equal numbers of different types may take each other's place, as
	// where one row stands for several.
	Loose bool
	// Partial says that the order does not tell which rows a limit leaves.
	Partial bool
}

// writer writes a statement. With params, literals that can be are parameters.
type writer struct {
	b      strings.Builder
	params bool
	args   []*Value
}

// SQL is a query with its literals in it.
func (q *Query) SQL() string {
	var w writer
	w.query(q)
	return w.b.String()
}

// Prepared is a query with parameters, and the literals that they stand for.
func (q *Query) Prepared() (string, []*Value) {
	w := writer{params: true}
	w.query(q)
	return w.b.String(), w.args
}

func (w *writer) word(s string) { w.b.WriteString(s) }

func (w *writer) list(n int, each func(i int)) {
	for i := range n {
		if i > 0 {
			w.word(", ")
		}
		each(i)
	}
}

func (w *writer) query(q *Query) {
	if len(q.With) > 0 {
		w.word("with ")
		w.list(len(q.With), func(i int) {
			w.word(q.With[i].Name + " as " + q.With[i].Hint + " (")
			w.query(q.With[i].Sub)
			w.word(")")
		})
		w.word(" ")
	}
	w.word("select ")
	if q.Distinct {
		w.word("distinct ")
	}
	w.list(len(q.Items), func(i int) {
		w.expr(q.Items[i].Expr)
		if as := q.Items[i].As; as != "" {
			w.word(" as " + as)
		}
	})
	for i := range q.From {
		w.source(&q.From[i], i == 0)
	}
	w.clause(" where ", q.Where)
	if len(q.Group) > 0 {
		w.word(" group by ")
		w.list(len(q.Group), func(i int) { w.expr(q.Group[i]) })
	}
	w.clause(" having ", q.Having)
	for _, c := range q.Compounds {
		w.word(" " + c.Op + " ")
		w.query(c.Sub)
	}
	if len(q.Order) > 0 {
		w.word(" order by ")
		w.list(len(q.Order), func(i int) { w.order(q, &q.Order[i]) })
	}
	w.clause(" limit ", q.Limit)
	w.clause(" offset ", q.Offset)
}

func (w *writer) clause(word string, e *Expr) {
	if e != nil {
		w.word(word)
		w.expr(e)
	}
}

func (w *writer) source(s *Source, first bool) {
	if first {
		w.word(" from ")
	} else if s.Join == "," {
		w.word(", ")
	} else {
		w.word(" " + s.Join + " ")
	}
	if s.Sub != nil {
		w.word("(")
		w.query(s.Sub)
		w.word(")")
	} else {
		w.word(s.Table)
	}
	if s.As != "" {
		w.word(" as " + s.As)
	}
	if s.On != nil && !first {
		w.clause(" on ", s.On)
	}
}

func (w *writer) order(q *Query, o *Order) {
	if o.ByText {
		w.expr(q.Items[o.Item].Expr)
	} else {
		w.word(strconv.Itoa(o.Item + 1))
	}
	if o.Collate != "" {
		w.word(" collate " + o.Collate)
	}
	if o.Desc {
		w.word(" desc")
	}
	if o.Nulls != "" {
		w.word(" nulls " + o.Nulls)
	}
}

func (w *writer) expr(e *Expr) {
	if e.Lit != nil {
		if w.params {
			w.args = append(w.args, e.Lit)
			w.word("?")
			return
		}
		w.word(Literal(*e.Lit))
		return
	}
	arg := 0
	quote := byte(0) // $ and @ within quotes are themselves
	for i := 0; i < len(e.Form); i++ {
		c := e.Form[i]
		switch {
		case quote != 0:
			if c == quote {
				quote = 0
			}
			w.b.WriteByte(c)
		case c == '\'' || c == '"':
			quote = c
			w.b.WriteByte(c)
		case c == '$':
			w.expr(e.Args[arg])
			arg++
		case c == '@':
			w.query(e.Sub)
		default:
			w.b.WriteByte(c)
		}
	}
}

// clone is a copy that can be changed.
func (q *Query) clone() *Query {
	if q == nil {
		return nil
	}
	c := *q
	c.With = append([]With{}, q.With...)
	for i := range c.With {
		c.With[i].Sub = c.With[i].Sub.clone()
	}
	c.Items = append([]Item{}, q.Items...)
	for i := range c.Items {
		c.Items[i].Expr = c.Items[i].Expr.clone()
	}
	c.From = append([]Source{}, q.From...)
	for i := range c.From {
		c.From[i].Sub, c.From[i].On = c.From[i].Sub.clone(), c.From[i].On.clone()
	}
	c.Group = append([]*Expr{}, q.Group...)
	for i := range c.Group {
		c.Group[i] = c.Group[i].clone()
	}
	c.Compounds = append([]Compound{}, q.Compounds...)
	for i := range c.Compounds {
		c.Compounds[i].Sub = c.Compounds[i].Sub.clone()
	}
	c.Order = append([]Order{}, q.Order...)
	c.Where, c.Having, c.Limit, c.Offset = q.Where.clone(), q.Having.clone(), q.Limit.clone(), q.Offset.clone()
	return &c
}

func (e *Expr) clone() *Expr {
	if e == nil {
		return nil
	}
	c := *e
	c.Args = append([]*Expr{}, e.Args...)
	for i := range c.Args {
		c.Args[i] = c.Args[i].clone()
	}
	c.Sub = e.Sub.clone()
	if e.Lit != nil {
		v := *e.Lit
		c.Lit = &v
	}
	return &c
}
