package entity

import (
	"context"
	"errors"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
	"github.com/storegen/storegen/runtime/record"
)

// getRow reads the row at mem.key into mem, whose row is new but for its key.
func (t *Table) getRow(ctx context.Context, s *txn.Session, mem *Scratch) error {
	if err := t.Allow(s.Who, access.Read, t.Pk(mem.Key)); err != nil {
		return t.FailFor(s.Who, "get", mem.Key, err)
	}
	body, err := t.Get(ctx, s, mem.Key)
	if err == nil {
		if _, err = t.Codec.DecodeValue(body, mem.Stored.Row, record.AllFields, nil); err == nil {
			return nil
		}
		err = errs.Corrupt(mem.Key, err)
	}
	return t.FailFor(s.Who, "get", mem.Key, err)
}

// Get reads the value of the row at key, which the caller owns.
func (t *Table) Get(ctx context.Context, s *txn.Session, key []byte) ([]byte, error) {
	v, err := t.stored(ctx, s, key)
	if err != nil {
		return nil, err
	}
	expiry, body, err := layout.SplitValue(v)
	if err != nil {
		return nil, errs.Corrupt(key, err)
	}
	if expiry != nil {
		if now := layout.InstantOf(s.Time()); now.Expired(expiry) {
			return nil, errs.ErrNotFound
		}
	}
	return body, nil
}

// has tells whether the row at key is there.
func (t *Table) has(ctx context.Context, s *txn.Session, key []byte) (bool, error) {
	if err := t.Allow(s.Who, access.Read, t.Pk(key)); err != nil {
		return false, err
	}
	if !t.Expires {
		if _, ok := t.hit(ctx, s, key); ok {
			return true, nil
		}
		return s.R.Has(ctx, key)
	}
	_, err := t.Get(ctx, s, key)
	if errors.Is(err, errs.ErrNotFound) {
		return false, nil
	}
	return err == nil, err
}

// getMany reads rows by their stored keys, all of one state of the database: the
// row at i, if it is there, into what dst returns for i.
func (t *Table) getMany(ctx context.Context, s *txn.Session, stored [][]byte, dst func(i int, found bool) any) error {
	for _, key := range stored {
		if err := t.Allow(s.Who, access.Read, t.Pk(key)); err != nil {
			return t.FailFor(s.Who, "get", key, err)
		}
	}
	vals, err := t.storedMany(ctx, s, stored)
	if err != nil {
		return t.FailFor(s.Who, "get", nil, err)
	}
	now := layout.InstantOf(s.Time())
	for i, val := range vals {
		if val == nil {
			continue
		}
		expiry, body, err := layout.SplitValue(val)
		if err == nil && now.Expired(expiry) {
			continue
		}
		if err == nil {
			_, err = t.Codec.DecodeValue(body, dst(i, true), record.AllFields, nil)
		}
		if err != nil {
			return t.FailFor(s.Who, "get", stored[i], errs.Corrupt(stored[i], err))
		}
	}
	return nil
}
