package enginetest

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/engine"
)

func testOwnWrites(t *testing.T, e engine.Engine) {
	for _, differ := range []bool{false, true} {
		put(t, e, "a", "1", "b", "2")
		must(t, "Update", Update(ctx, e, engine.TxOptions{Hint: mayDiffer(differ)}, func(ctx context.Context, tx engine.Tx) error {
			wantGet(t, tx, "a", "1")
			must(t, "Put", tx.Put([]byte("a"), []byte("10")))
			wantGet(t, tx, "a", "10")
			must(t, "Put", tx.Put([]byte("a"), []byte("11")))
			wantGet(t, tx, "a", "11")
			must(t, "Delete", tx.Delete([]byte("b")))
			wantGet(t, tx, "b", "-")
			must(t, "Delete", tx.Delete([]byte("new")))
			wantGet(t, tx, "new", "-")
			must(t, "Put", tx.Put([]byte("new"), []byte("3")))
			v, err := tx.GetForUpdate(ctx, []byte("new"))
			if string(v) != "3" || err != nil {
				t.Errorf("GetForUpdate = %q, %v", v, err)
			}
			_, err = tx.GetForUpdate(ctx, []byte("b"))
			wantErr(t, "GetForUpdate of a deleted key", err, engine.ErrNotFound)
			wantGet(t, e, "a", "1") // nobody else sees them
			wantGet(t, e, "b", "2")
			return nil
		}))
		wantWalk(t, "after the commit", e, span("", ""), "a=11", "new=3")
		del(t, e, "new")
	}
}

func testOwnWritesIterate(t *testing.T, e engine.Engine) {
	put(t, e, "b", "1", "d", "1", "f", "1", "h", "1")
	for _, differ := range []bool{false, true} {
		errAbort := errors.New("abort")
		err := Update(ctx, e, engine.TxOptions{Hint: mayDiffer(differ)}, func(ctx context.Context, tx engine.Tx) error {
			for _, k := range []string{"d", "a", "i", "e", "c"} { // in the base and around
				must(t, "Put", tx.Put([]byte(k), []byte("2")))
			}
			for _, k := range []string{"b", "g", "h", "c"} { // in the base, nowhere, own
				must(t, "Delete", tx.Delete([]byte(k)))
			}
			for _, c := range []struct {
				rng  engine.Range
				want []string
			}{
				{span("", ""), []string{"a=2", "d=2", "e=2", "f=1", "i=2"}},
				{span("a", "i"), []string{"a=2", "d=2", "e=2", "f=1"}},
				{span("b", "e"), []string{"d=2"}},
				{span("g", "i"), nil},
				{span("g", ""), []string{"i=2"}},
				{span("", "d"), []string{"a=2"}},
				{span("i\x00", ""), nil},
			} {
				name := fmt.Sprintf("%q to %q", c.rng.Start, c.rng.End)
				wantWalk(t, name, tx, c.rng, c.want...)
				slices.Reverse(c.want)
				wantWalk(t, name+", reverse", tx, backward(c.rng), c.want...)
			}
			return errAbort
		})
		wantErr(t, "Update", err, errAbort)
	}
	wantWalk(t, "after the abort", e, span("", ""), "b=1", "d=1", "f=1", "h=1")
}

// testChangeWhileIterating: an iterator shows what was there when it was opened,
// so that a loop can write to what it walks over.
func testChangeWhileIterating(t *testing.T, e engine.Engine) {
	n := min(300, (most(e, 2000, 10)-3)/5) // pairs, for each of which five are written
	kept, new, gone := n/3, n/2, 2*n/3
	key := func(i int) string { return fmt.Sprintf("k%03d", i) }
	for _, reverse := range []bool{false, true} {
		var want []string
		fill(t, e, engine.WriteOptions{}, func(w writer) {
			for i := range n {
				w.Put([]byte(key(i)), []byte("1"))
				want = append(want, key(i)+"=1")
			}
		})
		must(t, "Update", Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
			must(t, "Put", tx.Put([]byte(key(kept)), []byte("own")))
			must(t, "Put", tx.Put([]byte(key(new)+"x"), []byte("own")))
			must(t, "Delete", tx.Delete([]byte(key(gone))))
			want := slices.Clone(want)
			want[kept] = key(kept) + "=own"
			want = slices.Delete(want, gone, gone+1)
			want = slices.Insert(want, new+1, key(new)+"x=own")
			if reverse {
				slices.Reverse(want)
			}
			var got []string
			it := tx.Iterate(ctx, engine.Range{Reverse: reverse})
			for it.Next() {
				got = append(got, string(it.Key())+"="+string(it.Value()))
				k := slices.Clone(it.Key())
				must(t, "Delete", tx.Delete(k))
				must(t, "Put", tx.Put(append(k, '+'), []byte("2")))                     // just behind
				must(t, "Put", tx.Put(append([]byte{k[0] - 1}, k...), []byte("2")))     // far before
				must(t, "Put", tx.Put([]byte(key(new)+"x"), []byte("changed")))         // seen or to be seen
				must(t, "Put", tx.Put(append([]byte{k[0] + 1}, k[1:]...), []byte("2"))) // far behind
			}
			must(t, "Close", it.Close())
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("reverse=%v (-want +got):\n%s", reverse, diff)
			}
			return nil
		}))
		if got := len(walk(t, e, span("", ""), -1)); got != 3*n+1 {
			t.Errorf("after the loop: %d pairs, want %d", got, 3*n+1)
		}
		wipe(t, e)
	}
}

func testFunctionError(t *testing.T, e engine.Engine) {
	errOwn := errors.New("own")
	err := Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		must(t, "Put", tx.Put([]byte("a"), []byte("1")))
		return errOwn
	})
	wantErr(t, "Update", err, errOwn)
	wantGet(t, e, "a", "-")
	must(t, "Update without writes", Update(ctx, e, engine.TxOptions{Sync: true}, func(ctx context.Context, tx engine.Tx) error { return nil }))
}

// testPanic: a function that panics commits nothing and holds nothing up.
func testPanic(t *testing.T, e engine.Engine) {
	for _, o := range []engine.TxOptions{{}, {Hint: mayDiffer(true)}, {Exclusive: true}} {
		func() {
			defer func() {
				if recover() != "boom" {
					t.Errorf("the panic did not reach the caller")
				}
			}()
			err := Update(ctx, e, o, func(ctx context.Context, tx engine.Tx) error {
				must(t, "Put", tx.Put([]byte("a"), []byte("1")))
				tx.Iterate(ctx, engine.Range{}).Next()
				panic("boom")
			})
			t.Errorf("Update returned %v after a panic", err)
		}()
		wantGet(t, e, "a", "-")
		put(t, e, "b", "1")
	}
	must(t, "Update", Update(ctx, e, engine.TxOptions{Exclusive: true}, func(ctx context.Context, tx engine.Tx) error {
		return tx.Put([]byte("a"), []byte("2"))
	}))
	wantGet(t, e, "a", "2")
}

func testTxDone(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1", "b", "2")
	for _, abort := range []error{nil, errors.New("abort")} {
		var leaked engine.Tx
		var it engine.Iterator
		err := Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
			leaked = tx
			it = tx.Iterate(ctx, engine.Range{})
			if !it.Next() {
				t.Errorf("Next is false: %v", it.Err())
			}
			return abort
		})
		wantErr(t, "Update", err, abort)
		// The next transaction must not feel what is done to the one before it.
		must(t, "Update", Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
			if it.Next() {
				t.Error("an iterator goes on after its transaction")
			}
			wantErr(t, "Err of an iterator left open", it.Err(), engine.ErrTxDone)
			wantErr(t, "Close of an iterator left open", it.Close(), engine.ErrTxDone)
			_, err := leaked.Get(ctx, []byte("a"))
			wantErr(t, "Get", err, engine.ErrTxDone)
			_, err = leaked.GetForUpdate(ctx, []byte("a"))
			wantErr(t, "GetForUpdate", err, engine.ErrTxDone)
			_, err = leaked.Has(ctx, []byte("a"))
			wantErr(t, "Has", err, engine.ErrTxDone)
			keys, vals := [][]byte{[]byte("a")}, make([][]byte, 1)
			wantErr(t, "GetMany", leaked.GetMany(ctx, keys, vals), engine.ErrTxDone)
			wantErr(t, "GetManyForUpdate", leaked.GetManyForUpdate(ctx, keys, vals), engine.ErrTxDone)
			wantErr(t, "Put", leaked.Put([]byte("x"), []byte("1")), engine.ErrTxDone)
			wantErr(t, "Delete", leaked.Delete([]byte("a")), engine.ErrTxDone)
			_, err = tryWalk(leaked, engine.Range{}, -1)
			wantErr(t, "Iterate", err, engine.ErrTxDone)
			return nil
		}))
	}
	wantWalk(t, "afterwards", e, span("", ""), "a=1", "b=2")
}
