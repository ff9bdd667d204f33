package define

import (
	"context"
	"crypto/rand"
	"errors"

	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/seal"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// loadCursorKey reads the key, and makes it where there is none yet. A database that
// takes no writes and has none gets one for as long as it is open.
func loadCursorKey(ctx context.Context, db *entity.DB) error {
	var rec records.CursorRecord
	err := records.ReadRecord(ctx, db.Eng, records.CatalogKey(records.CatalogCursors), &rec)
	if errors.Is(err, errs.ErrNotFound) {
		rec.Key = newCursorKey()
		err = db.Run(ctx, db.Usual(), true, func(w *txn.Writer) error {
			key := records.CatalogKey(records.CatalogCursors)
			v, err := w.Tx.GetForUpdate(ctx, key)
			if txn.IsNotFound(err) {
				return records.WriteRecord(w.Tx, key, &rec)
			}
			if err != nil {
				return err
			}
			return records.DecodeRecord(key, v, &rec)
		})
		if errors.Is(err, errs.ErrReadOnly) {
			err = nil
		}
	}
	if err == nil {
		db.Cursors = seal.New(rec.Key)
	}
	return err
}

func newCursorKey() []byte {
	key := make([]byte, records.CursorKeySize)
	rand.Read(key) // which does not fail
	return key
}
