package records

import (
	"bytes"
	"context"
	"encoding/binary"
	"encoding/json"
	"hash/crc32"
	"strconv"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
)

var Castagnoli = crc32.MakeTable(crc32.Castagnoli)

// ReadRecord reads the record at a key; engine.ErrNotFound says that there is none.
func ReadRecord(ctx context.Context, r engine.Reader, key []byte, into Record) error {
	v, err := r.Get(ctx, key)
	if err != nil {
		return err
	}
	return DecodeRecord(key, v, into)
}

// DecodeRecord reads a record of the catalog. What it returns without an error
// can be relied on: it is whole, not only well-formed.
func DecodeRecord(key, v []byte, into Record) error {
	text, err := recordText(key, v)
	if err != nil {
		return err
	}
	if err := json.Unmarshal(text, into); err != nil {
		return errs.Corrupt(key, err)
	}
	return errs.Corrupt(key, into.check())
}

// recordText is the JSON of a record.
func recordText(key, v []byte) ([]byte, error) {
	switch {
	case len(v) > checksumSize && v[0] == formatChecked:
		end := len(v) - checksumSize
		if binary.BigEndian.Uint32(v[end:]) != checksum(key, v[:end]) {
			return nil, errs.Corrupt(key, errChecksum)
		}
		return v[1:end], nil
	case len(v) > 0 && v[0] == layout.FormatPlain:
		return v[1:], nil
	}
	return nil, errs.Corrupt(key, layout.ErrFormat)
}

// DecodeTable reads the record of a table that desc is meant for. A program mostly
// opens what it has described itself: then the record's text is that of desc, and
// need not be taken apart: opening seven tables takes 50 µs so, and 600 µs to 1.2 ms
// where each is decoded (BenchmarkOpen of package store).
func DecodeTable(key, v []byte, desc *catalog.Table) (*TableRecord, error) {
	text, err := recordText(key, v)
	if err != nil {
		return nil, err
	}
	if space, ok := ownSpace(text, desc); ok {
		rec := &TableRecord{Space: space, Table: desc}
		return rec, errs.Corrupt(key, rec.check())
	}
	rec := new(TableRecord)
	return rec, DecodeRecord(key, v, rec)
}

// ownSpace is the space in the text of a table's record, if the text says that and
// desc and nothing else.
func ownSpace(text []byte, desc *catalog.Table) (space uint64, ok bool) {
	rest, ok := bytes.CutPrefix(text, []byte(`{"space":`))
	if !ok {
		return 0, false
	}
	digits, rest, ok := bytes.Cut(rest, []byte(`,"table":`))
	if !ok {
		return 0, false
	}
	space, err := strconv.ParseUint(string(digits), 10, 64)
	own, ok := bytes.CutSuffix(rest, []byte("}"))
	return space, err == nil && ok && desc.HasText(own)
}

// checksum is that of a record, its key included, so that it is not taken for
// another's either.
func checksum(key, value []byte) uint32 {
	return crc32.Update(crc32.Checksum(key, Castagnoli), Castagnoli, value)
}

// WriteRecord writes a record with its checksum.
func WriteRecord(tx engine.Tx, key []byte, from Record) error {
	b, err := json.Marshal(from)
	if err != nil {
		return err
	}
	b = append([]byte{formatChecked}, b...)
	return tx.Put(key, binary.BigEndian.AppendUint32(b, checksum(key, b)))
}

// IsRenamed reports whether the record under a table's name says only that a table of
// this name has another one now.
func IsRenamed(key, v []byte, desc *catalog.Table) bool {
	if !bytes.Contains(v, []byte(`"renamed":`)) {
		return false // as a rule
	}
	rec, err := DecodeTable(key, v, desc)
	return err == nil && rec.Renamed != ""
}
