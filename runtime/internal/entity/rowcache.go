package entity

import (
	"bytes"
	"context"

	"github.com/storegen/storegen/runtime/internal/rowguard"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// guardOf is the guard of a table's cache, or nil. The map is not changed once
// the database is open.
func (db *DB) guardOf(name, family string) *rowguard.Guard {
	if g := db.Caches[name]; g != nil {
		return g
	}
	return db.Caches[family]
}

// hit is the stored value of a row, where the cache has it and the session reads
// the latest state. It must not be changed.
func (t *Table) hit(ctx context.Context, s *txn.Session, key []byte) (value []byte, ok bool) {
	if !t.caches(ctx, s) {
		return nil, false
	}
	return t.guard.Rows.Get(key)
}

// caches reports whether a read may be answered by a cache. A closed database and
// a context that has ended are the engine's to refuse.
func (t *Table) caches(ctx context.Context, s *txn.Session) bool {
	return t.guard != nil && s.W == nil && s.View == nil && !t.DB.Closed.Load() && ctx.Err() == nil
}

// stored reads the stored value of the row at key, which the caller owns.
func (t *Table) stored(ctx context.Context, s *txn.Session, key []byte) ([]byte, error) {
	if !t.caches(ctx, s) {
		return s.R.Get(ctx, key)
	}
	if v, ok := t.guard.Rows.Get(key); ok {
		return bytes.Clone(v), nil
	}
	seen := t.guard.Look(key)
	v, err := s.R.Get(ctx, key)
	if err == nil {
		t.guard.Keep(seen, key, v)
	}
	return v, err
}

// storedMany reads the stored values of rows, all of one state of the database,
// nil for those that are not there.
func (t *Table) storedMany(ctx context.Context, s *txn.Session, keys [][]byte) ([][]byte, error) {
	vals := make([][]byte, len(keys))
	if t.caches(ctx, s) {
		if one, err := t.guard.Many(ctx, s.R, keys, vals); one || err != nil {
			return vals, err
		}
		clear(vals)
	}
	return vals, s.R.GetMany(ctx, keys, vals)
}

// Touch notes that the row at key is written. It comes before each write of a
// row.
func (t *Table) Touch(w *txn.Writer, key []byte) {
	if w.Updating != nil {
		w.Updating.Note(key)
	}
	if t.guard != nil {
		w.Touched.Note(t.guard, key)
	}
}
