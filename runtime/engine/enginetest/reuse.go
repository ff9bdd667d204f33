package enginetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

// testReuse: a transaction that is begun again is a new one.
func testReuse(t *testing.T, e engine.Engine) {
	put(t, e, "k", "0")
	var tx engine.Tx
	for i := range 6 {
		hint := engine.Hint{Reads: engine.Reads(i % 3), Writes: 100 * i, Reuse: tx}
		tx = begin(t, e, engine.TxOptions{Hint: hint})
		it := tx.Iterate(ctx, engine.Range{})
		if !it.Next() {
			t.Errorf("an iterator shows nothing: %v", it.Err())
		}
		v, err := tx.GetForUpdate(ctx, []byte("k"))
		if want := fmt.Sprint(i - i/3); string(v) != want || err != nil {
			t.Errorf("k = %q, %v, want %q", v, err, want)
		}
		if err := tx.Put([]byte("k"), fmt.Append(nil, i+1-(i+1)/3)); err != nil {
			t.Errorf("Put: %v", err)
		}
		switch i % 3 {
		case 0:
			err = commit(tx)
		case 1: // left open is only what Close finds
			if err = it.Close(); err == nil {
				err = commit(tx)
			}
		case 2:
			err = tx.Rollback()
		}
		if err != nil {
			t.Errorf("the end of transaction %d: %v", i, err)
		}
		if it.Next() {
			t.Error("an iterator of a transaction that has ended goes on")
		}
		if _, err := tx.Get(ctx, []byte("k")); !errors.Is(err, engine.ErrTxDone) {
			t.Errorf("Get after the end: %v, want %v", err, engine.ErrTxDone)
		}
	}
	// One of another engine is of no use, and no error.
	for _, other := range []engine.Tx{foreignTx{}, (engine.Tx)(nil)} {
		must(t, "Rollback", begin(t, e, engine.TxOptions{Hint: engine.Hint{Reuse: other}}).Rollback())
	}
	// It loses against others as any other one.
	tx = begin(t, e, engine.TxOptions{Hint: engine.Hint{Reads: engine.ReadsMayDiffer, Reuse: tx}})
	wantGet(t, tx, "k", "4")
	put(t, e, "k", "other")
	must(t, "Put", tx.Put([]byte("k"), []byte("lost")))
	wantErr(t, "Commit", commit(tx), engine.ErrConflict)
}

// foreignTx is a transaction of no engine.
type foreignTx struct{ engine.Tx }

// testReuseRunning: a transaction that is still running is not begun again.
func testReuseRunning(t *testing.T, e engine.Engine) {
	put(t, e, "k", "0")
	tx := begin(t, e, engine.TxOptions{})
	must(t, "Put", tx.Put([]byte("k"), []byte("1")))
	_, err := e.Begin(ctx, engine.TxOptions{Hint: engine.Hint{Reuse: tx}})
	wantErr(t, "Begin", err, engine.ErrInvalid)
	must(t, "Commit", commit(tx))
	wantGet(t, e, "k", "1")
}
