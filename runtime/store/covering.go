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
		prefix := len(r.t.indexes[r.ix].prefix)
		var mem arena
		sc := scan{t: r.t, s: r.s, ix: r.ix, start: b.start, end: b.end, reverse: b.reverse, limit: b.limit}
		sc.clip(nil)
		err = sc.entries(ctx, func(key, pk, include []byte) (bool, error) {
			n++
			more, err := visit(mem.copy(pk), mem.copy(key[prefix:]), mem.copy(include))
			return more && err == nil && (b.limit == 0 || n < b.limit), corrupt(key, err)
		})
	}
	return r.t.fail(r.op(), nil, err)
}
