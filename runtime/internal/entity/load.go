package entity

import (
	"bytes"
	"errors"
	"fmt"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
)

// Loads is how many kinds of pairs a row makes for Pairs: its own, one for each index, and
// its place in the order of expiry.
func (t *Table) Loads() int { return 2 + len(t.Indexes) }

// Pairs calls add with all that is stored of a row that is written where nothing is, each
// with its kind, from 0 to before Loads. live is false, and nothing is added, where the row
// has expired. at is the place of the row among the others. It looks for nothing that is
// stored.
func (t *Table) Pairs(row any, at int, now func() time.Time, add func(kind int, key, value []byte) error) (live bool, err error) {
	const op = "load"
	if isNil(row) {
		return false, t.nilRow(op, at)
	}
	sc := t.Scratch()
	defer t.Release(sc)
	sc.unread = true
	t.Codec.Default(row, now)
	sc.Key = t.Codec.AppendRowKey(append(sc.Key[:0], t.Rows...), row)
	if err := t.Codec.Check(row); err != nil {
		return false, t.Fail(op, sc.Key, err)
	}
	t.entries(sc, row)
	sc.next.entries.Sort()
	expiry := sc.next.entries.Expiry
	if expiry != nil {
		if at := layout.InstantOf(now()); at.Expired(expiry) {
			return false, nil
		}
	}
	sc.Value = t.Codec.AppendValue(layout.AppendHeader(sc.Value[:0], expiry), row)
	if err := t.fits(sc, true); err != nil {
		return false, t.Fail(op, sc.Key, err)
	}
	if err := add(0, sc.Key, sc.Value); err != nil {
		return false, err
	}
	for i := range sc.next.entries.List {
		if err := add(1+sc.next.entries.List[i].Index, sc.next.entries.Key(i), sc.next.entries.Value(i)); err != nil {
			return false, err
		}
	}
	if expiry == nil {
		return true, nil
	}
	sc.Value = t.ExpiryKey(sc.Value[:0], expiry, t.Pk(sc.Key))
	return true, add(t.Loads()-1, sc.Value, layout.PlainHeader)
}

// StoredEntries calls add with the entries that a stored row has, each with the position of
// its index. It makes no difference whether the row has expired.
func (t *Table) StoredEntries(key, stored []byte, add func(index int, key, value []byte) error) error {
	sc := t.Scratch()
	defer t.Release(sc)
	sc.Key, sc.Value = append(sc.Key[:0], key...), append(sc.Value[:0], stored...)
	expiry, body, err := layout.SplitValue(sc.Value)
	if err == nil {
		_, err = layout.DecodeSome(t.Codec, t.Pk(sc.Key), body, sc.Stored.Row, t.indexed, nil)
	}
	if err != nil {
		return errs.Corrupt(sc.Key, err)
	}
	entries := &sc.Stored.Entries
	entries.Reset(t.Indexes, t.Pk(sc.Key), expiry)
	t.Codec.Entries(entries, sc.Stored.Row)
	entries.Sort()
	for i := range entries.List {
		if err := add(entries.List[i].Index, entries.Key(i), entries.Value(i)); err != nil {
			return err
		}
	}
	return nil
}

// LoadPrefix is what the keys of a kind of pairs begin with.
func (t *Table) LoadPrefix(kind int) []byte {
	switch kind {
	case 0:
		return t.Rows
	case t.Loads() - 1:
		return keys.AppendUvarint(nil, layout.SpaceExpiry)
	}
	return t.Indexes[kind-1].Prefix
}

// LoadLooks reports whether pairs of a kind may be there before they are loaded: rows, and
// entries of unique indexes. The others hold the key of a row that is not there.
func (t *Table) LoadLooks(kind int) bool {
	return kind == 0 || kind < t.Loads()-1 && t.Indexes[kind-1].Desc.Unique
}

// LoadHolder is the stored key of the row that a pair of such a kind belongs to.
func (t *Table) LoadHolder(kind int, key, value []byte) ([]byte, error) {
	if kind == 0 {
		return key, nil
	}
	pk, err := holder(key, value)
	return append(bytes.Clone(t.Rows), pk...), err
}

// holder is the encoded key of the row that has a unique entry.
func holder(key, value []byte) ([]byte, error) {
	_, body, err := layout.SplitValue(value)
	if err != nil {
		return nil, errs.Corrupt(key, err)
	}
	pk, _, err := layout.Holder(body)
	return pk, errs.Corrupt(key, err)
}

// LoadTaken is the error of a pair of such a kind that is there, with a value.
func (t *Table) LoadTaken(kind int, key, stored, loaded []byte) error {
	if kind == 0 {
		return t.Fail("load", key, errs.ErrExists)
	}
	return t.taken(kind, key, stored, loaded)
}

var errTwice = errors.New("two rows have made it")

// Twice is the error of two pairs of one kind that have the same key.
func (t *Table) Twice(kind int, key, one, other []byte) error {
	const op = "load"
	if kind == 0 {
		return t.Fail(op, key, fmt.Errorf("%w: two of the rows have this key", errs.ErrExists))
	}
	if kind == t.Loads()-1 || !t.Indexes[kind-1].Desc.Unique {
		return t.Fail(op, nil, errs.Corrupt(key, errTwice))
	}
	return t.taken(kind, key, one, other)
}

// taken is the error of a value of a unique index that one row has and another one wants,
// from their entries.
func (t *Table) taken(kind int, key, one, other []byte) error {
	has, err := holder(key, one)
	if err != nil {
		return t.Fail("load", nil, err)
	}
	wants, err := holder(key, other)
	if err != nil {
		return t.Fail("load", nil, err)
	}
	ix := &t.Indexes[kind-1]
	return t.Fail("load", append(bytes.Clone(t.Rows), wants...), &errs.UniqueError{Table: t.Name, Index: ix.Desc.Name, Value: t.FormatColumns(ix, key),
		Holder: layout.FormatKey(t.Codec, bytes.Clone(has)), HolderKey: bytes.Clone(has)})
}
