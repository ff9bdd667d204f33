package plan

import (
	"slices"

	"github.com/storegen/storegen/runtime/provider"
)

// step is a column that a path has its rows in the order of.
type step struct {
	provider.PathColumn
	fixed bool // all rows have one value
}

// order reports whether the path has the order of the query, and whether it must
// be walked in reverse for it.
func order(def *provider.TableDef, path *provider.Path, c *candidate, q *Query) (ordered, reverse bool) {
	if c.one || len(q.Order) == 0 {
		return true, false
	}
	constant := func(col int) bool {
		return slices.ContainsFunc(q.Where, func(w Constraint) bool { return w.Column == col && w.Op == Eq && !w.foreign && !w.Fold })
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
	if q.Grouped {
		return grouped(steps, q, constant), false
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
		if s.Column != o.Column || s.Mapped() || s.Each || q.EqualOnly.Has(o.Column) || started && turned != reverse {
			return false, false
		}
		started, reverse = true, turned
		done.Add(o.Column)
		steps = steps[1:]
	}
	return true, reverse
}

// grouped reports whether rows that are equal in the columns of the query's order follow each
// other: whether these are, in any order, the first columns of the path.
func grouped(steps []step, q *Query, constant func(col int) bool) bool {
	var left, done provider.ColSet
	for _, o := range q.Order {
		if !constant(o.Column) {
			left.Add(o.Column)
		}
	}
	for _, s := range steps {
		switch {
		case left.Within(done):
			return true
		case s.fixed:
		case s.Mapped() || s.Each || !left.Has(s.Column):
			return false
		default:
			done.Add(s.Column)
		}
	}
	return true // no two rows are equal in all columns of the path, or the last one was needed
}
