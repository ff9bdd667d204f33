package entity

import (
	"bytes"
	"context"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/mem"
	"github.com/storegen/storegen/runtime/internal/txn"
	"github.com/storegen/storegen/runtime/record"
)

// updateRow changes the row at sc.key in the session's transaction, or in one of its
// own.
func (t *Table) updateRow(ctx context.Context, s *txn.Session, sc *Scratch, change func(row any) error) error {
	err := t.Allow(s.Who, access.Write, t.Pk(sc.Key))
	if err == nil {
		err = s.Write(ctx, true, func(w *txn.Writer) error { return t.Update(ctx, w, sc, change) })
	}
	return t.Fail("update", sc.Key, err)
}

// Update reads the row at sc.key into sc, has it changed, and writes it. The row is
// used again afterwards, and so is the memory that its key points into.
func (t *Table) Update(ctx context.Context, w *txn.Writer, sc *Scratch, change func(row any) error) error {
	const op = "update"
	stored, err := w.Tx.GetForUpdate(ctx, sc.Key)
	if err != nil {
		return t.Fail(op, sc.Key, err)
	}
	live, unknown, err := t.load(w, sc, stored)
	if err == nil && !live {
		err = errs.ErrNotFound
	}
	if err != nil {
		return t.Fail(op, sc.Key, err)
	}
	walked := w.Walked()
	if t.pointed || walked || w.Changes.Watches(t.Space) {
		sc.Stored.Body = mem.CloneRow(sc.Stored.Body) // what the row points into may be changed in place
	}
	if err := sc.change(w, change); err != nil {
		return t.Fail(op, sc.Key, err)
	}
	if !walked && w.Walked() { // change has begun a walk, and not ended it
		if stored, err = w.Tx.Get(ctx, sc.Key); err == nil {
			_, sc.Stored.Body, err = layout.SplitValue(stored)
		}
		if err != nil {
			return t.Fail(op, sc.Key, err)
		}
	}
	sc.Value = t.Codec.AppendRowKey(sc.Value[:0], sc.Stored.Row)
	if !bytes.Equal(sc.Value, t.Pk(sc.Key)) {
		return t.Fail(op, sc.Key, record.Invalid("", "an update cannot change the key of a row: insert the new one and delete the old one in a transaction"))
	}
	if err := t.Codec.Check(sc.Stored.Row); err != nil {
		if err := t.newlyBroken(ctx, w, sc.Key, err); err != nil {
			return t.Fail(op, sc.Key, err)
		}
	}
	return t.Fail(op, sc.Key, t.replace(ctx, w, sc, sc.Stored.Row, unknown))
}

// newlyBroken returns what an update breaks that the stored row does not: a row of
// before a rule came may go on breaking it, or none of its other fields could be
// updated any more. The row is read again, since the update may have changed in place
// what was read for it.
func (t *Table) newlyBroken(ctx context.Context, w *txn.Writer, key []byte, broken error) error {
	stored, err := w.Tx.GetForUpdate(ctx, key)
	if err != nil {
		return err
	}
	_, body, err := layout.SplitValue(stored)
	if err != nil {
		return errs.Corrupt(key, err)
	}
	row := t.Codec.NewRow()
	if _, err := layout.DecodeRow(t.Codec, t.Pk(key), body, row, nil); err != nil {
		return errs.Corrupt(key, err)
	}
	return record.NewlyBroken(broken, t.Codec.Check(row))
}

// change has the user's function change the row in sc, which was read in w.
func (sc *Scratch) change(w *txn.Writer, change func(row any) error) error {
	u := &sc.updating
	*u = txn.Updating{Outer: w.Updating, Key: sc.Key}
	w.Updating = u
	defer func() { // also where the function panics
		if !u.Over {
			w.Updating = u.Outer
		}
		*u = txn.Updating{}
	}()
	err := change(sc.Stored.Row)
	switch {
	case u.Over:
		return errs.ErrTxDone
	case err == nil && u.Written:
		return record.Invalid("", "the function of the update has written the row itself: change the row that the function is given, or write the row before or behind the update")
	}
	return err
}
