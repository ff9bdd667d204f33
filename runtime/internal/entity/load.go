package entity

import (
	"bytes"
	"errors"
	"fmt"
	"time"

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
	if err := t.fits(sc); err != nil {
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
	holders := [2][]byte{}
	for i, v := range [][]byte{one, other} {
		_, body, err := layout.SplitValue(v)
		if err == nil {
			holders[i], _, err = layout.Holder(body)
		}
		if err != nil {
			return t.Fail(op, nil, errs.Corrupt(key, err))
		}
	}
	ix := &t.Indexes[kind-1]
	return t.Fail(op, append(bytes.Clone(t.Rows), holders[1]...), &errs.UniqueError{Table: t.Name, Index: ix.Desc.Name, Value: t.FormatColumns(ix, key),
		Holder: layout.FormatKey(t.Codec, bytes.Clone(holders[0])), HolderKey: bytes.Clone(holders[0])})
}
