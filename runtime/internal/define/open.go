// Package define opens tables: it gives them their place in the catalog, brings them to the
// description of the code, and drops them.
//
// It knows nothing of the Go types of rows.
package define

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/records"
)

// OpenTable opens a table, and gives it a place in the database if it has none.
// It fails with a SchemaError where the stored table does not fit the codec.
// Generated code calls it; OpenTyped is for codecs that are written by hand.
func OpenTable(ctx context.Context, db *entity.DB, c layout.RowCodec, opts ...entity.TableOption) (entity.Handle, error) {
	t, _, _, err := tableToOpen(ctx, db, "open", c, opts)
	if err != nil {
		return entity.Handle{}, err
	}
	if err := register(db, t); err != nil {
		return entity.Handle{}, &errs.Error{Op: "open", Table: t.Name, Err: err}
	}
	return entity.NewHandle(t, db.Root), nil
}

// tableToOpen is a table that can be opened, with the place of its mark. op is what it is
// opened for, for errors.
func tableToOpen(ctx context.Context, db *entity.DB, op string, c layout.RowCodec, opts []entity.TableOption) (*entity.Table, mark, entity.TableOptions, error) {
	var o entity.TableOptions
	for _, opt := range opts {
		opt(&o)
	}
	desc := c.Desc()
	if len(desc.Per) > 0 {
		return nil, mark{}, o, fmt.Errorf("table %s is a family: open one of its members", desc.Name)
	}
	fail := func(err error) (*entity.Table, mark, entity.TableOptions, error) {
		return nil, mark{}, o, &errs.Error{Op: op, Table: desc.Name, Err: err}
	}
	rec, err := ensure(ctx, db, desc)
	if err != nil {
		return fail(err)
	}
	m := mark{keys: [][]byte{records.TableKey(rec.Table.Name)}}
	if err := endLoad(ctx, db, rec.Space, m, rec.Loading); err != nil {
		return fail(err)
	}
	t := entity.NewTable(db, rec.Space, desc.Name, desc, c, o)
	t.Expires = t.Expires || rec.Expires()
	if err := fit(ctx, db, rec, desc, func() ([]*entity.Table, error) { return []*entity.Table{t}, nil }); err != nil {
		return fail(err)
	}
	t.UseParts(rec.Parts)
	return t, m, o, nil
}

func register(db *entity.DB, t *entity.Table) error {
	db.Mu.Lock()
	defer db.Mu.Unlock()
	if t.Space == layout.SpaceNone {
		return nil
	}
	switch {
	case db.Forsaken[t.Space]:
		return fmt.Errorf("%w: it is being dropped", errs.ErrInUse)
	case db.Loading[t.Space]:
		return fmt.Errorf("%w: this program is loading it", errs.ErrInUse)
	}
	db.Tables[t.Space] = t
	db.Unswept.Forget()
	return nil
}

// ensure returns the catalog's record of a table, which it makes if there is
// none.
func ensure(ctx context.Context, db *entity.DB, desc *catalog.Table) (*records.TableRecord, error) {
	key := records.TableKey(desc.Name)
	rec, err := tableRecord(ctx, db, key, desc)
	if errors.Is(err, engine.ErrNotFound) || err == nil && rec.Renamed != "" {
		err = Define(ctx, db, desc)
		switch {
		case err == nil:
			rec, err = tableRecord(ctx, db, key, desc)
		case errors.Is(err, errs.ErrReadOnly):
			return asStored(ctx, db, desc)
		}
	}
	if err != nil {
		return nil, err
	}
	if rec.Renamed != "" {
		return nil, records.RenamedError(desc, rec)
	}
	return rec, nil
}

// asStored is the record of a table where nothing can be written: under a former name, or
// one of a table without rows.
func asStored(ctx context.Context, db *entity.DB, desc *catalog.Table) (*records.TableRecord, error) {
	rec, err := stored(ctx, db, desc)
	if err == nil && rec == nil {
		rec = &records.TableRecord{Space: layout.SpaceNone, Table: desc}
	}
	return rec, err
}

func tableRecord(ctx context.Context, db *entity.DB, key []byte, desc *catalog.Table) (*records.TableRecord, error) {
	v, err := db.Eng.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	return records.DecodeTable(key, v, desc)
}

// stored finds the record of a table by its name or a former one, without writing;
// nil where the database has none.
func stored(ctx context.Context, db *entity.DB, desc *catalog.Table) (*records.TableRecord, error) {
	var rec records.TableRecord
	err := records.ReadRecord(ctx, db.Eng, records.TableKey(desc.Name), &rec)
	switch {
	case err == nil && rec.Renamed == "":
		return &rec, nil
	case err == nil:
		now, err := records.RenamedTo(ctx, db.Eng, &rec)
		if err != nil {
			return nil, err
		}
		switch {
		case now != nil && records.OtherNumber(now.Table, desc):
		case now != nil && records.RenamedBack(now.Table, desc):
			return now, nil
		default:
			return nil, records.RenamedError(desc, &rec)
		}
	case !errors.Is(err, errs.ErrNotFound):
		return nil, err
	}
	for _, former := range desc.Was {
		var rec records.TableRecord
		err := records.ReadRecord(ctx, db.Eng, records.TableKey(former), &rec)
		switch {
		case errors.Is(err, errs.ErrNotFound):
		case err != nil:
			return nil, err
		case rec.Renamed == "" && !records.OtherNumber(rec.Table, desc):
			return &rec, nil
		}
	}
	return nil, records.RenamedElsewhere(ctx, db.Eng, desc)
}

// Stored is what the catalog says of a table.
type Stored struct {
	Space uint64 // the first component of the keys of its rows
	Table *catalog.Table
}

// Tables returns what the catalog says of all tables and families, by name.
func Tables(ctx context.Context, db *entity.DB) ([]Stored, error) {
	prefix := records.CatalogKey(records.CatalogTable)
	it := db.Eng.Iterate(ctx, engine.Range{Start: prefix, End: keys.Successor(prefix)})
	defer it.Close()
	var out []Stored
	for it.Next() {
		var rec records.TableRecord
		if err := records.DecodeRecord(it.Key(), it.Value(), &rec); err != nil {
			return nil, err
		}
		if rec.Renamed != "" {
			continue
		}
		out = append(out, Stored{Space: rec.Space, Table: rec.Table})
	}
	if err := it.Close(); err != nil {
		return nil, err
	}
	slices.SortFunc(out, func(a, b Stored) int { return strings.Compare(a.Table.Name, b.Table.Name) })
	return out, nil
}

func unlessReadOnly(err error) error {
	if errors.Is(err, errs.ErrReadOnly) {
		return nil
	}
	return err
}
