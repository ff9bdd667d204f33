package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"sync"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
)

// scan is one walk over a run of rows or index entries.
type scan struct {
	t          *table
	s          *session
	ix         int // an index, or byKey
	start, end []byte
	reverse    bool
	limit      int      // how many rows are wanted, for the engine and for reading ahead
	whole      int      // how many rows at most have their values read; 0 is all
	keysOnly   bool     // rows' values are not wanted
	mine       bool     // only rows that the principal owns
	columns    [40]byte // of the entry that was taken apart last, if they are short
	size       int      // of those
}

// clip narrows the walk: to what lies behind from, if that is not nil, and to
// the principal's own rows where rows have owners.
func (sc *scan) clip(from []byte) {
	switch {
	case from == nil:
	case sc.reverse:
		sc.end = lesser(sc.end, from)
	default:
		sc.start = greater(sc.start, append(bytes.Clone(from), 0))
	}
	if sc.s.who == nil || sc.t.access != access.Owned {
		return
	}
	sc.mine = true
	if sc.ix != byKey {
		return
	}
	prefix, whole := sc.t.owned(*sc.s.who)
	lo := append(bytes.Clone(sc.t.rows), prefix...)
	hi := keys.Successor(lo)
	if whole {
		hi = append(bytes.Clone(lo), 0)
	}
	sc.start, sc.end = greater(sc.start, lo), lesser(sc.end, hi)
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

func (sc *scan) iterate(ctx context.Context, r engine.Reader, keysOnly bool) engine.Iterator {
	it := r.Iterate(ctx, engine.Range{Start: sc.start, End: sc.end, Reverse: sc.reverse, KeysOnly: keysOnly, Limit: sc.limit})
	if sc.s.walks != nil && !sc.s.over() {
		return sc.s.walks.add(it, sc.t.name)
	}
	return it
}

// visitRow is called with the place of a row in the walk, its key and its value.
type visitRow func(where, pk, body []byte) (more bool, err error)

// run walks rows. Unless keysOnly is set, pk and body belong to the visitor.
func (sc *scan) run(ctx context.Context, visit visitRow) error {
	if bytes.Compare(sc.start, sc.end) >= 0 {
		return nil
	}
	if sc.ix == byKey {
		return sc.rows(ctx, sc.s.r, visit)
	}
	if sc.keysOnly {
		return sc.entries(ctx, visit)
	}
	r, done, err := sc.s.steady(ctx)
	if err != nil {
		return err
	}
	err = sc.indexed(ctx, r, visit)
	return errors.Join(err, done())
}

// every is how many steps a walk takes between two looks at its context.
const every = 256

// rows walks the table itself.
func (sc *scan) rows(ctx context.Context, r engine.Reader, visit visitRow) error {
	now := instantOf(sc.s.time())
	if sc.keysOnly {
		return sc.keys(ctx, r, &now, visit)
	}
	it := sc.iterate(ctx, r, false)
	defer it.Close()
	ahead, most := sc.ahead()
	c := chunks.Get().(*rowChunk)
	defer c.release()
	c.now, c.prefix, c.mem.expect = now, len(sc.t.rows), sc.limit
	of, _ := it.(*walk) // of a view, whose end ends the walk, whatever it has at hand
	shown := 0
	for more := true; more; ahead = sc.further(ahead, most, shown) {
		c.rows, c.size = c.rows[:0], 0
		more = engine.Take(it, ahead, c.add)
		c.most = max(c.most, len(c.rows))
		for i := range c.rows {
			row := &c.rows[i]
			if of != nil && of.ended.Load() {
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
func (sc *scan) ahead() (first, most int) {
	switch {
	case sc.s.w != nil:
		return 1, 1 // what lies ahead may be changed by the visitor
	case sc.limit > 0:
		return min(sc.limit, MostAhead), MostAhead
	}
	return firstAhead, MostAhead
}

// further is how many are taken next, after so many: no more than the limit leaves of
// those that were shown. It may be past, as the rows that a filter passes over do not
// count in it.
func (sc *scan) further(ahead, most, shown int) int {
	ahead = min(2*ahead, most)
	if left := sc.limit - shown; left > 0 {
		ahead = min(ahead, left)
	}
	return ahead
}

// keys is rows where only keys are wanted.
func (sc *scan) keys(ctx context.Context, r engine.Reader, now *instant, visit visitRow) error {
	it := sc.iterate(ctx, r, !sc.t.expires)
	defer it.Close()
	for n := 1; it.Next(); n++ {
		if n%every == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if sc.t.expires {
			expiry, _, err := splitValue(it.Value())
			if err != nil {
				return corrupt(it.Key(), err)
			}
			if now.expired(expiry) {
				continue
			}
		}
		more, err := visit(it.Key(), sc.t.pk(it.Key()), nil)
		if err != nil || !more {
			return err
		}
	}
	return it.Close()
}

// rowChunk is a run of rows that a walk takes from its iterator at once: a step
// of the iterator costs a lock and calls that many rows can share.
type rowChunk struct {
	mem    arena
	now    instant
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
	expiry, body, err := splitValue(value)
	if err != nil {
		c.err = corrupt(bytes.Clone(key), err)
		return false
	}
	if !c.now.expired(expiry) {
		own := c.mem.take(len(key) + len(body))
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
	c.mem, c.most, c.err = arena{}, 0, nil
	chunks.Put(c)
}

// entries walks an index without reading rows: body is what an entry includes.
// Nothing of it may be kept.
func (sc *scan) entries(ctx context.Context, visit visitRow) error {
	if bytes.Compare(sc.start, sc.end) >= 0 {
		return nil
	}
	it := sc.iterate(ctx, sc.s.r, false)
	defer it.Close()
	now := instantOf(sc.s.time())
	for n := 1; it.Next(); n++ {
		if n%every == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		key := it.Key()
		pk, include, show, err := sc.entry(key, it.Value(), &now)
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

// entry takes an entry apart, and tells whether its row may be shown.
func (sc *scan) entry(key, value []byte, now *instant) (pk, include []byte, show bool, err error) {
	ix := &sc.t.indexes[sc.ix]
	expiry, body, err := splitValue(value)
	if err != nil {
		return nil, nil, false, corrupt(key, err)
	}
	if now.expired(expiry) {
		return nil, nil, false, nil
	}
	if ix.desc.Unique {
		pk, include, err = holder(body)
	} else {
		include = body
		pk, err = sc.skipColumns(key[len(ix.prefix):], ix.cols)
	}
	if err != nil {
		return nil, nil, false, corrupt(key, err)
	}
	return pk, include, !sc.mine || sc.t.owns(*sc.s.who, pk), nil
}

// skipColumns is skipColumns for entries in their order, many of which have the
// columns of the one before: those end where they did there.
func (sc *scan) skipColumns(b []byte, cols []columnCode) (pk []byte, err error) {
	if n := sc.size; n > 0 && bytes.HasPrefix(b, sc.columns[:n]) {
		return b[n:], nil
	}
	if pk, err = skipColumns(b, cols); err == nil && len(b)-len(pk) <= len(sc.columns) {
		sc.size = copy(sc.columns[:], b[:len(b)-len(pk)])
	}
	return pk, err
}

// How many rows an index walk reads at once: few at first, since the caller may
// stop soon. MostAhead is also how many rows of a page are made room for at first.
const (
	firstAhead = 8
	MostAhead  = 128
)

// indexed walks an index and reads the rows that its entries stand for, some at
// a time.
func (sc *scan) indexed(ctx context.Context, r engine.Reader, visit visitRow) error {
	rows := sc.s.walk()
	defer rows.end()
	it := sc.iterate(ctx, r, false)
	defer it.Close()
	now := instantOf(sc.s.time())
	ahead := firstAhead
	if sc.limit > 0 {
		ahead = min(sc.limit, MostAhead)
	}
	b := batches.Get().(*rowBatch)
	defer b.release()
	b.mem.expect = 2 * min(sc.limit, MostAhead) // two keys for each row
	for shown := 0; ; {
		b.reset()
		most := ahead
		if left := sc.whole - shown; left > 0 {
			most = min(most, left)
		} else if sc.whole > 0 {
			most = 1 // whether there is one is all that is asked
		}
		for len(b.rows) < most && it.Next() {
			key := it.Key()
			pk, _, show, err := sc.entry(key, it.Value(), &now)
			if err != nil {
				return err
			}
			if show {
				b.add(key, sc.t.rows, pk)
			}
		}
		if len(b.rows) == 0 {
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
func (sc *scan) visitBatch(ctx context.Context, r engine.Reader, rows *past, b *rowBatch, values bool, visit visitRow) (n int, more bool, err error) {
	if values {
		if err := b.read(ctx, r, rows); err != nil {
			return 0, false, err
		}
	}
	for i, v := range b.vals {
		var body []byte
		if v == nil && values {
			return n, false, corrupt(b.where[i], fmt.Errorf("the entry names row %s, which is not there", formatKey(sc.t.codec, sc.t.pk(b.rows[i]))))
		}
		if values {
			if _, body, err = splitValue(v); err != nil {
				return n, false, corrupt(b.rows[i], err)
			}
		}
		n++
		more, err := visit(b.where[i], sc.t.pk(b.rows[i]), body)
		if err != nil || !more {
			return n, false, err
		}
	}
	return n, true, nil
}

// rowBatch is a run of index entries whose rows are read together.
type rowBatch struct {
	mem   arena
	where [][]byte // the entries' keys
	rows  [][]byte // the rows' stored keys
	vals  [][]byte
}

// batches are used again, as each walk needs one.
var batches = sync.Pool{New: func() any { return new(rowBatch) }}

// release gives the batch back, with nothing of what it held.
func (b *rowBatch) release() {
	b.reset()
	clear(b.where[:cap(b.where)])
	clear(b.rows[:cap(b.rows)])
	clear(b.vals[:cap(b.vals)])
	b.mem = arena{}
	batches.Put(b)
}

func (b *rowBatch) reset() {
	b.where, b.rows, b.vals = b.where[:0], b.rows[:0], b.vals[:0]
}

func (b *rowBatch) add(where, prefix, pk []byte) {
	row := b.mem.take(len(prefix) + len(pk))
	copy(row[copy(row, prefix):], pk)
	b.where = append(b.where, b.mem.copy(where))
	b.rows = append(b.rows, row)
	b.vals = append(b.vals, nil)
}

// read reads the rows, as they were when the walk began.
func (b *rowBatch) read(ctx context.Context, r engine.Reader, rows *past) error {
	err := r.GetMany(ctx, b.rows, b.vals)
	if err == nil {
		rows.restore(b.rows, b.vals)
	}
	return err
}

// arena gives out memory in blocks, so that a walk over many rows allocates
// seldom. What it has given out is never used again.
type arena struct {
	block  []byte
	size   int
	expect int // how many pieces are wanted, all like the first, if that is known
}

const (
	firstBlock = 1 << 10
	mostBlock  = 32 << 10
)

func (a *arena) take(n int) []byte {
	if n > len(a.block) {
		a.size = min(max(2*a.size, firstBlock, n*min(a.expect, mostBlock)), mostBlock)
		a.expect = 0
		a.block = make([]byte, max(a.size, n))
	}
	out := a.block[:n:n]
	a.block = a.block[n:]
	return out
}

func (a *arena) copy(b []byte) []byte {
	out := a.take(len(b))
	copy(out, b)
	return out
}
