package store

import (
	"time"

	"github.com/storegen/storegen/runtime/catalog"
)

// TypedCodec is a Codec whose rows have their type, as one writes it by hand;
// Typed makes a Codec of it. Its methods are those of Codec.
type TypedCodec[K comparable, V any] interface {
	Desc() *catalog.Table
	Key(v *V) K
	SetKey(v *V, k K)
	AppendKey(dst []byte, k K) []byte
	DecodeKey(b []byte) (K, error)
	AppendValue(dst []byte, v *V) []byte
	DecodeValue(b []byte, v *V) (unknown []byte, err error)
	Default(v *V, now time.Time)
	Check(v *V) error
	Expires(v *V, keep time.Duration) (at time.Time, ok bool)
	Entries(e *Entries, v *V)
}

// Typed makes a codec for OpenTable of one with types.
func Typed[K comparable, V any](c TypedCodec[K, V]) Codec[K] { return typed[K, V]{c} }

type typed[K comparable, V any] struct{ c TypedCodec[K, V] }

func (t typed[K, V]) Rows() RowCodec       { return t }
func (t typed[K, V]) Desc() *catalog.Table { return t.c.Desc() }
func (t typed[K, V]) NewRow() any          { return new(V) }

func (t typed[K, V]) Reset(row any) {
	var zero V
	*row.(*V) = zero
}

func (t typed[K, V]) SetKey(row any, k K)              { t.c.SetKey(row.(*V), k) }
func (t typed[K, V]) AppendKey(dst []byte, k K) []byte { return t.c.AppendKey(dst, k) }
func (t typed[K, V]) DecodeKey(b []byte) (K, error)    { return t.c.DecodeKey(b) }

func (t typed[K, V]) AppendRowKey(dst []byte, row any) []byte {
	return t.c.AppendKey(dst, t.c.Key(row.(*V)))
}

func (t typed[K, V]) DecodeRowKey(b []byte, row any) error {
	k, err := t.c.DecodeKey(b)
	t.c.SetKey(row.(*V), k)
	return err
}

func (t typed[K, V]) FormatKey(b []byte) string {
	k, err := t.c.DecodeKey(b)
	return FormatKey(k, b, err)
}

func (t typed[K, V]) AppendValue(dst []byte, row any) []byte {
	return t.c.AppendValue(dst, row.(*V))
}

func (t typed[K, V]) DecodeValue(b []byte, row any) ([]byte, error) {
	return t.c.DecodeValue(b, row.(*V))
}

func (t typed[K, V]) DecodeIndexed(b []byte, row any) error {
	_, err := t.DecodeValue(b, row)
	return err
}

func (t typed[K, V]) Default(row any, now time.Time) { t.c.Default(row.(*V), now) }
func (t typed[K, V]) Check(row any) error            { return t.c.Check(row.(*V)) }

func (t typed[K, V]) Expires(row any, keep time.Duration) (time.Time, bool) {
	return t.c.Expires(row.(*V), keep)
}

func (t typed[K, V]) Entries(e *Entries, row any) { t.c.Entries(e, row.(*V)) }
