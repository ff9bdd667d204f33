package entity

import (
	"bytes"
	"context"
	"fmt"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
	"github.com/storegen/storegen/runtime/record"
)

// entries makes the entries that a row will have, in sc.next.entries, unless that was done.
func (t *Table) entries(sc *Scratch, row any) {
	if sc.next.made {
		return
	}
	sc.next.made = true
	sc.next.entries.Reset(t.Indexes, t.Pk(sc.Key), t.expiry(sc, row))
	t.Codec.Entries(&sc.next.entries, row)
}

// expiry is when a row that is to be stored expires, or nil; it is kept in sc.
func (t *Table) expiry(sc *Scratch, row any) []byte {
	end, ok := t.Codec.Expires(row, t.keep)
	if !ok {
		return nil
	}
	sc.next.expires = layout.InstantOf(end)
	return sc.next.expires[:]
}

// Load takes a stored row into sc, with the entries that it has, unsorted. A row that has
// expired is not live: for all but its removal it is not there. The row's key
// points into sc.
func (t *Table) Load(w *txn.Writer, sc *Scratch, stored []byte) (live bool, unknown []byte, err error) {
	live, unknown, err = t.load(w, sc, stored)
	if err == nil {
		sc.Stored.Entries.Reset(t.Indexes, t.Pk(sc.Key), sc.Stored.Expiry)
		t.Codec.Entries(&sc.Stored.Entries, sc.Stored.Row)
	}
	return live, unknown, err
}

// load is Load without the entries.
func (t *Table) load(w *txn.Writer, sc *Scratch, stored []byte) (live bool, unknown []byte, err error) {
	if err := t.find(w, sc, stored); err != nil {
		return false, nil, err
	}
	sc.unread = false
	unknown, err = layout.DecodeRow(t.Codec, t.Pk(sc.Key), sc.Stored.Body, sc.Stored.Row, nil)
	return sc.Stored.Live, unknown, errs.Corrupt(sc.Key, err)
}

// find is load without the row.
func (t *Table) find(w *txn.Writer, sc *Scratch, stored []byte) (err error) {
	if sc.Stored.Expiry, sc.Stored.Body, err = layout.SplitValue(stored); err != nil {
		return errs.Corrupt(sc.Key, err)
	}
	sc.Stored.Live = !w.Expired(sc.Stored.Expiry)
	return nil
}

// replace writes a row at sc.key in the place of what find or load found, or of nothing.
// All that can be refused is refused before the first write.
func (t *Table) replace(ctx context.Context, w *txn.Writer, sc *Scratch, row any, unknown []byte) error {
	expiry := t.expiry(sc, row)
	sc.Value = layout.AppendHeader(sc.Value[:0], expiry)
	header := len(sc.Value)
	sc.Value = append(t.Codec.AppendValue(sc.Value, row), unknown...)
	moved := t.moves(sc, sc.Value[header:], expiry)
	if moved {
		if err := t.bothEntries(sc, row); err != nil {
			return err
		}
		if err := t.claim(ctx, w, sc); err != nil {
			return err
		}
	}
	if err := t.fits(sc, moved); err != nil {
		return err
	}
	t.Touch(w, sc.Key)
	w.Keep(sc.Key, sc.Stored.Body)
	if err := w.Put(sc.Key, sc.Value); err != nil {
		return err
	}
	t.Note(w, sc.Key, sc.Stored.Body, sc.Value[header:], sc.Stored.Body != nil && !sc.Stored.Live)
	if moved {
		if err := t.moveEntries(w, sc); err != nil {
			return err
		}
	}
	return t.MoveExpiry(w, sc, t.Pk(sc.Key), sc.Stored.Expiry, expiry)
}

// moves reports whether a row may have other entries than the one that it replaces. It has
// the same where all fields are that entries are made of, which costs less to look at than
// entries to make.
func (t *Table) moves(sc *Scratch, body, expiry []byte) bool {
	switch {
	case len(t.Indexes) == 0:
		return false
	case sc.Stored.Body == nil || !bytes.Equal(sc.Stored.Expiry, expiry):
		return true
	case t.whole:
		return !bytes.Equal(sc.Stored.Body, body)
	}
	return !record.Same(sc.Stored.Body, body, t.indexed)
}

// bothEntries makes the entries of the row that is replaced and those of the new one, in
// the order of keys.
func (t *Table) bothEntries(sc *Scratch, row any) error {
	if err := t.oldEntries(sc); err != nil {
		return err
	}
	t.entries(sc, row)
	sc.next.entries.Sort()
	return nil
}

// oldEntries makes the entries of the row that is replaced. It is decoded for that, into a
// row of its own, as an update has changed the one that it was read into.
func (t *Table) oldEntries(sc *Scratch) error {
	sc.Stored.Entries.Reset(t.Indexes, t.Pk(sc.Key), sc.Stored.Expiry)
	if sc.Stored.Body == nil {
		return nil
	}
	if sc.before == nil {
		sc.before = t.Codec.NewRow()
	}
	defer t.Codec.Reset(sc.before)
	if _, err := layout.DecodeSome(t.Codec, t.Pk(sc.Key), sc.Stored.Body, sc.before, t.indexed, nil); err != nil {
		return errs.Corrupt(sc.Key, err)
	}
	t.Codec.Entries(&sc.Stored.Entries, sc.before)
	sc.Stored.Entries.Sort()
	return nil
}

// wanted reports whether an entry of the new row is one that no other row may have, and
// that the old one did not have.
func (t *Table) wanted(sc *Scratch, i int) bool {
	return t.Indexes[sc.next.entries.List[i].Index].Desc.Unique && !sc.Stored.Entries.Has(sc.next.entries.Key(i))
}

// wants is how many of them there are.
func (t *Table) wants(sc *Scratch) (n int) {
	if t.unique == 0 {
		return 0
	}
	for i := range sc.next.entries.List {
		if t.wanted(sc, i) {
			n++
		}
	}
	return n
}

// claim makes sure that the row may have the unique values it wants. They are
// read in the transaction, so the commit fails if that changes before it.
func (t *Table) claim(ctx context.Context, w *txn.Writer, sc *Scratch) error {
	if !w.ReadsAhead() && t.wants(sc) > 1 {
		defer w.EndAhead()
		for i := range sc.next.entries.List {
			if t.wanted(sc, i) {
				w.Ahead(sc.next.entries.Key(i))
			}
		}
		if err := w.ReadAhead(ctx); err != nil {
			return err
		}
	}
	for i := range sc.next.entries.List {
		if !t.wanted(sc, i) {
			continue
		}
		ix, key := &t.Indexes[sc.next.entries.List[i].Index], sc.next.entries.Key(i)
		v, found, err := w.Find(ctx, key)
		if err != nil {
			return err
		}
		if !found {
			continue
		}
		expiry, body, err := layout.SplitValue(v)
		if err != nil {
			return errs.Corrupt(key, err)
		}
		pk, _, err := layout.Holder(body)
		if err != nil {
			return errs.Corrupt(key, err)
		}
		switch {
		case bytes.Equal(pk, sc.next.entries.Pk):
		case w.Expired(expiry):
			if err := t.Purge(ctx, w, append(bytes.Clone(t.Rows), pk...)); err != nil {
				return err
			}
		default:
			return &errs.UniqueError{Table: t.Name, Index: ix.Desc.Name, Value: t.FormatColumns(ix, key),
				Holder: layout.FormatKey(t.Codec, pk), HolderKey: pk}
		}
	}
	return nil
}

// fits checks the engine's limits for a row, and for its entries if they are to be written.
func (t *Table) fits(sc *Scratch, entries bool) error {
	l := &t.DB.Limits
	if over(len(sc.Key), l.MaxKey) || over(len(sc.Value), l.MaxValue) {
		return tooLarge("the row", len(sc.Key), len(sc.Value), l)
	}
	if !entries || l.MaxKey <= 0 && l.MaxValue <= 0 {
		return nil
	}
	for i := range sc.next.entries.List {
		if k, v := len(sc.next.entries.Key(i)), len(sc.next.entries.Value(i)); over(k, l.MaxKey) || over(v, l.MaxValue) {
			return tooLarge("an entry of index "+t.Indexes[sc.next.entries.List[i].Index].Desc.Name, k, v, l)
		}
	}
	return nil
}

func over(n, most int) bool { return most > 0 && n > most }

func tooLarge(what string, key, value int, l *engine.Limits) error {
	return fmt.Errorf("%w: %s has a key of %d bytes and a value of %d; the engine takes %d and %d", errs.ErrTooLarge, what, key, value, l.MaxKey, l.MaxValue)
}

// moveEntries deletes the entries that the row no longer has and writes those
// that are new or changed. Both lists are sorted.
func (t *Table) moveEntries(w *txn.Writer, sc *Scratch) error {
	o, n := &sc.Stored.Entries, &sc.next.entries
	i, j := 0, 0
	for i < len(o.List) || j < len(n.List) {
		c := 0
		switch {
		case i == len(o.List):
			c = 1
		case j == len(n.List):
			c = -1
		default:
			c = bytes.Compare(o.Key(i), n.Key(j))
		}
		var err error
		switch {
		case c < 0:
			err = w.Delete(o.Key(i))
			i++
		case c > 0:
			err = w.Put(n.Key(j), n.Value(j))
			j++
		default:
			if !bytes.Equal(o.Value(i), n.Value(j)) {
				err = w.Put(n.Key(j), n.Value(j))
			}
			i++
			j++
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// MoveExpiry keeps the row's entry in the order of expiry.
func (t *Table) MoveExpiry(w *txn.Writer, sc *Scratch, pk, from, to []byte) error {
	if bytes.Equal(from, to) {
		return nil
	}
	if from != nil {
		sc.Value = t.ExpiryKey(sc.Value[:0], from, pk)
		if err := w.Delete(sc.Value); err != nil {
			return err
		}
	}
	if to == nil {
		return nil
	}
	sc.Value = t.ExpiryKey(sc.Value[:0], to, pk)
	t.DB.Unswept.written(sc.Value)
	return w.Put(sc.Value, layout.PlainHeader)
}

// ExpiryKey appends the place of a row in the order of expiry.
func (t *Table) ExpiryKey(dst, expiry, pk []byte) []byte {
	dst = append(keys.AppendUvarint(dst, layout.SpaceExpiry), expiry...)
	return append(keys.AppendUvarint(dst, t.Space), pk...)
}
