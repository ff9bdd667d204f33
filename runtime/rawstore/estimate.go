package rawstore

import (
	"context"
	"errors"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
)

// usualRow is taken for the size of a row in bytes where none was seen yet.
const usualRow = 128

// Estimate returns about how many rows the table has, without reading any: the
// bytes that the engine says they take, divided by the mean size of the rows
// that raw scans have shown in this process. ok is false where the engine does
// not know. It may be far off, most of all for data that the engine has
// compressed or not yet written out. A principal does not learn it of a table
// whose rows have owners, since the number counts the rows of all.
func (r Table) Estimate(ctx context.Context) (rows int64, ok bool, err error) {
	if err := r.Allow(false); err != nil {
		return 0, false, err
	}
	sizer, ok := r.t.DB.Eng.(engine.Sizer)
	if !ok || r.s.Who != nil && r.t.Access == access.Owned {
		return 0, false, nil
	}
	size, err := sizer.ApproximateSize(ctx, r.t.Rows, r.t.End)
	if errors.Is(err, errors.ErrUnsupported) {
		return 0, false, nil
	}
	if err != nil {
		return 0, false, r.t.FailFor(r.s.Who, "estimate", nil, err)
	}
	mean := int64(usualRow)
	if n := r.t.Seen.Rows.Load(); n > 0 {
		mean = max(1, r.t.Seen.Bytes.Load()/n)
	}
	return size / mean, true, nil
}
