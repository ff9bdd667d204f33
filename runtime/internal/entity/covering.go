package entity

import (
	"bytes"
	"context"
	"fmt"
	"sync"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/mem"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Entries calls visit with a row that has its key fields, the encoded columns and
// the included fields of each entry of an index, in the wire format, without
// reading rows. The row is valid during the call only, the slices may be kept.
// fresh is whether the columns are others than those of the entry before.
func (r *Run) Entries(ctx context.Context, visit func(row any, columns []byte, fresh bool, include []byte) (bool, error)) error {
	b := r.bounds()
	if b.filter != nil {
		return r.t.Fail(r.op(), nil, fmt.Errorf("%w: a filter needs whole rows: use All", engine.ErrInvalid))
	}
	err := r.t.Allow(r.s.Who, access.Read, nil)
	if err == nil {
		c := entryChunks.Get().(*entryChunk)
		c.sc = Scan{T: r.t, S: r.s, Ix: r.ix, Start: b.start, End: b.end, Reverse: r.reverse, Limit: r.limit}
		c.sc.Clip(nil)
		err = c.walk(ctx, visit)
		c.release()
	}
	if err == nil {
		return nil
	}
	return r.t.FailFor(r.s.Who, r.op(), nil, err)
}

// entryChunk is a walk over index entries, and those that it takes from its iterator
// at once, as a rowChunk is of rows.
type entryChunk struct {
	sc      Scan
	now     layout.Instant
	mem     mem.Arena
	shared  []byte // the columns of the entry before
	alike   []byte // what the keys of entries begin with that have the same columns, and may be shown; empty where that does not tell
	entries []coveredEntry
	size    int // of those, in bytes
	most    int // entries there were at once
	err     error
	add     func(key, value []byte) bool // adds an entry
}

// coveredEntry is what an entry holds, one behind the other in memory of its own: the
// columns, unless they are those of the entry before, the key of the row, and what it
// includes. It is small, as writing it down is a part of what a walk costs.
type coveredEntry struct {
	own         []byte
	columns, pk int // where they end
}

var entryChunks = sync.Pool{New: func() any {
	c := new(entryChunk)
	c.add = c.addEntry
	return c
}}

// walk visits what the entries of the walk hold.
func (c *entryChunk) walk(ctx context.Context, visit func(row any, columns []byte, fresh bool, include []byte) (bool, error)) error {
	sc := &c.sc
	if bytes.Compare(sc.Start, sc.End) >= 0 {
		return nil
	}
	row := sc.T.Scratch()
	defer sc.T.Release(row)
	it := sc.Iterate(ctx, sc.S.R, false)
	defer it.Close()
	c.now, c.mem.Expect = layout.InstantOf(sc.S.Time()), sc.Limit
	of, _ := it.(*txn.Walk) // of a view, whose end ends the walk, whatever it has at hand
	ahead, most := sc.ahead()
	shown := 0
	var columns []byte
	for more := true; more; ahead = sc.further(ahead, most, shown) {
		c.entries, c.size = c.entries[:0], 0
		more = engine.Take(it, ahead, c.add)
		c.most = max(c.most, len(c.entries))
		for i := range c.entries {
			if of != nil && of.Ended.Load() {
				return of.Err()
			}
			e := &c.entries[i]
			fresh := e.columns > 0
			if fresh {
				columns = e.own[:e.columns:e.columns]
			}
			pk := e.own[e.columns:e.pk:e.pk]
			err := sc.T.Codec.DecodeRowKey(pk, row.row)
			on := false
			if err == nil {
				on, err = visit(row.row, columns, fresh, e.own[e.pk:])
			}
			if err != nil {
				return errs.Corrupt(sc.entryKey(columns, pk), err)
			}
			if shown++; !on || shown == sc.Limit { // a limit of 0 is none
				return nil
			}
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

// addEntry adds an entry, unless its row may not be shown.
func (c *entryChunk) addEntry(key, value []byte) bool {
	// As a rule an entry has the columns of the one before, for which it need not be
	// taken apart: the row's key stands behind them.
	if n := len(c.alike); n > 0 && bytes.HasPrefix(key, c.alike) && len(value) > 0 && value[0] == layout.FormatPlain {
		c.keep(nil, key[n:], value[1:])
		return c.size < chunkSize
	}
	pk, include, show, err := c.sc.Entry(key, value, &c.now)
	if err != nil {
		c.err = err
		return false
	}
	if !show {
		return true
	}
	// Columns and row's key stand one behind the other, but in a unique index.
	ix := &c.sc.T.Indexes[c.sc.Ix]
	columns := key[len(ix.Prefix):]
	if !ix.Desc.Unique {
		columns = columns[:len(columns)-len(pk)]
	}
	if bytes.Equal(columns, c.shared) {
		columns = nil
	}
	c.keep(columns, pk, include)
	if columns != nil {
		c.shared = c.entries[len(c.entries)-1].own[:len(columns)]
		if !ix.Desc.Unique && !c.sc.mine {
			c.alike = append(append(c.alike[:0], ix.Prefix...), columns...)
		}
	}
	return c.size < chunkSize
}

// keep copies what an entry holds: its columns, which are never empty, or nil for
// those of the entry before.
func (c *entryChunk) keep(columns, pk, include []byte) {
	own := c.mem.Take(len(columns) + len(pk) + len(include))
	copy(own, columns)
	end := len(columns) + copy(own[len(columns):], pk)
	copy(own[end:], include)
	c.entries = append(c.entries, coveredEntry{own, len(columns), end})
	c.size += len(own)
}

// entryKey is the key of an entry, for messages.
func (sc *Scan) entryKey(columns, pk []byte) []byte {
	ix := &sc.T.Indexes[sc.Ix]
	key := append(bytes.Clone(ix.Prefix), columns...)
	if !ix.Desc.Unique {
		key = append(key, pk...)
	}
	return key
}

// release gives the chunk back, with nothing of what it held.
func (c *entryChunk) release() {
	clear(c.entries[:c.most])
	c.sc, c.mem, c.shared, c.alike, c.most, c.err = Scan{}, mem.Arena{}, nil, c.alike[:0], 0, nil
	entryChunks.Put(c)
}
