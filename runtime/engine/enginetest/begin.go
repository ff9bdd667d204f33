package enginetest

import (
	"context"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

func begin(t *testing.T, e engine.Engine, o engine.TxOptions) engine.Tx {
	t.Helper()
	tx, err := e.Begin(ctx, o)
	must(t, "Begin", err)
	return tx
}

// testBegin: a transaction is ended once, by Commit or by Rollback.
func testBegin(t *testing.T, e engine.Engine) {
	for _, o := range []engine.TxOptions{{}, {Hint: mayDiffer(true)}, short, {Exclusive: true}, {Sync: true}} {
		put(t, e, "a", "1", "b", "1")
		tx := begin(t, e, o)
		wantGet(t, tx, "a", "1")
		must(t, "Put", tx.Put([]byte("a"), []byte("2")))
		wantGet(t, tx, "a", "2")
		wantGet(t, e, "a", "1")
		must(t, "Commit", commit(tx))
		wantGet(t, e, "a", "2")
		wantErr(t, "Commit after Commit", commit(tx), engine.ErrTxDone)
		must(t, "Rollback after Commit", tx.Rollback())
		wantErr(t, "Put after Commit", tx.Put([]byte("a"), []byte("3")), engine.ErrTxDone)

		tx = begin(t, e, o)
		must(t, "Put", tx.Put([]byte("a"), []byte("3")))
		it := tx.Iterate(ctx, engine.Range{})
		it.Next()
		must(t, "Rollback", tx.Rollback())
		wantErr(t, "Err of an iterator left open", it.Err(), engine.ErrTxDone)
		wantErr(t, "Commit after Rollback", commit(tx), engine.ErrTxDone)
		_, err := tx.Get(ctx, []byte("a"))
		wantErr(t, "Get after Rollback", err, engine.ErrTxDone)
		wantGet(t, e, "a", "2")
	}
	done, cancel := context.WithCancel(ctx)
	tx := begin(t, e, engine.TxOptions{})
	must(t, "Put", tx.Put([]byte("a"), []byte("9")))
	cancel()
	_, err := tx.Commit(done)
	wantErr(t, "Commit", err, context.Canceled)
	_, err = e.Begin(done, engine.TxOptions{})
	wantErr(t, "Begin", err, context.Canceled)
	wantGet(t, e, "a", "2")
}
