package store

import (
	"bytes"
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
	rows := 0
	err := r.t.allow(r.s.who, "read", nil)
	if err == nil {
		row := r.t.scratch()
		defer r.t.release(row)
		prefix, unique := len(r.t.indexes[r.ix].prefix), r.t.indexes[r.ix].desc.Unique
		mem := arena{expect: r.limit}
		var shared []byte // the columns of the entry before
		sc := scan{t: r.t, s: r.s, ix: r.ix, start: b.start, end: b.end, reverse: r.reverse, limit: r.limit}
		sc.clip(nil)
		err = sc.entries(ctx, func(key, pk, include []byte) (bool, error) {
			rows++
			// Columns and row's key stand one behind the other, but in a unique index.
			columns := key[prefix:]
			if !unique {
				columns = columns[:len(columns)-len(pk)]
			}
			kept := 0 // of the columns, as most entries have those of the one before
			if !bytes.Equal(columns, shared) {
				kept = len(columns)
			}
			own := mem.take(kept + len(pk) + len(include))
			if kept > 0 {
				shared = own[:kept:kept]
				copy(shared, columns)
			}
			n := kept + copy(own[kept:], pk)
			copy(own[n:], include)
			pk, include = own[kept:n:n], own[n:]
			if err := r.t.codec.DecodeRowKey(pk, row.row); err != nil {
				return false, corrupt(key, err)
			}
			more, err := visit(row.row, shared, include)
			return more && err == nil && (r.limit == 0 || rows < r.limit), corrupt(key, err)
		})
	}
	if err == nil {
		return nil
	}
	return r.t.fail(r.op(), nil, err)
}
