package entity

import (
	"context"
	"fmt"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
)

// Entries calls visit with a row that has its key fields, the encoded columns and
// the included fields of each entry of an index, in the wire format, without
// reading rows. The row is valid during the call only, the slices may be kept.
// fresh is whether the columns are others than those of the entry before.
func (r *Query) Entries(ctx context.Context, visit func(row any, columns []byte, fresh bool, include []byte) (bool, error)) (err error) {
	b := r.bounds()
	if b.filter != nil {
		return r.t.Fail(r.op(), nil, fmt.Errorf("%w: a filter needs whole rows: use All", engine.ErrInvalid))
	}
	mem := r.t.Scratch()
	defer r.t.Release(mem)
	w, err := r.walk(ctx, &b, WalkOptions{})
	if err != nil {
		return err
	}
	through := false
	defer func() { err = r.endWalk(w, through, err) }() // also where visit panics
	codec, row := r.t.Codec, mem.Stored.Row
	for n := 1; w.Next(); n++ {
		columns, fresh := w.EntryColumns()
		err := codec.DecodeRowKey(w.Key(), row)
		more := false
		if err == nil {
			more, err = visit(row, columns, fresh, w.Include())
		}
		if err != nil {
			return errs.Corrupt(w.Where(), err)
		}
		if !more || n == r.limit { // a limit of 0 is none
			return nil
		}
	}
	through = true
	return nil
}
