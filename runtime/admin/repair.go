package admin

import (
	"bytes"
	"context"
	"errors"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Repaired is what a repair has done.
type Repaired struct {
	Verified
	Fixed int // entries written or removed
	Aside int // rows that could not be read, now out of the way
	// Left is what could not be repaired.
	Left []Finding
}

// Repair verifies the database and repairs it by what its rows say: missing and wrong
// entries are written, dangling and stale ones removed, and so is the order of
// expiry. A row that cannot be read is put aside: its bytes stay in the database,
// where no table sees them and Aside lists them. Each repair is a transaction that
// looks again first, so the database may serve meanwhile. What cannot be repaired is in
// Left, and the rest is repaired all the same, in this one pass: a unique value is given to
// the row that has it before what was wrong in its place is removed.
func Repair(ctx context.Context, of Database, o VerifyOptions) (Repaired, error) {
	db := of.Internal()
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
		aside, err := repairFinding(ctx, db, f)
		switch {
		case err != nil && (ctx.Err() != nil || errors.Is(err, errs.ErrClosed) || errors.Is(err, errs.ErrReadOnly)):
			failed = err
			stop()
		case err != nil: // the others can be repaired all the same
			f.Err = errors.Join(f.Err, err)
			out.Left = append(out.Left, f)
		case aside:
			out.Aside++
		default:
			out.Fixed++
		}
	}
	var err error
	out.Verified, err = Verify(ctx, of, o)
	if failed != nil {
		err = failed // which has ended it
	}
	return out, err
}

var errNotDerivable = errors.New("nothing else says what should be here")

// repairFinding repairs one damage. It tells whether a row was put aside.
func repairFinding(ctx context.Context, db *entity.DB, f Finding) (aside bool, err error) {
	t := f.table
	if t == nil && f.Fault != FaultExpiry {
		return false, errNotDerivable
	}
	var taken error
	err = db.Run(ctx, db.Usual(), false, func(w *txn.Writer) (err error) {
		aside, taken = false, nil
		switch f.Fault {
		case FaultRow:
			aside, err = putAside(ctx, t, w, f.row)
			return err
		case FaultMissingEntry, FaultWrongEntry, FaultNoExpiry:
			taken, err = rewriteEntries(ctx, t, w, f.row, f.Key)
			return err
		case FaultDangling, FaultStaleEntry, FaultEntry:
			return dropEntry(ctx, t, w, f.Key)
		case FaultExpiry:
			return dropExpiry(ctx, t, w, f)
		}
		return errNotDerivable
	})
	if err == nil {
		err = taken
	}
	return aside, err
}

// rewriteEntries writes the entries that a row should have. Those of unique values that
// another row has as well, and has the entry of, are left to that one: taken says so of
// the entry that this is about.
func rewriteEntries(ctx context.Context, t *entity.Table, w *txn.Writer, key, about []byte) (taken, err error) {
	value, found, err := w.Find(ctx, key)
	if err != nil || !found {
		return nil, err
	}
	sc := t.Scratch()
	defer t.Release(sc)
	sc.Key = append(sc.Key[:0], key...)
	if _, _, err := t.Load(w, sc, bytes.Clone(value)); err != nil {
		return nil, errors.Join(errNotDerivable, err)
	}
	sc.Stored.Entries.Sort()
	for i, at := range sc.Stored.Entries.List {
		entry := sc.Stored.Entries.Key(i)
		if ix := &t.Indexes[at.Index]; ix.Desc.Unique {
			holder, err := rightfulHolder(ctx, t, w, entry)
			if err != nil {
				return nil, err
			}
			if holder != nil && !bytes.Equal(holder, sc.Stored.Entries.Pk) {
				gone, err := t.PurgeExpired(ctx, w, append(bytes.Clone(t.Rows), holder...))
				if err != nil {
					return nil, err
				}
				if gone {
					holder = nil
				}
			}
			if holder != nil && !bytes.Equal(holder, sc.Stored.Entries.Pk) {
				if bytes.Equal(entry, about) {
					taken = &errs.UniqueError{Table: t.Name, Index: ix.Desc.Name, Value: t.FormatColumns(ix, entry),
						Holder: layout.FormatKey(t.Codec, holder), HolderKey: holder}
				}
				continue
			}
		}
		if err := w.Tx.Put(entry, sc.Stored.Entries.Value(i)); err != nil {
			return nil, err
		}
	}
	return taken, t.MoveExpiry(w, sc, sc.Stored.Entries.Pk, nil, sc.Stored.Entries.Expiry)
}

// rightfulHolder is the row that has a unique entry and wants it; nil where there is none,
// or the entry cannot be read.
func rightfulHolder(ctx context.Context, t *entity.Table, w *txn.Writer, entry []byte) ([]byte, error) {
	v, found, err := w.Find(ctx, entry)
	if err != nil || !found {
		return nil, err
	}
	_, body, err := layout.SplitValue(v)
	if err != nil {
		return nil, nil
	}
	pk, _, err := layout.Holder(body)
	if err != nil {
		return nil, nil
	}
	pk = bytes.Clone(pk)
	wanted, err := wants(ctx, t, w, append(bytes.Clone(t.Rows), pk...), entry)
	if err != nil || !wanted {
		return nil, err
	}
	return pk, nil
}

// dropEntry removes an entry, unless its row wants it after all.
func dropEntry(ctx context.Context, t *entity.Table, w *txn.Writer, key []byte) error {
	value, found, err := w.Find(ctx, key)
	if err != nil || !found {
		return err
	}
	for i := range t.Indexes {
		ix := &t.Indexes[i]
		if !bytes.HasPrefix(key, ix.Prefix) {
			continue
		}
		if e, err := ix.SplitEntry(key, value, nil); err == nil {
			wanted, err := wants(ctx, t, w, append(bytes.Clone(t.Rows), e.Key...), key)
			if err != nil || wanted {
				return err
			}
		}
	}
	return w.Tx.Delete(key)
}

// wants reports whether a row is there that should have an entry.
func wants(ctx context.Context, t *entity.Table, w *txn.Writer, row, entry []byte) (bool, error) {
	value, err := w.Tx.Get(ctx, row)
	if errors.Is(err, engine.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, err
	}
	sc := t.Scratch()
	defer t.Release(sc)
	sc.Key = append(sc.Key[:0], row...)
	if _, _, err := t.Load(w, sc, value); err != nil {
		return false, nil // a row that cannot be read wants nothing
	}
	return sc.Stored.Entries.Has(entry), nil
}

// dropExpiry removes an entry in the order of expiry, unless its row has it after
// all.
func dropExpiry(ctx context.Context, t *entity.Table, w *txn.Writer, f Finding) error {
	if t != nil && f.row != nil {
		value, err := w.Tx.Get(ctx, f.row)
		if err != nil && !errors.Is(err, engine.ErrNotFound) {
			return err
		}
		if err == nil {
			d, perr := layout.ParseDue(bytes.Clone(f.Key))
			has, _, serr := layout.SplitValue(value)
			if perr == nil && serr == nil && bytes.Equal(has, d.Expiry) {
				return nil
			}
		}
	}
	return w.Tx.Delete(f.Key)
}
