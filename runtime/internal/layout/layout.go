// Package layout is rows and index entries as bytes: which spaces the keys are in, how a
// value begins, how an entry is made and taken apart. The format is docs/format.md.
//
// It reads and writes nothing: it knows no engine and no transaction.
package layout

import (
	"errors"
)

// The key space of a database. The first component of every key is a number, a
// space; see docs/format.md.
const (
	SpaceCatalog = 0 // what the database says of itself
	SpaceExpiry  = 1 // rows in the order in which they expire
	SpaceAside   = 2 // rows that Repair could not read, behind the keys they had
	SpaceNone    = 7 // no key has it: tables that are not there, where none can be made
	FirstTable   = 8 // every table, and every member of a family, has a space of its own
)

// firstReserved is the first space behind those that Verify reads as a whole.
const FirstReserved = SpaceAside

// Within a table's space the next component is 0 for rows, or the number of an
// index.
const SpaceRows = 0

// Formats of a stored value: its first byte.
const (
	FormatPlain    = 1 // the body follows
	formatExpiring = 2 // 12 bytes of keys.AppendTime say when the row expires, then the body
	ExpirySize     = 12
)

// AppendHeader begins a value. An expiry of nil means never.
func AppendHeader(dst, expiry []byte) []byte {
	if expiry == nil {
		return append(dst, FormatPlain)
	}
	return append(append(dst, formatExpiring), expiry...)
}

var ErrFormat = errors.New("unknown value format")

// SplitValue takes a stored value apart; both results point into v.
func SplitValue(v []byte) (expiry, body []byte, err error) {
	switch {
	case len(v) > 0 && v[0] == FormatPlain:
		return nil, v[1:], nil
	case len(v) > ExpirySize && v[0] == formatExpiring:
		return v[1 : 1+ExpirySize : 1+ExpirySize], v[1+ExpirySize:], nil
	}
	return nil, nil, ErrFormat
}

// plainHeader is the value of an entry that holds nothing.
var PlainHeader = []byte{FormatPlain}
