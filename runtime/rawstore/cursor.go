package rawstore

import (
	"bytes"

	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/record"
)

// Cursor walks rows in one fixed direction, over one state of the database.
// Rows that have expired and rows that the principal may not see are not shown.
// It is for one goroutine. In a transaction it shows the rows as they were when it
// was opened, whatever the transaction writes meanwhile.
type Cursor struct {
	of      Table
	w       *entity.Walk // nil once the cursor is closed
	entries bool         // of an index, without its rows
	values  bool         // of the rows
	here    bool         // at a row
	columns []byte

	whole  layout.ColumnCodec // of rows that are stored whole; nil for others
	row    any                // what their columns are read into
	fields []byte

	rows, bytes int64
	err         error
}

// Next moves to the next row, and returns false at the end or at an error.
func (c *Cursor) Next() bool {
	if c.w == nil || c.err != nil {
		return false
	}
	c.columns = c.columns[:0]
	if c.here = c.w.Next(); !c.here {
		c.err = c.of.t.FailFor(c.of.s.Who, "scan", nil, c.w.Err())
		return false
	}
	c.rows++
	c.bytes += int64(len(c.w.Key()) + len(c.Value()))
	return true
}

// The results of the methods below are valid until the next call of Next or
// Close.

// Key is the row's encoded key.
func (c *Cursor) Key() []byte {
	if !c.here {
		return nil
	}
	return c.w.Key()
}

// Value is the row's value in the wire format; nil with NoValues.
func (c *Cursor) Value() []byte {
	if !c.here || !c.values {
		return nil
	}
	return c.w.Body()
}

// Fields is some fields of the row's value in the wire format, by their numbers, and
// maybe others: Value, or what it holds where rows are stored whole.
func (c *Cursor) Fields(of record.Fields) ([]byte, error) {
	if c.whole == nil {
		return c.Value(), nil
	}
	codec := c.of.t.Codec
	if c.row == nil {
		c.row = codec.NewRow()
	}
	codec.Reset(c.row)
	err := codec.DecodeRowKey(c.Key(), c.row)
	if err == nil {
		_, err = codec.DecodeValue(c.Value(), c.row, of, nil)
	}
	if err != nil {
		return nil, err
	}
	c.fields = c.whole.AppendColumns(c.fields[:0], c.row)
	return c.fields, nil
}

// Columns is the columns of the index entry, with the key behind them where the
// index is not unique; by key, it is the key.
func (c *Cursor) Columns() []byte {
	if c.here && len(c.columns) == 0 {
		c.columns = c.w.Columns(c.columns)
	}
	return c.columns
}

// Include is the fields that the index entry includes, in the wire format; nil
// unless entries are read alone.
func (c *Cursor) Include() []byte {
	if !c.here || !c.entries {
		return nil
	}
	return c.w.Include()
}

// Corrupt makes an error of decoding the row an ErrCorrupt that says where it
// is.
func (c *Cursor) Corrupt(err error) error {
	if err == nil || !c.here {
		return err
	}
	key := append(bytes.Clone(c.of.t.Rows), c.w.Key()...)
	return c.of.t.FailFor(c.of.s.Who, "scan", key, errs.Corrupt(c.w.Where(), err))
}

// Err is the error that ended the walk early; nil at a true end.
func (c *Cursor) Err() error { return c.err }

// Close releases the cursor and returns Err. Closing twice is no error.
func (c *Cursor) Close() error {
	if c.w == nil {
		return c.err
	}
	err := c.w.Close()
	c.w, c.here, c.columns = nil, false, nil
	if c.err == nil {
		c.err = c.of.t.FailFor(c.of.s.Who, "scan", nil, err)
	}
	if c.values {
		c.of.t.Seen.Add(c.rows, c.bytes)
	}
	return c.err
}
