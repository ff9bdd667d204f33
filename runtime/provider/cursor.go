package provider

import (
	"context"
	"fmt"
	"slices"
	"sync"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/rawstore"
)

// cursor walks the spans of a path.
type cursor struct {
	ctx   context.Context
	p     *Provider
	table rawstore.Table
	scan  rawstore.Scan
	spans []span // in the order of the path, until the walk begins
	all   bool   // the spans are points
	dec   *decoder
	// decoders is who dec is given back to; nil for nobody.
	decoders *sync.Pool
	limit    int64
	shown    int64
	seen     map[string]struct{} // the keys shown, where a row can come twice

	raw    *rawstore.Cursor // the walk under way, or nil
	on     bool             // stands on a row
	closed bool
	err    error
}

// Next implements Cursor.
func (c *cursor) Next() bool {
	c.on = false
	if c.err != nil || c.closed {
		return false
	}
	if c.limit > 0 && c.shown >= c.limit {
		c.end(nil)
		return false
	}
	for {
		if c.raw == nil && !c.open() {
			return false
		}
		if !c.raw.Next() {
			err := c.raw.Close()
			c.raw = nil
			if err != nil {
				c.end(err)
				return false
			}
			continue
		}
		if c.seen != nil {
			if _, twice := c.seen[string(c.raw.Key())]; twice {
				continue
			}
			c.seen[string(c.raw.Key())] = struct{}{}
		}
		if err := c.dec.row(c.raw); err != nil {
			c.end(c.raw.Corrupt(err))
			return false
		}
		c.shown++
		c.on = true
		return true
	}
}

// open begins the walk. It returns false at the end and at an error.
func (c *cursor) open() bool {
	if len(c.spans) == 0 {
		c.end(nil)
		return false
	}
	if c.scan.Reverse {
		slices.Reverse(c.spans)
	}
	if c.all {
		c.scan.Points = make([][]byte, len(c.spans))
		for i := range c.spans {
			c.scan.Points[i] = c.spans[i].start
		}
	} else {
		c.scan.Start, c.scan.End = c.spans[0].bounds()
		for _, s := range c.spans[1:] {
			start, end := s.bounds()
			c.scan.Then = append(c.scan.Then, rawstore.Range{Start: start, End: end})
		}
	}
	c.spans = nil
	raw, err := c.table.Scan(c.ctx, c.scan)
	if err != nil {
		c.end(err)
		return false
	}
	c.raw = raw
	return true
}

// Value implements Cursor.
func (c *cursor) Value(column int) Value {
	if asked := c.dec.asked; c.on && uint(column) < uint(len(asked)) && asked[column] {
		return c.dec.values[column]
	}
	c.refuse(column)
	return Value{}
}

// ListCursor is a Cursor that looks into lists as they are stored. Their documents
// show bytes that are not UTF-8 as U+FFFD, and so do not tell all elements apart.
// Cursors of a Provider are.
type ListCursor interface {
	Cursor
	// Contains reports whether the list in a column has an element that equals a
	// value, of the kind of the elements: documents of kind JSON where those are
	// structs. The column must be one that the scan asked for.
	Contains(column int, elem Value) bool
}

var _ ListCursor = (*cursor)(nil)

// Contains implements ListCursor.
func (c *cursor) Contains(column int, elem Value) bool {
	if asked := c.dec.asked; c.on && uint(column) < uint(len(asked)) && asked[column] {
		return c.dec.contains(column, elem)
	}
	c.refuse(column)
	return false
}

// refuse makes it an error that a column was read that is not there.
func (c *cursor) refuse(column int) {
	if c.on && c.err == nil {
		c.err = c.p.fail("scan", fmt.Errorf("%w: the value of column %s was read, which the scan did not ask for", engine.ErrInvalid, c.p.def.columnName(column)))
	}
}

func (d *TableDef) columnName(column int) string {
	if column >= 0 && column < len(d.Columns) {
		return d.Columns[column].Name
	}
	return fmt.Sprint(column)
}

// Key implements Cursor.
func (c *cursor) Key() []byte {
	if !c.on {
		return nil
	}
	return c.raw.Key()
}

// Err implements Cursor.
func (c *cursor) Err() error { return c.err }

// end releases all that is open.
func (c *cursor) end(err error) {
	if c.closed {
		return
	}
	c.closed, c.on = true, false
	if c.raw != nil {
		err = first(err, c.raw.Close())
		c.raw = nil
	}
	c.giveBack()
	if c.err == nil {
		c.err = c.p.fail("scan", err)
	}
}

// first keeps one error where the second is the same one again.
func first(a, b error) error {
	if a != nil {
		return a
	}
	return b
}

// Close implements Cursor.
func (c *cursor) Close() error {
	c.end(nil)
	return c.err
}

// ColumnSink takes values column by column, as columnar formats build them.
type ColumnSink interface {
	// AppendValue adds a value to a column, by its position in TableDef.Columns. The
	// value is borrowed for the call.
	AppendValue(column int, v Value) error
}

// RowSink is a ColumnSink that takes all values of a row at once, which costs less.
type RowSink interface {
	ColumnSink
	// AppendRow adds the values of a row, by column. Those of columns that were not asked
	// for mean nothing. They are borrowed for the call.
	AppendRow(values []Value) error
}

// BatchCursor is a Cursor that fills columns. Cursors of a Provider are.
type BatchCursor interface {
	Cursor
	// AppendTo moves over up to n rows and gives the values of all columns that were
	// asked for to the sink, row by row. It returns the number of rows, fewer than n
	// only at the end or at an error.
	AppendTo(s ColumnSink, n int) (int, error)
}

var _ BatchCursor = (*cursor)(nil)

// AppendTo implements BatchCursor.
func (c *cursor) AppendTo(s ColumnSink, n int) (int, error) {
	if rows, ok := s.(RowSink); ok {
		for i := range n {
			if !c.Next() {
				return i, c.err
			}
			if err := rows.AppendRow(c.dec.values); err != nil {
				return i, err
			}
		}
		return n, nil
	}
	columns := c.dec.wanted.List()
	for i := range n {
		if !c.Next() {
			return i, c.err
		}
		for _, col := range columns {
			if err := s.AppendValue(col, c.dec.values[col]); err != nil {
				return i, err
			}
		}
	}
	return n, nil
}
