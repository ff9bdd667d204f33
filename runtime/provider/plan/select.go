package plan

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// Select plans a query and runs it: see Run. The plan comes back also with an
// error.
func Select(ctx context.Context, t provider.Table, s provider.Scope, q Query, keep func(provider.Cursor) bool) (provider.Cursor, *Plan, error) {
	p := Choose(t.Def(), q)
	c, err := p.Run(ctx, t, s, keep)
	return c, p, err
}

// Run runs the plan's query whole, on the table that it was made for: it scans,
// checks what is residual, keeps the rows for which keep returns true, sorts them
// if the path did not, and applies the limit last. keep may be nil; it may read the
// columns that the query wants, and the cursor shows those. Rows that must be sorted
// are held in memory.
//
// A query that cannot be run is an error: see Plan.Err. Where all that is wrong is
// that lists are asked for a value of another kind than their elements have, which
// nothing equals, the error is the cursor's, and it has no rows.
//
// Constraints that only the caller can check are for keep to check: without it, there
// is no limit. Where the order is one that the caller has otherwise (Query.EqualOnly), of a
// column that no equality fixes, the caller sorts, and limits.
func (p *Plan) Run(ctx context.Context, t provider.Table, s provider.Scope, keep func(provider.Cursor) bool) (provider.Cursor, error) {
	if p.Err != nil {
		return p.refuse()
	}
	if p.state == open && !p.Nothing {
		return nil, p.unbound()
	}
	req, limit := p.Request(s), p.Query.Limit
	sorts := !p.Ordered && (p.Query.Grouped || !slices.ContainsFunc(p.Query.Order, p.ordersOtherwise))
	if keep == nil && len(p.Unchecked()) > 0 || !p.Ordered && !sorts {
		limit = 0
	}
	if keep == nil && len(p.Residual()) == 0 && p.Ordered {
		return t.Scan(ctx, req)
	}
	req.Limit = limit
	if sorts {
		req.Limit = 0
	}
	c, err := provider.Select(ctx, t, req, func(c provider.Cursor) bool {
		return p.Matches(c) && (keep == nil || keep(c))
	})
	if err != nil {
		return nil, err
	}
	if sorts {
		if c, err = p.sort(c, limit); err != nil {
			return nil, err
		}
	}
	return &narrow{Cursor: c, p: p}, nil
}

// ordersOtherwise reports whether the caller alone knows the order of a column. It does not
// matter where all rows that it wants have one value.
func (p *Plan) ordersOtherwise(o OrderBy) bool {
	return p.Query.EqualOnly.Has(o.Column) && !slices.ContainsFunc(p.Query.Where, func(c Constraint) bool {
		return c.Column == o.Column && c.Op == Eq && !c.Fold
	})
}

// refuse is the answer to a query that cannot be run.
func (p *Plan) refuse() (provider.Cursor, error) {
	var kind *kindError
	if errors.As(p.Err, &kind) && p.Query.Where[kind.at].Op == Contains {
		return &narrow{Cursor: &sorted{}, p: p, err: p.Err}, nil
	}
	return nil, p.Err
}

// narrow is a cursor that shows the columns of the query, of one that has those
// besides that constraints and the order need.
type narrow struct {
	provider.Cursor
	p   *Plan
	on  bool
	err error
}

// Next implements provider.Cursor.
func (n *narrow) Next() bool {
	n.on = n.err == nil && n.Cursor.Next()
	return n.on
}

// Value implements provider.Cursor.
func (n *narrow) Value(column int) provider.Value {
	if n.p.Query.Columns.Has(column) {
		return n.Cursor.Value(column)
	}
	if n.on && n.err == nil {
		n.err = &store.Error{Op: "query", Table: n.p.Def.Name, Err: fmt.Errorf("%w: the value of column %d was read, which the query did not ask for", engine.ErrInvalid, column)}
	}
	return provider.Value{}
}

// Err implements provider.Cursor.
func (n *narrow) Err() error {
	if n.err != nil {
		return n.err
	}
	return n.Cursor.Err()
}

// Close implements provider.Cursor.
func (n *narrow) Close() error {
	err := n.Cursor.Close()
	if n.err != nil {
		return n.err
	}
	return err
}

// sort reads all rows of a cursor, closes it, and returns one that has them in the
// query's order; rows equal in that have the order of their keys.
func (p *Plan) sort(c provider.Cursor, limit int64) (provider.Cursor, error) {
	out := &sorted{at: -1}
	columns := p.Columns.List()
	for c.Next() {
		r := row{key: bytes.Clone(c.Key()), values: make([]provider.Value, len(p.Def.Columns))}
		for _, col := range columns {
			r.values[col] = c.Value(col).Clone()
		}
		out.rows = append(out.rows, r)
	}
	if err := c.Close(); err != nil {
		return nil, err
	}
	slices.SortFunc(out.rows, func(a, b row) int {
		for _, o := range p.Query.Order {
			d := a.values[o.Column].Compare(b.values[o.Column])
			if o.Desc {
				d = -d
			}
			if d != 0 {
				return d
			}
		}
		return bytes.Compare(a.key, b.key)
	})
	if limit > 0 && limit < int64(len(out.rows)) {
		out.rows = out.rows[:limit]
	}
	return out, nil
}

type row struct {
	key    []byte
	values []provider.Value
}

// sorted is a cursor over rows in memory.
type sorted struct {
	rows []row
	at   int
}

func (s *sorted) on() bool { return s.at >= 0 && s.at < len(s.rows) }

// Next implements provider.Cursor.
func (s *sorted) Next() bool {
	if s.at < len(s.rows) {
		s.at++
	}
	return s.on()
}

// Value implements provider.Cursor.
func (s *sorted) Value(column int) provider.Value {
	if !s.on() {
		return provider.Value{}
	}
	return s.rows[s.at].values[column]
}

// Key implements provider.Cursor.
func (s *sorted) Key() []byte {
	if !s.on() {
		return nil
	}
	return s.rows[s.at].key
}

// Err implements provider.Cursor.
func (s *sorted) Err() error { return nil }

// Close implements provider.Cursor.
func (s *sorted) Close() error {
	s.rows = nil
	return nil
}
