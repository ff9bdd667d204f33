package entity

import (
	"bytes"
	"context"
	"fmt"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
)

// Entries calls visit with a row that has its key fields, the encoded columns and
// the included fields of each entry of an index, in the wire format, without
// reading rows. The row is valid during the call only, the slices may be kept.
// fresh is whether the columns are others than those of the entry before.
func (r *Query) Entries(ctx context.Context, visit func(row any, columns []byte, fresh bool, include []byte) (bool, error)) error {
	b := r.bounds()
	if b.filter != nil {
		return r.t.Fail(r.op(), nil, fmt.Errorf("%w: a filter needs whole rows: use All", engine.ErrInvalid))
	}
	mem := r.t.Scratch()
	defer r.t.Release(mem)
	n := 0
	return r.walk(ctx, &b, WalkOptions{}, func(w *Walk) (bool, error) {
		columns, fresh := w.EntryColumns()
		err := r.t.Codec.DecodeRowKey(w.Key(), mem.Stored.Row)
		more := false
		if err == nil {
			more, err = visit(mem.Stored.Row, columns, fresh, w.Include())
		}
		if err != nil {
			return false, errs.Corrupt(bytes.Clone(w.Where()), err)
		}
		n++
		return more && n != r.limit, nil // a limit of 0 is none
	})
}
