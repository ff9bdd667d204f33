package store

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
)

// The key space of a database. The first component of every key is a number, a
// space; see docs/format.md.
const (
	spaceCatalog = 0 // what the database says of itself
	spaceExpiry  = 1 // rows in the order in which they expire
	spaceAside   = 2 // rows that Repair could not read, behind the keys they had
	spaceNone    = 7 // no key has it: tables that are not there, where none can be made
	firstTable   = 8 // every table, and every member of a family, has a space of its own
)

// firstReserved is the first space behind those that Verify reads as a whole.
const firstReserved = spaceAside

// Within a table's space the next component is 0 for rows, or the number of an
// index.
const spaceRows = 0

// Formats of a stored value: its first byte.
const (
	formatPlain    = 1 // the body follows
	formatExpiring = 2 // 12 bytes of keys.AppendTime say when the row expires, then the body
	expirySize     = 12
)

// appendHeader begins a value. An expiry of nil means never.
func appendHeader(dst, expiry []byte) []byte {
	if expiry == nil {
		return append(dst, formatPlain)
	}
	return append(append(dst, formatExpiring), expiry...)
}

var errFormat = errors.New("unknown value format")

// splitValue takes a stored value apart; both results point into v.
func splitValue(v []byte) (expiry, body []byte, err error) {
	switch {
	case len(v) > 0 && v[0] == formatPlain:
		return nil, v[1:], nil
	case len(v) > expirySize && v[0] == formatExpiring:
		return v[1 : 1+expirySize : 1+expirySize], v[1+expirySize:], nil
	}
	return nil, nil, errFormat
}

// instant is a moment in the form in which expiries are stored, so that they
// compare as bytes.
type instant [expirySize]byte

func instantOf(t time.Time) (at instant) {
	keys.AppendTime(at[:0], t)
	return at
}

// expired reports whether something that expires then is gone now. A row is
// gone at the very moment of its expiry.
func (now *instant) expired(expiry []byte) bool {
	return expiry != nil && bytes.Compare(expiry, now[:]) <= 0
}

// skipColumns returns what follows the columns of an index entry: the key of
// the row it stands for.
func skipColumns(b []byte, cols []columnCode) ([]byte, error) {
	for _, c := range cols {
		n := -1
		switch {
		case c.size > 0:
			n = c.size
		case c.size == sizeText:
			n = textSize(b, c.desc)
		case c.size == sizeUvarint:
			n = uvarintSize(b, c.desc)
		}
		if n < 0 || n > len(b) {
			return nil, fmt.Errorf("%w: index entry is cut short", keys.ErrMalformed)
		}
		b = b[n:]
	}
	return b, nil
}

// columnCode is how long the encoding of an index column is.
type columnCode struct {
	size int // bytes, or one of the two below
	desc bool
}

const (
	sizeText    = -1 // ends with a terminator
	sizeUvarint = -2 // the first byte tells
)

func columnCodes(t *catalog.Table, ix *catalog.Index) []columnCode {
	codes := make([]columnCode, len(ix.Columns))
	for i, c := range ix.Columns {
		typ := &t.Fields[c.Field].Type
		if c.Each {
			typ = typ.Elem
		}
		codes[i] = columnCode{size: kindSize(typ.Kind), desc: c.Desc}
	}
	return codes
}

func kindSize(k catalog.Kind) int {
	switch k {
	case catalog.Bool:
		return 1
	case catalog.Int32, catalog.Uint32:
		return 4
	case catalog.Int64, catalog.Uint64, catalog.Float64, catalog.Duration:
		return 8
	case catalog.Timestamp:
		return 12
	case catalog.UUID:
		return 16
	case catalog.Enum:
		return sizeUvarint
	}
	return sizeText
}

// textSize is the length of an escaped string with its terminator, or -1.
func textSize(b []byte, desc bool) int {
	zero, end := byte(0x00), byte(0x01)
	if desc {
		zero, end = 0xFF, 0xFE
	}
	for i := 0; ; i += 2 {
		n := bytes.IndexByte(b[i:], zero)
		if n < 0 || i+n+1 >= len(b) {
			return -1
		}
		i += n
		if b[i+1] == end {
			return i + 2
		}
	}
}

func uvarintSize(b []byte, desc bool) int {
	if len(b) == 0 {
		return -1
	}
	first := b[0]
	if desc {
		first = ^first
	}
	if first < 0xF8 {
		return 1
	}
	return int(first) - 0xF7 + 1
}
