package define

import (
	"context"
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Define gives the tables that the database does not have yet their place in
// it, in one commit, or in as many as the engine's limits make of it. Opening a table
// does this too; for many at once this is faster, and so is the opening of each
// afterwards.
func Define(ctx context.Context, db *entity.DB, descs ...*catalog.Table) error {
	missing, err := missing(ctx, db, descs)
	if err != nil || len(missing) == 0 {
		return err
	}
	defer forget(db)
	_, err = db.InPieces(ctx, db.Usual(), false, len(missing), func(w *txn.Writer, from, to int) error {
		for _, d := range missing[from:to] {
			key := records.TableKey(d.Name)
			free, err := records.FreeName(ctx, w.Tx, d)
			if err != nil {
				return err
			}
			if !free {
				continue
			}
			if renamed, err := records.Rename(ctx, w.Tx, d); err != nil || renamed {
				if err != nil {
					return err
				}
				continue
			}
			space, err := records.NextSpace(ctx, w.Tx)
			if err != nil {
				return err
			}
			if err := records.WriteRecord(w.Tx, key, &records.TableRecord{Space: space, Table: d}); err != nil {
				return err
			}
		}
		return nil
	}, func(int) {})
	return err
}

// defineBatch bounds how many records of the catalog Define holds at once.
const defineBatch = 256

// missing returns those that the catalog has no record of. What it has of the
// others is read in the order of the keys, where the engine may step from one to the
// next, and kept for OpenTable where it is as the code has it.
func missing(ctx context.Context, db *entity.DB, descs []*catalog.Table) ([]*catalog.Table, error) {
	changes := catalogChanges(db)
	order := make([]int, len(descs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(descs[a].Name, descs[b].Name) })
	var absent []int
	n := min(len(descs), defineBatch)
	stored, vals, found := make([][]byte, n), make([][]byte, n), make([]asDescribed, 0, n)
	for batch := range slices.Chunk(order, defineBatch) {
		stored, vals, found = stored[:len(batch)], vals[:len(batch)], found[:0]
		for i, at := range batch {
			stored[i] = records.TableKey(descs[at].Name)
		}
		if err := db.Eng.GetMany(ctx, stored, vals); err != nil {
			return nil, err
		}
		for i, at := range batch {
			if vals[i] == nil || records.IsRenamed(stored[i], vals[i], descs[at]) {
				absent = append(absent, at)
			} else if space, ok := records.SpaceOf(stored[i], vals[i], descs[at]); ok {
				found = append(found, asDescribed{descs[at], space})
			}
		}
		remember(db, changes, found, len(descs))
	}
	slices.Sort(absent) // they get their spaces in the order given
	var missing []*catalog.Table
	for _, at := range absent {
		missing = append(missing, descs[at])
	}
	return missing, nil
}

// asDescribed is a table of which the catalog says what the code does.
type asDescribed struct {
	desc  *catalog.Table
	space uint64
}

// catalogChanges is how often this program has changed the catalog.
func catalogChanges(db *entity.DB) uint64 {
	db.Mu.Lock()
	defer db.Mu.Unlock()
	return db.Changes
}

// remember keeps what was found in the catalog for OpenTable, unless the catalog has
// been changed since. There may be most of them in the end.
func remember(db *entity.DB, changes uint64, found []asDescribed, most int) {
	if len(found) == 0 || db.Shared {
		return
	}
	db.Mu.Lock()
	defer db.Mu.Unlock()
	if db.Changes != changes {
		return
	}
	if db.Described == nil {
		db.Described = make(map[*catalog.Table]uint64, most)
	}
	for _, f := range found {
		db.Described[f.desc] = f.space
	}
}

// recall returns what remember has kept of a table, once: who opens it again looks
// again.
func recall(db *entity.DB, desc *catalog.Table) (space uint64, ok bool) {
	db.Mu.Lock()
	defer db.Mu.Unlock()
	space, ok = db.Described[desc]
	if ok {
		delete(db.Described, desc)
		if len(db.Described) == 0 {
			db.Described = nil
		}
	}
	return space, ok
}

// changeCatalog runs fn in a transaction that writes to the catalog. Nothing that
// was read of the catalog before its end is remembered behind it, whether it
// commits or not.
func changeCatalog(ctx context.Context, db *entity.DB, point bool, fn func(w *txn.Writer) error) error {
	defer forget(db)
	return db.Run(ctx, db.Usual(), point, fn)
}

// forget drops what was remembered of the catalog, behind a change of it.
func forget(db *entity.DB) {
	db.Mu.Lock()
	defer db.Mu.Unlock()
	db.Changes++
	db.Described = nil
}
