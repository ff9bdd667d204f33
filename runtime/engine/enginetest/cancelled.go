package enginetest

import (
	"context"
	"fmt"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

// fleeting is a context that is cancelled once it has been looked at some times.
type fleeting struct {
	context.Context
	looks int
}

func (f *fleeting) Err() error {
	if f.looks--; f.looks < 0 {
		return context.Canceled
	}
	return nil
}

// testGetManyCancelled: a GetMany of many keys ends when its context does.
func testGetManyCancelled(t *testing.T, e engine.Engine) {
	const n = 100
	keys, vals := make([][]byte, n), make([][]byte, n)
	fill(t, e, engine.WriteOptions{}, func(w writer) {
		for i := range keys {
			keys[i] = fmt.Appendf(nil, "k%03d", i)
			w.Put(keys[i], []byte("v"))
		}
	})
	snap, err := e.Snapshot(ctx)
	must(t, "Snapshot", err)
	defer snap.Close()
	check := func(name string, r engine.Reader) {
		t.Helper()
		for _, looks := range []int{0, 1, n / 2} {
			err := r.GetMany(&fleeting{ctx, looks}, keys, vals)
			wantErr(t, fmt.Sprintf("%s: GetMany cancelled after %d looks", name, looks), err, context.Canceled)
		}
		must(t, name+": GetMany afterwards", r.GetMany(ctx, keys, vals))
	}
	check("engine", e)
	check("snapshot", snap)
	must(t, "Update", Update(ctx, e, engine.TxOptions{}, func(_ context.Context, tx engine.Tx) error {
		check("transaction", tx)
		return nil
	}))
}
