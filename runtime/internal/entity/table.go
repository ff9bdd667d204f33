// Package entity is what a table does, on bytes and on rows without types: it writes rows
// with their index entries, and reads them by key and by index. Generated code puts types
// on its Handle and its Query.
//
// It knows a table that is opened, and nothing of how it got its place in the catalog.
package entity

import (
	"bytes"
	"sync"
	"sync/atomic"
	"time"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/mem"
	"github.com/storegen/storegen/runtime/internal/rowguard"
	"github.com/storegen/storegen/runtime/record"
)

// Table is what a Handle does, on bytes: the rows of one space and their index
// entries.
type Table struct {
	DB       *DB
	Space    uint64
	Name     string // with the member of a family: shared[app/orders]
	Desc     *catalog.Table
	Codec    layout.RowCodec
	Access   access.Level
	keep     time.Duration // for rows that do not say how long
	Expires  bool          // rows may
	Rows     []byte        // what the keys of all rows begin with
	End      []byte        // the first key behind them
	Indexes  []layout.Index
	plainKey bool            // nothing that is decoded of a key points into it
	unique   int             // how many of them are
	indexed  record.Fields   // those that entries are made of
	unknown  record.Fields   // those that the table does not know
	pointed  bool            // indexed ones may point into the stored row, and be changed there
	whole    bool            // rows are not stored as fields
	print    atomic.Uint64   // of the key's form, for cursors
	pool     mem.Pool        // of *scratch
	Seen     seenRows        // by raw scans
	guard    *rowguard.Guard // of its row cache, or nil

	// Described is a description of the table that a package above makes once; nil until
	// it did. A Pointer has methods that are compiled with each generated package.
	Described atomic.Value
}

// NewTable makes the table of a space, with its indexes at their numbers.
func NewTable(db *DB, space uint64, name string, desc *catalog.Table, codec layout.RowCodec, o TableOptions) *Table {
	t := &Table{DB: db, Space: space, Name: name, Desc: desc, Codec: codec, Access: desc.Access, keep: o.Keep, Expires: desc.TTL != nil}
	if o.Access != 0 {
		t.Access = o.Access
	}
	t.guard = db.guardOf(name, desc.Name)
	// One block for all, as there may be very many tables; most of these keys have
	// two to four bytes.
	mem := make([]byte, 0, 8*(1+len(desc.Indexes)))
	t.Rows, t.End, mem = layout.PartKeys(mem, space, layout.SpaceRows)
	t.plainKey = layout.PlainKey(desc)
	t.indexed, t.unknown, t.pointed = layout.IndexedFields(desc), layout.UnknownFields(desc), layout.Pointed(desc)
	_, t.whole = codec.(layout.ColumnCodec)
	t.Indexes = make([]layout.Index, len(desc.Indexes))
	for i := range desc.Indexes {
		ix, d := &t.Indexes[i], &desc.Indexes[i]
		if d.Unique {
			t.unique++
		}
		ix.Desc = d
		ix.Prefix, ix.End, mem = layout.PartKeys(mem, space, uint64(d.Number))
		ix.Measure(desc)
	}
	t.pool = &sync.Pool{New: func() any {
		sc := &Scratch{Stored: Stored{Row: codec.NewRow()}}
		sc.slot = Slot{Row: sc.Stored.Row, t: t, mem: sc}
		sc.entries.Row = sc.Stored.Row
		sc.utc = func() time.Time {
			if sc.now.IsZero() {
				sc.now = db.Now().UTC()
			}
			return sc.now
		}
		return sc
	}}
	return t
}

// Pk is the row's own part of its stored key.
func (t *Table) Pk(key []byte) []byte { return key[len(t.Rows):] }

// FormatColumns prints the columns of an index entry's key.
func (t *Table) FormatColumns(ix *layout.Index, key []byte) string {
	cols := make([]layout.TypedColumn, len(ix.Desc.Columns))
	for i, c := range ix.Desc.Columns {
		f := &t.Desc.Fields[c.Field]
		typ := &f.Type
		if c.Each {
			typ = typ.Elem
		}
		cols[i] = layout.TypedColumn{Typ: typ, Desc: c.Desc, Hidden: f.Hidden}
	}
	return layout.FormatTyped(bytes.Clone(key[len(ix.Prefix):]), cols)
}
