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
// looks again first, so the database may serve meanwhile. What cannot be mended is in
// Left, and the rest is mended all the same, in this one pass: a unique value is given to
// the row that has it before what was wrong in its place is removed.
func (db *DB) Repair(ctx context.Context, o VerifyOptions) (Repaired, error) {
	var out Repaired
	var failed error
	ctx, stop := context.WithCancel(ctx)
	defer stop()
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
		case err != nil && (ctx.Err() != nil || errors.Is(err, ErrClosed) || errors.Is(err, ErrReadOnly)):
			failed = err
			stop()
		case err != nil: // the others can be mended all the same
			f.Err = errors.Join(f.Err, err)
			out.Left = append(out.Left, f)
		case aside:
			out.Aside++
		default:
			out.Mended++
		}
	}
	var err error
	out.Verified, err = db.Verify(ctx, o)
	if failed != nil {
		err = failed // which has ended it
	}
	return out, err
}

var errNotDerivable = errors.New("nothing else says what should be here")

// mend mends one damage. It tells whether a row was put aside.
func (db *DB) mend(ctx context.Context, f Finding) (aside bool, err error) {
	t := f.table
	if t == nil && f.Fault != FaultExpiry {
		return false, errNotDerivable
	}
	var taken error
	err = db.run(ctx, db.usual(), false, func(w *writer) (err error) {
		aside, taken = false, nil
		switch f.Fault {
		case FaultRow:
			aside, err = t.putAside(ctx, w, f.row)
			return err
		case FaultMissingEntry, FaultWrongEntry, FaultNoExpiry:
			taken, err = t.rewriteEntries(ctx, w, f.row, f.Key)
			return err
		case FaultDangling, FaultStaleEntry, FaultEntry:
			return t.dropEntry(ctx, w, f.Key)
		case FaultExpiry:
			return t.dropPlace(ctx, w, f)
		}
		return errNotDerivable
	})
	if err == nil {
		err = taken
	}
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
	t.touch(w, key)
	return w.tx.Delete(key)
}

// rewriteEntries writes the entries that a row should have. Those of unique values that
// another row has as well, and has the entry of, are left to that one: taken says so of
// the entry that this is about.
func (t *table) rewriteEntries(ctx context.Context, w *writer, key, about []byte) (taken, err error) {
	value, found, err := w.find(ctx, key)
	if err != nil || !found {
		return nil, err
	}
	sc := t.scratch()
	defer t.release(sc)
	sc.key = append(sc.key[:0], key...)
	if _, _, err := t.load(w, sc, bytes.Clone(value)); err != nil {
		return nil, errors.Join(errNotDerivable, err)
	}
	sc.old.sort()
	for i, at := range sc.old.list {
		entry := sc.old.key(i)
		if ix := &t.indexes[at.index]; ix.desc.Unique {
			holder, err := t.rightfulHolder(ctx, w, entry)
			if err != nil {
				return nil, err
			}
			if holder != nil && !bytes.Equal(holder, sc.old.pk) {
				gone, err := t.purgeExpired(ctx, w, append(bytes.Clone(t.rows), holder...))
				if err != nil {
					return nil, err
				}
				if gone {
					holder = nil
				}
			}
			if holder != nil && !bytes.Equal(holder, sc.old.pk) {
				if bytes.Equal(entry, about) {
					taken = &UniqueError{Table: t.name, Index: ix.desc.Name, Value: t.formatColumns(ix, entry),
						Holder: formatKey(t.codec, holder), HolderKey: holder}
				}
				continue
			}
		}
		if err := w.tx.Put(entry, sc.old.value(i)); err != nil {
			return nil, err
		}
	}
	return taken, t.moveExpiry(w, sc, sc.old.pk, nil, sc.old.expiry)
}

// purgeExpired removes a row if it has expired.
func (t *table) purgeExpired(ctx context.Context, w *writer, key []byte) (bool, error) {
	value, err := w.tx.Get(ctx, key)
	if err != nil {
		return false, err
	}
	expiry, _, err := splitValue(value)
	if err != nil || !w.expired(expiry) {
		return false, corrupt(key, err)
	}
	return true, t.purge(ctx, w, key)
}

// rightfulHolder is the row that has a unique entry and wants it; nil where there is none,
// or the entry cannot be read.
func (t *table) rightfulHolder(ctx context.Context, w *writer, entry []byte) ([]byte, error) {
	v, found, err := w.find(ctx, entry)
	if err != nil || !found {
		return nil, err
	}
	_, body, err := splitValue(v)
	if err != nil {
		return nil, nil
	}
	pk, _, err := holder(body)
	if err != nil {
		return nil, nil
	}
	pk = bytes.Clone(pk)
	wanted, err := t.wants(ctx, w, append(bytes.Clone(t.rows), pk...), entry)
	if err != nil || !wanted {
		return nil, err
	}
	return pk, nil
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
