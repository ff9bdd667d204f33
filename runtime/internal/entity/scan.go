package entity

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/mem"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Scan is one walk over a run of rows or index entries.
type Scan struct {
	T          *Table
	S          *txn.Session
	Ix         int // an index, or byKey
	Start, End []byte
	Reverse    bool
	Limit      int      // how many rows are wanted, for the engine and for reading ahead
	whole      int      // how many rows at most have their values read; 0 is all
	KeysOnly   bool     // rows' values are not wanted
	mine       bool     // only rows that the principal owns
	columns    [40]byte // of the entry that was taken apart last, if they are short
	size       int      // of those
}

// Clip narrows the walk: to what lies behind from, if that is not nil, and to
// the principal's own rows where rows have owners.
func (sc *Scan) Clip(from []byte) {
	switch {
	case from == nil:
	case sc.Reverse:
		sc.End = lesser(sc.End, from)
	default:
		sc.Start = greater(sc.Start, append(bytes.Clone(from), 0))
	}
	if sc.S.Who == nil || sc.T.Access != access.Owned {
		return
	}
	sc.mine = true
	if sc.Ix != ByKey {
		return
	}
	prefix, whole := sc.T.owned(*sc.S.Who)
	lo := append(bytes.Clone(sc.T.Rows), prefix...)
	hi := keys.Successor(lo)
	if whole {
		hi = append(bytes.Clone(lo), 0)
	}
	sc.Start, sc.End = greater(sc.Start, lo), lesser(sc.End, hi)
}

func greater(a, b []byte) []byte {
	if bytes.Compare(a, b) >= 0 {
		return a
	}
	return b
}

func lesser(a, b []byte) []byte {
	if bytes.Compare(a, b) <= 0 {
		return a
	}
	return b
}

func (sc *Scan) Iterate(ctx context.Context, r engine.Reader, keysOnly bool) engine.Iterator {
	it := r.Iterate(ctx, engine.Range{Start: sc.Start, End: sc.End, Reverse: sc.Reverse, KeysOnly: keysOnly, Limit: sc.Limit})
	if sc.S.Walks != nil && !sc.S.Over() {
		return sc.S.Walks.Add(it, sc.T.Name)
	}
	return it
}

// visitRow is called with the place of a row in the walk, its key and its value.
type visitRow func(where, pk, body []byte) (more bool, err error)

// run walks rows. Unless keysOnly is set, pk and body belong to the visitor.
func (sc *Scan) run(ctx context.Context, visit visitRow) error {
	if bytes.Compare(sc.Start, sc.End) >= 0 {
		return nil
	}
	if sc.Ix == ByKey {
		return sc.rows(ctx, sc.S.R, visit)
	}
	if sc.KeysOnly {
		return sc.entries(ctx, visit)
	}
	r, done, err := sc.S.Steady(ctx)
	if err != nil {
		return err
	}
	err = sc.indexed(ctx, r, visit)
	return errors.Join(err, done())
}

// every is how many steps a walk takes between two looks at its context.
const Every = 256

// rows walks the table itself.
func (sc *Scan) rows(ctx context.Context, r engine.Reader, visit visitRow) error {
	now := layout.InstantOf(sc.S.Time())
	if sc.KeysOnly {
		return sc.keys(ctx, r, &now, visit)
	}
	it := sc.Iterate(ctx, r, false)
	defer it.Close()
	ahead, most := sc.ahead()
	c := chunks.Get().(*rowChunk)
	defer c.release()
	c.now, c.prefix, c.mem.Expect = now, len(sc.T.Rows), sc.Limit
	of, _ := it.(*txn.Walk) // of a view, whose end ends the walk, whatever it has at hand
	shown := 0
	for more := true; more; ahead = sc.further(ahead, most, shown) {
		c.rows, c.size = c.rows[:0], 0
		more = engine.Take(it, ahead, c.add)
		c.most = max(c.most, len(c.rows))
		for i := range c.rows {
			row := &c.rows[i]
			if of != nil && of.Ended.Load() {
				return of.Err()
			}
			key := row.own[:row.key:row.key]
			if on, err := visit(key, key[c.prefix:], row.own[row.key:]); err != nil || !on {
				return err
			}
			shown++
		}
		if c.err != nil {
			return c.err
		}
		if err := ctx.Err(); err != nil {
			return err
		}
	}
	return it.Close()
}

// ahead is how many pairs the walk takes from its iterator at once, first and at most.
func (sc *Scan) ahead() (first, most int) {
	switch {
	case sc.S.W != nil:
		return 1, 1 // what lies ahead may be changed by the visitor
	case sc.Limit > 0:
		return min(sc.Limit, MostAhead), MostAhead
	}
	return FirstAhead, MostAhead
}

// further is how many are taken next, after so many: no more than the limit leaves of
// those that were shown. It may be past, as the rows that a filter passes over do not
// count in it.
func (sc *Scan) further(ahead, most, shown int) int {
	ahead = min(2*ahead, most)
	if left := sc.Limit - shown; left > 0 {
		ahead = min(ahead, left)
	}
	return ahead
}

// keys is rows where only keys are wanted.
func (sc *Scan) keys(ctx context.Context, r engine.Reader, now *layout.Instant, visit visitRow) error {
	it := sc.Iterate(ctx, r, !sc.T.Expires)
	defer it.Close()
	for n := 1; it.Next(); n++ {
		if n%Every == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if sc.T.Expires {
			expiry, _, err := layout.SplitValue(it.Value())
			if err != nil {
				return errs.Corrupt(it.Key(), err)
			}
			if now.Expired(expiry) {
				continue
			}
		}
		more, err := visit(it.Key(), sc.T.Pk(it.Key()), nil)
		if err != nil || !more {
			return err
		}
	}
	return it.Close()
}

// rowChunk is a run of rows that a walk takes from its iterator at once: a step
// of the iterator costs a lock and calls that many rows can share.
type rowChunk struct {
	mem    mem.Arena
	now    layout.Instant
	prefix int // what the keys of all rows begin with, in bytes
	rows   []storedRow
	size   int // of those, in bytes
	most   int // rows there were at once
	err    error
	add    func(key, value []byte) bool // adds a row
}

// chunkSize is about how many bytes of rows, or of entries, are taken at once at most.
const chunkSize = 64 << 10

// storedRow is a row that has not expired: its key and behind that its body, in memory
// of its own.
type storedRow struct {
	own []byte
	key int // where the key ends
}

// chunks are used again, as each walk needs one.
var chunks = sync.Pool{New: func() any {
	c := new(rowChunk)
	c.add = c.addRow
	return c
}}

func (c *rowChunk) addRow(key, value []byte) bool {
	expiry, body, err := layout.SplitValue(value)
	if err != nil {
		c.err = errs.Corrupt(bytes.Clone(key), err)
		return false
	}
	if !c.now.Expired(expiry) {
		own := c.mem.Take(len(key) + len(body))
		n := copy(own, key)
		copy(own[n:], body)
		c.rows = append(c.rows, storedRow{own, n})
		c.size += len(own)
	}
	return c.size < chunkSize
}

// release gives the chunk back, with nothing of what it held.
func (c *rowChunk) release() {
	clear(c.rows[:c.most])
	c.mem, c.most, c.err = mem.Arena{}, 0, nil
	chunks.Put(c)
}

// entries walks an index without reading rows: body is what an entry includes.
// Nothing of it may be kept.
func (sc *Scan) entries(ctx context.Context, visit visitRow) error {
	if bytes.Compare(sc.Start, sc.End) >= 0 {
		return nil
	}
	it := sc.Iterate(ctx, sc.S.R, false)
	defer it.Close()
	now := layout.InstantOf(sc.S.Time())
	for n := 1; it.Next(); n++ {
		if n%Every == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		key := it.Key()
		pk, include, show, err := sc.Entry(key, it.Value(), &now)
		if err != nil {
			return err
		}
		if !show {
			continue
		}
		more, err := visit(key, pk, include)
		if err != nil || !more {
			return err
		}
	}
	return it.Close()
}

// Entry takes an entry apart, and tells whether its row may be shown.
func (sc *Scan) Entry(key, value []byte, now *layout.Instant) (pk, include []byte, show bool, err error) {
	ix := &sc.T.Indexes[sc.Ix]
	expiry, body, err := layout.SplitValue(value)
	if err != nil {
		return nil, nil, false, errs.Corrupt(key, err)
	}
	if now.Expired(expiry) {
		return nil, nil, false, nil
	}
	if ix.Desc.Unique {
		pk, include, err = layout.Holder(body)
	} else {
		include = body
		pk, err = sc.skipColumns(key[len(ix.Prefix):], ix.Cols)
	}
	if err != nil {
		return nil, nil, false, errs.Corrupt(key, err)
	}
	return pk, include, !sc.mine || sc.T.owns(*sc.S.Who, pk), nil
}

// skipColumns is skipColumns for entries in their order, many of which have the
// columns of the one before: those end where they did there.
func (sc *Scan) skipColumns(b []byte, cols []layout.ColumnCode) (pk []byte, err error) {
	if n := sc.size; n > 0 && bytes.HasPrefix(b, sc.columns[:n]) {
		return b[n:], nil
	}
	if pk, err = layout.SkipColumns(b, cols); err == nil && len(b)-len(pk) <= len(sc.columns) {
		sc.size = copy(sc.columns[:], b[:len(b)-len(pk)])
	}
	return pk, err
}

// How many rows an index walk reads at once: few at first, since the caller may
// stop soon. MostAhead is also how many rows of a page are made room for at first.
const (
	FirstAhead = 8
	MostAhead  = 128
)

// indexed walks an index and reads the rows that its entries stand for, some at
// a time.
func (sc *Scan) indexed(ctx context.Context, r engine.Reader, visit visitRow) error {
	rows := sc.S.Walk()
	defer rows.End()
	it := sc.Iterate(ctx, r, false)
	defer it.Close()
	now := layout.InstantOf(sc.S.Time())
	ahead := FirstAhead
	if sc.Limit > 0 {
		ahead = min(sc.Limit, MostAhead)
	}
	b := Batches.Get().(*RowBatch)
	defer b.Release()
	b.mem.Expect = 2 * min(sc.Limit, MostAhead) // two keys for each row
	for shown := 0; ; {
		b.Reset()
		most := ahead
		if left := sc.whole - shown; left > 0 {
			most = min(most, left)
		} else if sc.whole > 0 {
			most = 1 // whether there is one is all that is asked
		}
		for len(b.Rows) < most && it.Next() {
			key := it.Key()
			pk, _, show, err := sc.Entry(key, it.Value(), &now)
			if err != nil {
				return err
			}
			if show {
				b.Add(key, sc.T.Rows, pk)
			}
		}
		if len(b.Rows) == 0 {
			return it.Close()
		}
		if err := ctx.Err(); err != nil {
			return err
		}
		n, more, err := sc.visitBatch(ctx, r, rows, b, sc.whole == 0 || shown < sc.whole, visit)
		if err != nil || !more {
			return err
		}
		shown += n
		ahead = min(2*ahead, MostAhead)
	}
}

// visitBatch visits the rows of a batch, with their values or only as being there,
// and returns how many it has shown.
func (sc *Scan) visitBatch(ctx context.Context, r engine.Reader, rows *txn.Past, b *RowBatch, values bool, visit visitRow) (n int, more bool, err error) {
	if values {
		if err := b.Read(ctx, r, rows); err != nil {
			return 0, false, err
		}
	}
	for i, v := range b.Vals {
		var body []byte
		if v == nil && values {
			return n, false, errs.Corrupt(b.Where[i], fmt.Errorf("the entry names row %s, which is not there", layout.FormatKey(sc.T.Codec, sc.T.Pk(b.Rows[i]))))
		}
		if values {
			if _, body, err = layout.SplitValue(v); err != nil {
				return n, false, errs.Corrupt(b.Rows[i], err)
			}
		}
		n++
		more, err := visit(b.Where[i], sc.T.Pk(b.Rows[i]), body)
		if err != nil || !more {
			return n, false, err
		}
	}
	return n, true, nil
}

// RowBatch is a run of index entries whose rows are read together.
type RowBatch struct {
	mem   mem.Arena
	Where [][]byte // the entries' keys
	Rows  [][]byte // the rows' stored keys
	Vals  [][]byte
}

// batches are used again, as each walk needs one.
var Batches = sync.Pool{New: func() any { return new(RowBatch) }}

// Release gives the batch back, with nothing of what it held.
func (b *RowBatch) Release() {
	b.Reset()
	clear(b.Where[:cap(b.Where)])
	clear(b.Rows[:cap(b.Rows)])
	clear(b.Vals[:cap(b.Vals)])
	b.mem = mem.Arena{}
	Batches.Put(b)
}

func (b *RowBatch) Reset() {
	b.Where, b.Rows, b.Vals = b.Where[:0], b.Rows[:0], b.Vals[:0]
}

func (b *RowBatch) Add(where, prefix, pk []byte) {
	row := b.mem.Take(len(prefix) + len(pk))
	copy(row[copy(row, prefix):], pk)
	b.Where = append(b.Where, b.mem.Copy(where))
	b.Rows = append(b.Rows, row)
	b.Vals = append(b.Vals, nil)
}

// Read reads the rows, as they were when the walk began.
func (b *RowBatch) Read(ctx context.Context, r engine.Reader, rows *txn.Past) error {
	err := r.GetMany(ctx, b.Rows, b.Vals)
	if err == nil {
		rows.Restore(b.Rows, b.Vals)
	}
	return err
}
