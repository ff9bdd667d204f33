package store

import (
	"context"
	"fmt"

	"github.com/storegen/storegen/runtime/engine"
)

// IndexEntries calls visit with the encoded key of the row, the encoded columns
// and the included fields of each entry of an index, in the wire format, without
// reading rows; generated code calls it. The slices may be kept.
func IndexEntries(ctx context.Context, r Range, visit func(pk, columns, include []byte) (bool, error)) error {
	b := r.bounds()
	if b.filter != nil {
		return r.t.fail(r.op(), nil, fmt.Errorf("%w: a filter needs whole rows: use All", engine.ErrInvalid))
	}
	n := 0
	err := r.t.allow(r.s.who, "read", nil)
	if err == nil {
		prefix, unique := len(r.t.indexes[r.ix].prefix), r.t.indexes[r.ix].desc.Unique
		var mem arena
		sc := scan{t: r.t, s: r.s, ix: r.ix, start: b.start, end: b.end, reverse: b.reverse, limit: b.limit}
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
			more, err := visit(pk, columns, include)
			return more && err == nil && (b.limit == 0 || n < b.limit), corrupt(key, err)
		})
	}
	if err == nil {
		return nil
	}
	return r.t.fail(r.op(), nil, err)
}
