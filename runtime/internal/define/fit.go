package define

import (
	"bytes"
	"context"
	"encoding/json"
	"slices"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/records"
)

// Indexes are built beside those that are there, in parts of the table's space that
// nothing else is in. The record of the table names these parts as litter until all is
// built; then one commit makes them those of the indexes, with the new description,
// and what it had before the litter. So the program of before can open the table until
// that commit, and the new one from there on, wherever a build breaks off; whoever does
// clears the litter away.

// fit compares a stored table with the code's, and makes rec what is stored
// afterwards. With WithMigrate it builds and drops indexes until they agree.
func fit(ctx context.Context, db *entity.DB, rec *records.TableRecord, desc *catalog.Table, tables func() ([]*entity.Table, error)) error {
	if rec.Table == desc && !rec.Unfinished {
		return nil
	}
	diffs := catalog.Compare(rec.Table, desc)
	m := &migration{db: db, rec: rec, desc: desc, merged: catalog.Merge(rec.Table, desc), tables: tables}
	switch {
	case slices.ContainsFunc(diffs, catalog.Difference.Refused):
		return &errs.SchemaError{Table: desc.Name, Differences: diffs, Fix: refusedFix(diffs)}
	case len(diffs) == 0 && !rec.Unfinished:
		// Nothing of the rows depends on what is new: where nothing can be written,
		// the description stays as it is.
		err := m.describe(ctx)
		if err == nil {
			err = m.tidy(ctx)
		}
		return unlessReadOnly(err)
	}
	ts, err := tables()
	if err != nil {
		return err
	}
	empty, err := allEmpty(ctx, db.Eng, ts)
	switch {
	case err != nil:
		return err
	case empty:
		return unlessReadOnly(m.redefine(ctx))
	case !db.Change && rec.Unfinished:
		return &errs.SchemaError{Table: desc.Name, Differences: diffs,
			Fix: "building its indexes was broken off; open the database once with store.WithMigrate() to do it again"}
	case !db.Change:
		return &errs.SchemaError{Table: desc.Name, Differences: diffs, Fix: migrateFix(diffs)}
	}
	return m.run(ctx)
}

// refusedFix says what to do where code cannot work on the stored rows.
func refusedFix(diffs []catalog.Difference) string {
	const other = "use the program whose schema wrote the table, or store the new form as a new table and copy the rows"
	if slices.ContainsFunc(diffs, func(d catalog.Difference) bool { return d.Named }) {
		return "where it is one thing under a new name, say so in the schema (was: the former name) and generate again; otherwise " + other
	}
	return other
}

// migrateFix says what to do where only WithMigrate may go on.
func migrateFix(diffs []catalog.Difference) string {
	if slices.ContainsFunc(diffs, func(d catalog.Difference) bool { return d.Lossy }) {
		return "what the Go struct has no field for is lost when a row is written again: add the field, or open the database once with store.WithMigrate() to accept that"
	}
	return "open the database once with store.WithMigrate() to build and drop indexes, or use the program whose schema wrote the table"
}

func sameDesc(a, b *catalog.Table) bool {
	x, errx := json.Marshal(a)
	y, erry := json.Marshal(b)
	return errx == nil && erry == nil && bytes.Equal(x, y)
}

func allEmpty(ctx context.Context, r engine.Reader, ts []*entity.Table) (bool, error) {
	for _, t := range ts {
		it := r.Iterate(ctx, engine.Range{Start: t.Rows, End: t.End, KeysOnly: true, Limit: 1})
		found := it.Next()
		if err := it.Close(); err != nil || found {
			return false, err
		}
	}
	return true, nil
}
