package store_test

import (
	"bytes"
	"context"
	"testing"

	"github.com/storegen/storegen/runtime/admin"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/store"
)

// rangesEngine notes where reads begin.
type rangesEngine struct {
	engine.Engine
	starts []string
}

func (e *rangesEngine) Iterate(ctx context.Context, r engine.Range) engine.Iterator {
	e.starts = append(e.starts, string(r.Start))
	return e.Engine.Iterate(ctx, r)
}

// A restore that fails removes what it has written, and reads on behind what it has removed: a
// read from the first key on would go over all deletions each time.
func TestFailedRestoreReadsOn(t *testing.T) {
	var stream bytes.Buffer
	if err := admin.Backup(ctx, must(store.Open(ctx, filled(t, pairDesc("other", "a", "b"), 5000))), &stream); err != nil {
		t.Fatal(err)
	}
	eng := &rangesEngine{Engine: memory.New()}
	isErr(t, admin.Restore(ctx, eng, bytes.NewReader(stream.Bytes()[:stream.Len()-1])), errs.ErrBackup)
	same(t, "keys left", len(dump(eng.Engine)), 0)
	eng.starts = eng.starts[1:] // whether there are keys already
	if len(eng.starts) < 4 {
		t.Fatalf("there were %d reads: too few to tell", len(eng.starts))
	}
	for i, start := range eng.starts[1:] {
		if start == "" {
			t.Errorf("read %d begins at the first key again", i+1)
		}
	}
}
