package rawstore

import (
	"context"
	"errors"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
)

// usualRow is taken for the size of a row in bytes where none was seen yet.
const usualRow = 128

// Estimate returns about how many rows the table has: the bytes that the engine says
// they take, divided by the mean size of the rows that raw scans have shown in this
// process. Where the engine does not know, as for what it has in memory alone, it is made
// of some keys at both ends of the table, and exact for a small one. It may be far off, most of
// all for data that the engine has compressed. Rows that have expired count.
//
// A principal does not learn it of a table whose rows have owners, since the number counts
// the rows of all: ok is false there.
func (r Table) Estimate(ctx context.Context) (rows int64, ok bool, err error) {
	if err := r.Allow(false); err != nil {
		return 0, false, err
	}
	if r.s.Who != nil && r.t.Access == access.Owned {
		return 0, false, nil
	}
	size, err := r.size(ctx)
	if err == nil && size == 0 {
		// Not in a transaction, which would conflict with who writes there.
		if rows, err = sample(ctx, r.t.DB.Eng, r.t.Rows, r.t.End); err == nil {
			return rows, true, nil
		}
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

// size is the bytes that the engine says the rows take, 0 where it does not know.
func (r Table) size(ctx context.Context) (int64, error) {
	sizer, ok := r.t.DB.Eng.(engine.Sizer)
	if !ok {
		return 0, nil
	}
	size, err := sizer.ApproximateSize(ctx, r.t.Rows, r.t.End)
	if errors.Is(err, errors.ErrUnsupported) {
		return 0, nil
	}
	return size, err
}
