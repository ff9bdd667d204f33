package rawstore

import (
	"context"
	"fmt"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
)

// Scan is a walk over a run of rows or of index entries.
type Scan struct {
	// Index is a position in the description's Indexes, or ByKey.
	Index int
	// Start and End bound the run: the encoded key, or the encoded columns of
	// the index with the key behind them where it is not unique. Start is the
	// first in it, End the first behind it; nil is no bound.
	Start, End []byte
	// Then is further runs, which are walked in this order one behind the other.
	Then []Range
	// Points, if there are any, are looked up in place of runs: encoded keys, or the
	// encoded columns of a unique index, each once, in the order of the scan. No iterator is
	// opened. Of an index there are at most MostPoints.
	Points  [][]byte
	Reverse bool
	// Limit is how many rows the caller expects to want, 0 if that is not known.
	// It is no bound.
	Limit int
	// NoValues says that the values of the rows are not wanted: by an index, its
	// entries are read alone.
	NoValues bool
}

// MostPoints is how many points of an index one scan takes.
const MostPoints = entity.MostPoints

// Range is a run, as the Start and End of a Scan.
type Range = entity.Range

// Scan begins a walk; the cursor must be closed.
func (r Table) Scan(ctx context.Context, q Scan) (*Cursor, error) {
	if err := r.t.Allow(r.s.Who, access.Read, nil); err != nil {
		return nil, err
	}
	if q.Index != ByKey && (q.Index < 0 || q.Index >= len(r.t.Indexes)) {
		return nil, r.t.Fail("scan", nil, fmt.Errorf("%w: there is no index at %d", engine.ErrInvalid, q.Index))
	}
	o := entity.WalkOptions{Index: q.Index, Then: q.Then, Reverse: q.Reverse, Limit: q.Limit, Values: !q.NoValues, Lend: true}
	o.Start, o.End = r.t.Range(q.Index, Range{Start: q.Start, End: q.End})
	if len(q.Points) > 0 {
		if q.Index != ByKey && (!r.t.Indexes[q.Index].Desc.Unique || len(q.Points) > MostPoints) {
			return nil, r.t.Fail("scan", nil, fmt.Errorf("%w: %d points of index %s: want at most %d, of one that is unique",
				engine.ErrInvalid, len(q.Points), r.t.Indexes[q.Index].Desc.Name, MostPoints))
		}
		o.Points = r.t.Points(q.Index, q.Points)
	}
	w, err := r.t.Walk(ctx, r.s, o)
	if err != nil {
		return nil, r.t.FailFor(r.s.Who, "scan", nil, err)
	}
	whole, _ := r.t.Codec.(layout.ColumnCodec)
	return &Cursor{of: r, w: w, values: o.Values, entries: q.NoValues && q.Index != ByKey, whole: whole}, nil
}
