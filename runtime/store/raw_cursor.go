package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/storegen/storegen/runtime/engine"
)

// ByKey stands in the place of an index for the rows themselves.
const ByKey = byKey

// RawScan is a walk over a run of rows or of index entries.
type RawScan struct {
	// Index is a position in the description's Indexes, or ByKey.
	Index int
	// Start and End bound the run: the encoded key, or the encoded columns of
	// the index with the key behind them where it is not unique. Start is the
	// first in it, End the first behind it; nil is no bound.
	Start, End []byte
	Reverse    bool
	// Limit is how many rows the caller expects to want, 0 if that is not known.
	// It is no bound.
	Limit int
	// NoValues says that the values of the rows are not wanted: by an index, its
	// entries are read alone.
	NoValues bool
}

// RawCursor walks rows in one fixed direction, over one state of the database.
// Rows that have expired and rows that the principal may not see are not shown.
// It is for one goroutine. In a transaction, writes that are made while it is
// open may show or not.
type RawCursor struct {
	ctx   context.Context
	sc    scan
	r     engine.Reader
	done  func() error
	it    engine.Iterator
	now   instant
	steps int

	where, pk, body, include []byte

	// By an index, when rows are read: some at a time.
	batch *rowBatch
	at    int
	ahead int

	rows, bytes int64
	err         error
	closed      bool
}

// Scan begins a walk; the cursor must be closed.
func (r Raw) Scan(ctx context.Context, q RawScan) (*RawCursor, error) {
	if err := r.t.allow(r.s.who, "read", nil); err != nil {
		return nil, err
	}
	prefix, end := r.t.rows, r.t.end
	if q.Index != ByKey {
		if q.Index < 0 || q.Index >= len(r.t.indexes) {
			return nil, r.t.fail("scan", nil, fmt.Errorf("%w: there is no index at %d", engine.ErrInvalid, q.Index))
		}
		prefix, end = r.t.indexes[q.Index].prefix, r.t.indexes[q.Index].end
	}
	c := &RawCursor{ctx: ctx, r: r.s.r, now: instantOf(r.s.time())}
	c.sc = scan{t: r.t, s: r.s, ix: q.Index, end: end, reverse: q.Reverse, limit: q.Limit, keysOnly: q.NoValues}
	c.sc.start = append(bytes.Clone(prefix), q.Start...)
	if q.End != nil {
		c.sc.end = append(bytes.Clone(prefix), q.End...)
	}
	c.sc.clip(nil)
	if bytes.Compare(c.sc.start, c.sc.end) >= 0 {
		return c, nil // no iterator: the end is reached
	}
	keysOnly := false
	switch {
	case q.Index == ByKey:
		keysOnly = q.NoValues && !r.t.expires
	case !q.NoValues:
		reader, done, err := r.s.steady(ctx)
		if err != nil {
			return nil, r.t.fail("scan", nil, err)
		}
		c.r, c.done = reader, done
		c.batch = batches.Get().(*rowBatch)
		c.ahead = firstAhead
		if q.Limit > 0 {
			c.ahead = min(q.Limit, MostAhead)
		}
	}
	c.it = c.sc.iterate(ctx, c.r, keysOnly)
	return c, nil
}

// Next moves to the next row, and returns false at the end or at an error.
func (c *RawCursor) Next() bool {
	if c.err != nil || c.it == nil || c.closed {
		return false
	}
	var more bool
	var err error
	switch {
	case c.batch != nil:
		more, err = c.nextIndexed()
	case c.sc.ix == byKey:
		more, err = c.nextRow()
	default:
		more, err = c.nextEntry()
	}
	if err != nil {
		c.err = c.sc.t.fail("scan", nil, err)
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
func (c *RawCursor) tick() error {
	c.steps++
	if c.steps%every == 0 {
		return c.ctx.Err()
	}
	return nil
}

func (c *RawCursor) nextRow() (bool, error) {
	for c.it.Next() {
		if err := c.tick(); err != nil {
			return false, err
		}
		key, v := c.it.Key(), c.it.Value()
		c.where, c.pk, c.body = key, c.sc.t.pk(key), nil
		if v == nil && c.sc.keysOnly {
			return true, nil
		}
		expiry, body, err := splitValue(v)
		if err != nil {
			return false, corrupt(c.where, err)
		}
		if c.now.expired(expiry) {
			continue
		}
		c.body = body
		return true, nil
	}
	return false, c.it.Err()
}

func (c *RawCursor) nextEntry() (bool, error) {
	for c.it.Next() {
		if err := c.tick(); err != nil {
			return false, err
		}
		key := c.it.Key()
		pk, include, show, err := c.sc.entry(key, c.it.Value(), &c.now)
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

func (c *RawCursor) nextIndexed() (bool, error) {
	for {
		for c.at < len(c.batch.rows) {
			i := c.at
			c.at++
			if c.batch.vals[i] == nil {
				if err := c.missing(i); err != nil {
					return false, err
				}
				continue
			}
			_, body, err := splitValue(c.batch.vals[i])
			if err != nil {
				return false, corrupt(c.batch.rows[i], err)
			}
			c.where, c.pk, c.body = c.batch.where[i], c.sc.t.pk(c.batch.rows[i]), body
			return true, nil
		}
		if more, err := c.fill(); err != nil || !more {
			return false, err
		}
	}
}

// fill reads the next entries and the rows they stand for.
func (c *RawCursor) fill() (bool, error) {
	c.batch.reset()
	c.at = 0
	for len(c.batch.rows) < c.ahead && c.it.Next() {
		if err := c.tick(); err != nil {
			return false, err
		}
		key := c.it.Key()
		pk, _, show, err := c.sc.entry(key, c.it.Value(), &c.now)
		if err != nil {
			return false, err
		}
		if show {
			c.batch.add(key, c.sc.t.rows, pk)
		}
	}
	if err := c.it.Err(); err != nil {
		return false, err
	}
	if len(c.batch.rows) == 0 {
		return false, nil
	}
	c.ahead = min(2*c.ahead, MostAhead)
	return true, c.batch.read(c.ctx, c.r)
}

// missing tells whether an entry without a row is an error. In a transaction the
// row may have been deleted since the walk began, and its entry with it.
func (c *RawCursor) missing(i int) error {
	if c.sc.s.w != nil {
		has, err := c.r.Has(c.ctx, c.batch.where[i])
		if err != nil || !has {
			return err
		}
	}
	return corrupt(c.batch.where[i], fmt.Errorf("the entry names row %s, which is not there",
		formatKey(c.sc.t.codec, c.sc.t.pk(c.batch.rows[i]))))
}

// The results of the methods below are valid until the next call of Next or
// Close.

// Key is the row's encoded key.
func (c *RawCursor) Key() []byte { return c.pk }

// Value is the row's value in the wire format; nil with NoValues.
func (c *RawCursor) Value() []byte {
	if c.sc.keysOnly {
		return nil
	}
	return c.body
}

// Columns is the columns of the index entry, with the key behind them where the
// index is not unique; by key, it is the key.
func (c *RawCursor) Columns() []byte {
	if c.sc.ix == byKey {
		return c.pk
	}
	return c.where[len(c.sc.t.indexes[c.sc.ix].prefix):]
}

// Include is the fields that the index entry includes, in the wire format; nil
// unless entries are read alone.
func (c *RawCursor) Include() []byte { return c.include }

// Corrupt makes an error of decoding the row an ErrCorrupt that says where it
// is.
func (c *RawCursor) Corrupt(err error) error {
	if err == nil {
		return nil
	}
	key := append(bytes.Clone(c.sc.t.rows), c.pk...)
	return c.sc.t.fail("scan", key, corrupt(c.where, err))
}

// Err is the error that ended the walk early; nil at a true end.
func (c *RawCursor) Err() error { return c.err }

// Close releases the cursor and returns Err. Closing twice is no error.
func (c *RawCursor) Close() error {
	if c.closed {
		return c.err
	}
	c.closed = true
	var err error
	if c.it != nil {
		err = c.it.Close()
	}
	if c.done != nil {
		err = errors.Join(err, c.done())
	}
	if c.err == nil {
		c.err = c.sc.t.fail("scan", nil, err)
	}
	if c.batch != nil {
		c.batch.release()
	}
	c.where, c.pk, c.body, c.include, c.batch = nil, nil, nil, nil, nil
	if !c.sc.keysOnly {
		c.sc.t.seen.add(c.rows, c.bytes)
	}
	return c.err
}

// Holder returns the encoded key of the row that a refused write lost against:
// the other holder of a unique value. It is nil for other errors.
func Holder(err error) []byte {
	var e *UniqueError
	if errors.As(err, &e) {
		return e.HolderKey
	}
	return nil
}
