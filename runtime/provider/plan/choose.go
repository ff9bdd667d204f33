package plan

import (
	"math"
	"slices"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// Plan is how a query is run.
type Plan struct {
	Def   *provider.TableDef
	Query Query
	// Path, Ranges and Reverse are for the scan.
	Path    int
	Ranges  []provider.KeyRange
	Reverse bool
	// Columns are those that the scan must yield: the query's, and what residual
	// constraints and a sort need.
	Columns provider.ColSet
	// Exact tells of each of the query's constraints whether the ranges admit only
	// rows that meet it. The others are residual: they must be checked.
	Exact []bool
	// Ordered says that the rows come in the query's order.
	Ordered bool
	// Covering says that no rows are read, only entries of the index, or keys.
	Covering bool
	// Limit is the limit for the scan: the query's, or 0 where rows must be checked
	// or sorted first.
	Limit int64
	// One says that there is at most one row.
	One bool
	// Nothing says that the constraints contradict each other, so that no row can
	// meet them. The ranges are empty then.
	Nothing bool
	// Err is why the query cannot be run: it names a column that the table does not
	// have, or compares one with what it cannot be compared with. It matches
	// engine.ErrInvalid. Path is -1 then, so that no scan takes the plan's request.
	Err error

	candidates []candidate
}

// candidate is what a path could do for the query.
type candidate struct {
	path int
	// unusable is why the path would miss rows; "" if it would not.
	unusable string
	ranges   []provider.KeyRange
	exact    []bool
	equal    int  // leading columns fixed or in
	bound    bool // one more has bounds
	fixed    []bool
	ordered  bool
	reverse  bool
	covering bool
	one      bool
	columns  provider.ColSet
	rows     float64
	cost     float64
}

// mostRanges bounds the ranges that several INs make together; one alone may have
// as many values as it likes.
const mostRanges = 1024

// What costs are reckoned with. They need only rank the paths of one table.
const (
	unknownRows = 1000 // where nothing is known of the table
	fewestRows  = 100  // estimates below are not trusted
	equalPart   = 0.1  // of the rows have one value of a column
	boundPart   = 0.3  // lie on one side of a bound
	betweenPart = 0.15 // lie between two, or begin with a prefix
	partialPart = 0.25 // are in an index with a condition
	seekCost    = 2    // of a range, where reading a row or entry in order is 1
	fetchCost   = 1    // of reading the row that an entry stands for, beside it
	sortCost    = 0.3  // of a row, times the logarithm of their number
)

// Choose plans a query. It reads nothing. What is wrong with the query is in the
// plan's Err.
func Choose(def *provider.TableDef, q Query) *Plan {
	if err := check(def, &q); err != nil {
		return refused(def, q, err)
	}
	q.Where = named(def, q.Where)
	known := &facts{def: def, list: q.Where}
	p := &Plan{Def: def, Query: q, Exact: make([]bool, len(q.Where))}
	nothing := false
	for i := range known.list {
		nothing = nothing || known.refutes(&known.list[i])
	}
	if nothing {
		p.Nothing, p.Ordered, p.Covering = true, true, true
		p.Ranges = []provider.KeyRange{{Equal: []provider.Value{{}}}} // a null matches nothing
		for i := range p.Exact {
			p.Exact[i] = true
		}
		p.Columns = q.Columns.Clone()
		p.Limit = q.Limit
		return p
	}
	best := -1
	for i := range def.Paths {
		c := consider(def, i, known, &q)
		p.candidates = append(p.candidates, c)
		if c.unusable == "" && (best < 0 || c.cost < p.candidates[best].cost) {
			best = i
		}
	}
	p.take(&p.candidates[best]) // there is one: the key misses no row
	return p
}

// Alternatives returns the plan of the query on every path that misses no row, for
// tests and tools: any of them gives the same rows.
func (p *Plan) Alternatives() []*Plan {
	var out []*Plan
	for i := range p.candidates {
		if p.candidates[i].unusable == "" {
			a := *p
			a.take(&p.candidates[i])
			out = append(out, &a)
		}
	}
	return out
}

// named gives the enums that lists are asked for their names: documents, which show
// those, are compared by them.
func named(def *provider.TableDef, where []Constraint) []Constraint {
	cloned := false
	for i := range where {
		c := &where[i]
		if c.Op != Contains || c.Value.Kind() != kind.Enum {
			continue
		}
		if !cloned {
			where, cloned = slices.Clone(where), true
			c = &where[i]
		}
		c.Value = provider.Enum(def.Columns[c.Column].Type.Elem, int32(c.Value.Int64()))
	}
	return where
}

// take makes a candidate the plan's path.
func (p *Plan) take(c *candidate) {
	p.Path, p.Ranges, p.Reverse = c.path, c.ranges, c.reverse
	p.Exact, p.Ordered, p.Covering, p.One, p.Columns = c.exact, c.ordered, c.covering, c.one, c.columns
	p.Limit = 0
	if p.Ordered && !slices.Contains(p.Exact, false) {
		p.Limit = p.Query.Limit
	}
}

// consider says what a path could do.
func consider(def *provider.TableDef, at int, known *facts, q *Query) candidate {
	path := &def.Paths[at]
	c := candidate{path: at, exact: make([]bool, len(q.Where)), fixed: make([]bool, len(path.Columns))}
	if c.unusable = missesRows(def, path, known, q); c.unusable != "" {
		return c
	}
	b := builder{def: def, path: path, q: q, c: &c}
	b.equality()
	b.bounds()
	b.conclude()
	c.one = path.Unique && !slices.Contains(c.fixed, false)
	c.ordered, c.reverse = order(def, path, &c, q)
	c.columns = q.Columns.Clone()
	for i := range q.Where {
		if !c.exact[i] {
			c.columns.Add(q.Where[i].Column)
		}
	}
	if !c.ordered {
		for _, o := range q.Order {
			c.columns.Add(o.Column)
		}
	}
	c.covering = c.columns.Within(path.Covering)
	if path.Index < 0 {
		c.covering = c.columns.Within(provider.Cols(def.Key...))
	}
	b.estimate()
	return c
}

// missesRows tells why rows that the query may want are not on a path.
func missesRows(def *provider.TableDef, path *provider.Path, known *facts, q *Query) string {
	if path.Where != nil && !known.impliesExpr(path.Where) {
		return "it holds only rows where " + def.Source.WrittenExpr(path.Where) + ", which the constraints do not imply"
	}
	for _, pc := range path.Columns {
		name := def.Columns[pc.Column].Name
		switch {
		case pc.Each && !slices.ContainsFunc(q.Where, func(c Constraint) bool { return c.Column == pc.Column && c.Op == Contains }):
			return "it holds only rows whose " + name + " is not empty, and nothing asks what " + name + " contains"
		case !pc.Each && !known.notNull(pc.Column):
			return "it holds only rows that have " + name + ", and the query does not exclude others"
		}
	}
	return ""
}

// builder makes the ranges of a candidate.
type builder struct {
	def  *provider.TableDef
	path *provider.Path
	q    *Query
	c    *candidate
	// values are the values for equality of each range.
	values [][]provider.Value
	share  float64 // of the path's rows that are in the ranges
}

// kind is the kind of the values of a path's column.
func (b *builder) kind(pc *provider.PathColumn) catalog.Kind {
	t := b.def.Columns[pc.Column].Type
	if pc.Each {
		t = t.Elem
	}
	return t.Kind
}

// find returns the first constraint on a path's column with an operator and, but
// for In, a value of the right kind; -1 for none.
func (b *builder) find(pc *provider.PathColumn, op Op) int {
	return slices.IndexFunc(b.q.Where, func(c Constraint) bool {
		return c.Column == pc.Column && c.Op == op && (op == In || c.Value.Kind() == b.kind(pc))
	})
}

// equality takes the longest run of leading columns that are fixed, or in a list.
func (b *builder) equality() {
	b.values, b.share = [][]provider.Value{nil}, 1
	for i := range b.path.Columns {
		pc := &b.path.Columns[i]
		op := Eq
		if pc.Each {
			op = Contains
		}
		if at := b.find(pc, op); at >= 0 {
			for j := range b.values {
				b.values[j] = append(b.values[j], b.q.Where[at].Value)
			}
			b.c.fixed[i], b.c.exact[at] = true, !pc.Mapped()
			b.share *= equalPart
			b.c.equal++
			continue
		}
		at := b.find(pc, In)
		if pc.Each || at < 0 || !b.in(pc, at) {
			return
		}
		b.c.exact[at] = !pc.Mapped()
		b.c.equal++
	}
}

// in multiplies the ranges by the values of an IN.
func (b *builder) in(pc *provider.PathColumn, at int) bool {
	var values []provider.Value
	for _, v := range b.q.Where[at].Values {
		if v.Kind() == b.kind(pc) { // others equal nothing, nulls neither
			values = append(values, v)
		}
	}
	slices.SortFunc(values, provider.Value.Compare)
	values = slices.CompactFunc(values, func(v, w provider.Value) bool { return v.Compare(w) == 0 })
	if len(b.values) > 1 && len(b.values)*len(values) > mostRanges {
		return false
	}
	if len(values) == 0 {
		values = []provider.Value{{}} // a null, which matches nothing
	}
	grown := make([][]provider.Value, 0, len(b.values)*len(values))
	for _, eq := range b.values {
		for _, v := range values {
			grown = append(grown, append(slices.Clone(eq), v))
		}
	}
	b.values = grown
	b.share *= min(1, equalPart*float64(len(values)))
	return true
}

// bounds takes the tightest range on the column behind those of equality.
func (b *builder) bounds() {
	var low, high, prefix provider.Bound
	if b.c.equal < len(b.path.Columns) {
		low, high, prefix = b.bound(&b.path.Columns[b.c.equal])
	}
	b.c.bound = low.Set || high.Set || prefix.Set
	if !b.c.bound && b.c.equal == 0 {
		return // the whole path
	}
	for _, eq := range b.values {
		b.c.ranges = append(b.c.ranges, provider.KeyRange{Equal: eq, Low: low, High: high, Prefix: prefix})
	}
	switch {
	case prefix.Set || low.Set && high.Set:
		b.share *= betweenPart
	case b.c.bound:
		b.share *= boundPart
	}
}

func (b *builder) bound(pc *provider.PathColumn) (low, high, prefix provider.Bound) {
	if pc.Each {
		return
	}
	if at := b.find(pc, Prefix); at >= 0 && b.kind(pc).Text() {
		b.c.exact[at] = !pc.Mapped()
		return low, high, provider.From(b.q.Where[at].Value)
	}
	if pc.Mapped() {
		return // folding does not keep the order
	}
	for i := range b.q.Where {
		c := &b.q.Where[i]
		if c.Column != pc.Column || c.Value.Kind() != b.kind(pc) {
			continue
		}
		open := c.Op == Lt || c.Op == Gt
		switch c.Op {
		case Lt, Le:
			if d := c.Value.Compare(high.Value); !high.Set || d < 0 || d == 0 && open {
				high = provider.Bound{Value: c.Value, Set: true, Open: open}
			}
		case Gt, Ge:
			if d := c.Value.Compare(low.Value); !low.Set || d > 0 || d == 0 && open {
				low = provider.Bound{Value: c.Value, Set: true, Open: open}
			}
		default:
			continue
		}
		b.c.exact[i] = true // the tightest one implies it
	}
	return
}

// conclude marks as exact what follows from the path and from exact constraints.
func (b *builder) conclude() {
	served := given(b.def, b.path)
	for i := range b.q.Where {
		if b.c.exact[i] {
			served.list = append(served.list, b.q.Where[i])
		}
	}
	for i := range b.q.Where {
		b.c.exact[i] = b.c.exact[i] || served.implies(&b.q.Where[i])
	}
}

// estimate reckons rows and cost.
func (b *builder) estimate() {
	c := b.c
	total := float64(unknownRows)
	if b.q.Stats.Known {
		total = max(fewestRows, float64(b.q.Stats.Rows))
	}
	if b.path.Where != nil {
		total *= partialPart
	}
	ranges := float64(max(1, len(c.ranges)))
	c.rows = max(1, total*b.share)
	if b.path.Unique && c.equal == len(b.path.Columns) {
		c.rows = min(c.rows, ranges)
	}
	read := c.rows
	if b.q.Limit > 0 && c.ordered && !slices.Contains(c.exact, false) {
		read = min(read, float64(b.q.Limit))
	}
	each := 1.0
	if b.path.Index >= 0 && !c.covering {
		each += fetchCost
	}
	c.cost = ranges*seekCost + read*each
	if !c.ordered {
		c.cost += sortCost * c.rows * math.Log2(c.rows+1)
	}
}

// order reports whether the path has the order of the query, and whether it must
// be walked in reverse for it.
func order(def *provider.TableDef, path *provider.Path, c *candidate, q *Query) (ordered, reverse bool) {
	if c.one || len(q.Order) == 0 {
		return true, false
	}
	constant := func(col int) bool {
		return slices.ContainsFunc(q.Where, func(w Constraint) bool { return w.Column == col && w.Op == Eq })
	}
	type step struct {
		provider.PathColumn
		fixed bool
	}
	var steps []step
	for i, pc := range path.Columns {
		steps = append(steps, step{pc, c.fixed[i] || !pc.Each && constant(pc.Column)})
	}
	if !path.Unique {
		for _, col := range def.Key {
			steps = append(steps, step{provider.PathColumn{Column: col}, constant(col)})
		}
	}
	var done provider.ColSet
	started := false
	for _, o := range q.Order {
		if constant(o.Column) || done.Has(o.Column) {
			continue
		}
		for len(steps) > 0 && (steps[0].fixed || !steps[0].Each && !steps[0].Mapped() && done.Has(steps[0].Column)) {
			steps = steps[1:]
		}
		if len(steps) == 0 {
			break // no two rows are equal in all that came before
		}
		s := steps[0]
		turned := s.Desc != o.Desc
		if s.Column != o.Column || s.Mapped() || s.Each || started && turned != reverse {
			return false, false
		}
		started, reverse = true, turned
		done.Add(o.Column)
		steps = steps[1:]
	}
	return true, reverse
}

// Request is the scan of the plan. The caller checks the residual constraints.
func (p *Plan) Request(s provider.Scope) *provider.ScanRequest {
	return &provider.ScanRequest{Scope: s, Path: p.Path, Ranges: p.Ranges, Columns: p.Columns, Limit: p.Limit, Reverse: p.Reverse}
}

// Residual returns the constraints that must be checked on every row.
func (p *Plan) Residual() []Constraint {
	var out []Constraint
	for i, exact := range p.Exact {
		if !exact {
			out = append(out, p.Query.Where[i])
		}
	}
	return out
}

// Matches reports whether the row that a cursor of the plan stands on meets the
// residual constraints. What lists contain is asked of a provider.ListCursor, and of
// other cursors' documents.
func (p *Plan) Matches(c provider.Cursor) bool {
	for i, exact := range p.Exact {
		if !exact && !holds(&p.Query.Where[i], c) {
			return false
		}
	}
	return true
}

func holds(w *Constraint, c provider.Cursor) bool {
	if lists, ok := c.(provider.ListCursor); ok && w.Op == Contains {
		return lists.Contains(w.Column, w.Value)
	}
	return w.Holds(c.Value(w.Column))
}
