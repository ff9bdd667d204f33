package storeimpl

import (
	"context"
	"time"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
)

// TypedCodec is a RowCodec whose rows have their type, as one writes it by hand
// for OpenTyped. Its methods are those of RowCodec.
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
	Entries(e *layout.Entries, v *V)
}

// OpenTyped opens a table by a codec that was written by hand: see OpenTable.
func OpenTyped[K comparable, V any](ctx context.Context, db *store.DB, c TypedCodec[K, V], opts ...store.TableOption) (*store.Table[K, V], error) {
	h, err := OpenTable(ctx, db, Typed(c), opts...)
	if err != nil {
		return nil, err
	}
	return store.TableOf(&h, c.Key, c.SetKey), nil
}

// OpenTypedMember opens a member of a family by a codec that was written by hand:
// see OpenMember.
func OpenTypedMember[K comparable, V any](ctx context.Context, db *store.DB, c TypedCodec[K, V], member []byte, text string, opts ...store.TableOption) (*store.Table[K, V], error) {
	h, err := OpenMember(ctx, db, Typed(c), member, text, nil, opts...)
	if err != nil {
		return nil, err
	}
	return store.TableOf(&h, c.Key, c.SetKey), nil
}

// Typed makes a RowCodec of a codec with types.
func Typed[K comparable, V any](c TypedCodec[K, V]) layout.RowCodec { return typed[K, V]{c} }

// typed is a RowCodec, whose methods pass on to those of the codec with types.
type typed[K comparable, V any] struct{ c TypedCodec[K, V] }

func (t typed[K, V]) Desc() *catalog.Table { return t.c.Desc() }

func (t typed[K, V]) NewRow() any { return new(V) }

func (t typed[K, V]) Reset(row any) {
	var zero V
	*row.(*V) = zero
}

func (t typed[K, V]) Key(row any) any { return t.c.Key(row.(*V)) }

func (t typed[K, V]) AppendRowKey(dst []byte, row any) []byte {
	return t.c.AppendKey(dst, t.c.Key(row.(*V)))
}

func (t typed[K, V]) DecodeRowKey(b []byte, row any) error {
	k, err := t.c.DecodeKey(b)
	t.c.SetKey(row.(*V), k)
	return err
}

func (t typed[K, V]) AppendValue(dst []byte, row any) []byte {
	return t.c.AppendValue(dst, row.(*V))
}

func (t typed[K, V]) DecodeValue(b []byte, row any, _ record.Fields, _ *record.Lists) ([]byte, error) {
	return t.c.DecodeValue(b, row.(*V))
}

func (t typed[K, V]) Default(row any, now func() time.Time) { t.c.Default(row.(*V), now()) }

func (t typed[K, V]) Check(row any) error { return t.c.Check(row.(*V)) }

func (t typed[K, V]) Expires(row any, keep time.Duration) (time.Time, bool) {
	return t.c.Expires(row.(*V), keep)
}

func (t typed[K, V]) Entries(e *layout.Entries, row any) { t.c.Entries(e, row.(*V)) }
