package layout

import (
	"bytes"
	"fmt"
	"sync/atomic"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// SkipColumns returns what follows the columns of an index entry: the key of
// the row it stands for.
func SkipColumns(b []byte, cols []ColumnCode) ([]byte, error) {
	for _, c := range cols {
		n := c.size
		if n == 0 {
			n = c.sizeOf(b, c.desc)
		}
		if n < 0 || n > len(b) {
			return nil, fmt.Errorf("%w: index entry is cut short", keys.ErrMalformed)
		}
		b = b[n:]
	}
	return b, nil
}

// ColumnCode is how long the encoding of an index column is.
type ColumnCode struct {
	size   int // 0 if it is not always the same
	sizeOf func(b []byte, desc bool) int
	desc   bool
}

// ColumnCodes is how long the columns of an index are.
func ColumnCodes(t *catalog.Table, ix *catalog.Index) []ColumnCode {
	codes := make([]ColumnCode, len(ix.Columns))
	for i, c := range ix.Columns {
		typ := columnType(t, &c)
		row := kind.Of(typ.Kind)
		codes[i] = ColumnCode{size: row.KeySizeOf(&typ.Params), sizeOf: row.KeyLen, desc: c.Desc}
	}
	return codes
}

// Index is an index of a table.
type Index struct {
	Desc   *catalog.Index
	Prefix []byte // what the keys of all entries begin with
	End    []byte // the first key behind them
	Cols   []ColumnCode
	Print  atomic.Uint64 // of its form, for cursors
	// Fixed is where the columns end in the keys of all entries; 0 where that differs, or
	// where the row's key does not follow.
	Fixed int
	// Plain says that nothing that an entry holds points into it once it is decoded.
	Plain bool
}

// Measure sets what follows from the columns of an index of a table: Cols, Fixed and Plain.
// It needs the prefix.
func (ix *Index) Measure(t *catalog.Table) {
	ix.Cols = ColumnCodes(t, ix.Desc)
	ix.Plain = PlainKey(t)
	if !ix.Desc.Unique {
		ix.Fixed = len(ix.Prefix)
	}
	for i, c := range ix.Cols {
		if c.size == 0 {
			ix.Fixed = 0
		}
		if ix.Fixed > 0 {
			ix.Fixed += c.size
		}
		ix.Plain = ix.Plain && plain(columnType(t, &ix.Desc.Columns[i]))
	}
	for _, f := range ix.Desc.Include {
		ix.Plain = ix.Plain && plain(&t.Fields[f].Type)
	}
}

// PlainKey says that no field of a decoded key points into its encoding.
func PlainKey(t *catalog.Table) bool {
	for _, f := range t.Key {
		if !plain(&t.Fields[f].Type) {
			return false
		}
	}
	return true
}

// plain says that a decoded value does not point into its encoding: it is of a length that
// Go knows.
func plain(t *catalog.Type) bool {
	s := kind.Of(t.Kind)
	return s != nil && s.Keys != "" && !s.Text
}

// columnType is the type of what an index column holds.
func columnType(t *catalog.Table, c *catalog.Column) *catalog.Type {
	typ := &t.Fields[c.Field].Type
	if c.Each {
		typ = typ.Elem
	}
	return typ
}

// PartKeys appends to mem what the keys of a part of a space begin with, and the
// first key behind them.
func PartKeys(mem []byte, space, part uint64) (prefix, end, grown []byte) {
	n := len(mem)
	mem = keys.AppendUvarint(keys.AppendUvarint(mem, space), part)
	prefix = mem[n:len(mem):len(mem)]
	n = len(mem)
	mem, ok := keys.AppendSuccessor(mem, prefix)
	if ok {
		end = mem[n:len(mem):len(mem)]
	}
	return prefix, end, mem
}

// IndexedFields are the numbers of the fields that a table's entries are made of.
func IndexedFields(desc *catalog.Table) (of record.Fields) {
	eachIndexed(desc, func(f *catalog.Field) { of.Add(f.Number) })
	return of
}

// Pointed reports whether one of these fields may point into the bytes that it was decoded
// from, so that they change where a program changes it in place: whether one is, or has, a
// slice.
func Pointed(desc *catalog.Table) (yes bool) {
	eachIndexed(desc, func(f *catalog.Field) {
		row := kind.Of(f.Type.Kind)
		yes = yes || row == nil || row.Gen.Slice
	})
	return yes
}

// eachIndexed calls fn with each field that a table's entries are made of, once or several
// times.
func eachIndexed(desc *catalog.Table, fn func(f *catalog.Field)) {
	add := func(field int) { fn(&desc.Fields[field]) }
	for _, ix := range desc.Indexes {
		for _, c := range ix.Columns {
			add(c.Field)
		}
		for _, f := range ix.Include {
			add(f)
		}
		if ix.Where != nil {
			addExpr(ix.Where, add)
		}
	}
}

// UnknownFields are the numbers of the fields that a table does not know. Those from 64 on
// have a place together, so that some that it knows may be among them.
func UnknownFields(desc *catalog.Table) record.Fields {
	of := ^record.AllFields
	for _, f := range desc.Fields {
		of.Add(f.Number)
	}
	var others record.Fields
	others.Add(64)
	return ^of | others
}

// addExpr calls add with the positions of the fields in a condition.
func addExpr(e *catalog.Expr, add func(field int)) {
	switch e.Op {
	case catalog.Has, catalog.True, catalog.FieldOf, catalog.LenOf:
		add(e.Field)
	}
	for i := range e.Args {
		addExpr(&e.Args[i], add)
	}
}

// EntryParts is an index entry taken apart; all of it points into the key and value.
type EntryParts struct {
	Expiry  []byte // nil: it does not expire
	Columns []byte
	Key     []byte // of the row
	Include []byte // the fields that the index includes
}

// SplitEntry takes an entry apart. known is columns that many entries have, which need not
// be taken apart then; it may be nil.
func (ix *Index) SplitEntry(key, value, known []byte) (e EntryParts, err error) {
	var body []byte
	if e.Expiry, body, err = SplitValue(value); err != nil {
		return EntryParts{}, err
	}
	e.Columns = key[len(ix.Prefix):]
	switch {
	case ix.Desc.Unique:
		e.Key, e.Include, err = Holder(body)
		return e, err
	case len(known) > 0 && bytes.HasPrefix(e.Columns, known):
		e.Key = e.Columns[len(known):]
	default:
		if e.Key, err = SkipColumns(e.Columns, ix.Cols); err != nil {
			return EntryParts{}, err
		}
	}
	e.Columns, e.Include = e.Columns[:len(e.Columns)-len(e.Key)], body
	return e, nil
}
