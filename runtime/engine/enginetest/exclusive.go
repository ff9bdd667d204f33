package enginetest

import (
	"context"
	"errors"
	"sync"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

func testExclusive(t *testing.T, e engine.Engine) {
	put(t, e, "n", "\x00")
	must(t, "Update", Update(ctx, e, engine.TxOptions{Exclusive: true}, func(ctx context.Context, tx engine.Tx) error {
		wantGet(t, tx, "n", "\x00")
		wantGet(t, e, "n", "\x00") // readers are let through
		walk(t, tx, span("", ""), -1)
		return tx.Put([]byte("n"), []byte("\x01"))
	}))
	wantGet(t, e, "n", "\x01")
}

// testCountersExclusive: an exclusive transaction does not conflict.
func testCountersExclusive(t *testing.T, e engine.Engine) { counters(t, e, engine.TxOptions{}, true) }

// testExclusiveKeepsOut: other commits wait while an exclusive transaction runs,
// or give up when their context says so.
func testExclusiveKeepsOut(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1")
	running, release := make(chan struct{}), make(chan struct{})
	var wg sync.WaitGroup
	wg.Go(func() {
		err := Update(ctx, e, engine.TxOptions{Exclusive: true}, func(ctx context.Context, tx engine.Tx) error {
			get(t, tx, "a")
			close(running)
			<-release
			return tx.Put([]byte("a"), []byte("2"))
		})
		if err != nil {
			t.Errorf("an exclusive transaction failed: %v", err)
		}
	})
	<-running

	// What waits here waits for ever, so each gives up as soon as it begins to.
	giveUp := errors.New("gave up")
	try := func(name string, run func(ctx context.Context) error) {
		tctx, cancel := context.WithCancelCause(ctx)
		cctx := &cancelOnWait{Context: tctx, cancel: func() { cancel(giveUp) }}
		wantErr(t, name, run(cctx), context.Canceled)
		cancel(nil)
	}
	b := e.NewBatch()
	b.Put([]byte("a"), []byte("9"))
	try("Write", func(ctx context.Context) error { return e.Write(ctx, b, engine.WriteOptions{}) })
	for _, o := range []engine.TxOptions{{}, {Hint: mayDiffer(true)}, {Exclusive: true}} {
		try("Update", func(ctx context.Context) error {
			return Update(ctx, e, o, func(_ context.Context, tx engine.Tx) error {
				return tx.Put([]byte("a"), []byte("9"))
			})
		})
	}
	wantGet(t, e, "a", "1")

	// These wait until it has ended.
	wg.Go(func() {
		err := update(e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
			v, err := tx.Get(ctx, []byte("a"))
			if err != nil {
				return err
			}
			return tx.Put([]byte("seen"), v)
		})
		if err != nil {
			t.Errorf("Update: %v", err)
		}
	})
	wg.Go(func() {
		b := e.NewBatch()
		b.Put([]byte("blind"), []byte("1"))
		if err := e.Write(ctx, b, engine.WriteOptions{}); err != nil {
			t.Errorf("Write: %v", err)
		}
	})
	close(release)
	wg.Wait()
	wantWalk(t, "afterwards", e, span("", ""), "a=2", "blind=1", "seen=2")
}

// cancelOnWait is a context that is cancelled once somebody asks for the channel
// to wait on.
type cancelOnWait struct {
	context.Context
	cancel func()
}

func (c *cancelOnWait) Done() <-chan struct{} {
	c.cancel()
	return c.Context.Done()
}

// testNotShared: an engine whose data is in the process is nobody else's.
func testNotShared(t *testing.T, e engine.Engine) {
	if e.Shared() {
		t.Error("the engine says that others write to its data")
	}
}
