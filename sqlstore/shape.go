package sqlstore

import (
	"fmt"
	"math/bits"
	"slices"
	"strings"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
)

// shape is a query of one table without its values, and its plan.
type shape struct {
	plan     *plan.Plan
	prepared provider.Table
	args     []argument
	unknown  int    // constraints of the plan that have yet to get values
	text     string // for people
	sorted   bool   // SQLite was promised the order
	one      bool   // and that there is one row at most
	limited  bool   // SQLite looks at no more rows than LIMIT and OFFSET say
	// left is about how much of the rows that the plan shows SQLite's own checks leave. It
	// does not look at that for tables that are not its own, and would join a table that
	// nothing joins before one that has a few rows for each.
	left float64
}

// argument is a value that SQLite hands over for each run.
type argument struct {
	column int
	op     plan.Op
	in     bool // several values at once
	like   byte // 'l' for the pattern of LIKE, 'g' for that of GLOB
	fold   bool // text in any case: by NOCASE, or what a pattern of LIKE begins with
	plain  bool // of such a pattern, what it begins with before the first letter serves too
	count  bool // of LIMIT or OFFSET
}

// ops are the comparisons that are planned.
var ops = map[sqlite3.IndexConstraintOp]plan.Op{
	sqlite3.INDEX_CONSTRAINT_EQ:        plan.Eq,
	sqlite3.INDEX_CONSTRAINT_IS:        plan.Eq,
	sqlite3.INDEX_CONSTRAINT_LT:        plan.Lt,
	sqlite3.INDEX_CONSTRAINT_LE:        plan.Le,
	sqlite3.INDEX_CONSTRAINT_GT:        plan.Gt,
	sqlite3.INDEX_CONSTRAINT_GE:        plan.Ge,
	sqlite3.INDEX_CONSTRAINT_LIKE:      plan.Prefix,
	sqlite3.INDEX_CONSTRAINT_GLOB:      plan.Prefix,
	sqlite3.INDEX_CONSTRAINT_ISNULL:    plan.IsNull,
	sqlite3.INDEX_CONSTRAINT_ISNOTNULL: plan.NotNull,
}

// asked is what SQLite asks of a table.
type asked struct {
	t     *table
	info  *sqlite3.IndexInfo
	query plan.Query
	args  []argument
	many  bool // a value may be equal to several, or be one that widens the scan
	// literals says that a literal may be a part of the plan.
	literals bool
	// partly says that SQLite checks something of the rows that is not planned, or that what
	// is planned may be wider.
	partly bool
	id     strings.Builder // the same for all questions that have one answer
}

// ask reads the question of BestIndex.
func (t *vtab) ask(info *sqlite3.IndexInfo) *asked {
	a := &asked{t: t.table, info: info, literals: len(t.shapes) < mostShapes, query: plan.Query{EqualOnly: t.equal, Stats: t.size}}
	for i := range info.Constraint {
		before := len(a.query.Where)
		a.constraint(i)
		if n := len(a.query.Where); !isCount(info.Constraint[i].Op) && (n != before+1 || a.query.Where[before].Op != plan.Eq) {
			a.partly = true
		}
	}
	a.counts()
	a.order()
	for i := range t.columns {
		if info.ColumnsUsed&(1<<min(i, 63)) != 0 {
			a.query.Columns.Add(i)
		}
	}
	fmt.Fprintf(&a.id, "columns %x of %d", info.ColumnsUsed, bits.Len64(uint64(t.size.Rows)))
	return a
}

// constraint takes a constraint in, if it can serve.
func (a *asked) constraint(i int) {
	c := a.info.Constraint[i]
	op, ok := ops[c.Op]
	if !c.Usable || !ok || c.Column < 0 || c.Column >= len(a.t.columns) {
		return
	}
	col := &a.t.columns[c.Column]
	if op == plan.IsNull || op == plan.NotNull {
		if op == plan.IsNull && a.t.nulls.Has(c.Column) {
			return // SQL has more of them
		}
		a.add(plan.Constraint{Column: c.Column, Op: op})
		return
	}
	arg := argument{column: c.Column, op: op}
	switch {
	case op == plan.Prefix:
		if !a.pattern(i, col, &arg) {
			return
		}
	case col.form == formJSON || op != plan.Eq && a.t.equal.Has(c.Column):
		return
	case c.Op == sqlite3.INDEX_CONSTRAINT_IS && !a.isValue(i):
		return
	case col.form == formText && op == plan.Eq && a.info.Collation(i) == "NOCASE" && a.t.folds(c.Column):
		arg.fold = true
		if a.info.In(i, -1) {
			a.info.In(i, 1)
			arg.op, arg.in = plan.In, true
		}
	case col.collated() && a.info.Collation(i) != col.collation():
		return
	case op == plan.Eq && a.info.In(i, -1):
		a.info.In(i, 1)
		arg.op, arg.in = plan.In, true
	case op == plan.Eq && a.known(i, col):
		return
	}
	if op == plan.Eq && !a.many && !a.fits(i, col) {
		a.many = true
		a.id.WriteString("many ")
	}
	a.args = append(a.args, arg)
	fmt.Fprintf(&a.id, "argument %v ", arg)
	a.info.ConstraintUsage[i].ArgvIndex = len(a.args)
	if arg.like != 0 && col.form != formText {
		// The times that begin with a text are those between two.
		a.add(plan.Constraint{Column: c.Column, Op: plan.Ge, Unknown: true})
		a.add(plan.Constraint{Column: c.Column, Op: plan.Lt, Unknown: true})
		return
	}
	if arg.plain {
		a.add(plan.Constraint{Column: c.Column, Op: plan.Prefix, Unknown: true})
	}
	a.add(plan.Constraint{Column: c.Column, Op: arg.op, Fold: arg.fold, Unknown: true})
}

func isCount(op sqlite3.IndexConstraintOp) bool {
	return op == sqlite3.INDEX_CONSTRAINT_LIMIT || op == sqlite3.INDEX_CONSTRAINT_OFFSET
}

// counts takes LIMIT and OFFSET in, which SQLite applies all the same: where all that it
// checks of a row is that some columns equal values, no more rows need be read. What else is
// compared may have become wider.
func (a *asked) counts() {
	if a.partly || a.many {
		return
	}
	for i, c := range a.info.Constraint {
		if c.Usable && isCount(c.Op) {
			a.args = append(a.args, argument{count: true})
			a.info.ConstraintUsage[i].ArgvIndex = len(a.args)
			a.id.WriteString("count ")
		}
	}
}

// isValue reports whether what stands behind IS is known not to be NULL.
func (a *asked) isValue(i int) bool {
	v, err := a.info.RHSValue(i)
	return err == nil && v.Type() != sqlite3.NULL
}

// fits reports whether what a column is compared with is known, and one value of it or none.
// Others may be equal to several, as the number 5 to the texts 5 and 5.0, or may widen the
// scan, as '5.0' beside integers: SQLite would read one row of a scan that is said to have
// one.
func (a *asked) fits(i int, col *column) bool {
	v, err := a.info.RHSValue(i)
	if err != nil {
		return false
	}
	value := col.bound(plan.Eq, v)
	return value.IsNull() || kind.Takes(col.kind, col.params, value) || value.Kind().Integer() && col.kind.Integer()
}

// pattern reports whether a pattern can serve.
func (a *asked) pattern(i int, col *column, arg *argument) bool {
	arg.like = 'l'
	if a.info.Constraint[i].Op == sqlite3.INDEX_CONSTRAINT_GLOB {
		arg.like = 'g'
	}
	switch col.form {
	case formText, formTime, formDate, formClock:
	default:
		return false
	}
	arg.fold = arg.like == 'l' && col.form == formText && a.t.folds(a.info.Constraint[i].Column)
	v, err := a.info.RHSValue(i)
	if err != nil || v.Type() != sqlite3.TEXT {
		return arg.like == 'g' || arg.fold || col.form != formText
	}
	plain := arg.prefix(v.Text()) != ""
	if !arg.fold {
		return plain
	}
	arg.plain = plain
	return foldPrefix(v.Text()) != ""
}

// prefix is what the texts that match a pattern begin with.
func (arg *argument) prefix(pattern string) string {
	if arg.like == 'g' {
		return globPrefix(pattern)
	}
	return likePrefix(pattern)
}

// known takes a literal in as a value, where the choice of a path depends on values: of
// indexes with a condition on the column.
func (a *asked) known(i int, col *column) bool {
	c := a.info.Constraint[i]
	if !a.literals || !a.t.conditional(c.Column) {
		return false
	}
	v, err := a.info.RHSValue(i)
	if err != nil {
		return false
	}
	value := col.bound(plan.Eq, v)
	if !kind.Takes(col.kind, col.params, value) {
		return false
	}
	a.add(plan.Constraint{Column: c.Column, Op: plan.Eq, Value: value.Clone()})
	return true
}

func (a *asked) add(c plan.Constraint) {
	a.query.Where = append(a.query.Where, c)
	fmt.Fprintf(&a.id, "%d %v %v ", c.Column, c.Op, c.Fold)
	if !c.Unknown && c.Op == plan.Eq {
		fmt.Fprintf(&a.id, "%q ", c.Value.String())
	}
}

// order takes the order in.
func (a *asked) order() {
	for _, o := range a.info.OrderBy {
		if o.Column < 0 || o.Column >= len(a.t.columns) {
			a.query.Order = nil
			return
		}
		a.query.Order = append(a.query.Order, plan.OrderBy{Column: o.Column, Desc: o.Desc})
	}
	switch a.info.Distinct() {
	case 1, 2: // GROUP BY and DISTINCT want equal rows together, whatever the order
		a.query.Grouped = !slices.ContainsFunc(a.query.Order, func(o plan.OrderBy) bool { return a.t.nulls.Has(o.Column) })
	}
	fmt.Fprintf(&a.id, "order %v %v ", a.query.Order, a.query.Grouped)
}

// shape plans the query.
func (a *asked) shape() (*shape, error) {
	q := a.query
	p := plan.Choose(a.t.def, q)
	if p.Err != nil {
		return nil, p.Err
	}
	s := &shape{plan: p, args: a.args, text: p.Line(), prepared: a.t.rows}
	for i := range q.Where {
		if q.Where[i].Unknown {
			s.unknown++
		}
	}
	s.sorted = len(q.Order) > 0 && p.Ordered
	s.one = p.One && !a.many
	s.limited = p.Ordered && !slices.Contains(p.Exact, false) && len(a.args) > 0 && a.args[len(a.args)-1].count
	if s.limited {
		s.text += "; limit"
	}
	s.left = 1
	for _, c := range p.Residual() {
		if c.Op == plan.Eq || c.Op == plan.In {
			s.left /= 100 // so that a table of unknown size joins with a row
		}
	}
	if p.Nothing {
		return s, nil
	}
	var err error
	s.prepared, err = provider.Prepare(a.t.rows, p.Path, p.Columns)
	return s, err
}

// answer tells SQLite of the plan.
func (s *shape) answer(info *sqlite3.IndexInfo, at int) {
	info.IdxNum, info.IdxStr = at, s.text
	info.OrderByConsumed = s.sorted
	rows, cost := s.plan.Estimate()
	// With what each row that is left costs in all that is joined behind it: SQLite looks at
	// some of the cheapest orders of many tables alone, and has to see this in the cost.
	info.EstimatedRows, info.EstimatedCost = max(int64(rows*s.left), 1), cost+rows*s.left
	if s.plan.One {
		info.EstimatedRows = 1
	}
	if s.one {
		info.IdxFlags |= sqlite3.INDEX_SCAN_UNIQUE
	}
}
