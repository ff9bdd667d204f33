package enginetest

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
)

// fault is what an ingester does wrong.
type fault struct {
	takesAnyOrder, takesEmpty, leavesOutTheRest bool
	overlooksContext, overlooksErrors           bool
	writesPieces, losesTheLast, clearsTheRange  bool
	neverLooksUp, closedIsNothing, liveViews    bool
}

// ingester is an Ingester over the memory engine.
type ingester struct {
	engine.Engine
	fault fault
}

func (e *ingester) Snapshot(ctx context.Context) (engine.Snapshot, error) {
	s, err := e.Engine.Snapshot(ctx)
	if err == nil && e.fault.liveViews {
		return live{e.Engine, s}, nil
	}
	return s, err
}

// live is a snapshot that shows the latest state.
type live struct {
	engine.Reader
	of engine.Snapshot
}

func (s live) Close() error { return s.of.Close() }

func (e *ingester) Ingest(ctx context.Context, pairs engine.Iterator) error {
	if e.fault.overlooksContext {
		ctx = context.WithoutCancel(ctx)
	}
	if _, err := e.Has(ctx, []byte("x")); err != nil {
		if e.fault.closedIsNothing {
			return nil
		}
		return err
	}
	b := e.NewBatch()
	var first, last []byte
	for n := 1; pairs.Next(); n++ {
		key, value := pairs.Key(), pairs.Value()
		switch {
		case len(key) == 0 || len(value) == 0:
			if e.fault.takesEmpty {
				continue
			}
			return engine.ErrInvalid
		case bytes.Compare(key, last) <= 0 && !e.fault.takesAnyOrder:
			if e.fault.leavesOutTheRest {
				return e.Write(ctx, b, engine.WriteOptions{})
			}
			return engine.ErrInvalid
		}
		if first == nil {
			first = bytes.Clone(key)
		}
		last = append(last[:0], key...)
		b.Put(key, value)
		if n%1000 > 0 || e.fault.neverLooksUp {
			continue
		}
		if _, err := e.Has(ctx, key); err != nil {
			return err
		}
		if e.fault.writesPieces {
			if err := e.Write(ctx, b, engine.WriteOptions{}); err != nil {
				return err
			}
			b.Reset()
		}
	}
	if err := pairs.Err(); err != nil && !e.fault.overlooksErrors {
		return err
	}
	if e.fault.losesTheLast && last != nil {
		b.Delete(last)
	}
	if e.fault.clearsTheRange && last != nil {
		return e.replace(ctx, first, last, b)
	}
	err := e.Write(ctx, b, engine.WriteOptions{})
	if e.fault.neverLooksUp && errors.Is(err, engine.ErrClosed) {
		return nil
	}
	return err
}

// replace writes a batch in place of what is there between two keys.
func (e *ingester) replace(ctx context.Context, first, last []byte, b engine.Batch) error {
	gone := e.NewBatch()
	it := e.Iterate(ctx, engine.Range{Start: first, End: last, KeysOnly: true})
	for it.Next() {
		gone.Delete(it.Key())
	}
	return errors.Join(it.Close(), e.Write(ctx, gone, engine.WriteOptions{}), e.Write(ctx, b, engine.WriteOptions{}))
}

// An Ingester that does it right passes, and each fault is found by the checks that are
// about it.
func TestIngestChecks(t *testing.T) {
	for _, tt := range []struct {
		fault fault
		found string // by these checks
	}{
		{fault{}, ""},
		{fault{takesAnyOrder: true}, "Order"},
		{fault{leavesOutTheRest: true}, "Order"},
		{fault{takesEmpty: true}, "Empty"},
		{fault{overlooksErrors: true}, "Error"},
		{fault{overlooksContext: true}, "Cancelled"},
		{fault{writesPieces: true}, "Order Error"},
		{fault{losesTheLast: true}, "Pairs Readers Between Written Twice"},
		{fault{clearsTheRange: true}, "Pairs Between Written"},
		{fault{liveViews: true}, "Readers"},
		{fault{closedIsNothing: true}, "Cancelled Closed"},
		{fault{neverLooksUp: true}, "ClosedMeanwhile"},
	} {
		var found []string
		for _, c := range ingestChecks {
			e := &ingester{memory.New(), tt.fault}
			if err := c.run(e, e); err != nil {
				found = append(found, c.name)
			}
			must(t, "Close", e.Close())
		}
		// Two that clear the range of each other may or may not meet.
		found = slices.DeleteFunc(found, func(name string) bool { return tt.fault.clearsTheRange && name == "Twice" })
		if got := strings.Join(found, " "); got != tt.found {
			t.Errorf("%+v is found by %q, want %q", tt.fault, got, tt.found)
		}
	}
}
