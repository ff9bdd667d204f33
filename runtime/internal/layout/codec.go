package layout

import (
	"time"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/record"
)

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

	// Key is the key of a row, for messages.
	Key(row any) any
	// AppendRowKey appends the encoded key of a row, in which bytes compare as keys
	// do, and DecodeRowKey sets the key fields of a row from it.
	AppendRowKey(dst []byte, row any) []byte
	DecodeRowKey(b []byte, row any) error

	// AppendValue and DecodeValue are the encoding of the other fields. A row
	// that is decoded into is new but for its key. Fields of the set that the code does
	// not know come back as unknown, as they stand.
	// Otherwise those of the set are decoded, and others may be passed over. Lists are
	// made in the memory of lists, or each on its own where that is nil.
	AppendValue(dst []byte, row any) []byte
	DecodeValue(b []byte, row any, of record.Fields, lists *record.Lists) (unknown []byte, err error)

	// Default gives the fields that have a default and no value theirs. It asks for
	// the time, which is in UTC, where it is to be one of them.
	Default(row any, now func() time.Time)
	// Check returns the rules of the schema that a row breaks, all of them, as
	// record.Broken collects them.
	Check(row any) error
	// Expires tells when a row expires, if it ever does; keep is the table's
	// default for rows that do not say how long.
	Expires(row any, keep time.Duration) (at time.Time, ok bool)
	// Entries adds the row's entries in the table's indexes.
	Entries(e *Entries, row any)
}

// ColumnCodec is what a RowCodec is too if its rows are stored whole, in a form that
// is not that of package record: query engines get their columns from it.
type ColumnCodec interface {
	// AppendColumns appends the columns that are not in the key, as fields in the wire
	// format, of a row that DecodeValue has read for some of them.
	AppendColumns(dst []byte, row any) []byte
}

// FormatKey prints an encoded key for an error message, or its bytes where it
// cannot be decoded.
func FormatKey(c RowCodec, pk []byte) string {
	row := c.NewRow()
	if err := c.DecodeRowKey(pk, row); err != nil {
		return formatRaw(pk)
	}
	return formatText(c.Key(row))
}

// DecodeRow makes row the one that has an encoded key and value.
func DecodeRow(c RowCodec, pk, body []byte, row any, lists *record.Lists) (unknown []byte, err error) {
	return DecodeSome(c, pk, body, row, record.AllFields, lists)
}

// DecodeSome is DecodeRow for some of the fields.
func DecodeSome(c RowCodec, pk, body []byte, row any, of record.Fields, lists *record.Lists) (unknown []byte, err error) {
	c.Reset(row)
	if err := c.DecodeRowKey(pk, row); err != nil {
		return nil, err
	}
	return c.DecodeValue(body, row, of, lists)
}
