package define

import (
	"bytes"
	"context"
	"errors"
	"fmt"

	"github.com/storegen/storegen/runtime/clock"
	"github.com/storegen/storegen/runtime/commits"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/seal"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// checkHeader makes sure that the engine holds a database of a format that is
// known, or nothing at all.
func checkHeader(ctx context.Context, db *entity.DB) error {
	var h records.Header
	err := records.ReadRecord(ctx, db.Eng, records.CatalogKey(records.CatalogHeader), &h)
	switch {
	case err == nil && h.Format == records.FormatVersion:
		return loadCursorKey(ctx, db)
	case err == nil:
		return fmt.Errorf("%w: the database has format %d, this program reads format %d; open it with the program that wrote it", errs.ErrSchema, h.Format, records.FormatVersion)
	case !errors.Is(err, errs.ErrNotFound):
		return err
	}
	it := db.Eng.Iterate(ctx, engine.Range{KeysOnly: true, Limit: 1})
	found, made := it.Next(), bytes.Equal(it.Key(), records.CatalogKey(records.CatalogHeader))
	if err := it.Close(); err != nil {
		return err
	}
	if made {
		return checkHeader(ctx, db) // another program was faster
	}
	if found {
		return fmt.Errorf("%w: the engine holds keys but no catalog, so it is no database of this kind, or one whose restore was broken off; give an empty one", errs.ErrSchema)
	}
	rec := records.CursorRecord{Key: newCursorKey()}
	err = db.Run(ctx, db.Usual(), true, func(w *txn.Writer) (err error) {
		_, made, err = w.Find(ctx, records.CatalogKey(records.CatalogHeader))
		if err != nil || made {
			return err
		}
		if err := records.WriteRecord(w.Tx, records.CatalogKey(records.CatalogHeader), &records.Header{Format: records.FormatVersion}); err != nil {
			return err
		}
		return records.WriteRecord(w.Tx, records.CatalogKey(records.CatalogCursors), &rec)
	})
	if made && err == nil {
		return checkHeader(ctx, db)
	}
	db.Cursors = seal.New(rec.Key)
	return unlessReadOnly(err) // which is as good as empty
}

// Open opens a database, of which set sets what the program wants to be otherwise.
func Open(ctx context.Context, eng engine.Engine, set func(db *entity.DB)) (*entity.DB, error) {
	db := &entity.DB{
		Runner: txn.Runner{Eng: eng, Limits: eng.Limits(), Shared: eng.Shared(), Clock: clock.SystemClock, Sync: true},
		Tables: map[uint64]*entity.Table{}, Families: map[string]entity.MemberOpener{},
	}
	db.Hooks.Errors, db.Locate = commits.LogHookError, db.LocateKey
	set(db)
	if db.Shared && len(db.Caches) > 0 {
		return nil, fmt.Errorf("store.WithRowCache: %w, as the cache does not hear of what they write: open the database without it", engine.ErrShared)
	}
	if db.Shared {
		db.Hooks.Refuse = fmt.Errorf("%w, as it would not hear of what they commit", engine.ErrShared)
	}
	db.Root = &txn.Session{Db: &db.Runner, R: eng}
	db.Writers = txn.NewWriters(&db.Runner)
	if err := checkHeader(ctx, db); err != nil {
		return nil, err
	}
	return db, nil
}
