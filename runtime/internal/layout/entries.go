package layout

import (
	"bytes"
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/storegen/storegen/keys"
)

// Entries collects the index entries of one row. Generated code fills it:
//
//	b := e.Begin(0)                     // the first index
//	b = keys.AppendEnum(b, v.Status)    // its columns
//	b = e.Include(b)                    // only where the index includes fields
//	b = record.AppendString(b, 4, v.Name)
//	e.End(b)
//
// Where there are several indexes and one of them is unique, the code of each is under
// e.Wants.
type Entries struct {
	of     []Index // of the table
	Pk     []byte  // the row's encoded key
	Expiry []byte  // the row's, or nil
	Buf    []byte
	List   []Entry
	index  int // of the entry that is being made
	only   int // one more than the only index that is wanted; 0: all are
	start  int
	split  int // where the key ends in buf; -1 until then
}

// Entry is one index entry: positions in the buffer.
type Entry struct {
	Index           int
	Start, Mid, End int
}

// Reset begins the entries of another row: in which indexes, with its key and expiry.
func (e *Entries) Reset(of []Index, pk, expiry []byte) {
	e.of, e.Pk, e.Expiry = of, pk, expiry
	e.Buf, e.List, e.only = e.Buf[:0], e.List[:0], 0
}

// ResetOne is Reset for the entries in one index. Those of others may be made as well.
func (e *Entries) ResetOne(of []Index, index int, pk []byte) {
	e.Reset(of, pk, nil)
	e.only = index + 1
}

// Wants reports whether entries in the index at a position in the description are asked
// for.
func (e *Entries) Wants(index int) bool { return e.only == 0 || e.only == index+1 }

// Begin starts an entry in the index at a position in the description. The
// columns are appended to what it returns.
//
//go:noinline
func (e *Entries) Begin(index int) []byte {
	e.index, e.start, e.split = index, len(e.Buf), -1
	return append(e.Buf, e.of[index].Prefix...)
}

// Include ends the columns: the fields that the index includes are appended to
// what it returns.
func (e *Entries) Include(b []byte) []byte {
	ix := &e.of[e.index]
	if !ix.Desc.Unique {
		b = append(b, e.Pk...)
	}
	e.split = len(b)
	b = AppendHeader(b, e.Expiry)
	if ix.Desc.Unique {
		b = binary.AppendUvarint(b, uint64(len(e.Pk)))
		b = append(b, e.Pk...)
	}
	return b
}

// End ends the entry.
func (e *Entries) End(b []byte) {
	if e.split < 0 {
		b = e.Include(b)
	}
	e.Buf = b
	e.List = append(e.List, Entry{Index: e.index, Start: e.start, Mid: e.split, End: len(b)})
}

// Key is the key of the entry at a position in List.
func (e *Entries) Key(i int) []byte { return e.Buf[e.List[i].Start:e.List[i].Mid] }

// Value is the value of the entry at a position in List.
func (e *Entries) Value(i int) []byte { return e.Buf[e.List[i].Mid:e.List[i].End] }

// Same reports whether two rows have the same entries, so that none is to be
// moved. Neither list has been sorted.
func (e *Entries) Same(o *Entries) bool {
	return bytes.Equal(e.Buf, o.Buf) && slices.Equal(e.List, o.List)
}

// Sort brings the entries into key order and drops those that an index over the
// elements of a list has twice.
func (e *Entries) Sort() {
	sorted := true // as a rule: those of each index follow those of the one before
	for i := 1; i < len(e.List) && sorted; i++ {
		sorted = bytes.Compare(e.Key(i-1), e.Key(i)) < 0
	}
	if sorted {
		return
	}
	slices.SortFunc(e.List, func(a, b Entry) int {
		return bytes.Compare(e.Buf[a.Start:a.Mid], e.Buf[b.Start:b.Mid])
	})
	e.List = slices.CompactFunc(e.List, func(a, b Entry) bool {
		return bytes.Equal(e.Buf[a.Start:a.Mid], e.Buf[b.Start:b.Mid])
	})
}

// Holder takes the value of a unique index's entry apart: the key of the row
// that holds it, and what the entry includes.
func Holder(value []byte) (pk, include []byte, err error) {
	n, size := binary.Uvarint(value)
	if size <= 0 || n > uint64(len(value)-size) {
		return nil, nil, fmt.Errorf("%w: unique entry without a row's key", keys.ErrMalformed)
	}
	end := size + int(n)
	return value[size:end:end], value[end:], nil
}

// Has reports whether there is an entry with this key.
func (e *Entries) Has(key []byte) bool {
	for i := range e.List {
		if bytes.Equal(e.Key(i), key) {
			return true
		}
	}
	return false
}
