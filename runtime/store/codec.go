package store

import (
	"time"

	"github.com/storegen/storegen/runtime/catalog"
)

// Codec is what generated code tells a Table about its rows and its keys, which
// are of the Go type K.
type Codec[K comparable] interface {
	// Rows is about the rows. It is a method, and RowCodec not a part of this
	// interface, for then all of it would be compiled again for each table.
	Rows() RowCodec

	// AppendKey and DecodeKey are the key's encoding, in which bytes compare as
	// keys do.
	AppendKey(dst []byte, k K) []byte
	DecodeKey(b []byte) (K, error)
	// SetKey sets the key fields of a row.
	SetKey(row any, k K)
}

// RowCodec tells how rows become bytes, and what the schema says of them. It has
// no state, and its methods may be called from several goroutines.
//
// A row is a pointer to the table's struct, as NewRow makes it. It goes by as an
// any, so that the store is compiled once and not again for each table.
//
// Decoding methods do not copy: what they set points into their input, which the
// store gives away with the row.
type RowCodec interface {
	// Desc describes the table.
	Desc() *catalog.Table

	// NewRow makes a row, and Reset makes a row as a new one.
	NewRow() any
	Reset(row any)

	// AppendRowKey appends the encoded key of a row, and DecodeRowKey sets the key
	// fields of a row from it. FormatKey prints an encoded key.
	AppendRowKey(dst []byte, row any) []byte
	DecodeRowKey(b []byte, row any) error
	FormatKey(b []byte) string

	// AppendValue and DecodeValue are the encoding of the other fields. A row
	// that is decoded into is new but for its key. Fields that the code does not
	// know come back as unknown, as they stand.
	AppendValue(dst []byte, row any) []byte
	DecodeValue(b []byte, row any) (unknown []byte, err error)

	// DecodeIndexed is DecodeValue for those fields alone that Entries reads.
	DecodeIndexed(b []byte, row any) error

	// Default gives the fields that have a default and no value theirs.
	Default(row any, now time.Time)
	// Check returns an InvalidError for a row that breaks a rule of the schema.
	Check(row any) error
	// Expires tells when a row expires, if it ever does; keep is the table's
	// default for rows that do not say how long.
	Expires(row any, keep time.Duration) (at time.Time, ok bool)
	// Entries adds the row's entries in the table's indexes.
	Entries(e *Entries, row any)
}

// FormatKey prints a decoded key for an error message, or the bytes of one that
// could not be decoded.
func FormatKey(k any, b []byte, err error) string {
	if err != nil {
		return formatRaw(b)
	}
	return formatText(k)
}

// decodeRow makes row the one that has an encoded key and value.
func decodeRow(c RowCodec, pk, body []byte, row any) (unknown []byte, err error) {
	c.Reset(row)
	if err := c.DecodeRowKey(pk, row); err != nil {
		return nil, err
	}
	return c.DecodeValue(body, row)
}
