package plan

import "github.com/storegen/storegen/runtime/provider"

// Request is the scan of the plan. The caller checks the residual constraints. No
// scan takes the request of a plan that lacks values.
func (p *Plan) Request(s provider.Scope) *provider.ScanRequest {
	if p.state == open && !p.Nothing {
		return &provider.ScanRequest{Scope: s, Path: -1}
	}
	return &provider.ScanRequest{Scope: s, Path: p.Path, Ranges: p.Ranges, Columns: p.Columns, Limit: p.Limit, Reverse: p.Reverse}
}

// Unchecked returns which of the query's constraints neither the ranges nor Matches
// check, since their values do not fit the column, or its order is another to the
// caller: see Bind and Query.EqualOnly. The scan shows all rows that may meet them.
func (p *Plan) Unchecked() []int {
	var out []int
	for i, exact := range p.Exact {
		if !exact && p.Query.Where[i].foreign {
			out = append(out, i)
		}
	}
	return out
}

// Residual returns the constraints that must be checked on every row, but for those
// that only the caller can check.
func (p *Plan) Residual() []Constraint {
	var out []Constraint
	for i, exact := range p.Exact {
		if !exact && !p.Query.Where[i].foreign {
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
		if !exact && !p.Query.Where[i].foreign && !holds(&p.Query.Where[i], c) {
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
