package define

import (
	"context"
	"fmt"

	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/records"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// mark is where the catalog says that a table is being loaded: its record, or those of a
// member of a family.
type mark struct {
	keys   [][]byte
	member bool
}

// is makes sure that the mark is so.
func (m mark) is(ctx context.Context, w *txn.Writer, token string) error {
	_, _, now, err := m.read(ctx, w, m.keys[0])
	if err == nil && now != token {
		err = fmt.Errorf("%w: another program has opened the table while it was loaded", errs.ErrInUse)
	}
	return err
}

func (m mark) read(ctx context.Context, w *txn.Writer, key []byte) (rec records.Record, set func(string), now string, err error) {
	v, err := w.Tx.GetForUpdate(ctx, key)
	if err != nil {
		return nil, nil, "", err
	}
	if m.member {
		r := new(records.MemberRecord)
		err = records.DecodeRecord(key, v, r)
		return r, func(s string) { r.Loading = s }, r.Loading, err
	}
	r := new(records.TableRecord)
	err = records.DecodeRecord(key, v, r)
	return r, func(s string) { r.Loading = s }, r.Loading, err
}

// change changes the mark, which has to be as it was.
func (m mark) change(ctx context.Context, w *txn.Writer, from, to string) error {
	if err := m.is(ctx, w, from); err != nil {
		return err
	}
	for _, key := range m.keys {
		rec, set, _, err := m.read(ctx, w, key)
		if err != nil {
			return err
		}
		set(to)
		if err := records.WriteRecord(w.Tx, key, rec); err != nil {
			return err
		}
	}
	return nil
}

// set changes the mark in a commit of its own, which takes all before it to stable storage.
func (m mark) set(ctx context.Context, db *entity.DB, from, to string) error {
	o := db.Usual()
	o.Sync = true
	return db.Run(ctx, o, true, func(w *txn.Writer) error { return m.change(ctx, w, from, to) })
}
