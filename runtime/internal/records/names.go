package records

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
)

// NextSpace gives a space away.
func NextSpace(ctx context.Context, tx engine.Tx) (uint64, error) {
	next := NextRecord{Next: layout.FirstTable}
	key := CatalogKey(CatalogNext)
	v, err := tx.GetForUpdate(ctx, key)
	switch {
	case err == nil:
		if err := DecodeRecord(key, v, &next); err != nil {
			return 0, err
		}
	case !errors.Is(err, engine.ErrNotFound):
		return 0, err
	}
	space := next.Next
	next.Next++
	return space, WriteRecord(tx, key, &next)
}

// FreeName reports whether the catalog has nothing under the name of a table, or only
// that another table had this name once.
func FreeName(ctx context.Context, tx engine.Tx, d *catalog.Table) (bool, error) {
	var rec TableRecord
	err := ReadRecord(ctx, tx, TableKey(d.Name), &rec)
	if errors.Is(err, engine.ErrNotFound) {
		return true, nil
	}
	if err != nil || rec.Renamed == "" {
		return false, err
	}
	now, err := RenamedTo(ctx, tx, &rec)
	return err == nil && now != nil && (OtherNumber(now.Table, d) || RenamedBack(now.Table, d)), err
}

// RenamedBack reports whether a table has its present name in a database as a former
// one in the code: it gets back the name that it had before.
func RenamedBack(now, d *catalog.Table) bool { return slices.Contains(d.Was, now.Name) }

// RenamedTo follows a record that says that its table has another name now, to the
// table's own; nil where there is none.
func RenamedTo(ctx context.Context, r engine.Reader, rec *TableRecord) (*TableRecord, error) {
	for range 64 { // a damaged catalog may lead in a circle
		var next TableRecord
		err := ReadRecord(ctx, r, TableKey(rec.Renamed), &next)
		switch {
		case errors.Is(err, engine.ErrNotFound):
			return nil, nil
		case err != nil:
			return nil, err
		case next.Renamed == "":
			return &next, nil
		}
		rec = &next
	}
	return nil, nil
}

// OtherNumber reports whether two descriptions are of two tables, by the numbers
// that the lock of their schemas has given them.
func OtherNumber(a, b *catalog.Table) bool {
	return a.Number != 0 && b.Number != 0 && a.Number != b.Number
}

// Rename takes a table that the database has under a former name over to its
// new one, with the members of a family. It tells whether there was one.
func Rename(ctx context.Context, tx engine.Tx, d *catalog.Table) (bool, error) {
	for _, former := range d.Was {
		key := TableKey(former)
		var rec TableRecord
		v, err := tx.GetForUpdate(ctx, key)
		if errors.Is(err, engine.ErrNotFound) {
			continue
		}
		if err == nil {
			err = DecodeRecord(key, v, &rec)
		}
		if err != nil {
			return false, err
		}
		if rec.Renamed != "" || OtherNumber(rec.Table, d) {
			continue
		}
		table := *rec.Table
		table.Name = d.Name
		rec.Table = &table
		err = errors.Join(WriteRecord(tx, TableKey(d.Name), &rec), WriteRecord(tx, key, &TableRecord{Renamed: d.Name}))
		if err != nil {
			return false, err
		}
		return true, renameMembers(ctx, tx, rec.Space, d.Name)
	}
	return false, RenamedElsewhere(ctx, tx, d)
}

// RenamedElsewhere is an error where a former name of a table leads to one that has a
// further name now, which the code does not know: as of two branches that each have
// renamed it.
func RenamedElsewhere(ctx context.Context, r engine.Reader, d *catalog.Table) error {
	for _, former := range d.Was {
		var rec TableRecord
		err := ReadRecord(ctx, r, TableKey(former), &rec)
		if err != nil && !errors.Is(err, engine.ErrNotFound) {
			return err
		}
		if err != nil || rec.Renamed == "" {
			continue
		}
		now, err := RenamedTo(ctx, r, &rec)
		if err != nil {
			return err
		}
		if now != nil && !OtherNumber(now.Table, d) {
			return &errs.SchemaError{Table: d.Name, Fix: "the database has " + former + " as " + now.Table.Name + " now: say so in the schema too (was: [" + now.Table.Name + ", " + former + "]), or use the program that renamed it"}
		}
	}
	return nil
}

// renameMembers gives the members of a family the name that it has now.
func renameMembers(ctx context.Context, tx engine.Tx, family uint64, name string) error {
	prefix := MemberPrefix(family)
	var members []MemberRecord
	it := tx.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	for it.Next() {
		var rec MemberRecord
		if err := DecodeRecord(it.Key(), it.Value(), &rec); err != nil {
			return err
		}
		members = append(members, rec)
	}
	if err := it.Close(); err != nil {
		return err
	}
	for _, rec := range members {
		rec.Family = name
		err := errors.Join(WriteRecord(tx, append(MemberPrefix(family), rec.Member...), &rec),
			WriteRecord(tx, keys.AppendUvarint(CatalogKey(CatalogReverse), rec.Space), &rec))
		if err != nil {
			return err
		}
	}
	return nil
}

// RenamedError says that a table has another name in the database.
func RenamedError(desc *catalog.Table, rec *TableRecord) error {
	return &errs.SchemaError{Table: desc.Name, Fix: "the database has it as " + rec.Renamed + " now: use the program that renamed it, or another name for a new table"}
}

// DropRecord takes a table out of the catalog, with the names that it had before.
func DropRecord(ctx context.Context, tx engine.Tx, name string, space uint64) error {
	key := TableKey(name)
	v, err := tx.GetForUpdate(ctx, key)
	if err != nil {
		return err
	}
	var rec TableRecord
	if err := DecodeRecord(key, v, &rec); err != nil {
		return err
	}
	if rec.Space != space {
		return fmt.Errorf("%w: another table has the name now", errs.ErrConflict)
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
	return WriteRecord(tx, DroppedKey(space), Dropped(space, name, &rec))
}

// noMembers makes sure that a family has none that was made meanwhile.
func noMembers(ctx context.Context, tx engine.Tx, space uint64) error {
	prefix := MemberPrefix(space)
	it := tx.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix), KeysOnly: true, Limit: 1})
	found := it.Next()
	if err := it.Close(); err != nil {
		return err
	}
	if found {
		return fmt.Errorf("%w: a member was made while the family was dropped", errs.ErrInUse)
	}
	return nil
}

// formerNames are the keys of the records that lead to a name.
func formerNames(ctx context.Context, tx engine.Tx, name string) ([][]byte, error) {
	to := map[string][]string{}
	prefix := CatalogKey(CatalogTable)
	it := tx.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	for it.Next() {
		var rec TableRecord
		if !bytes.Contains(it.Value(), []byte(`"renamed":`)) || DecodeRecord(it.Key(), it.Value(), &rec) != nil || rec.Renamed == "" {
			continue // what is wrong with another record is no matter here
		}
		to[rec.Renamed] = append(to[rec.Renamed], string(it.Key()[len(prefix):]))
	}
	var out [][]byte
	for names := []string{name}; len(names) > 0; names = names[1:] {
		for _, former := range to[names[0]] {
			out, names = append(out, TableKey(former)), append(names, former)
		}
		delete(to, names[0]) // a damaged catalog may lead in a circle
	}
	return out, it.Close()
}
