package enginetest

import (
	"context"
	"fmt"
	"sync"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"pgregory.net/rapid"
)

// rangeDeleter returns the engine as one that deletes ranges, or skips the test.
func rangeDeleter(t testing.TB, e engine.Engine) engine.RangeDeleter {
	t.Helper()
	d, ok := e.(engine.RangeDeleter)
	if !ok {
		t.Skip("the engine is no RangeDeleter")
	}
	return d
}

// clearRange deletes a range in a transaction of its own.
func clearRange(t testing.TB, e engine.Engine, start, end string) {
	t.Helper()
	d := rangeDeleter(t, e)
	must(t, "Update", Update(ctx, e, engine.TxOptions{}, func(_ context.Context, tx engine.Tx) error {
		return d.DeleteRange(tx, []byte(start), []byte(end))
	}))
}

// testDeleteRange: what is between the bounds goes, and nothing else; readers from before
// see it still.
func testDeleteRange(t *testing.T, e engine.Engine) {
	d := rangeDeleter(t, e)
	for _, c := range []struct {
		start, end string
		want       []string
	}{
		{"c", "e", []string{"a=1", "e=1", "g=1"}},
		{"b", "f", []string{"a=1", "g=1"}},
		{"c", "c\x00", []string{"a=1", "e=1", "g=1"}},
		{"c\x00", "e", []string{"a=1", "c=1", "e=1", "g=1"}},
		{"\x00", "\xff", nil},
		{"e", "c", []string{"a=1", "c=1", "e=1", "g=1"}},
		{"e", "e", []string{"a=1", "c=1", "e=1", "g=1"}},
	} {
		t.Run(fmt.Sprintf("%q to %q", c.start, c.end), func(t *testing.T) {
			wipe(t, e)
			all := []string{"a=1", "c=1", "e=1", "g=1"}
			put(t, e, "a", "1", "c", "1", "e", "1", "g", "1")
			old, err := e.Snapshot(ctx)
			must(t, "Snapshot", err)
			defer old.Close()
			open := e.Iterate(ctx, span("", ""))
			defer open.Close()
			tx := begin(t, e, engine.TxOptions{})
			start, end := []byte(c.start), []byte(c.end)
			must(t, "DeleteRange", d.DeleteRange(tx, start, end))
			clear(start) // which may be used again
			clear(end)
			wantWalk(t, "before the commit", e, span("", ""), all...)
			must(t, "Commit", commit(tx))
			wantWalk(t, "after the commit", e, span("", ""), c.want...)
			wantWalk(t, "after the commit, in reverse", e, backward(span("", "")), reversed(c.want)...)
			wantWalk(t, "in a snapshot of before", old, span("", ""), all...)
			n := 0
			for open.Next() {
				n++
			}
			if n != len(all) || open.Err() != nil {
				t.Errorf("an iterator of before shows %d pairs of %d: %v", n, len(all), open.Err())
			}
			put(t, e, "c", "2", "d", "2")
			wantGet(t, e, "c", "2") // as if nothing had been there
			wantGet(t, e, "d", "2")
		})
	}
}

func reversed(pairs []string) (out []string) {
	for i := len(pairs) - 1; i >= 0; i-- {
		out = append(out, pairs[i])
	}
	return out
}

// testDeleteRangeTx: a range is one of the writes of a transaction, and its last word on
// the keys.
func testDeleteRangeTx(t *testing.T, e engine.Engine) {
	d := rangeDeleter(t, e)
	all := []string{"a=1", "c=1", "d=1", "f=1"}
	c, f := []byte("c"), []byte("f")
	for _, x := range []struct {
		name string
		do   func(t *testing.T, tx engine.Tx)
		err  error // of the commit
		want []string
	}{
		{"writes outside", func(t *testing.T, tx engine.Tx) {
			must(t, "Put", tx.Put([]byte("b"), []byte("2")))
			must(t, "DeleteRange", d.DeleteRange(tx, c, f))
			must(t, "Put", tx.Put([]byte("f"), []byte("2")))
			must(t, "Delete", tx.Delete([]byte("a")))
			wantWalk(t, "before the range", tx, span("", "c"), "b=2")
			wantWalk(t, "behind the range", tx, span("f", ""), "f=2")
			wantGet(t, tx, "f", "2")
		}, nil, []string{"b=2", "f=2"}},
		{"reads inside before", func(t *testing.T, tx engine.Tx) {
			wantWalk(t, "in the range", tx, span("b", "e"), "c=1", "d=1")
			it := tx.Iterate(ctx, span("", ""))
			must(t, "DeleteRange", d.DeleteRange(tx, c, f))
			n := 0
			for it.Next() {
				n++
			}
			if n != len(all) {
				t.Errorf("an iterator of before shows %d pairs: %v", n, it.Close())
			}
		}, nil, []string{"a=1", "f=1"}},
		{"two that meet", func(t *testing.T, tx engine.Tx) {
			must(t, "DeleteRange", d.DeleteRange(tx, c, f))
			must(t, "DeleteRange", d.DeleteRange(tx, []byte("b"), []byte("d")))
			must(t, "DeleteRange", d.DeleteRange(tx, f, []byte("g")))
		}, nil, []string{"a=1"}},
		{"reads inside afterwards", func(t *testing.T, tx engine.Tx) {
			must(t, "DeleteRange", d.DeleteRange(tx, c, f))
			_, err := tx.Get(ctx, c)
			wantErr(t, "Get", err, engine.ErrInvalid)
			_, err = tx.GetForUpdate(ctx, c)
			wantErr(t, "GetForUpdate", err, engine.ErrInvalid)
			_, err = tx.Has(ctx, []byte("e"))
			wantErr(t, "Has", err, engine.ErrInvalid)
			wantErr(t, "GetMany", tx.GetMany(ctx, [][]byte{f, c}, make([][]byte, 2)), engine.ErrInvalid)
			for _, r := range []engine.Range{span("", ""), span("", "c\x00"), span("e", ""), span("d", "e"), backward(span("e", "f"))} {
				_, err = tryWalk(tx, r, -1)
				wantErr(t, fmt.Sprintf("Iterate %q to %q", r.Start, r.End), err, engine.ErrInvalid)
			}
		}, nil, []string{"a=1", "f=1"}},
		{"a put inside afterwards", func(t *testing.T, tx engine.Tx) {
			must(t, "DeleteRange", d.DeleteRange(tx, c, f))
			wantErr(t, "Put", tx.Put(c, []byte("2")), engine.ErrInvalid)
		}, engine.ErrInvalid, all},
		{"a delete inside afterwards", func(t *testing.T, tx engine.Tx) {
			must(t, "DeleteRange", d.DeleteRange(tx, c, f))
			wantErr(t, "Delete", tx.Delete([]byte("e")), engine.ErrInvalid)
		}, engine.ErrInvalid, all},
		{"a put inside before", func(t *testing.T, tx engine.Tx) {
			must(t, "Put", tx.Put([]byte("e"), []byte("2")))
			wantErr(t, "DeleteRange", d.DeleteRange(tx, c, f), engine.ErrInvalid)
		}, engine.ErrInvalid, all},
		{"a bound that is no key", func(t *testing.T, tx engine.Tx) {
			wantErr(t, "DeleteRange", d.DeleteRange(tx, nil, f), engine.ErrInvalid)
			wantErr(t, "DeleteRange", d.DeleteRange(tx, c, nil), engine.ErrInvalid)
		}, engine.ErrInvalid, all},
	} {
		t.Run(x.name, func(t *testing.T) {
			for _, differ := range []bool{false, true} {
				wipe(t, e)
				put(t, e, "a", "1", "c", "1", "d", "1", "f", "1")
				tx := begin(t, e, engine.TxOptions{Hint: mayDiffer(differ)})
				x.do(t, tx)
				wantErr(t, "Commit", commit(tx), x.err)
				wantWalk(t, "after the commit", e, span("", ""), x.want...)
			}
		})
	}
	wipe(t, e)
	put(t, e, "c", "1")
	tx := begin(t, e, engine.TxOptions{})
	must(t, "DeleteRange", d.DeleteRange(tx, c, f))
	must(t, "Rollback", tx.Rollback())
	wantErr(t, "DeleteRange after the end", d.DeleteRange(tx, c, f), engine.ErrTxDone)
	wantGet(t, e, "c", "1")
	// The next one, which may have the memory of it, knows of no range.
	must(t, "Update", Update(ctx, e, engine.TxOptions{Hint: engine.Hint{Reuse: tx}}, func(_ context.Context, tx engine.Tx) error {
		wantGet(t, tx, "c", "1")
		return tx.Put([]byte("d"), []byte("1"))
	}))
	wantWalk(t, "after the next one", e, span("", ""), "c=1", "d=1")
	lost := begin(t, e, engine.TxOptions{})
	get(t, lost, "x")
	must(t, "DeleteRange", d.DeleteRange(lost, c, f))
	put(t, e, "x", "1", "e", "1")
	wantErr(t, "Commit of one that has read what was changed", commit(lost), engine.ErrConflict)
	blind := begin(t, e, engine.TxOptions{})
	must(t, "DeleteRange", d.DeleteRange(blind, c, f))
	put(t, e, "e", "2", "f", "2")
	must(t, "Commit", commit(blind))
	wantWalk(t, "what came meanwhile is gone too", e, span("", ""), "f=2", "x=1")
}

// testDeleteRangeCounted: increments of a counter that is now and then moved into another
// key, and deleted as a range, add up. Blind pairs that are written and deleted beside are
// there together or not at all.
func testDeleteRangeCounted(t *testing.T, e engine.Engine) {
	d := rangeDeleter(t, e)
	const workers, rounds = 4, 60
	read := func(ctx context.Context, tx engine.Tx, key string) (n uint64, err error) {
		vals := make([][]byte, 1)
		if err = tx.GetMany(ctx, [][]byte{[]byte(key)}, vals); err == nil && vals[0] != nil {
			n = num(vals[0])
		}
		return n, err
	}
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range rounds {
				o := engine.TxOptions{Hint: engine.Hint{Reads: engine.Reads(i % 3)}}
				err := update(e, o, func(ctx context.Context, tx engine.Tx) error {
					n, err := read(ctx, tx, "n/count")
					if err != nil {
						return err
					}
					return tx.Put([]byte("n/count"), numBytes(n+1))
				})
				if err == nil && i%4 == w%4 {
					err = update(e, o, func(ctx context.Context, tx engine.Tx) error {
						n, err := read(ctx, tx, "n/count")
						if err != nil {
							return err
						}
						sum, err := read(ctx, tx, "sum")
						if err != nil {
							return err
						}
						if err := tx.Put([]byte("sum"), numBytes(sum+n)); err != nil {
							return err
						}
						return d.DeleteRange(tx, []byte("n/"), []byte("n0"))
					})
				}
				if err == nil && w == 0 {
					b := e.NewBatch()
					b.Put([]byte("p/1"), numBytes(uint64(i)))
					b.Put([]byte("p/2"), numBytes(uint64(i)))
					err = e.Write(ctx, b, engine.WriteOptions{})
				}
				if err == nil && w == 1 {
					err = update(e, engine.TxOptions{}, func(_ context.Context, tx engine.Tx) error {
						return d.DeleteRange(tx, []byte("p/"), []byte("p0"))
					})
				}
				if err != nil {
					t.Errorf("round %d: %v", i, err)
					return
				}
				pairs, err := tryWalk(e, span("p/", "p0"), -1)
				if err != nil || len(pairs) == 1 || len(pairs) == 2 && pairs[0][3:] != pairs[1][3:] {
					t.Errorf("of two pairs that are written and deleted together there are %q: %v", pairs, err)
				}
			}
		})
	}
	wg.Wait()
	var sum uint64
	for _, key := range []string{"sum", "n/count"} {
		if v := get(t, e, key); v != "-" {
			sum += num([]byte(v))
		}
	}
	if sum != workers*rounds {
		t.Errorf("the counts add up to %d, want %d", sum, workers*rounds)
	}
}

// clear deletes a random range, of an engine that can, and of the model.
func (m model) clear(t *rapid.T, e engine.Engine) {
	d, ok := e.(engine.RangeDeleter)
	if !ok {
		return
	}
	start, end := drawKey(t), drawKey(t)
	err := Update(ctx, e, engine.TxOptions{}, func(_ context.Context, tx engine.Tx) error {
		if err := d.DeleteRange(tx, []byte(start), []byte(end)); err != nil {
			return err
		}
		for _, key := range modelKeys[:rapid.IntRange(0, 3).Draw(t, "writes")] {
			if start <= key && key < end {
				continue
			}
			if err := tx.Put([]byte(key), []byte("beside")); err != nil {
				return err
			}
			m[key] = "beside"
		}
		return nil
	})
	if err != nil {
		t.Fatalf("DeleteRange %q to %q: %v", start, end, err)
	}
	for key := range m {
		if start <= key && key < end {
			delete(m, key)
		}
	}
}
