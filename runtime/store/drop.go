package store

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
)

// Dropping a table is done in three steps: one commit takes the table out of the catalog
// and notes that its space is being dropped; the space is cleared, in batches; and the note
// goes. No space is ever given away twice, so a table of the same name that is made
// meanwhile has another one, and nothing of it is touched.

// droppedRecord says that a space is being dropped. It is enough to go on by.
type droppedRecord struct {
	Space uint64 `json:"space"`
	Name  string `json:"name"` // of the table, or of the family
}

func (r *droppedRecord) check() error {
	if r.Name == "" {
		return errors.New("the space had no table")
	}
	return checkSpace(r.Space)
}

func droppedKey(space uint64) []byte {
	return keys.AppendUvarint(catalogKey(catalogDropped), space)
}

// DropTable removes a table with all its rows, or a family with all its members, for
// good: one that the schemas have no more. Nothing of it needs to be known to the program.
// It is refused while this program has the table, or a member, open; no other program may
// have it open either. The rows go in batches that follow the engine's limits. Where it is
// broken off the table is gone all the same, and the next DropTable of this name removes
// the rest. ErrNotFound says that there is nothing of that name.
func (db *DB) DropTable(ctx context.Context, name string) error {
	return db.drop(ctx, name, func() error {
		var rec tableRecord
		if err := readRecord(ctx, db.eng, tableKey(name), &rec); err != nil {
			return err
		}
		if rec.Renamed != "" {
			return fmt.Errorf("%w: its name is %s now", ErrNotFound, rec.Renamed)
		}
		members, err := db.members(ctx, rec.Space)
		if err != nil {
			return err
		}
		db.mu.Lock()
		open := db.families[name] != nil
		db.mu.Unlock()
		if open {
			return fmt.Errorf("%w: this program has the family open", ErrInUse)
		}
		spaces := []uint64{rec.Space}
		for _, m := range members {
			spaces = append(spaces, m.Space)
		}
		return db.forsake(spaces, func() error {
			for _, m := range members {
				if err := db.dropMember(ctx, name, rec.Space, m); err != nil {
					return err
				}
			}
			return db.changeCatalog(ctx, true, func(w *writer) error { return dropRecord(ctx, w.tx, name, rec.Space) })
		})
	})
}

// DropMember removes one member of a family with all its rows, as DropTable does. member
// is the encoded parts that tell it apart, as Members lists them.
func (db *DB) DropMember(ctx context.Context, family string, member []byte) error {
	return db.drop(ctx, family, func() error {
		var rec tableRecord
		if err := readRecord(ctx, db.eng, tableKey(family), &rec); err != nil {
			return err
		}
		if rec.Renamed != "" {
			return fmt.Errorf("%w: its name is %s now", ErrNotFound, rec.Renamed)
		}
		var m memberRecord
		if err := readRecord(ctx, db.eng, append(memberPrefix(rec.Space), member...), &m); err != nil {
			return err
		}
		return db.forsake([]uint64{m.Space}, func() error { return db.dropMember(ctx, family, rec.Space, m) })
	})
}

// drop takes something of a name out of the catalog, and clears what is being dropped of
// that name.
func (db *DB) drop(ctx context.Context, name string, take func() error) error {
	fail := func(err error) error {
		if err == nil {
			return nil
		}
		return &Error{Op: "drop", Table: name, Err: err}
	}
	begun, err := db.dropped(ctx, name)
	if err != nil {
		return fail(err)
	}
	if err := take(); err != nil && (len(begun) == 0 || !errors.Is(err, ErrNotFound)) {
		return fail(err)
	}
	if begun, err = db.dropped(ctx, name); err != nil {
		return fail(err)
	}
	for _, space := range begun {
		if err := db.clearSpace(ctx, space); err != nil {
			return fail(err)
		}
	}
	db.unswept.forget()
	return nil
}

// forsake runs fn for spaces that this program has not opened, and does not from then on.
func (db *DB) forsake(spaces []uint64, fn func() error) error {
	db.mu.Lock()
	for _, space := range spaces {
		if t := db.tables[space]; t != nil {
			db.mu.Unlock()
			return fmt.Errorf("%w: this program has %s open", ErrInUse, t.name)
		}
	}
	if db.forsaken == nil {
		db.forsaken = map[uint64]bool{}
	}
	for _, space := range spaces {
		db.forsaken[space] = true
	}
	db.mu.Unlock()
	err := fn()
	if err != nil { // they may be there still
		db.mu.Lock()
		defer db.mu.Unlock()
		for _, space := range spaces {
			delete(db.forsaken, space)
		}
	}
	return err
}

// dropRecord takes a table out of the catalog, with the names that it had before.
func dropRecord(ctx context.Context, tx engine.Tx, name string, space uint64) error {
	key := tableKey(name)
	v, err := tx.GetForUpdate(ctx, key)
	if err != nil {
		return err
	}
	var rec tableRecord
	if err := decodeRecord(key, v, &rec); err != nil {
		return err
	}
	if rec.Space != space {
		return fmt.Errorf("%w: another table has the name now", ErrConflict)
	}
	if err := noMembers(ctx, tx, space); err != nil {
		return err
	}
	former, err := formerNames(ctx, tx, name)
	if err != nil {
		return err
	}
	for _, key := range append(former, key) {
		if err := tx.Delete(key); err != nil {
			return err
		}
	}
	return writeRecord(tx, droppedKey(space), &droppedRecord{Space: space, Name: name})
}

// noMembers makes sure that a family has none that was made meanwhile.
func noMembers(ctx context.Context, tx engine.Tx, space uint64) error {
	prefix := memberPrefix(space)
	it := tx.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix), KeysOnly: true, Limit: 1})
	found := it.Next()
	if err := it.Close(); err != nil {
		return err
	}
	if found {
		return fmt.Errorf("%w: a member was made while the family was dropped", ErrInUse)
	}
	return nil
}

// formerNames are the keys of the records that lead to a name.
func formerNames(ctx context.Context, tx engine.Tx, name string) ([][]byte, error) {
	to := map[string][]string{}
	prefix := catalogKey(catalogTable)
	it := tx.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	for it.Next() {
		var rec tableRecord
		if !bytes.Contains(it.Value(), []byte(`"renamed":`)) || decodeRecord(it.Key(), it.Value(), &rec) != nil || rec.Renamed == "" {
			continue // what is wrong with another record is no matter here
		}
		to[rec.Renamed] = append(to[rec.Renamed], string(it.Key()[len(prefix):]))
	}
	var out [][]byte
	for names := []string{name}; len(names) > 0; names = names[1:] {
		for _, former := range to[names[0]] {
			out, names = append(out, tableKey(former)), append(names, former)
		}
		delete(to, names[0]) // a damaged catalog may lead in a circle
	}
	return out, it.Close()
}

// dropMember takes a member out of the catalog.
func (db *DB) dropMember(ctx context.Context, family string, of uint64, m memberRecord) error {
	key := append(memberPrefix(of), m.Member...)
	return db.changeCatalog(ctx, true, func(w *writer) error {
		v, err := w.tx.GetForUpdate(ctx, key)
		if err != nil {
			return err
		}
		var now memberRecord
		if err := decodeRecord(key, v, &now); err != nil {
			return err
		}
		if now.Space != m.Space {
			return fmt.Errorf("%w: another member is there now", ErrConflict)
		}
		return errors.Join(w.tx.Delete(key),
			w.tx.Delete(keys.AppendUvarint(catalogKey(catalogReverse), m.Space)),
			writeRecord(w.tx, droppedKey(m.Space), &droppedRecord{Space: m.Space, Name: family}))
	})
}

// dropped are the spaces that are being dropped of a name.
func (db *DB) dropped(ctx context.Context, name string) ([]uint64, error) {
	prefix := catalogKey(catalogDropped)
	it := db.eng.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	var out []uint64
	for it.Next() {
		var rec droppedRecord
		if err := decodeRecord(it.Key(), it.Value(), &rec); err != nil {
			return nil, err
		}
		if !bytes.Equal(it.Key(), droppedKey(rec.Space)) {
			return nil, corrupt(it.Key(), errors.New("the record is of another space"))
		}
		if rec.Name == name {
			out = append(out, rec.Space)
		}
	}
	return out, it.Close()
}

// clearSpace removes all of a space that is being dropped.
func (db *DB) clearSpace(ctx context.Context, space uint64) error {
	always := func(context.Context, *writer) error { return nil }
	prefix := keys.AppendUvarint(nil, space)
	rows := keys.AppendUvarint(bytes.Clone(prefix), spaceRows)
	unread, err := db.clearRows(ctx, space, rows)
	if err != nil {
		return err
	}
	if unread {
		if err := db.clearPlaces(ctx, space); err != nil {
			return err
		}
	}
	aside := append(keys.AppendUvarint(nil, spaceAside), prefix...)
	for _, p := range [][]byte{prefix, aside} {
		if err := db.clear(ctx, p, keys.Successor(p), always); err != nil {
			return err
		}
	}
	return db.changeCatalog(ctx, true, func(w *writer) error { return w.tx.Delete(droppedKey(space)) })
}

// clearRows removes the rows of a space with their places in the order of expiry. unread
// says that the values of some do not tell their place; they stay, so that they say so
// again should this be broken off.
func (db *DB) clearRows(ctx context.Context, space uint64, rows []byte) (unread bool, err error) {
	start, end := rows, keys.Successor(rows)
	var next []byte
	err = db.inBatches(ctx, batchRows, func(w *writer, n int) error {
		next = nil
		it := w.tx.Iterate(ctx, engine.Range{Start: start, End: end, Limit: n})
		defer it.Close()
		for i := 0; i < n && it.Next(); i++ {
			key := bytes.Clone(it.Key())
			expiry, _, err := splitValue(it.Value())
			if next = key; err != nil {
				unread = true
				continue
			}
			if expiry != nil {
				place := append(keys.AppendUvarint(nil, spaceExpiry), expiry...)
				place = append(keys.AppendUvarint(place, space), key[len(rows):]...)
				if err := w.tx.Delete(place); err != nil {
					return err
				}
			}
			if err := w.tx.Delete(key); err != nil {
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

// clearPlaces removes all places of a space, by a walk over those of all tables.
func (db *DB) clearPlaces(ctx context.Context, space uint64) error {
	prefix := keys.AppendUvarint(nil, spaceExpiry)
	it := db.eng.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix), KeysOnly: true})
	defer it.Close()
	most := batchRows
	if ops := db.limits.MaxTxOps; ops > 0 {
		most = min(most, ops)
	}
	for more := true; more; {
		var found [][]byte
		for len(found) < most {
			if more = it.Next(); !more {
				break
			}
			if d, err := parseDue(it.Key()); err == nil && d.space == space {
				found = append(found, bytes.Clone(it.Key()))
			}
		}
		err := db.run(ctx, db.usual(), true, func(w *writer) error {
			for _, key := range found {
				if err := w.tx.Delete(key); err != nil {
					return err
				}
			}
			return nil
		})
		if err != nil {
			return err
		}
	}
	return it.Close()
}
