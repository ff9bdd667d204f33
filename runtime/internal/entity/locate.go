package entity

import (
	"bytes"
	"context"
	"errors"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/records"
)

// MemberOpener makes the table of a family's member.
type MemberOpener func(space uint64, text string) *Table

// LocateKey names the table and row that a key of the engine belongs to, as far as
// they are known.
func (db *DB) LocateKey(key []byte) (name, row string) {
	r := keys.NewReader(key)
	space := r.Uvarint()
	if space == layout.SpaceExpiry {
		r.Time()
		space = r.Uvarint()
		db.Mu.Lock()
		t := db.Tables[space]
		db.Mu.Unlock()
		if r.Err() == nil && t != nil {
			return t.Name, layout.FormatKey(t.Codec, bytes.Clone(r.Rest()))
		}
		return "expiry", keys.Format(key)
	}
	part := r.Uvarint()
	db.Mu.Lock()
	t := db.Tables[space]
	db.Mu.Unlock()
	switch {
	case r.Err() != nil || t == nil:
		return "catalog", keys.Format(key)
	case part == layout.SpaceRows:
		return t.Name, layout.FormatKey(t.Codec, bytes.Clone(r.Rest()))
	}
	for i := range t.Indexes {
		if ix := &t.Indexes[i]; bytes.HasPrefix(key, ix.Prefix) {
			return t.Name, ix.Desc.Name + " " + t.FormatColumns(ix, key)
		}
	}
	return t.Name, keys.Format(key)
}

// TableOf is the table of a space, if this program has opened it or another
// member of its family.
func (db *DB) TableOf(ctx context.Context, space uint64) (*Table, error) {
	db.Mu.Lock()
	t := db.Tables[space]
	families := len(db.Families)
	db.Mu.Unlock()
	if t != nil || families == 0 {
		return t, nil
	}
	var rec records.MemberRecord
	err := records.ReadRecord(ctx, db.Eng, keys.AppendUvarint(records.CatalogKey(records.CatalogReverse), space), &rec)
	if errors.Is(err, errs.ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	db.Mu.Lock()
	open := db.Families[rec.Family]
	db.Mu.Unlock()
	if open == nil || rec.Loading != "" {
		return nil, nil
	}
	return open(rec.Space, rec.Text), nil
}
