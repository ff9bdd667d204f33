package plan

import (
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// facts are constraints that are known to hold, to conclude others from. The
// conclusions are sound and not complete: false means "not seen".
type facts struct {
	def  *provider.TableDef
	list []Constraint
}

// notNull reports whether a column is never null where the facts hold.
func (f *facts) notNull(column int) bool {
	if !f.def.Columns[column].Nullable {
		return true
	}
	for i := range f.list {
		if c := &f.list[i]; c.Column == column && c.Op != IsNull {
			return true // no other operator holds for a null
		}
	}
	return false
}

// implies reports whether a constraint holds for all rows that meet the facts.
func (f *facts) implies(c *Constraint) bool {
	if c.Op == NotNull {
		return f.notNull(c.Column)
	}
	for i := range f.list {
		if g := &f.list[i]; g.Column == c.Column && implies(g, c) {
			return true
		}
	}
	return false
}

// refutes reports whether a constraint holds for no row that meets the facts.
func (f *facts) refutes(c *Constraint) bool {
	if c.Op == IsNull {
		return f.notNull(c.Column)
	}
	for i := range f.list {
		if g := &f.list[i]; g.Column == c.Column && refutes(g, c) {
			return true
		}
	}
	return false
}

// implies reports whether c holds wherever g does, both on one column.
func implies(g, c *Constraint) bool {
	if g.dark() || c.dark() {
		return false // that g excludes nulls is seen elsewhere
	}
	switch g.Op {
	case IsNull:
		return c.Op == IsNull
	case Eq:
		return c.Holds(g.Value)
	case In:
		for _, v := range g.Values {
			if !v.IsNull() && !c.Holds(v) {
				return false
			}
		}
		return true
	case Contains:
		return c.Op == Contains && equal(g.Value, c.Value)
	}
	if c.Op == NotNull {
		return true
	}
	if g.Value.Kind() != c.Value.Kind() || g.Value.IsNull() {
		return false
	}
	order := g.Value.Compare(c.Value)
	switch {
	case g.Op == Prefix:
		return (c.Op == Prefix || c.Op == Ge) && c.Holds(g.Value)
	case c.Op == Gt:
		return g.Op == Gt && order >= 0 || g.Op == Ge && order > 0
	case c.Op == Ge:
		return (g.Op == Gt || g.Op == Ge) && order >= 0
	case c.Op == Lt:
		return g.Op == Lt && order <= 0 || g.Op == Le && order < 0
	case c.Op == Le:
		return (g.Op == Lt || g.Op == Le) && order <= 0
	}
	return false
}

// refutes reports whether c holds nowhere that g does, both on one column.
func refutes(g, c *Constraint) bool {
	if g.dark() || c.dark() {
		return g.Op == IsNull
	}
	switch g.Op {
	case IsNull:
		return c.Op != IsNull
	case Eq:
		return !c.Holds(g.Value)
	case In:
		for _, v := range g.Values {
			if !v.IsNull() && c.Holds(v) {
				return false
			}
		}
		return true
	}
	// Two bounds that look away from each other.
	if g.Value.IsNull() || g.Value.Kind() != c.Value.Kind() {
		return false
	}
	order := g.Value.Compare(c.Value)
	above := g.Op == Gt || g.Op == Ge
	below := g.Op == Lt || g.Op == Le
	switch c.Op {
	case Eq:
		return (above || below) && !g.Holds(c.Value)
	case Lt, Le:
		return above && (order > 0 || order == 0 && !(g.Op == Ge && c.Op == Le))
	case Gt, Ge:
		return below && (order < 0 || order == 0 && !(g.Op == Le && c.Op == Ge))
	}
	return false
}

// impliesExpr reports whether a condition of the schema holds for all rows that
// meet the facts.
func (f *facts) impliesExpr(e *catalog.Expr) bool {
	switch e.Op {
	case catalog.And:
		return every(e.Args, f.impliesExpr)
	case catalog.Or:
		return some(e.Args, f.impliesExpr)
	case catalog.Not:
		return len(e.Args) == 1 && f.refutesExpr(&e.Args[0])
	case catalog.Ne:
		c, ok := comparison(f.def, e, Eq)
		return ok && f.refutes(&c) // also where the column is null
	}
	c, ok := leaf(f.def, e)
	return ok && f.implies(&c)
}

// refutesExpr reports whether a condition holds for no row that meets the facts.
func (f *facts) refutesExpr(e *catalog.Expr) bool {
	switch e.Op {
	case catalog.And:
		return some(e.Args, f.refutesExpr)
	case catalog.Or:
		return every(e.Args, f.refutesExpr)
	case catalog.Not:
		return len(e.Args) == 1 && f.impliesExpr(&e.Args[0])
	case catalog.Ne:
		c, ok := comparison(f.def, e, Eq)
		return ok && f.implies(&c)
	}
	c, ok := leaf(f.def, e)
	return ok && f.refutes(&c)
}

func every(args []catalog.Expr, holds func(*catalog.Expr) bool) bool {
	for i := range args {
		if !holds(&args[i]) {
			return false
		}
	}
	return len(args) > 0
}

func some(args []catalog.Expr, holds func(*catalog.Expr) bool) bool {
	for i := range args {
		if holds(&args[i]) {
			return true
		}
	}
	return false
}

var exprOps = map[catalog.Op]Op{catalog.Eq: Eq, catalog.Lt: Lt, catalog.Le: Le, catalog.Gt: Gt, catalog.Ge: Ge}

// leaf is a condition that is a constraint on one column, as such.
func leaf(def *provider.TableDef, e *catalog.Expr) (Constraint, bool) {
	switch e.Op {
	case catalog.True:
		return Constraint{Column: def.ColumnOf(e.Field), Op: Eq, Value: provider.Bool(true)}, def.ColumnOf(e.Field) >= 0
	case catalog.Has:
		// Of a field that is not optional it asks whether that is empty.
		col := def.ColumnOf(e.Field)
		return Constraint{Column: col, Op: NotNull}, col >= 0 && def.Columns[col].Nullable
	}
	op, ok := exprOps[e.Op]
	if !ok {
		return Constraint{}, false
	}
	return comparison(def, e, op)
}

// comparison is a comparison of a field with a literal as a constraint.
func comparison(def *provider.TableDef, e *catalog.Expr, op Op) (Constraint, bool) {
	if len(e.Args) != 2 || e.Args[0].Op != catalog.FieldOf || e.Args[1].Op != catalog.Lit {
		return Constraint{}, false
	}
	col := def.ColumnOf(e.Args[0].Field)
	if col < 0 {
		return Constraint{}, false
	}
	v, ok := literal(&def.Columns[col], e.Args[1].Lit)
	return Constraint{Column: col, Op: op, Value: v}, ok
}

// literal reads a literal of a condition. Documents have none.
func literal(c *provider.Column, text string) (provider.Value, bool) {
	row := kind.Of(c.Kind)
	if row == nil || c.Document() {
		return provider.Value{}, false
	}
	v, err := row.ParseLit(&c.Type.Params, text)
	return v, err == nil
}

// given are the constraints that hold for every row on a path: its condition, and
// that the columns of an index are there.
func given(def *provider.TableDef, p *provider.Path) *facts {
	f := &facts{def: def}
	for _, col := range p.Sparse.List() {
		if def.Columns[col].Nullable {
			f.list = append(f.list, Constraint{Column: col, Op: NotNull})
		}
	}
	if p.Where != nil {
		f.condition(p.Where)
	}
	return f
}

// condition adds what a condition that holds says of single columns.
func (f *facts) condition(e *catalog.Expr) {
	switch e.Op {
	case catalog.And:
		for i := range e.Args {
			f.condition(&e.Args[i])
		}
		return
	case catalog.Not:
		if len(e.Args) == 1 {
			f.negated(&e.Args[0])
		}
		return
	}
	if c, ok := leaf(f.def, e); ok {
		f.list = append(f.list, c)
	}
}

// negated adds what a condition that does not hold says.
func (f *facts) negated(e *catalog.Expr) {
	c, ok := leaf(f.def, e)
	if !ok {
		return
	}
	nullable := f.def.Columns[c.Column].Nullable
	switch {
	case c.Op == NotNull:
		f.list = append(f.list, Constraint{Column: c.Column, Op: IsNull})
	case e.Op == catalog.True && !nullable:
		f.list = append(f.list, Constraint{Column: c.Column, Op: Eq, Value: provider.Bool(false)})
	}
}
