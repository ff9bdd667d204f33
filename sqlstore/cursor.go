package sqlstore

import (
	"fmt"
	"slices"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
)

// cursor is a walk over rows for SQLite.
type cursor struct {
	t    *vtab
	rows provider.Cursor // nil where there is none
	eof  bool
	buf  []byte     // for texts
	last []repeated // by column, what was shown last; nil where there are no texts
	read *reading
	at   int   // in read.cursors
	lost error // why the rows are gone, if they are
	vals [][]provider.Value
}

// Filter implements sqlite3.VTabCursor.
func (c *cursor) Filter(num int, _ string, args ...sqlite3.Value) error {
	c.stop()
	if num < 0 || num >= len(c.t.shapes) {
		return c.t.s.fail(fmt.Errorf("there is no plan %d of table %s", num, c.t.name))
	}
	if err := c.begin(c.t.shapes[num], args); err != nil {
		return c.t.s.fail(err)
	}
	return c.Next()
}

// begin begins the walk of a plan.
func (c *cursor) begin(s *shape, args []sqlite3.Value) error {
	p := s.plan
	if s.unknown > 0 {
		p = p.Bind(c.values(s, args))
	}
	ctx := c.t.s.context()
	scope, err := c.t.s.enter(ctx, c)
	if err != nil {
		return err
	}
	switch {
	case p.Err != nil:
		return p.Err
	case p.Nothing:
		return nil
	case s.sorted && !p.Ordered:
		// A value that does not fit has widened the ranges, and SQLite was promised an
		// order: what its own checks leave would not be in it.
		c.rows, err = p.Run(ctx, s.prepared, scope, nil)
	default:
		req := p.Request(scope)
		if s.limited && p.Ordered && !slices.Contains(p.Exact, false) {
			req.Limit = s.limit(args)
		}
		c.rows, err = s.prepared.Scan(ctx, req)
	}
	return err
}

// limit is how many rows LIMIT and OFFSET want together; 0 where they want all, or nothing
// that is a number.
func (s *shape) limit(args []sqlite3.Value) (rows int64) {
	for i, v := range args {
		if !s.args[i].count {
			continue
		}
		n := v.Int64()
		if v.Type() != sqlite3.INTEGER || n < 0 || rows+n < rows {
			return 0
		}
		rows += n
	}
	return rows
}

// values are what SQLite hands over, as the plan's constraints want it.
func (c *cursor) values(s *shape, args []sqlite3.Value) [][]provider.Value {
	c.vals = c.vals[:0]
	for i, v := range args {
		arg := &s.args[i]
		col := &c.t.columns[arg.column]
		switch {
		case arg.count:
		case arg.in:
			var list []provider.Value
			for e, err := v.InFirst(); err == nil; e, err = v.InNext() {
				list = append(list, col.boundBy(arg, plan.In, e))
			}
			c.vals = append(c.vals, list)
		case arg.like != 0:
			c.vals = append(c.vals, col.matching(arg, v)...)
		default:
			c.vals = append(c.vals, []provider.Value{col.boundBy(arg, arg.op, v)})
		}
	}
	return c.vals
}

// Next implements sqlite3.VTabCursor.
func (c *cursor) Next() error {
	if c.rows != nil && c.rows.Next() {
		return nil
	}
	c.eof = true
	if c.lost != nil {
		return c.t.s.fail(c.lost)
	}
	if c.rows == nil {
		return nil
	}
	return c.t.s.fail(c.rows.Err())
}

// EOF implements sqlite3.VTabCursor.
func (c *cursor) EOF() bool { return c.eof }

// Column implements sqlite3.VTabCursor.
func (c *cursor) Column(ctx sqlite3.Context, n int) (err error) {
	if c.t.s.writing && ctx.VTabNoChange() {
		return nil // an UPDATE that does not assign it
	}
	if n >= len(c.t.columns) {
		ctx.ResultBlob(c.rows.Key())
		return nil
	}
	v, col := c.rows.Value(n), &c.t.columns[n]
	switch {
	case v.IsNull():
	case col.form == formText:
		if c.last == nil {
			c.last = make([]repeated, len(c.t.columns))
		}
		c.last[n].show(c.t.s, ctx, v.Text())
	case col.form == formEnum && c.t.names[n].show(c.t.s, ctx, v.Int64(), v.Text()):
	default:
		c.buf, err = col.show(ctx, v, c.buf)
	}
	return err
}

// RowID implements sqlite3.VTabCursor. It is not called: the tables are without.
func (c *cursor) RowID() (int64, error) {
	return 0, fmt.Errorf("table %s has no rowid", c.t.name)
}

// stop ends the walk. The state stays: the next walk of the statement, as the next index of
// an OR, reads the same.
func (c *cursor) stop() {
	if c.rows != nil {
		c.rows.Close() // its error was told, or nobody wants the rest
		c.rows = nil
	}
	c.eof, c.lost = false, nil
}

// Close implements io.Closer.
func (c *cursor) Close() error {
	c.stop()
	err := c.t.s.leave(c)
	if len(c.t.idle) < 4 {
		c.t.idle = append(c.t.idle, c)
	}
	return c.t.s.fail(err)
}
