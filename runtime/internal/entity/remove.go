package entity

import (
	"bytes"
	"context"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// deleteRow deletes the row at sc.key in the session's transaction, or in one of its
// own, and tells whether there was one that had not expired.
func (t *Table) deleteRow(ctx context.Context, s *txn.Session, sc *Scratch) (there bool, err error) {
	err = t.Allow(s.Who, access.Write, t.Pk(sc.Key))
	if err == nil {
		err = s.Write(ctx, true, func(w *txn.Writer) (err error) {
			there, err = t.delete(ctx, w, sc)
			return err
		})
	}
	return there && err == nil, t.Fail("delete", sc.Key, err)
}

// delete removes the row at sc.key with all that belongs to it, and tells whether
// there was one. It makes no difference to it whether the row has expired.
func (t *Table) delete(ctx context.Context, w *txn.Writer, sc *Scratch) (bool, error) {
	stored, found, err := w.Find(ctx, sc.Key)
	if err != nil || !found {
		return false, err
	}
	return t.Remove(w, sc, stored)
}

// DeleteKey is delete for a key that is not in scratch memory.
func (t *Table) DeleteKey(ctx context.Context, w *txn.Writer, key []byte) (bool, error) {
	sc := t.Scratch()
	defer t.Release(sc)
	sc.Key = append(sc.Key[:0], key...)
	return t.delete(ctx, w, sc)
}

// Remove removes the row at sc.key, which was read.
func (t *Table) Remove(w *txn.Writer, sc *Scratch, stored []byte) (live bool, err error) {
	key := sc.Key
	expiry, body, err := layout.SplitValue(stored)
	if err != nil {
		return false, errs.Corrupt(key, err)
	}
	live = !w.Expired(expiry)
	sc.Stored.Entries.Reset(t.Indexes, t.Pk(key), expiry)
	sc.next.entries.Reset(t.Indexes, nil, nil)
	if len(t.Indexes) > 0 {
		t.Codec.Reset(sc.Stored.Row)
		err := t.Codec.DecodeRowKey(t.Pk(key), sc.Stored.Row)
		if err == nil {
			_, err = t.Codec.DecodeValue(body, sc.Stored.Row, t.indexed, nil)
		}
		if err != nil {
			return false, errs.Corrupt(key, err)
		}
		t.Codec.Entries(&sc.Stored.Entries, sc.Stored.Row)
		sc.Stored.Entries.Sort()
	}
	if !live {
		if err := t.NoteGone(w, key, stored); err != nil {
			return false, err
		}
	}
	t.Touch(w, key)
	w.Keep(key, body)
	if err := w.Delete(key); err != nil {
		return false, err
	}
	if err := t.moveEntries(w, sc); err != nil {
		return false, err
	}
	t.Note(w, key, body, nil, !live)
	return live, t.MoveExpiry(w, sc, t.Pk(key), expiry, nil)
}

// Purge removes a row that has expired.
func (t *Table) Purge(ctx context.Context, w *txn.Writer, key []byte) error {
	_, err := t.DeleteKey(ctx, w, key)
	return err
}

// PurgeExpired removes a row if it has expired, and tells whether it did.
func (t *Table) PurgeExpired(ctx context.Context, w *txn.Writer, key []byte) (bool, error) {
	value, err := w.Tx.Get(ctx, key)
	if err != nil {
		return false, err
	}
	expiry, _, err := layout.SplitValue(value)
	if err != nil || !w.Expired(expiry) {
		return false, errs.Corrupt(key, err)
	}
	return true, t.Purge(ctx, w, key)
}

// NoteGone keeps an expired row for the watchers, if there are any.
func (t *Table) NoteGone(w *txn.Writer, key, stored []byte) error {
	if len(t.DB.Watchers.Get(t.Name)) == 0 {
		return nil
	}
	_, body, err := layout.SplitValue(stored)
	if err != nil {
		return errs.Corrupt(key, err)
	}
	row := t.Codec.NewRow()
	if _, err := layout.DecodeRow(t.Codec, bytes.Clone(t.Pk(key)), body, row, nil); err != nil {
		return errs.Corrupt(key, err)
	}
	w.Gone = append(w.Gone, txn.GoneRow{Table: t.Name, Row: row})
	return nil
}
