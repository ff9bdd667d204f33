package define

import (
	"bytes"
	"context"
	"slices"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// build writes the entries of some indexes for all rows, in batches. Values of
// unique indexes that are there twice are noted, and all rows gone through for them.
func build(ctx context.Context, t *entity.Table, indexes map[int]bool, twice *duplicates, goesOn func(ctx context.Context, w *txn.Writer) error) error {
	start := t.Rows
	var next []byte
	var found duplicates
	return t.DB.InBatches(ctx, txn.BatchRows, func(w *txn.Writer, n int) error {
		next, found = nil, duplicates{}
		if err := goesOn(ctx, w); err != nil {
			return err
		}
		sc := t.Scratch()
		defer t.Release(sc)
		it := w.Tx.Iterate(ctx, engine.Range{Start: start, End: t.End, Limit: n + 1})
		defer it.Close()
		for i := 0; it.Next(); i++ {
			if i == n {
				next = bytes.Clone(it.Key())
				break
			}
			sc.Key = append(sc.Key[:0], it.Key()...)
			sc.Value = append(sc.Value[:0], it.Value()...)
			_, _, err := t.Load(w, sc, sc.Value)
			if err == nil {
				err = buildRow(ctx, t, w, sc, indexes, &found)
			}
			if err != nil {
				return t.Fail("build index", sc.Key, err)
			}
		}
		return it.Close()
	}, func() bool {
		twice.add(found)
		start = next
		return start != nil
	})
}

// buildRow writes the entries of a row that was loaded. A row that has expired has its
// entries too, as long as no other wants the values.
func buildRow(ctx context.Context, t *entity.Table, w *txn.Writer, sc *entity.Scratch, indexes map[int]bool, twice *duplicates) error {
	all := slices.Clone(sc.Stored.Entries.List)
	clash := false
	sc.Stored.Entries.List = slices.DeleteFunc(sc.Stored.Entries.List, func(e layout.Entry) bool { return !indexes[e.Index] })
	sc.Stored.Entries.Sort()
	for i := range sc.Stored.Entries.List {
		ix := &t.Indexes[sc.Stored.Entries.List[i].Index]
		if !ix.Desc.Unique {
			continue
		}
		key := sc.Stored.Entries.Key(i)
		pk, free, err := holderOf(ctx, t, w, key)
		switch {
		case err != nil:
			return err
		case free || bytes.Equal(pk, sc.Stored.Entries.Pk):
		case !sc.Stored.Live:
			sc.Stored.Entries.List = all
			return giveWay(ctx, t, w, sc, indexes)
		default:
			// The holder may have expired: then it goes, as it does wherever somebody
			// takes its value.
			holder := t.Scratch()
			defer t.Release(holder)
			gone, err := yields(ctx, t, w, holder, pk, indexes)
			if err != nil {
				return err
			}
			if !gone {
				twice.note(errs.Duplicate{Table: t.Name, Index: ix.Desc.Name, Value: t.FormatColumns(ix, key),
					Rows: [2]string{layout.FormatKey(t.Codec, bytes.Clone(pk)), layout.FormatKey(t.Codec, bytes.Clone(sc.Stored.Entries.Pk))}, HolderKey: bytes.Clone(pk)})
				clash = true
			}
		}
	}
	if clash {
		return nil // what is built will not be used
	}
	for i := range sc.Stored.Entries.List {
		if err := w.Tx.Put(sc.Stored.Entries.Key(i), sc.Stored.Entries.Value(i)); err != nil {
			return err
		}
	}
	return nil
}

// holderOf is the row that has a unique entry; free says that none has.
func holderOf(ctx context.Context, t *entity.Table, w *txn.Writer, key []byte) (pk []byte, free bool, err error) {
	v, found, err := w.Find(ctx, key)
	if err != nil || !found {
		return nil, true, err
	}
	_, body, err := layout.SplitValue(v)
	if err == nil {
		pk, _, err = layout.Holder(body)
	}
	return pk, false, errs.Corrupt(key, err)
}

// yields removes the row pk, if it has expired.
func yields(ctx context.Context, t *entity.Table, w *txn.Writer, sc *entity.Scratch, pk []byte, building map[int]bool) (bool, error) {
	sc.Key = append(append(sc.Key[:0], t.Rows...), pk...)
	stored, err := w.Tx.Get(ctx, sc.Key)
	if err != nil {
		return false, err
	}
	live, _, err := t.Load(w, sc, bytes.Clone(stored))
	if err != nil || live {
		return false, err
	}
	return true, giveWay(ctx, t, w, sc, building)
}

// giveWay removes an expired row, which was loaded, for one that wants a value of it.
// In indexes of the program of before that this one does not have it leaves its
// entries, which show nothing, as they have expired too: Verify finds them, should the
// build break off.
func giveWay(ctx context.Context, t *entity.Table, w *txn.Writer, sc *entity.Scratch, building map[int]bool) error {
	stored := append(layout.AppendHeader(nil, sc.Stored.Entries.Expiry), sc.Stored.Body...)
	if err := t.NoteGone(w, sc.Key, stored); err != nil {
		return err
	}
	sc.Stored.Entries.Sort()
	for i := range sc.Stored.Entries.List {
		ix := sc.Stored.Entries.List[i].Index
		if building[ix] && t.Indexes[ix].Desc.Unique {
			pk, free, err := holderOf(ctx, t, w, sc.Stored.Entries.Key(i))
			if err != nil {
				return err
			}
			if free || !bytes.Equal(pk, sc.Stored.Entries.Pk) {
				continue
			}
		}
		if err := w.Tx.Delete(sc.Stored.Entries.Key(i)); err != nil {
			return err
		}
	}
	t.Touch(w, sc.Key)
	if err := w.Tx.Delete(sc.Key); err != nil {
		return err
	}
	t.Note(w, sc.Key, sc.Stored.Body, nil, true)
	return t.MoveExpiry(w, sc, t.Pk(sc.Key), sc.Stored.Entries.Expiry, nil)
}
