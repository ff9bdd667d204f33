package store

import (
	"bytes"
	"encoding"
	"encoding/binary"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/storegen/storegen/keys"
)

// Entries collects the index entries of one row. Generated code fills it:
//
//	b := e.Begin(0)                     // the first index
//	b = keys.AppendEnum(b, v.Status)    // its columns
//	b = e.Include(b)                    // only where the index includes fields
//	b = record.AppendString(b, 4, v.Name)
//	e.End(b)
type Entries struct {
	of     []index // of the table
	pk     []byte  // the row's encoded key
	expiry []byte  // the row's, or nil
	buf    []byte
	list   []entry
	index  int // of the entry that is being made
	start  int
	split  int // where the key ends in buf; -1 until then
}

// entry is one index entry: positions in the buffer.
type entry struct {
	index           int
	start, mid, end int
}

func (e *Entries) reset(of []index, pk, expiry []byte) {
	e.of, e.pk, e.expiry = of, pk, expiry
	e.buf, e.list = e.buf[:0], e.list[:0]
}

// Begin starts an entry in the index at a position in the description. The
// columns are appended to what it returns.
//
//go:noinline
func (e *Entries) Begin(index int) []byte {
	e.index, e.start, e.split = index, len(e.buf), -1
	return append(e.buf, e.of[index].prefix...)
}

// Include ends the columns: the fields that the index includes are appended to
// what it returns.
func (e *Entries) Include(b []byte) []byte {
	ix := &e.of[e.index]
	if !ix.desc.Unique {
		b = append(b, e.pk...)
	}
	e.split = len(b)
	b = appendHeader(b, e.expiry)
	if ix.desc.Unique {
		b = binary.AppendUvarint(b, uint64(len(e.pk)))
		b = append(b, e.pk...)
	}
	return b
}

// End ends the entry.
func (e *Entries) End(b []byte) {
	if e.split < 0 {
		b = e.Include(b)
	}
	e.buf = b
	e.list = append(e.list, entry{index: e.index, start: e.start, mid: e.split, end: len(b)})
}

func (e *Entries) key(i int) []byte   { return e.buf[e.list[i].start:e.list[i].mid] }
func (e *Entries) value(i int) []byte { return e.buf[e.list[i].mid:e.list[i].end] }

// same reports whether two rows have the same entries, so that none is to be
// moved. Neither list has been sorted.
func (e *Entries) same(o *Entries) bool {
	return bytes.Equal(e.buf, o.buf) && slices.Equal(e.list, o.list)
}

// sort brings the entries into key order and drops those that an index over the
// elements of a list has twice.
func (e *Entries) sort() {
	sorted := true // as a rule: those of each index follow those of the one before
	for i := 1; i < len(e.list) && sorted; i++ {
		sorted = bytes.Compare(e.key(i-1), e.key(i)) < 0
	}
	if sorted {
		return
	}
	slices.SortFunc(e.list, func(a, b entry) int {
		return bytes.Compare(e.buf[a.start:a.mid], e.buf[b.start:b.mid])
	})
	e.list = slices.CompactFunc(e.list, func(a, b entry) bool {
		return bytes.Equal(e.buf[a.start:a.mid], e.buf[b.start:b.mid])
	})
}

// holder takes the value of a unique index's entry apart: the key of the row
// that holds it, and what the entry includes.
func holder(value []byte) (pk, include []byte, err error) {
	n, size := binary.Uvarint(value)
	if size <= 0 || n > uint64(len(value)-size) {
		return nil, nil, fmt.Errorf("%w: unique entry without a row's key", keys.ErrMalformed)
	}
	end := size + int(n)
	return value[size:end:end], value[end:], nil
}

func formatRaw(key []byte) string { return cutText(keys.Format(key)) }

// shownText bounds how much of a value a message tells, in bytes.
const shownText = 100

// cutText is what of a text a message tells, and how long it is where that is not all.
func cutText(text string) string {
	if len(text) <= shownText {
		return text
	}
	end := shownText
	for end > 0 && !utf8.RuneStart(text[end]) {
		end--
	}
	return text[:end] + "… (" + strconv.Itoa(len(text)) + " bytes)"
}

// formatText prints a typed key for an error message.
func formatText(k any) string {
	if _, ok := k.(fmt.Stringer); !ok {
		if m, ok := k.(encoding.TextMarshaler); ok {
			if text, err := m.MarshalText(); err == nil {
				return cutText(string(text))
			}
		}
	}
	return cutText(strings.TrimSpace(fmt.Sprint(k)))
}
