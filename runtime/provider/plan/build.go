package plan

import (
	"math"
	"slices"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/provider"
)

// builder finds which constraints a path serves, and makes the ranges of them.
type builder struct {
	def   *provider.TableDef
	path  *provider.Path
	q     *Query
	c     *candidate
	many  int     // ranges that there are, as far as that is known
	share float64 // of the path's rows that are in the ranges
}

// kind is the kind of the values of a path's column.
func (b *builder) kind(pc *provider.PathColumn) catalog.Kind {
	t := b.def.Columns[pc.Column].Type
	if pc.Each {
		t = t.Elem
	}
	return t.Kind
}

// serves reports whether ranges on a path's column can serve a constraint: those with
// a value of the right kind can, and those whose value is not known yet.
func (b *builder) serves(pc *provider.PathColumn, c *Constraint) bool {
	return c.Column == pc.Column && !c.foreign && (!c.Fold || pc.Fold) && (c.Unknown || c.Op == In || c.Value.Kind() == b.kind(pc))
}

// find returns the first constraint with an operator that ranges on a path's column
// can serve; -1 for none.
func (b *builder) find(pc *provider.PathColumn, op Op) int {
	return slices.IndexFunc(b.q.Where, func(c Constraint) bool { return c.Op == op && b.serves(pc, &c) })
}

// shape takes the longest run of leading columns that are fixed, or in a list, and
// then what bounds the column behind.
func (b *builder) shape() {
	b.many, b.share = 1, 1
	for i := range b.path.Columns {
		pc := &b.path.Columns[i]
		op := Eq
		if pc.Each {
			op = Contains
		}
		at := b.find(pc, op)
		if at >= 0 {
			b.c.fixed[i] = true
			b.share *= equalPart
		} else if at = b.find(pc, In); pc.Each || at < 0 || !b.in(pc, at) {
			break
		}
		b.c.exact[at] = !pc.Mapped()
		b.c.equals = append(b.c.equals, at)
	}
	if n := len(b.c.equals); n < len(b.path.Columns) {
		b.bounds(&b.path.Columns[n])
	}
}

// in multiplies the number of ranges by the values of an IN, if they are not too many.
func (b *builder) in(pc *provider.PathColumn, at int) bool {
	n := unknownList
	if c := &b.q.Where[at]; !c.Unknown {
		n = len(b.list(pc, c))
	}
	if b.many > 1 && b.many*n > mostRanges {
		return false
	}
	b.many *= n
	b.share *= min(1, equalPart*float64(n))
	return true
}

// list is the values of an IN, each once; a null, which matches nothing, where there
// are none.
func (b *builder) list(pc *provider.PathColumn, c *Constraint) []provider.Value {
	var values []provider.Value
	for _, v := range c.Values {
		if v.Kind() == b.kind(pc) { // others equal nothing, nulls neither
			values = append(values, v)
		}
	}
	slices.SortFunc(values, provider.Value.Compare)
	values = slices.CompactFunc(values, func(v, w provider.Value) bool { return v.Compare(w) == 0 })
	if len(values) == 0 {
		values = []provider.Value{{}}
	}
	return values
}

// bounds takes what bounds a column.
func (b *builder) bounds(pc *provider.PathColumn) {
	if pc.Each {
		return
	}
	if at := b.find(pc, Prefix); at >= 0 && b.kind(pc).Text() {
		b.c.exact[at] = !pc.Mapped()
		b.c.bounds = []int{at}
		b.share *= betweenPart
		return
	}
	if pc.Mapped() {
		return // folding does not keep the order
	}
	var below, above bool
	for i := range b.q.Where {
		c := &b.q.Where[i]
		if !c.Op.ranges() || c.Op == Prefix || !b.serves(pc, c) {
			continue
		}
		below, above = below || c.Op == Lt || c.Op == Le, above || c.Op == Gt || c.Op == Ge
		b.c.exact[i] = true // the tightest one implies it
		b.c.bounds = append(b.c.bounds, i)
	}
	switch {
	case below && above:
		b.share *= betweenPart
	case below || above:
		b.share *= boundPart
	}
}

// ranges makes the ranges, once all values are known. It is false where several INs
// make too many.
func (b *builder) ranges() bool {
	b.c.ranges = nil
	if len(b.c.equals) == 0 && len(b.c.bounds) == 0 {
		return true // the whole path
	}
	values := [][]provider.Value{make([]provider.Value, 0, len(b.c.equals))}
	for i, at := range b.c.equals {
		c := &b.q.Where[at]
		if c.Op != In {
			for j := range values {
				values[j] = append(values[j], c.Value)
			}
			continue
		}
		list := b.list(&b.path.Columns[i], c)
		if len(values) > 1 && len(values)*len(list) > mostRanges {
			return false
		}
		grown := make([][]provider.Value, 0, len(values)*len(list))
		for _, eq := range values {
			for _, v := range list {
				grown = append(grown, append(slices.Clone(eq), v))
			}
		}
		values = grown
	}
	low, high, prefix := b.tightest()
	b.c.ranges = make([]provider.KeyRange, len(values))
	for i, eq := range values {
		b.c.ranges[i] = provider.KeyRange{Equal: eq, Low: low, High: high, Prefix: prefix}
	}
	return true
}

// tightest is the tightest bounds.
func (b *builder) tightest() (low, high, prefix provider.Bound) {
	for _, at := range b.c.bounds {
		c := &b.q.Where[at]
		open := c.Op == Lt || c.Op == Gt
		switch c.Op {
		case Prefix:
			prefix = provider.From(c.Value)
		case Lt, Le:
			if d := c.Value.Compare(high.Value); !high.Set || d < 0 || d == 0 && open {
				high = provider.Bound{Value: c.Value, Set: true, Open: open}
			}
		case Gt, Ge:
			if d := c.Value.Compare(low.Value); !low.Set || d > 0 || d == 0 && open {
				low = provider.Bound{Value: c.Value, Set: true, Open: open}
			}
		}
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
	c.rows = max(1, total*b.share)
	if b.path.Unique && len(c.equals) == len(b.path.Columns) {
		c.rows = min(c.rows, float64(b.many))
	}
	read := c.rows
	if b.q.Limit > 0 && c.ordered && !slices.Contains(c.exact, false) {
		read = min(read, float64(b.q.Limit))
	}
	each := 1.0
	if b.path.Index >= 0 && !c.covering {
		each += fetchCost
	}
	c.cost = float64(b.many)*seekCost + read*each
	if !c.ordered {
		c.cost += sortCost * c.rows * math.Log2(c.rows+1)
	}
}
