package enginetest

import (
	"context"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

func testClosed(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1")
	b := e.NewBatch()
	b.Put([]byte("b"), []byte("2"))
	must(t, "Close", e.Close())
	must(t, "Close twice", e.Close())

	_, err := e.Get(ctx, []byte("a"))
	wantErr(t, "Get", err, engine.ErrClosed)
	_, err = e.Has(ctx, []byte("a"))
	wantErr(t, "Has", err, engine.ErrClosed)
	wantErr(t, "GetMany", e.GetMany(ctx, [][]byte{[]byte("a")}, make([][]byte, 1)), engine.ErrClosed)
	_, err = tryWalk(e, span("", ""), -1)
	wantErr(t, "Iterate", err, engine.ErrClosed)
	_, err = e.Snapshot(ctx)
	wantErr(t, "Snapshot", err, engine.ErrClosed)
	wantErr(t, "Write", e.Write(ctx, b, engine.WriteOptions{}), engine.ErrClosed)
	b.Reset()
	wantErr(t, "Write of an empty batch", e.Write(ctx, b, engine.WriteOptions{}), engine.ErrClosed)
	for _, o := range []engine.TxOptions{{}, {Hint: mayDiffer(true)}, {Exclusive: true}} {
		wantErr(t, "Update", Update(ctx, e, o, func(ctx context.Context, tx engine.Tx) error {
			t.Error("a transaction runs on a closed engine")
			return nil
		}), engine.ErrClosed)
	}
}

// testCloseWhileOpen: iterators and snapshots end with the engine.
func testCloseWhileOpen(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1", "b", "2", "c", "3")
	snap, err := e.Snapshot(ctx)
	must(t, "Snapshot", err)
	var its []engine.Iterator
	for _, r := range []engine.Reader{e, snap} {
		for _, reverse := range []bool{false, true} {
			it := r.Iterate(ctx, engine.Range{Reverse: reverse})
			if !it.Next() {
				t.Fatalf("Next is false: %v", it.Err())
			}
			its = append(its, it, r.Iterate(ctx, engine.Range{Reverse: reverse}))
		}
	}
	must(t, "Close", e.Close())
	for _, it := range its {
		if it.Next() {
			t.Error("an iterator goes on after its engine was closed")
		}
		wantErr(t, "Err", it.Err(), engine.ErrClosed)
		wantErr(t, "Close", it.Close(), engine.ErrClosed)
	}
	_, err = snap.Get(ctx, []byte("a"))
	wantErr(t, "Get of a snapshot", err, engine.ErrClosed)
	_, err = tryWalk(snap, span("", ""), -1)
	wantErr(t, "Iterate of a snapshot", err, engine.ErrClosed)
	must(t, "Close of a snapshot", snap.Close())
}

// testCloseInTx: closing while transactions run fails them, and waits for none.
func testCloseInTx(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1")
	err := Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		get(t, tx, "a")
		it := tx.Iterate(ctx, engine.Range{})
		must(t, "Close", e.Close())
		if it.Next() {
			t.Error("an iterator goes on after its engine was closed")
		}
		wantErr(t, "Err", it.Err(), engine.ErrClosed)
		_, err := tx.Get(ctx, []byte("a"))
		wantErr(t, "Get", err, engine.ErrClosed)
		must(t, "Put", tx.Put([]byte("a"), []byte("2")))
		return nil
	})
	wantErr(t, "Update", err, engine.ErrClosed)
}

func testContext(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1", "b", "2", "c", "3")
	b := e.NewBatch()
	b.Put([]byte("x"), []byte("1"))
	snap, err := e.Snapshot(ctx)
	must(t, "Snapshot", err)
	defer snap.Close()

	late, cancel := context.WithCancel(ctx)
	it := e.Iterate(late, engine.Range{})
	if !it.Next() {
		t.Fatalf("Next is false: %v", it.Err())
	}
	cancel()
	if it.Next() {
		t.Error("an iterator goes on after its context was cancelled")
	}
	wantErr(t, "Err", it.Err(), context.Canceled)
	wantErr(t, "Close", it.Close(), context.Canceled)

	for name, r := range map[string]engine.Reader{"engine": e, "snapshot": snap} {
		_, err := r.Get(late, []byte("a"))
		wantErr(t, name+": Get", err, context.Canceled)
		_, err = r.Has(late, []byte("a"))
		wantErr(t, name+": Has", err, context.Canceled)
		wantErr(t, name+": GetMany", r.GetMany(late, [][]byte{[]byte("a")}, make([][]byte, 1)), context.Canceled)
		it := r.Iterate(late, engine.Range{})
		if it.Next() {
			t.Errorf("%s: Iterate shows a pair to a cancelled context", name)
		}
		wantErr(t, name+": Iterate", it.Close(), context.Canceled)
	}
	_, err = e.Snapshot(late)
	wantErr(t, "Snapshot", err, context.Canceled)
	wantErr(t, "Write", e.Write(late, b, engine.WriteOptions{}), context.Canceled)
	wantErr(t, "Update", Update(late, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		t.Error("a transaction runs though its context was cancelled")
		return nil
	}), context.Canceled)

	// Cancelled before the commit is sent, it is not sent.
	during, cancel := context.WithCancel(ctx)
	wantErr(t, "Update", Update(during, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		must(t, "Put", tx.Put([]byte("x"), []byte("1")))
		cancel()
		_, err := tx.Get(ctx, []byte("a"))
		wantErr(t, "Get in a transaction", err, context.Canceled)
		return nil
	}), context.Canceled)
	wantGet(t, e, "x", "-")
}
