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
	Then    []Span
	Reverse bool
	// Limit is how many rows the caller expects to want, 0 if that is not known.
	// It is no bound.
	Limit int
	// NoValues says that the values of the rows are not wanted: by an index, its
	// entries are read alone.
	NoValues bool
}

// Span is a run, as the Start and End of a RawScan.
type Span struct{ Start, End []byte }

// Scan begins a walk; the cursor must be closed.
func (r Table) Scan(ctx context.Context, q Scan) (*Cursor, error) {
	if err := r.t.Allow(r.s.Who, access.Read, nil); err != nil {
		return nil, err
	}
	if q.Index != ByKey && (q.Index < 0 || q.Index >= len(r.t.Indexes)) {
		return nil, r.t.Fail("scan", nil, fmt.Errorf("%w: there is no index at %d", engine.ErrInvalid, q.Index))
	}
	c := &Cursor{ctx: ctx, r: r.s.R, now: layout.InstantOf(r.s.Time())}
	c.sc = entity.Scan{T: r.t, S: r.s, Ix: q.Index, Reverse: q.Reverse, Limit: q.Limit, KeysOnly: q.NoValues}
	c.then = q.Then
	first := c.bound(Span{q.Start, q.End})
	if !first && len(c.then) == 0 {
		return c, nil // no iterator: the end is reached
	}
	switch {
	case q.Index == ByKey:
		c.only = q.NoValues && !r.t.Expires
	case !q.NoValues:
		reader, done, err := r.s.Steady(ctx)
		if err != nil {
			return nil, r.t.FailFor(r.s.Who, "scan", nil, err)
		}
		c.r, c.done = reader, done
		c.batch = entity.Batches.Get().(*entity.RowBatch)
		c.ahead = entity.FirstAhead
		if q.Limit > 0 {
			c.ahead = min(q.Limit, entity.MostAhead)
		}
	}
	if c.batch != nil {
		c.old = r.s.Walk()
	}
	if first {
		c.it = c.sc.Iterate(ctx, c.r, c.only)
	} else {
		c.further()
	}
	if len(c.then) > 0 && r.s.W != nil && !r.s.Over() {
		c.pending = r.s.W.RowsBefore()
		c.pending.Pending = append(c.pending.Pending, (*rest)(c))
	}
	return c, nil
}
