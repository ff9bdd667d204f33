package entity

import (
	"bytes"
	"fmt"

	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/mem"
	"github.com/storegen/storegen/runtime/record"
)

// batch is what a walk takes from its iterator at once: a step of the iterator costs a
// lock and calls that many rows can share, and rows are read together.
type batch struct {
	w      *Walk
	arena  mem.Arena
	lists  record.Lists // of the rows that were decoded
	now    layout.Instant
	items  []item
	size   int // of those, in bytes
	most   int // items there were at once
	reads  int // rows that were read at once
	prefix int // how long what the keys of all rows begin with is
	err    error
	add    func(key, value []byte) bool // adds a pair

	// Entries in their order often have the columns of the one before, which are kept once.
	shared  []byte // the columns that were kept last
	columns []byte // of the entry that is shown
	alike   []byte // what the keys of entries begin with that have the shared columns, and may be shown; empty where that does not tell

	// The rows of entries: their keys, and their values once they are read.
	rows, values [][]byte

	addRow, addKey, addEntry func(key, value []byte) bool
}

// batchSize is about how many bytes are taken at once at most.
const batchSize = 64 << 10

// item is a row or an entry, one part behind the other in memory of its own. It is small,
// as writing it down is a part of what a walk costs.
type item struct {
	own []byte
	// columns is where the columns of an entry end; 0 where they are those of the entry
	// before. key and end are where the row's key begins and ends. Behind it is the value
	// of a row that is read by its key, or what an entry includes.
	columns, key, end int32
}

func (it *item) rest() []byte { return it.own[it.end:] }

// init makes the functions that are used again.
func (b *batch) init() {
	b.addRow, b.addKey, b.addEntry = b.takeRow, b.takeKey, b.takeEntry
}

// begin makes the batch one of a walk.
func (b *batch) begin(w *Walk) {
	b.w, b.now, b.prefix = w, layout.InstantOf(w.s.Time()), len(w.t.Rows)
	b.arena.Expect = w.Limit
	switch {
	case w.Index != ByKey:
		b.add = b.addEntry
	case !w.Values && !w.t.Expires:
		b.add = b.addKey
	default:
		b.add = b.addRow
	}
}

// reset empties the batch. What was shown is kept, unless it was lent.
func (b *batch) reset() {
	b.most = max(b.most, len(b.items))
	b.items, b.size = b.items[:0], 0
	if b.w != nil && b.w.Lend {
		b.arena.Reset()
		b.forget()
	}
}

// forget has the next entry keep its columns, whichever those are. Those that were kept last
// tell nothing of the entries of another range, which may come before them in their order.
func (b *batch) forget() { b.shared, b.alike = nil, b.alike[:0] }

// release gives up what the batch held, but for the memory of its lists, and for what was
// only lent.
func (b *batch) release() {
	var lent mem.Arena
	if b.w != nil && b.w.Lend {
		lent = b.arena
		lent.Reset()
	}
	b.most = max(b.most, len(b.items))
	clear(b.items[:b.most])
	clear(b.rows[:b.reads])
	clear(b.values[:b.reads])
	*b = batch{arena: lent, items: b.items[:0], alike: b.alike[:0], rows: b.rows[:0], values: b.values[:0],
		addRow: b.addRow, addKey: b.addKey, addEntry: b.addEntry}
}

// keep notes an item of that many bytes, and returns its memory.
func (b *batch) keep(size, columns, key, end int) []byte {
	own := b.arena.Take(size)
	b.items = append(b.items, item{own, int32(columns), int32(key), int32(end)})
	b.size += size
	return own
}

// takeRow takes a row, unless it has expired.
func (b *batch) takeRow(key, value []byte) bool {
	expiry, body, err := layout.SplitValue(value)
	if err != nil {
		b.err = errs.Corrupt(bytes.Clone(key), err)
		return false
	}
	if b.now.Expired(expiry) {
		return true
	}
	if !b.w.Values {
		body = nil
	}
	own := b.arena.Take(len(key) + len(body))
	copy(own[copy(own, key):], body)
	b.items = append(b.items, item{own, 0, int32(b.prefix), int32(len(key))})
	b.size += len(own)
	return b.size < batchSize
}

// takeKey takes a row of a table whose rows do not expire, without its value.
func (b *batch) takeKey(key, _ []byte) bool {
	copy(b.keep(len(key), 0, len(b.w.t.Rows), len(key)), key)
	return b.size < batchSize
}

// takeEntry takes an entry, unless its row may not be shown.
func (b *batch) takeEntry(key, value []byte) bool {
	// As a rule an entry has the columns of the one before, for which it need not be
	// taken apart: the row's key stands behind them.
	if n := len(b.alike); n > 0 && bytes.HasPrefix(key, b.alike) && len(value) > 0 && value[0] == layout.FormatPlain {
		if b.w.Values {
			b.keepEntry(nil, key[n:], nil)
			return b.size < batchSize
		}
		pk, include := key[n:], value[1:]
		own := b.arena.Take(len(pk) + len(include))
		copy(own[copy(own, pk):], include)
		b.items = append(b.items, item{own, 0, 0, int32(len(pk))})
		b.size += len(own)
		return b.size < batchSize
	}
	ix := &b.w.t.Indexes[b.w.Index]
	// Nor need one whose columns are as long as those of all: it is kept as it stands.
	if n := ix.Fixed; n > 0 && len(key) >= n && len(value) > 0 && value[0] == layout.FormatPlain && !b.w.owned {
		prefix := len(ix.Prefix)
		if b.w.Values {
			b.keepEntry(key[prefix:n], key[n:], nil)
			return b.size < batchSize
		}
		pairs, include := key[prefix:], value[1:]
		own := b.arena.Take(len(pairs) + len(include))
		copy(own[copy(own, pairs):], include)
		b.items = append(b.items, item{own, int32(n - prefix), int32(n - prefix), int32(len(pairs))})
		b.size += len(own)
		return b.size < batchSize
	}
	e, err := ix.SplitEntry(key, value, b.shared)
	if err != nil {
		b.err = errs.Corrupt(bytes.Clone(key), err)
		return false
	}
	if b.now.Expired(e.Expiry) || b.w.owned && !b.w.t.owns(*b.w.s.Who, e.Key) {
		return true
	}
	columns := e.Columns
	if bytes.Equal(columns, b.shared) {
		columns = nil
	}
	own := b.keepEntry(columns, e.Key, e.Include)
	if columns != nil {
		b.shared = own[:len(columns)]
		if b.alike = b.alike[:0]; !ix.Desc.Unique && !b.w.owned {
			b.alike = append(append(b.alike, ix.Prefix...), columns...)
		}
	}
	return b.size < batchSize
}

// keepEntry copies what an entry holds: its columns, which are never empty, or nil for
// those of the entry before, and the key of the row with what it includes or, where rows
// are read, behind what the keys of rows begin with.
func (b *batch) keepEntry(columns, key, include []byte) []byte {
	var prefix []byte
	if b.w.Values {
		prefix, include = b.w.t.Rows, nil
	}
	at := len(columns) + len(prefix)
	end := at + len(key)
	own := b.keep(end+len(include), len(columns), at, end)
	copy(own, columns)
	copy(own[len(columns):], prefix)
	copy(own[at:], key)
	copy(own[end:], include)
	return own
}

// read reads the rows of entries, as they were when the walk began.
func (b *batch) read(w *Walk) error {
	b.rows, b.values = b.rows[:0], b.values[:0]
	if err := w.ctx.Err(); err != nil {
		return err
	}
	if w.MostValues > 0 && w.shown >= w.MostValues {
		return nil
	}
	for i := range b.items {
		it := &b.items[i]
		b.rows = append(b.rows, it.own[it.columns:it.end:it.end])
		b.values = append(b.values, nil)
	}
	b.reads = max(b.reads, len(b.rows))
	err := w.reader.GetMany(w.ctx, b.rows, b.values)
	if err == nil {
		w.past.Restore(b.rows, b.values)
	}
	return err
}

// readBody sets the value of the row that an entry stands for, if it was read.
func (w *Walk) readBody() bool {
	w.body = nil
	if len(w.batch.values) == 0 {
		return true
	}
	v := w.batch.values[w.at]
	if v == nil {
		w.err = errs.Corrupt(w.Where(), fmt.Errorf("the entry names row %s, which is not there", layout.FormatKey(w.t.Codec, bytes.Clone(w.Key()))))
		return false
	}
	var err error
	if _, w.body, err = layout.SplitValue(v); err != nil {
		w.err = errs.Corrupt(w.batch.rows[w.at], err)
	}
	return err == nil
}
