package plan

import (
	"slices"

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
	chosen     *candidate // that of Path; nil with Err or Nothing
	state      state
}

// state is whether a plan lacks values.
type state int

const (
	whole state = iota
	open        // values have yet to be bound
	bound       // they have been
)

// candidate is what a path could do for the query.
type candidate struct {
	path int
	// unusable is why the path would miss rows; "" if it would not.
	unusable string
	equals   []int // by leading column: the constraint that fixes it, or that it is in a list
	bounds   []int // the constraints that bound the column behind
	ranges   []provider.KeyRange
	exact    []bool
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
	unknownList = 4    // values of an IN that are not known yet
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
// plan's Err. Where constraints have values that are not known yet, the plan must be
// given them with Bind before it can run.
func Choose(def *provider.TableDef, q Query) *Plan {
	if err := check(def, &q); err != nil {
		return refused(def, q, err)
	}
	q.Where = prepare(def, &q)
	known := &facts{def: def, list: q.Where}
	p := &Plan{Def: def, Query: q, Exact: make([]bool, len(q.Where))}
	nothing := false
	for i := range known.list {
		nothing = nothing || known.refutes(&known.list[i])
	}
	if slices.ContainsFunc(q.Where, func(c Constraint) bool { return c.Unknown }) {
		p.state = open
	}
	if nothing {
		p.none()
		return p
	}
	best := -1
	for i := range def.Paths {
		c := consider(def, i, known, &q, p.state)
		p.candidates = append(p.candidates, c)
		if c.unusable == "" && (best < 0 || c.cost < p.candidates[best].cost) {
			best = i
		}
	}
	p.take(&p.candidates[best]) // there is one: the key misses no row
	return p
}

// none makes the plan one of no rows.
func (p *Plan) none() {
	p.Nothing, p.Ordered, p.Covering = true, true, true
	p.Ranges = []provider.KeyRange{{Equal: []provider.Value{{}}}} // a null matches nothing
	p.Exact = make([]bool, len(p.Query.Where))
	for i := range p.Exact {
		p.Exact[i] = true
	}
	p.Columns = p.Query.Columns.Clone()
	p.Limit = p.Query.Limit
}

// Alternatives returns the plan of the query on every path that misses no row, for
// tests and tools: any of them gives the same rows. One that was bound has no other
// path.
func (p *Plan) Alternatives() []*Plan {
	if p.state == bound {
		return []*Plan{p}
	}
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

// prepare returns the constraints in the form that they are planned in.
func prepare(def *provider.TableDef, q *Query) []Constraint {
	where := slices.Clone(q.Where)
	for i := range where {
		c := &where[i]
		c.Unknown = c.Unknown && c.Op != IsNull && c.Op != NotNull
		c.foreign = c.Op.ranges() && q.EqualOnly.Has(c.Column)
		named(def, c)
	}
	return where
}

// named gives an enum that a list is asked for its name: documents, which show those,
// are compared by them.
func named(def *provider.TableDef, c *Constraint) {
	if c.Op == Contains && c.Value.Kind() == kind.Enum {
		c.Value = provider.Enum(def.Columns[c.Column].Type.Elem, int32(c.Value.Int64()))
	}
}

// take makes a candidate the plan's path.
func (p *Plan) take(c *candidate) {
	p.chosen = c
	p.Path, p.Ranges, p.Reverse = c.path, c.ranges, c.reverse
	p.Exact, p.Ordered, p.Covering, p.One, p.Columns = c.exact, c.ordered, c.covering, c.one, c.columns
	p.Limit = 0
	if p.Ordered && !slices.Contains(p.Exact, false) {
		p.Limit = p.Query.Limit
	}
}

// consider says what a path could do.
func consider(def *provider.TableDef, at int, known *facts, q *Query, s state) candidate {
	c := candidate{path: at}
	// A path that missed no row for any values misses none for some.
	if s != bound {
		if c.unusable = missesRows(def, &def.Paths[at], known, q); c.unusable != "" {
			return c
		}
	}
	c.serve(def, q, s)
	return c
}

// serve finds what the path does for the query.
func (c *candidate) serve(def *provider.TableDef, q *Query, s state) {
	path := &def.Paths[c.path]
	c.exact, c.fixed = make([]bool, len(q.Where)), make([]bool, len(path.Columns))
	b := builder{def: def, path: path, q: q, c: c}
	b.shape()
	if s != open {
		b.ranges()
	}
	b.conclude()
	c.one = path.Unique && !slices.Contains(c.fixed, false)
	c.ordered, c.reverse = order(def, path, c, q)
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
