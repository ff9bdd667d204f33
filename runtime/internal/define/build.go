package define

import (
	"bytes"
	"context"
	"errors"
	"maps"
	"slices"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Entries of indexes that are built are sorted first, as those of a load, each index by
// itself, and then written in the order of keys. Values of unique indexes that are there
// twice are found in between, so that nothing of a row that gives way is written.

// building is the build of some indexes of a table.
type building struct {
	t       *entity.Table
	kinds   []int // positions of the indexes, in order
	sorters sorters
	gone    map[string]bool // entries of rows that have given way: key and value
	goesOn  func(ctx context.Context, w *txn.Writer) error
}

// build writes the entries of some indexes for all rows. Values of unique indexes that are
// there twice are noted, and nothing is written then.
func build(ctx context.Context, t *entity.Table, indexes map[int]bool, twice *duplicates, goesOn func(ctx context.Context, w *txn.Writer) error) (err error) {
	b := &building{t: t, kinds: slices.Sorted(maps.Keys(indexes)), gone: map[string]bool{}, goesOn: goesOn}
	b.sorters = newSorters(len(b.kinds), 0)
	defer func() { err = errors.Join(err, b.sorters.close()) }()
	if err := b.sort(ctx); err != nil {
		return err
	}
	for i, index := range b.kinds {
		if t.Indexes[index].Desc.Unique {
			if err := b.unique(ctx, i, twice); err != nil {
				return err
			}
		}
	}
	if len(twice.pairs) > 0 {
		return nil // what is built would not be used
	}
	return b.write(ctx)
}

// buildRows is how many rows are read by one iterator, whose life engines may bound.
const buildRows = txn.BatchRows

// sort sorts the entries of all rows.
func (b *building) sort(ctx context.Context) error {
	add := func(index int, key, value []byte) error {
		if i, ok := slices.BinarySearch(b.kinds, index); ok {
			return b.sorters[i].Add(key, value)
		}
		return nil
	}
	for start := b.t.Rows; start != nil; {
		it := b.t.DB.Eng.Iterate(ctx, engine.Range{Start: start, End: b.t.End, Limit: buildRows + 1})
		start = nil
		for n := 0; it.Next(); n++ {
			if n == buildRows {
				start = bytes.Clone(it.Key())
				break
			}
			if err := b.t.StoredEntries(it.Key(), it.Value(), add); err != nil {
				return errors.Join(b.t.Fail("build index", it.Key(), err), it.Close())
			}
		}
		if err := it.Close(); err != nil {
			return err
		}
	}
	return nil
}

// unique goes through the entries of a unique index for values that several rows have.
func (b *building) unique(ctx context.Context, i int, twice *duplicates) error {
	m, err := b.sorters[i].Sorted()
	if err != nil {
		return err
	}
	var key, value []byte // of the entry that has its place
	for m.Next() {
		if !bytes.Equal(m.Key(), key) {
			key, value = append(key[:0], m.Key()...), append(value[:0], m.Value()...)
			continue
		}
		takes, err := b.claim(ctx, b.kinds[i], key, value, m.Value(), twice)
		if err != nil {
			return b.t.Fail("build index", nil, err)
		}
		if takes {
			value = append(value[:0], m.Value()...)
		}
	}
	return m.Err()
}

// claim decides between two rows that want the place of one key in a unique index, from the
// values of their entries, and reports whether the second one takes it. One that has
// expired gives way.
func (b *building) claim(ctx context.Context, index int, key, has, wants []byte, twice *duplicates) (takes bool, err error) {
	pks, expires := [2][]byte{}, false
	for i, v := range [][]byte{has, wants} {
		expiry, body, err := layout.SplitValue(v)
		if err == nil {
			pks[i], _, err = layout.Holder(body)
		}
		if err != nil {
			return false, errs.Corrupt(key, err)
		}
		expires = expires || expiry != nil
	}
	if expires {
		for _, second := range []bool{true, false} {
			pk := pks[0]
			if second {
				pk = pks[1]
			}
			if gone, err := b.yields(ctx, pk); err != nil || gone {
				return !second, err
			}
		}
	}
	ix := &b.t.Indexes[index]
	twice.note(errs.Duplicate{Table: b.t.Name, Index: ix.Desc.Name, Value: b.t.FormatColumns(ix, key),
		Rows: [2]string{layout.FormatKey(b.t.Codec, bytes.Clone(pks[0])), layout.FormatKey(b.t.Codec, bytes.Clone(pks[1]))}, HolderKey: bytes.Clone(pks[0])})
	return false, nil
}

// yields removes a row, if it has expired, and reports whether it is gone.
func (b *building) yields(ctx context.Context, pk []byte) (gone bool, err error) {
	err = b.t.DB.Run(ctx, b.t.DB.Usual(), true, func(w *txn.Writer) error {
		if err := b.goesOn(ctx, w); err != nil {
			return err
		}
		sc := b.t.Scratch()
		defer b.t.Release(sc)
		sc.Key = append(append(sc.Key[:0], b.t.Rows...), pk...)
		stored, found, err := w.Find(ctx, sc.Key)
		if gone = err == nil && !found; err != nil || gone { // it has, for another value
			return err
		}
		live, _, err := b.t.Load(w, sc, bytes.Clone(stored))
		if gone = err == nil && !live; !gone {
			return err
		}
		return b.giveWay(w, sc)
	})
	return gone, err
}

// giveWay removes an expired row, which was loaded, for one that wants a value of it, and
// leaves out its entries in the indexes that are built. In indexes of the program of before
// that this one does not have it leaves its entries, which show nothing, as they have
// expired too: Verify finds them, should the build break off.
func (b *building) giveWay(w *txn.Writer, sc *entity.Scratch) error {
	t := b.t
	stored := append(layout.AppendHeader(nil, sc.Stored.Entries.Expiry), sc.Stored.Body...)
	if err := t.NoteGone(w, sc.Key, stored); err != nil {
		return err
	}
	sc.Stored.Entries.Sort()
	for i := range sc.Stored.Entries.List {
		key := sc.Stored.Entries.Key(i)
		if _, builds := slices.BinarySearch(b.kinds, sc.Stored.Entries.List[i].Index); builds {
			b.gone[string(key)+string(sc.Stored.Entries.Value(i))] = true
		} else if err := w.Tx.Delete(key); err != nil {
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

// write writes the entries, of which no two have one key any more.
func (b *building) write(ctx context.Context) error {
	if err := b.t.DB.Run(ctx, b.t.DB.Usual(), true, func(w *txn.Writer) error { return b.goesOn(ctx, w) }); err != nil {
		return err
	}
	kinds := make([]pairs, len(b.kinds))
	for i, index := range b.kinds {
		kinds[i] = pairs{prefix: b.t.Indexes[index].Prefix, sorter: b.sorters[i], check: func(from engine.Iterator) engine.Iterator {
			if len(b.gone) == 0 {
				return from
			}
			return &without{from, b.gone}
		}}
	}
	return writeSorted(ctx, b.t.DB, kinds, func(from engine.Iterator) error {
		c := committer{db: b.t.DB, goesOn: b.goesOn}
		return c.write(ctx, from)
	})
}

// without leaves pairs out.
type without struct {
	engine.Iterator
	gone map[string]bool // keys and values
}

func (w *without) Next() bool {
	for w.Iterator.Next() {
		if !w.gone[string(w.Key())+string(w.Value())] {
			return true
		}
	}
	return false
}
