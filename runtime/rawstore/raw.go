// Package rawstore is tables without their Go types: encoded keys, values in the wire
// format, and the description that says what they mean. Query engines and tools work
// with it. Expiry, access and uniqueness hold as in typed stores.
//
// It knows nothing of query engines.
package rawstore

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
)

// Of is the table for those who work with bytes, as guarded as the table is.
//
//go:noinline
func Of(h *entity.Handle) Table {
	t, s := entity.PartsOf(h)
	return Table{t: t, s: s}
}

// Table is a table without its Go types: encoded keys, values in the wire format,
// and the description that says what they mean. Query engines and tools work
// with it. Writes go the way of typed ones, through the table's codec, so that
// defaults, checks, uniqueness and expiry hold for them too.
//
// A Table is a small value and may be used from several goroutines unless it is
// tied to a transaction.
type Table struct {
	t *entity.Table
	s *txn.Session
}

// Name is the table's name, with its member where it belongs to a family.
func (r Table) Name() string { return r.t.Name }

// Space is the first component of the keys of all that belongs to the table, as
// docs/format.md has it.
func (r Table) Space() uint64 { return r.t.Space }

// Desc describes the table; it must not be changed.
func (r Table) Desc() *catalog.Table { return r.t.Desc }

// Kept is what Keep was given for the table, or nil.
func (r Table) Kept() any { return r.t.Described.Load() }

// Keep has the table keep a description for package provider, which makes it once, and
// returns it, or the one that it has already.
func (r Table) Keep(d any) any {
	r.t.Described.CompareAndSwap(nil, d)
	return r.Kept()
}

// TableAccess is the access level of the table.
func (r Table) TableAccess() access.Level { return r.t.Access }

// Principal is who the table is guarded for; nil in trusted code.
func (r Table) Principal() *access.Principal { return r.s.Who }

// In is the table inside a transaction or view. It stays guarded.
func (r Table) In(tx *store.Tx) Table {
	s := txn.SessionOf(tx)
	if r.s.Who != nil {
		s = s.As(*r.s.Who)
	}
	return Table{t: r.t, s: s}
}

// As is the table as a principal may use it. A table that is guarded already
// stays so for the principal that it has.
func (r Table) As(p access.Principal) Table {
	if r.s.Who != nil {
		return r
	}
	return Table{t: r.t, s: r.s.As(p)}
}

// Allow returns nil if the table is open to reads, or to writes, for whom it is
// guarded; a single row of it may still be refused.
func (r Table) Allow(write bool) error {
	action := access.Read
	if write {
		action = access.Write
	}
	return r.t.Allow(r.s.Who, action, nil)
}

// stored is the engine's key of a row.
func (r Table) stored(key []byte) []byte {
	return append(append(make([]byte, 0, len(r.t.Rows)+len(key)), r.t.Rows...), key...)
}

// Get returns the value of the row that has an encoded key, which the caller
// owns. The error is ErrNotFound where there is none or it has expired.
func (r Table) Get(ctx context.Context, key []byte) ([]byte, error) {
	if err := r.t.Allow(r.s.Who, access.Read, key); err != nil {
		return nil, err
	}
	stored := r.stored(key)
	body, err := r.t.Get(ctx, r.s, stored)
	return body, r.t.FailFor(r.s.Who, "get", stored, err)
}

// Insert writes a row that must be new, from its encoded key and value, and returns the
// key that it has: another one where a part of the key has a default. Errors are those of
// Table.Insert.
func (r Table) Insert(ctx context.Context, key, value []byte) (written []byte, err error) {
	err = r.s.Write(ctx, true, func(w *txn.Writer) error {
		row := r.t.Codec.NewRow() // a new one for each try: its defaults change it
		if err := r.decode(key, value, row); err != nil {
			return r.t.Fail("insert", r.stored(key), err)
		}
		err := r.t.Put(ctx, w, r.s.Who, row, entity.ModeInsert)
		written = r.t.Codec.AppendRowKey(nil, row)
		return err
	})
	if err != nil {
		return nil, err
	}
	return written, nil
}

func (r Table) decode(key, value []byte, row any) error {
	return DecodeRow(r.t.Codec, key, value, row)
}

// DecodeRow sets a row that a codec has made to an encoded key and value, whose bytes a caller
// has made, maybe wrong. The error is store.ErrInvalid then.
func DecodeRow(c layout.RowCodec, key, value []byte, row any) error {
	unknown, err := layout.DecodeRow(c, bytes.Clone(key), bytes.Clone(value), row, nil)
	switch {
	case err != nil:
		return record.Invalid("", err.Error())
	case len(unknown) > 0:
		return record.Invalid("", fmt.Sprintf("a value with %d bytes of fields that the schema does not know", len(unknown)))
	case mergesKeys(c, value, row):
		return record.Invalid("", "a map has two keys that are one: write it with either")
	}
	return nil
}

// Update reads the value of the row that has an encoded key, calls fn with it, and
// writes what fn returns, as one transaction. fn gets the
// fields that the schema knows, hidden ones included; unknown ones are kept
// without it. Otherwise it is as Table.Update.
func (r Table) Update(ctx context.Context, key []byte, fn func(value []byte) ([]byte, error)) error {
	if err := r.t.Allow(r.s.Who, access.Write, key); err != nil {
		return err
	}
	sc := r.t.Scratch()
	defer r.t.Release(sc)
	sc.Key = append(append(sc.Key[:0], r.t.Rows...), key...)
	return r.t.Fail("update", sc.Key, r.s.Write(ctx, true, func(w *txn.Writer) error {
		return r.t.Update(ctx, w, sc, func(row any) error {
			value, err := fn(r.t.Codec.AppendValue(nil, row))
			if err != nil {
				return err
			}
			return r.decode(key, value, row)
		})
	}))
}

// Delete removes the row that has an encoded key, and tells whether there was
// one.
func (r Table) Delete(ctx context.Context, key []byte) (bool, error) {
	if err := r.t.Allow(r.s.Who, access.Write, key); err != nil {
		return false, err
	}
	stored := r.stored(key)
	there := false
	err := r.s.Write(ctx, true, func(w *txn.Writer) error {
		var err error
		there, err = r.t.DeleteKey(ctx, w, stored)
		return err
	})
	if errors.Is(err, errs.ErrNotFound) {
		return false, nil
	}
	return there && err == nil, r.t.Fail("delete", stored, err)
}

// ByKey stands in the place of an index for the rows themselves.
const ByKey = entity.ByKey

// Holder returns the encoded key of the row that a refused write lost against:
// the other holder of a unique value. It is nil for other errors.
func Holder(err error) []byte {
	var e *errs.UniqueError
	if errors.As(err, &e) {
		return e.HolderKey
	}
	return nil
}
