package store

import (
	"time"

	"github.com/storegen/storegen/runtime/catalog"
)

// Codec is what generated code tells a Table about its rows: how they become
// bytes, and what the schema says of them. It has no state, and its methods may
// be called from several goroutines.
//
// Decoding methods do not copy: what they return points into their input, which
// the store gives away with the row.
type Codec[K comparable, V any] interface {
	// Desc describes the table.
	Desc() *catalog.Table

	// Key and SetKey read and write the key fields of a row.
	Key(v *V) K
	SetKey(v *V, k K)
	// AppendKey and DecodeKey are the key's encoding, in which bytes compare as
	// keys do.
	AppendKey(dst []byte, k K) []byte
	DecodeKey(b []byte) (K, error)

	// AppendValue and DecodeValue are the encoding of the other fields. A row
	// that is decoded into is zero but for its key. Fields that the code does
	// not know come back as unknown, as they stand.
	AppendValue(dst []byte, v *V) []byte
	DecodeValue(b []byte, v *V) (unknown []byte, err error)

	// Default gives the fields that have a default and no value theirs.
	Default(v *V, now time.Time)
	// Check returns an InvalidError for a row that breaks a rule of the schema.
	Check(v *V) error
	// Expires tells when a row expires, if it ever does; keep is the table's
	// default for rows that do not say how long.
	Expires(v *V, keep time.Duration) (at time.Time, ok bool)
	// Entries adds the row's entries in the table's indexes.
	Entries(e *Entries, v *V)
}

// rowCodec is a Codec without its types: rows are pointers in an any. The core
// of the store is written once against it, instead of once for each table.
type rowCodec interface {
	newRow() any
	reset(row any)
	appendKey(dst []byte, row any) []byte
	appendValue(dst []byte, row any) []byte
	decode(key, value []byte, row any) (unknown []byte, err error)
	fill(row any, now time.Time)
	check(row any) error
	expires(row any, keep time.Duration) (time.Time, bool)
	entries(e *Entries, row any)
	formatKey(key []byte) string
}

type erased[K comparable, V any] struct{ c Codec[K, V] }

func (e erased[K, V]) newRow() any { return new(V) }

func (e erased[K, V]) reset(row any) {
	var zero V
	*row.(*V) = zero
}

func (e erased[K, V]) appendKey(dst []byte, row any) []byte {
	return e.c.AppendKey(dst, e.c.Key(row.(*V)))
}

func (e erased[K, V]) appendValue(dst []byte, row any) []byte {
	return e.c.AppendValue(dst, row.(*V))
}

func (e erased[K, V]) decode(key, value []byte, row any) ([]byte, error) {
	k, err := e.c.DecodeKey(key)
	if err != nil {
		return nil, err
	}
	e.c.SetKey(row.(*V), k)
	return e.c.DecodeValue(value, row.(*V))
}

func (e erased[K, V]) fill(row any, now time.Time) { e.c.Default(row.(*V), now) }

func (e erased[K, V]) check(row any) error { return e.c.Check(row.(*V)) }

func (e erased[K, V]) expires(row any, keep time.Duration) (time.Time, bool) {
	return e.c.Expires(row.(*V), keep)
}

func (e erased[K, V]) entries(en *Entries, row any) { e.c.Entries(en, row.(*V)) }

func (e erased[K, V]) formatKey(key []byte) string {
	k, err := e.c.DecodeKey(key)
	if err != nil {
		return formatRaw(key)
	}
	return formatText(k)
}
