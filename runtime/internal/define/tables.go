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
// does this too; for many at once this is faster.
func Define(ctx context.Context, db *entity.DB, descs ...*catalog.Table) error {
	missing, err := missing(ctx, db, descs)
	if err != nil || len(missing) == 0 {
		return err
	}
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

// missing returns those that the catalog has no record of. Records are read in the order
// of their keys, where the engine may step from one to the next.
func missing(ctx context.Context, db *entity.DB, descs []*catalog.Table) ([]*catalog.Table, error) {
	order := make([]int, len(descs))
	for i := range order {
		order[i] = i
	}
	slices.SortFunc(order, func(a, b int) int { return strings.Compare(descs[a].Name, descs[b].Name) })
	var absent []int
	n := min(len(descs), defineBatch)
	stored, vals := make([][]byte, n), make([][]byte, n)
	for batch := range slices.Chunk(order, defineBatch) {
		stored, vals = stored[:len(batch)], vals[:len(batch)]
		for i, at := range batch {
			stored[i] = records.TableKey(descs[at].Name)
		}
		if err := db.Eng.GetMany(ctx, stored, vals); err != nil {
			return nil, err
		}
		for i, at := range batch {
			if vals[i] == nil || records.IsRenamed(stored[i], vals[i], descs[at]) {
				absent = append(absent, at)
			}
		}
	}
	slices.Sort(absent) // they get their spaces in the order given
	var missing []*catalog.Table
	for _, at := range absent {
		missing = append(missing, descs[at])
	}
	return missing, nil
}
