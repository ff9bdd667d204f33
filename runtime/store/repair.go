package store

import (
	"bytes"
	"context"
	"errors"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
)

// Repaired is what a repair has done.
type Repaired struct {
	Verified
	Mended int // entries and places written or removed
	Aside  int // rows that could not be read, now out of the way
	// Left is what could not be mended.
	Left []Finding
}

// Repair verifies the database and mends what rows say: missing and wrong
// entries are written, dangling and stale ones removed, and so is the order of
// expiry. A row that cannot be read is put aside: its bytes stay in the database,
// where no table sees them and Aside lists them. Each mend is a transaction that
// looks again first, so the database may serve meanwhile.
func (db *DB) Repair(ctx context.Context, o VerifyOptions) (Repaired, error) {
	var out Repaired
	var failed error
	found := o.Found
	o.Found = func(f Finding) {
		if found != nil {
			found(f)
		}
		if failed != nil {
			return
		}
		aside, err := db.mend(ctx, f)
		switch {
		case errors.Is(err, errNotDerivable) || errors.Is(err, ErrUnique):
			f.Err = errors.Join(f.Err, err)
			out.Left = append(out.Left, f)
		case err != nil:
			failed = err
		case aside:
			out.Aside++
		default:
			out.Mended++
		}
	}
	var err error
	out.Verified, err = db.Verify(ctx, o)
	return out, errors.Join(err, failed)
}

var errNotDerivable = errors.New("nothing else says what should be here")

// mend mends one damage. It tells whether a row was put aside.
func (db *DB) mend(ctx context.Context, f Finding) (aside bool, err error) {
	t := f.table
	if t == nil && f.Fault != FaultExpiry {
		return false, errNotDerivable
	}
	err = db.run(ctx, db.usual(), false, func(w *writer) error {
		aside = false
		switch f.Fault {
		case FaultRow:
			var err error
			aside, err = t.putAside(ctx, w, f.row)
			return err
		case FaultMissingEntry, FaultWrongEntry, FaultNoExpiry:
			return t.rewriteEntries(ctx, w, f.row)
		case FaultDangling, FaultStaleEntry, FaultEntry:
			return t.dropEntry(ctx, w, f.Key)
		case FaultExpiry:
			return t.dropPlace(ctx, w, f)
		}
		return errNotDerivable
	})
	return aside, err
}

// putAside moves a row that cannot be read out of its table.
func (t *table) putAside(ctx context.Context, w *writer, key []byte) (bool, error) {
	value, found, err := w.find(ctx, key)
	if err != nil || !found {
		return false, err
	}
	sc := t.scratch()
	defer t.release(sc)
	sc.key = append(sc.key[:0], key...)
	if _, _, err := t.load(w, sc, bytes.Clone(value)); err == nil {
		return false, nil // it has been written anew
	}
	return true, t.moveAside(w, key, value)
}

// moveAside moves a row out of its table, as it is.
func (t *table) moveAside(w *writer, key, value []byte) error {
	to := append(keys.AppendUvarint(nil, spaceAside), key...)
	if err := w.tx.Put(to, append([]byte{formatPlain}, value...)); err != nil {
		return err
	}
	w.touch(t, key)
	return w.tx.Delete(key)
}

// rewriteEntries writes the entries that a row should have.
func (t *table) rewriteEntries(ctx context.Context, w *writer, key []byte) error {
	value, found, err := w.find(ctx, key)
	if err != nil || !found {
		return err
	}
	sc := t.scratch()
	defer t.release(sc)
	sc.key = append(sc.key[:0], key...)
	if _, _, err := t.load(w, sc, value); err != nil {
		return errors.Join(errNotDerivable, err)
	}
	sc.old.sort()
	sc.old, sc.new = sc.new, sc.old
	sc.old.reset(t, nil, nil)
	if err := t.claim(ctx, w, sc); err != nil {
		return err
	}
	if err := t.moveEntries(w, sc); err != nil {
		return err
	}
	return t.moveExpiry(w, sc, t.pk(key), nil, sc.new.expiry)
}

// dropEntry removes an entry, unless its row wants it after all.
func (t *table) dropEntry(ctx context.Context, w *writer, key []byte) error {
	value, found, err := w.find(ctx, key)
	if err != nil || !found {
		return err
	}
	for i := range t.indexes {
		ix := &t.indexes[i]
		if !bytes.HasPrefix(key, ix.prefix) {
			continue
		}
		if pk, err := entryPK(ix, key, value); err == nil {
			wanted, err := t.wants(ctx, w, append(bytes.Clone(t.rows), pk...), key)
			if err != nil || wanted {
				return err
			}
		}
	}
	return w.tx.Delete(key)
}

// wants reports whether a row is there that should have an entry.
func (t *table) wants(ctx context.Context, w *writer, row, entry []byte) (bool, error) {
	value, err := w.tx.Get(ctx, row)
	if errors.Is(err, engine.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	sc := t.scratch()
	defer t.release(sc)
	sc.key = append(sc.key[:0], row...)
	if _, _, err := t.load(w, sc, value); err != nil {
		return false, nil // a row that cannot be read wants nothing
	}
	return sc.old.has(entry), nil
}

// dropPlace removes a place in the order of expiry, unless its row has it after
// all.
func (t *table) dropPlace(ctx context.Context, w *writer, f Finding) error {
	if t != nil && f.row != nil {
		value, err := w.tx.Get(ctx, f.row)
		if err != nil && !errors.Is(err, engine.ErrNotFound) {
			return err
		}
		if err == nil {
			d, perr := parseDue(bytes.Clone(f.Key))
			has, _, serr := splitValue(value)
			if perr == nil && serr == nil && bytes.Equal(has, d.expiry) {
				return nil
			}
		}
	}
	return w.tx.Delete(f.Key)
}

// AsideRow is a row that could not be read.
type AsideRow struct {
	Table string // as far as it is known
	Row   string
	Key   []byte // the engine key that it had
	Value []byte // as it was found
}

// Aside lists the rows that Repair and sweeps have put aside.
func (db *DB) Aside(ctx context.Context) ([]AsideRow, error) {
	prefix := keys.AppendUvarint(nil, spaceAside)
	it := db.eng.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	var out []AsideRow
	for it.Next() {
		row := AsideRow{Key: bytes.Clone(it.Key()[len(prefix):])}
		if v := it.Value(); len(v) > 0 {
			row.Value = bytes.Clone(v[1:])
		}
		row.Table, row.Row = db.locate(row.Key)
		out = append(out, row)
	}
	return out, it.Close()
}
