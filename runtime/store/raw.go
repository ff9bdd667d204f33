package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/record"
)

// Raw is a table without its Go types: encoded keys, values in the wire format,
// and the description that says what they mean. Query engines and tools work
// with it. Writes go the way of typed ones, through the table's codec, so that
// defaults, checks, uniqueness and expiry hold for them too.
//
// A Raw is a small value and may be used from several goroutines unless it is
// tied to a transaction.
type Raw struct {
	t *table
	s *session
}

// Name is the table's name, with its member where it belongs to a family.
func (r Raw) Name() string { return r.t.name }

// Desc describes the table; it must not be changed.
func (r Raw) Desc() *catalog.Table { return r.t.desc }

// DB is the database that the table is in.
func (r Raw) DB() *DB { return r.t.db }

// TableAccess is the access level of the table.
func (r Raw) TableAccess() access.Level { return r.t.access }

// Principal is who the table is guarded for; nil in trusted code.
func (r Raw) Principal() *access.Principal { return r.s.who }

// In is the table inside a transaction or view. It stays guarded.
func (r Raw) In(tx *Tx) Raw {
	s := tx.s
	if r.s.who != nil {
		s = s.as(*r.s.who)
	}
	return Raw{t: r.t, s: s}
}

// Bound reports whether the table is inside a transaction or view, so that all
// its reads see one state.
func (r Raw) Bound() bool { return r.s.w != nil || r.s.view != nil }

// As is the table as a principal may use it. A table that is guarded already
// stays so for the principal that it has.
func (r Raw) As(p access.Principal) Raw {
	if r.s.who != nil {
		return r
	}
	return Raw{t: r.t, s: r.s.as(p)}
}

// Allow returns nil if the table is open to reads, or to writes, for whom it is
// guarded; a single row of it may still be refused.
func (r Raw) Allow(write bool) error {
	action := access.Read
	if write {
		action = access.Write
	}
	return r.t.allow(r.s.who, action, nil)
}

// stored is the engine's key of a row.
func (r Raw) stored(key []byte) []byte {
	return append(append(make([]byte, 0, len(r.t.rows)+len(key)), r.t.rows...), key...)
}

// Get returns the value of the row that has an encoded key, which the caller
// owns. The error is ErrNotFound where there is none or it has expired.
func (r Raw) Get(ctx context.Context, key []byte) ([]byte, error) {
	if err := r.t.allow(r.s.who, access.Read, key); err != nil {
		return nil, err
	}
	stored := r.stored(key)
	body, err := r.t.get(ctx, r.s, stored)
	return body, r.t.failFor(r.s.who, "get", stored, err)
}

// Insert writes a row that must be new, from its encoded key and value. Errors
// are those of Table.Insert.
func (r Raw) Insert(ctx context.Context, key, value []byte) error {
	return r.s.write(ctx, true, func(w *writer) error {
		row := r.t.codec.NewRow() // anew for each try: it is changed by its defaults
		if err := r.decode(key, value, row); err != nil {
			return r.t.fail("insert", r.stored(key), err)
		}
		return r.t.put(ctx, w, r.s.who, row, modeInsert)
	})
}

// decode takes bytes that a caller made, who may have made them wrong.
func (r Raw) decode(key, value []byte, row any) error {
	unknown, err := decodeRow(r.t.codec, bytes.Clone(key), bytes.Clone(value), row)
	switch {
	case err != nil:
		return record.Invalid("", err.Error())
	case len(unknown) > 0:
		return record.Invalid("", fmt.Sprintf("a value with %d bytes of fields that the schema does not know", len(unknown)))
	case mergesKeys(r.t.codec, value, row):
		return record.Invalid("", "a map has two keys that are one: write it with either")
	}
	return nil
}

// Update reads the value of the row that has an encoded key, lets fn give
// another one in its stead, and writes it, as one transaction. fn gets the
// fields that the schema knows, hidden ones included; unknown ones are kept
// without it. Otherwise it is as Table.Update.
func (r Raw) Update(ctx context.Context, key []byte, fn func(value []byte) ([]byte, error)) error {
	if err := r.t.allow(r.s.who, access.Write, key); err != nil {
		return err
	}
	sc := r.t.scratch()
	defer r.t.release(sc)
	sc.key = append(append(sc.key[:0], r.t.rows...), key...)
	return r.t.fail("update", sc.key, r.s.write(ctx, true, func(w *writer) error {
		return r.t.update(ctx, w, sc, func(row any) error {
			value, err := fn(r.t.codec.AppendValue(nil, row))
			if err != nil {
				return err
			}
			return r.decode(key, value, row)
		})
	}))
}

// Delete removes the row that has an encoded key, and tells whether there was
// one.
func (r Raw) Delete(ctx context.Context, key []byte) (bool, error) {
	if err := r.t.allow(r.s.who, access.Write, key); err != nil {
		return false, err
	}
	stored := r.stored(key)
	there := false
	err := r.s.write(ctx, true, func(w *writer) error {
		var err error
		there, err = r.t.deleteKey(ctx, w, stored)
		return err
	})
	if errors.Is(err, ErrNotFound) {
		return false, nil
	}
	return there && err == nil, r.t.fail("delete", stored, err)
}
