package rawstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Cursor walks rows in one fixed direction, over one state of the database.
// Rows that have expired and rows that the principal may not see are not shown.
// It is for one goroutine. In a transaction it shows the rows as they were when it
// was opened, whatever the transaction writes meanwhile.
type Cursor struct {
	ctx     context.Context
	sc      entity.Scan
	r       engine.Reader
	done    func() error
	it      engine.Iterator
	only    bool              // keys of pairs are enough
	then    []Span            // runs that are yet to be opened
	its     []engine.Iterator // those that were, behind it
	old     *txn.Past         // by an index, in a transaction
	pending *txn.Before       // what the cursor is pending in
	now     layout.Instant
	steps   int

	where, pk, body, include []byte

	// By an index, when rows are read: some at a time.
	batch *entity.RowBatch
	at    int
	ahead int

	rows, bytes int64
	err         error
	closed      bool
}

// bound makes a run the one that iterators are opened over. It reports whether there
// can be anything in it.
func (c *Cursor) bound(run Span) bool {
	prefix, end := c.sc.T.Rows, c.sc.T.End
	if c.sc.Ix != ByKey {
		prefix, end = c.sc.T.Indexes[c.sc.Ix].Prefix, c.sc.T.Indexes[c.sc.Ix].End
	}
	c.sc.Start, c.sc.End = append(bytes.Clone(prefix), run.Start...), end
	if run.End != nil {
		c.sc.End = append(bytes.Clone(prefix), run.End...)
	}
	c.sc.Clip(nil)
	return bytes.Compare(c.sc.Start, c.sc.End) < 0
}

// step moves to the next pair of all runs.
func (c *Cursor) step() bool {
	for {
		if c.it.Next() {
			return true
		}
		if c.it.Err() != nil || !c.further() {
			return false
		}
	}
}

// further goes on with the next run, if there is one.
func (c *Cursor) further() bool {
	if len(c.its) == 0 {
		for len(c.its) == 0 && len(c.then) > 0 {
			c.openNext()
		}
		if len(c.its) == 0 {
			return false
		}
	}
	if c.it != nil {
		_ = c.it.Close() // which has ended, without an error
	}
	c.it, c.its = c.its[0], c.its[1:]
	return true
}

func (c *Cursor) openNext() {
	run := c.then[0]
	if c.then = c.then[1:]; c.bound(run) {
		c.its = append(c.its, c.sc.Iterate(c.ctx, c.r, c.only))
	}
}

// rest opens what a cursor has not opened yet.
type rest Cursor

// OpenRest opens iterators over all runs, as the transaction is about to write what
// they must not show.
func (r *rest) OpenRest() {
	c := (*Cursor)(r)
	for len(c.then) > 0 {
		c.openNext()
	}
}

// Next moves to the next row, and returns false at the end or at an error.
func (c *Cursor) Next() bool {
	if c.err != nil || c.it == nil || c.closed {
		return false
	}
	var more bool
	var err error
	switch {
	case c.batch != nil:
		more, err = c.nextIndexed()
	case c.sc.Ix == entity.ByKey:
		more, err = c.nextRow()
	default:
		more, err = c.nextEntry()
	}
	if err != nil {
		c.err = c.sc.T.FailFor(c.sc.S.Who, "scan", nil, err)
		return false
	}
	if !more {
		return false
	}
	c.rows++
	c.bytes += int64(len(c.pk) + len(c.body))
	return true
}

// tick looks at the context from time to time.
func (c *Cursor) tick() error {
	c.steps++
	if c.steps%entity.Every == 0 {
		return c.ctx.Err()
	}
	return nil
}

func (c *Cursor) nextRow() (bool, error) {
	for c.step() {
		if err := c.tick(); err != nil {
			return false, err
		}
		key, v := c.it.Key(), c.it.Value()
		c.where, c.pk, c.body = key, c.sc.T.Pk(key), nil
		if v == nil && c.sc.KeysOnly {
			return true, nil
		}
		expiry, body, err := layout.SplitValue(v)
		if err != nil {
			return false, errs.Corrupt(c.where, err)
		}
		if c.now.Expired(expiry) {
			continue
		}
		c.body = body
		return true, nil
	}
	return false, c.it.Err()
}

func (c *Cursor) nextEntry() (bool, error) {
	for c.step() {
		if err := c.tick(); err != nil {
			return false, err
		}
		key := c.it.Key()
		pk, include, show, err := c.sc.Entry(key, c.it.Value(), &c.now)
		if err != nil {
			return false, err
		}
		if show {
			c.where, c.pk, c.include = key, pk, include
			return true, nil
		}
	}
	return false, c.it.Err()
}

func (c *Cursor) nextIndexed() (bool, error) {
	for {
		for c.at < len(c.batch.Rows) {
			i := c.at
			c.at++
			if c.batch.Vals[i] == nil {
				return false, c.missing(i)
			}
			_, body, err := layout.SplitValue(c.batch.Vals[i])
			if err != nil {
				return false, errs.Corrupt(c.batch.Rows[i], err)
			}
			c.where, c.pk, c.body = c.batch.Where[i], c.sc.T.Pk(c.batch.Rows[i]), body
			return true, nil
		}
		if more, err := c.fill(); err != nil || !more {
			return false, err
		}
	}
}

// fill reads the next entries and the rows they stand for.
func (c *Cursor) fill() (bool, error) {
	c.batch.Reset()
	c.at = 0
	for len(c.batch.Rows) < c.ahead && c.step() {
		if err := c.tick(); err != nil {
			return false, err
		}
		key := c.it.Key()
		pk, _, show, err := c.sc.Entry(key, c.it.Value(), &c.now)
		if err != nil {
			return false, err
		}
		if show {
			c.batch.Add(key, c.sc.T.Rows, pk)
		}
	}
	if err := c.it.Err(); err != nil {
		return false, err
	}
	if len(c.batch.Rows) == 0 {
		return false, nil
	}
	c.ahead = min(2*c.ahead, entity.MostAhead)
	return true, c.batch.Read(c.ctx, c.r, c.old)
}

// missing is the error of an entry without a row.
func (c *Cursor) missing(i int) error {
	return errs.Corrupt(c.batch.Where[i], fmt.Errorf("the entry names row %s, which is not there",
		layout.FormatKey(c.sc.T.Codec, c.sc.T.Pk(c.batch.Rows[i]))))
}

// The results of the methods below are valid until the next call of Next or
// Close.

// Key is the row's encoded key.
func (c *Cursor) Key() []byte { return c.pk }

// Value is the row's value in the wire format; nil with NoValues.
func (c *Cursor) Value() []byte {
	if c.sc.KeysOnly {
		return nil
	}
	return c.body
}

// Columns is the columns of the index entry, with the key behind them where the
// index is not unique; by key, it is the key.
func (c *Cursor) Columns() []byte {
	if c.sc.Ix == entity.ByKey {
		return c.pk
	}
	return c.where[len(c.sc.T.Indexes[c.sc.Ix].Prefix):]
}

// Include is the fields that the index entry includes, in the wire format; nil
// unless entries are read alone.
func (c *Cursor) Include() []byte { return c.include }

// Corrupt makes an error of decoding the row an ErrCorrupt that says where it
// is.
func (c *Cursor) Corrupt(err error) error {
	if err == nil {
		return nil
	}
	key := append(bytes.Clone(c.sc.T.Rows), c.pk...)
	return c.sc.T.FailFor(c.sc.S.Who, "scan", key, errs.Corrupt(c.where, err))
}

// Err is the error that ended the walk early; nil at a true end.
func (c *Cursor) Err() error { return c.err }

// Close releases the cursor and returns Err. Closing twice is no error.
func (c *Cursor) Close() error {
	if c.closed {
		return c.err
	}
	c.closed = true
	var err error
	if c.it != nil {
		err = c.it.Close()
	}
	for _, it := range c.its {
		err = errors.Join(err, it.Close())
	}
	c.old.End()
	if c.pending != nil {
		c.pending.Pending = slices.DeleteFunc(c.pending.Pending, func(o txn.Opener) bool { return o == txn.Opener((*rest)(c)) })
	}
	if c.done != nil {
		err = errors.Join(err, c.done())
	}
	if c.err == nil {
		c.err = c.sc.T.FailFor(c.sc.S.Who, "scan", nil, err)
	}
	if c.batch != nil {
		c.batch.Release()
	}
	c.where, c.pk, c.body, c.include, c.batch = nil, nil, nil, nil, nil
	if !c.sc.KeysOnly {
		c.sc.T.Seen.Add(c.rows, c.bytes)
	}
	return c.err
}
