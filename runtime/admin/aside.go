package admin

import (
	"bytes"
	"context"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// putAside moves a row that cannot be read out of its table.
func putAside(ctx context.Context, t *entity.Table, w *txn.Writer, key []byte) (bool, error) {
	value, found, err := w.Find(ctx, key)
	if err != nil || !found {
		return false, err
	}
	sc := t.Scratch()
	defer t.Release(sc)
	sc.Key = append(sc.Key[:0], key...)
	if _, _, err := t.Load(w, sc, bytes.Clone(value)); err == nil {
		return false, nil // it has been written again
	}
	return true, moveAside(t, w, key, value)
}

// moveAside moves a row out of its table, as it is.
func moveAside(t *entity.Table, w *txn.Writer, key, value []byte) error {
	to := append(keys.AppendUvarint(nil, layout.SpaceAside), key...)
	if err := w.Tx.Put(to, append([]byte{layout.FormatPlain}, value...)); err != nil {
		return err
	}
	t.Touch(w, key)
	return w.Tx.Delete(key)
}

// AsideRow is a row that could not be read.
type AsideRow struct {
	Table string // as far as it is known
	Row   string
	Key   []byte // the engine key that it had
	Value []byte // as it was found
}

// Aside lists the rows that Repair and sweeps have put aside.
func Aside(ctx context.Context, of Database) ([]AsideRow, error) {
	db := of.Internal()
	prefix := keys.AppendUvarint(nil, layout.SpaceAside)
	it := db.Eng.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	var out []AsideRow
	for it.Next() {
		row := AsideRow{Key: bytes.Clone(it.Key()[len(prefix):])}
		if v := it.Value(); len(v) > 0 {
			row.Value = bytes.Clone(v[1:])
		}
		row.Table, row.Row = db.Locate(row.Key)
		out = append(out, row)
	}
	return out, it.Close()
}
