package define

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// DropTable removes a table with all its rows, or a family with all its members, for
// good: one that the schemas have no more. Nothing of it needs to be known to the program.
// It is refused while this program has the table, or a member, open; no other program may
// have it open either. The rows go in batches that follow the engine's limits. Where it is
// broken off the table is gone all the same, and the next DropTable of this name removes
// the rest. ErrNotFound says that there is nothing of that name.
func DropTable(ctx context.Context, db *entity.DB, name string) error {
	return drop(ctx, db, name, func() error {
		var rec records.TableRecord
		if err := records.ReadRecord(ctx, db.Eng, records.TableKey(name), &rec); err != nil {
			return err
		}
		if rec.Renamed != "" {
			return fmt.Errorf("%w: its name is %s now", errs.ErrNotFound, rec.Renamed)
		}
		members, err := listMembers(ctx, db, rec.Space)
		if err != nil {
			return err
		}
		db.Mu.Lock()
		open := db.Families[name] != nil
		db.Mu.Unlock()
		if open {
			return fmt.Errorf("%w: this program has the family open", errs.ErrInUse)
		}
		spaces := []uint64{rec.Space}
		for _, m := range members {
			spaces = append(spaces, m.Space)
		}
		return forsake(db, spaces, func() error {
			for _, m := range members {
				if err := dropMember(ctx, db, name, rec.Space, m); err != nil {
					return err
				}
			}
			return db.Run(ctx, db.Usual(), true, func(w *txn.Writer) error { return records.DropRecord(ctx, w.Tx, name, rec.Space) })
		})
	})
}

// DropMember removes one member of a family with all its rows, as DropTable does. member
// is the encoded parts that tell it apart, as Members lists them.
func DropMember(ctx context.Context, db *entity.DB, family string, member []byte) error {
	return drop(ctx, db, family, func() error {
		var rec records.TableRecord
		if err := records.ReadRecord(ctx, db.Eng, records.TableKey(family), &rec); err != nil {
			return err
		}
		if rec.Renamed != "" {
			return fmt.Errorf("%w: its name is %s now", errs.ErrNotFound, rec.Renamed)
		}
		var m records.MemberRecord
		if err := records.ReadRecord(ctx, db.Eng, append(records.MemberPrefix(rec.Space), member...), &m); err != nil {
			return err
		}
		return forsake(db, []uint64{m.Space}, func() error { return dropMember(ctx, db, family, rec.Space, m) })
	})
}

// drop takes something of a name out of the catalog, and clears what is being dropped of
// that name.
func drop(ctx context.Context, db *entity.DB, name string, take func() error) error {
	fail := func(err error) error {
		if err == nil {
			return nil
		}
		return &errs.Error{Op: "drop", Table: name, Err: err}
	}
	begun, err := dropped(ctx, db, name)
	if err != nil {
		return fail(err)
	}
	if err := take(); err != nil && (len(begun) == 0 || !errors.Is(err, errs.ErrNotFound)) {
		return fail(err)
	}
	if begun, err = dropped(ctx, db, name); err != nil {
		return fail(err)
	}
	for _, rec := range begun {
		if err := clearSpace(ctx, db, rec); err != nil {
			return fail(err)
		}
	}
	db.Unswept.Forget()
	return nil
}

// forsake runs fn for spaces that this program has not opened, and does not from then on.
func forsake(db *entity.DB, spaces []uint64, fn func() error) error {
	db.Mu.Lock()
	for _, space := range spaces {
		if t := db.Tables[space]; t != nil {
			db.Mu.Unlock()
			return fmt.Errorf("%w: this program has %s open", errs.ErrInUse, t.Name)
		}
		if db.Loading[space] {
			db.Mu.Unlock()
			return fmt.Errorf("%w: this program is loading it", errs.ErrInUse)
		}
	}
	if db.Forsaken == nil {
		db.Forsaken = map[uint64]bool{}
	}
	for _, space := range spaces {
		db.Forsaken[space] = true
	}
	db.Mu.Unlock()
	err := fn()
	if err != nil { // they may be there still
		db.Mu.Lock()
		defer db.Mu.Unlock()
		for _, space := range spaces {
			delete(db.Forsaken, space)
		}
	}
	return err
}

// dropMember takes a member out of the catalog, and notes what its family says of it.
func dropMember(ctx context.Context, db *entity.DB, family string, of uint64, m records.MemberRecord) error {
	key := append(records.MemberPrefix(of), m.Member...)
	return db.Run(ctx, db.Usual(), true, func(w *txn.Writer) error {
		v, err := w.Tx.GetForUpdate(ctx, key)
		if err != nil {
			return err
		}
		var now records.MemberRecord
		if err := records.DecodeRecord(key, v, &now); err != nil {
			return err
		}
		if now.Space != m.Space {
			return fmt.Errorf("%w: another member is there now", errs.ErrConflict)
		}
		var fam records.TableRecord
		if err := records.ReadRecord(ctx, w.Tx, records.TableKey(family), &fam); err != nil {
			return err
		}
		return errors.Join(w.Tx.Delete(key),
			w.Tx.Delete(keys.AppendUvarint(records.CatalogKey(records.CatalogReverse), m.Space)),
			records.WriteRecord(w.Tx, records.DroppedKey(m.Space), records.Dropped(m.Space, family, &fam)))
	})
}

// dropped are the spaces that are being dropped of a name.
func dropped(ctx context.Context, db *entity.DB, name string) ([]records.DroppedRecord, error) {
	prefix := records.CatalogKey(records.CatalogDropped)
	it := db.Eng.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	var out []records.DroppedRecord
	for it.Next() {
		var rec records.DroppedRecord
		if err := records.DecodeRecord(it.Key(), it.Value(), &rec); err != nil {
			return nil, err
		}
		if !bytes.Equal(it.Key(), records.DroppedKey(rec.Space)) {
			return nil, errs.Corrupt(it.Key(), errors.New("the record is of another space"))
		}
		if rec.Name == name {
			out = append(out, rec)
		}
	}
	return out, it.Close()
}

// clearSpace removes all of a space that is being dropped.
func clearSpace(ctx context.Context, db *entity.DB, rec records.DroppedRecord) error {
	always := func(context.Context, *txn.Writer) error { return nil }
	var err error
	if rec.Lasting {
		err = clearKeys(ctx, db, rec.Space, always)
	} else {
		err = clearAll(ctx, db, rec.Space, always)
	}
	if err != nil {
		return err
	}
	return db.Run(ctx, db.Usual(), true, func(w *txn.Writer) error { return w.Tx.Delete(records.DroppedKey(rec.Space)) })
}

// clearAll removes all that a space has, in batches, each of which may asks for. Its rows
// are read, since they tell where they are in the order of expiry.
func clearAll(ctx context.Context, db *entity.DB, space uint64, may func(ctx context.Context, w *txn.Writer) error) error {
	rows := keys.AppendUvarint(keys.AppendUvarint(nil, space), layout.SpaceRows)
	unread, err := clearRows(ctx, db, space, rows, may)
	if err != nil {
		return err
	}
	if unread {
		if err := clearExpiry(ctx, db, space); err != nil {
			return err
		}
	}
	return clearKeys(ctx, db, space, may)
}

// clearKeys removes all keys of a space, and none of its rows' in the order of expiry.
func clearKeys(ctx context.Context, db *entity.DB, space uint64, may func(ctx context.Context, w *txn.Writer) error) error {
	prefix := keys.AppendUvarint(nil, space)
	aside := append(keys.AppendUvarint(nil, layout.SpaceAside), prefix...)
	for _, p := range [][]byte{prefix, aside} {
		if err := db.Clear(ctx, p, keys.Successor(p), may); err != nil {
			return err
		}
	}
	return nil
}

// clearRows removes the rows of a space with their entries in the order of expiry. Where
// the engine deletes ranges the rows stay, for that, and only their entries there go.
// unread says that the values of some do not tell their expiry; they stay, so that they say
// so again should this be broken off.
func clearRows(ctx context.Context, db *entity.DB, space uint64, rows []byte, may func(ctx context.Context, w *txn.Writer) error) (unread bool, err error) {
	start, end := rows, keys.Successor(rows)
	stay := db.DeletesRanges()
	var next []byte
	err = db.InBatches(ctx, txn.BatchRows, func(w *txn.Writer, n int) error {
		next = nil
		if err := may(ctx, w); err != nil {
			return err
		}
		it := w.Tx.Iterate(ctx, engine.Range{Start: start, End: end, Limit: n})
		defer it.Close()
		for i := 0; i < n && it.Next(); i++ {
			key := bytes.Clone(it.Key())
			expiry, _, err := layout.SplitValue(it.Value())
			if next = key; err != nil {
				unread = true
				continue
			}
			if expiry != nil {
				entry := append(keys.AppendUvarint(nil, layout.SpaceExpiry), expiry...)
				entry = append(keys.AppendUvarint(entry, space), key[len(rows):]...)
				if err := w.Tx.Delete(entry); err != nil {
					return err
				}
			}
			if stay {
				continue
			}
			if err := w.Tx.Delete(key); err != nil {
				return err
			}
		}
		return it.Close()
	}, func() bool {
		if next != nil {
			start = append(next, 0)
		}
		return next != nil
	})
	return unread, err
}

// clearExpiry removes all entries of a space from the order of expiry, by a scan over those of all tables.
func clearExpiry(ctx context.Context, db *entity.DB, space uint64) error {
	prefix := keys.AppendUvarint(nil, layout.SpaceExpiry)
	it := db.Eng.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix), KeysOnly: true})
	defer it.Close()
	for more := true; more; {
		var found [][]byte
		for len(found) < txn.BatchRows {
			if more = it.Next(); !more {
				break
			}
			if d, err := layout.ParseDue(it.Key()); err == nil && d.Space == space {
				found = append(found, bytes.Clone(it.Key()))
			}
		}
		_, err := db.InPieces(ctx, db.Usual(), true, len(found), func(w *txn.Writer, from, to int) error {
			for _, key := range found[from:to] {
				if err := w.Tx.Delete(key); err != nil {
					return err
				}
			}
			return nil
		}, func(int) {})
		if err != nil {
			return err
		}
	}
	return it.Close()
}
