package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/storegen/storegen/runtime/access"
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
	// Then is further runs, which are walked in this order one behind the other.
	Then    []RawSpan
	Reverse bool
	// Limit is how many rows the caller expects to want, 0 if that is not known.
	// It is no bound.
	Limit int
	// NoValues says that the values of the rows are not wanted: by an index, its
	// entries are read alone.
	NoValues bool
}

// RawSpan is a run, as the Start and End of a RawScan.
type RawSpan struct{ Start, End []byte }

// RawCursor walks rows in one fixed direction, over one state of the database.
// Rows that have expired and rows that the principal may not see are not shown.
// It is for one goroutine. In a transaction it shows the rows as they were when it
// was opened, whatever the transaction writes meanwhile.
type RawCursor struct {
	ctx     context.Context
	sc      scan
	r       engine.Reader
	done    func() error
	it      engine.Iterator
	only    bool              // keys of pairs are enough
	then    []RawSpan         // runs that are yet to be opened
	its     []engine.Iterator // those that were, behind it
	old     *past             // by an index, in a transaction
	pending *before           // what the cursor is pending in
	now     instant
	steps   int

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
	if err := r.t.allow(r.s.who, access.Read, nil); err != nil {
		return nil, err
	}
	if q.Index != ByKey && (q.Index < 0 || q.Index >= len(r.t.indexes)) {
		return nil, r.t.fail("scan", nil, fmt.Errorf("%w: there is no index at %d", engine.ErrInvalid, q.Index))
	}
	c := &RawCursor{ctx: ctx, r: r.s.r, now: instantOf(r.s.time())}
	c.sc = scan{t: r.t, s: r.s, ix: q.Index, reverse: q.Reverse, limit: q.Limit, keysOnly: q.NoValues}
	c.then = q.Then
	first := c.bound(RawSpan{q.Start, q.End})
	if !first && len(c.then) == 0 {
		return c, nil // no iterator: the end is reached
	}
	switch {
	case q.Index == ByKey:
		c.only = q.NoValues && !r.t.expires
	case !q.NoValues:
		reader, done, err := r.s.steady(ctx)
		if err != nil {
			return nil, r.t.failFor(r.s.who, "scan", nil, err)
		}
		c.r, c.done = reader, done
		c.batch = batches.Get().(*rowBatch)
		c.ahead = firstAhead
		if q.Limit > 0 {
			c.ahead = min(q.Limit, MostAhead)
		}
	}
	if c.batch != nil {
		c.old = r.s.walk()
	}
	if first {
		c.it = c.sc.iterate(ctx, c.r, c.only)
	} else {
		c.further()
	}
	if len(c.then) > 0 && r.s.w != nil && !r.s.over() {
		c.pending = r.s.w.rowsBefore()
		c.pending.pending = append(c.pending.pending, c)
	}
	return c, nil
}

// bound makes a run the one that iterators are opened over. It reports whether there
// can be anything in it.
func (c *RawCursor) bound(run RawSpan) bool {
	prefix, end := c.sc.t.rows, c.sc.t.end
	if c.sc.ix != ByKey {
		prefix, end = c.sc.t.indexes[c.sc.ix].prefix, c.sc.t.indexes[c.sc.ix].end
	}
	c.sc.start, c.sc.end = append(bytes.Clone(prefix), run.Start...), end
	if run.End != nil {
		c.sc.end = append(bytes.Clone(prefix), run.End...)
	}
	c.sc.clip(nil)
	return bytes.Compare(c.sc.start, c.sc.end) < 0
}

// step moves to the next pair of all runs.
func (c *RawCursor) step() bool {
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
func (c *RawCursor) further() bool {
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

func (c *RawCursor) openNext() {
	run := c.then[0]
	if c.then = c.then[1:]; c.bound(run) {
		c.its = append(c.its, c.sc.iterate(c.ctx, c.r, c.only))
	}
}

// openRest opens iterators over all runs, as the transaction is about to write what
// they must not show.
func (c *RawCursor) openRest() {
	for len(c.then) > 0 {
		c.openNext()
	}
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
		c.err = c.sc.t.failFor(c.sc.s.who, "scan", nil, err)
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
	for c.step() {
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
	for c.step() {
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
				return false, c.missing(i)
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
	for len(c.batch.rows) < c.ahead && c.step() {
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
	return true, c.batch.read(c.ctx, c.r, c.old)
}

// missing is the error of an entry without a row.
func (c *RawCursor) missing(i int) error {
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
	return c.sc.t.failFor(c.sc.s.who, "scan", key, corrupt(c.where, err))
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
	for _, it := range c.its {
		err = errors.Join(err, it.Close())
	}
	c.old.end()
	if c.pending != nil {
		c.pending.pending = slices.DeleteFunc(c.pending.pending, func(o opener) bool { return o == c })
	}
	if c.done != nil {
		err = errors.Join(err, c.done())
	}
	if c.err == nil {
		c.err = c.sc.t.failFor(c.sc.s.who, "scan", nil, err)
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
