package store

import (
	"context"
	"fmt"

	"github.com/storegen/storegen/runtime/engine"
)

// Entries calls visit with a row that has its key fields, the encoded columns and
// the included fields of each entry of an index, in the wire format, without
// reading rows. The row is valid during the call only, the slices may be kept.
func (r *Run) Entries(ctx context.Context, visit func(row any, columns, include []byte) (bool, error)) error {
	b := r.bounds()
	if b.filter != nil {
		return r.t.fail(r.op(), nil, fmt.Errorf("%w: a filter needs whole rows: use All", engine.ErrInvalid))
	}
	n := 0
	err := r.t.allow(r.s.who, "read", nil)
	if err == nil {
		row := r.t.scratch()
		defer r.t.release(row)
		prefix, unique := len(r.t.indexes[r.ix].prefix), r.t.indexes[r.ix].desc.Unique
		var mem arena
		sc := scan{t: r.t, s: r.s, ix: r.ix, start: b.start, end: b.end, reverse: r.reverse, limit: r.limit}
		sc.clip(nil)
		err = sc.entries(ctx, func(key, pk, include []byte) (bool, error) {
			n++
			// Columns and row's key stand one behind the other, but in a unique index.
			columns := key[prefix:]
			own := mem.take(len(columns) + len(include))
			copy(own[copy(own, columns):], include)
			columns, include = own[:len(columns):len(columns)], own[len(columns):]
			if unique {
				pk = mem.copy(pk)
			} else {
				pk = columns[len(columns)-len(pk):]
			}
			if err := r.t.codec.DecodeRowKey(pk, row.row); err != nil {
				return false, corrupt(key, err)
			}
			more, err := visit(row.row, columns, include)
			return more && err == nil && (r.limit == 0 || n < r.limit), corrupt(key, err)
		})
	}
	if err == nil {
		return nil
	}
	return r.t.fail(r.op(), nil, err)
}
