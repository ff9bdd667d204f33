package enginetest

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

// testConflicts runs one transaction that reads and then writes "out", while
// something else is committed between its read and its commit.
func testConflicts(t *testing.T, e engine.Engine) {
	read := func(key string) func(t testing.TB, tx engine.Tx) {
		return func(t testing.TB, tx engine.Tx) { get(t, tx, key) }
	}
	has := func(key string) func(t testing.TB, tx engine.Tx) {
		return func(t testing.TB, tx engine.Tx) {
			_, err := tx.Has(ctx, []byte(key))
			must(t, "Has", err)
		}
	}
	many := func(keys ...string) func(t testing.TB, tx engine.Tx) {
		return func(t testing.TB, tx engine.Tx) {
			var ks [][]byte
			for _, k := range keys {
				ks = append(ks, []byte(k))
			}
			must(t, "GetMany", tx.GetMany(ctx, ks, make([][]byte, len(ks))))
		}
	}
	scan := func(rng engine.Range, n int) func(t testing.TB, tx engine.Tx) {
		return func(t testing.TB, tx engine.Tx) { walk(t, tx, rng, n) }
	}
	none := func(t testing.TB, tx engine.Tx) {}
	puts := func(key string) func(t testing.TB) {
		return func(t testing.TB) { put(t, e, key, "other") }
	}
	dels := func(key string) func(t testing.TB) {
		return func(t testing.TB) { del(t, e, key) }
	}
	clears := func(start, end string) func(t testing.TB) {
		return func(t testing.TB) { clearRange(t, e, start, end) }
	}
	rng := span("d", "m") // holds e, g, i, k of the data
	for _, c := range []struct {
		name     string
		read     func(t testing.TB, tx engine.Tx)
		other    func(t testing.TB)
		conflict bool
	}{
		{"get, changed", read("e"), puts("e"), true},
		{"get, deleted", read("e"), dels("e"), true},
		{"get of nothing, inserted", read("f"), puts("f"), true},
		{"has, changed", has("e"), puts("e"), true},
		{"has of nothing, inserted", has("f"), puts("f"), true},
		{"get many, last one changed", many("e", "f", "g"), puts("g"), true},
		{"get, other key", read("e"), puts("g"), false},
		{"get, longer key", read("e"), puts("e\x00"), false},
		{"get, shorter key", read("ee"), puts("e"), false},
		{"get many, other key", many("e", "g"), puts("f"), false},
		{"no read, same key written", none, puts("out"), false},
		{"no read, anything", none, puts("e"), false},

		{"range, changed", scan(rng, -1), puts("g"), true},
		{"range, deleted", scan(rng, -1), dels("g"), true},
		{"range, inserted", scan(rng, -1), puts("h"), true},
		{"range, inserted at its start", scan(rng, -1), puts("d"), true},
		{"range, inserted at its end", scan(rng, -1), puts("lzz"), true},
		{"range, behind it", scan(rng, -1), puts("m"), false},
		{"range, before it", scan(rng, -1), puts("czz"), false},
		{"range of nothing, inserted", scan(span("x", "z"), -1), puts("y"), true},
		{"range without bounds, first", scan(span("", ""), -1), puts("\x00"), true},
		{"range without bounds, last", scan(span("", ""), -1), puts("\xff\xff"), true},
		{"range to a bound, first", scan(span("", "m"), -1), puts("\x00"), true},
		{"range from a bound, last", scan(span("d", ""), -1), puts("\xff"), true},
		{"range that cannot hold a key", scan(span("m", "d"), -1), puts("g"), false},

		{"two of a range, between them", scan(rng, 2), puts("f"), true},
		{"two of a range, the second", scan(rng, 2), puts("g"), true},
		{"two of a range, before the first", scan(rng, 2), puts("d"), true},
		{"two of a range, right behind", scan(rng, 2), puts("g\x00"), false},
		{"two of a range, the third", scan(rng, 2), puts("i"), false},
		{"none of a range", scan(rng, 0), puts("e"), false},

		{"reverse, changed", scan(backward(rng), -1), puts("g"), true},
		{"reverse, inserted", scan(backward(rng), -1), puts("h"), true},
		{"reverse, inserted at its start", scan(backward(rng), -1), puts("d"), true},
		{"reverse, inserted at its end", scan(backward(rng), -1), puts("lzz"), true},
		{"reverse, behind it", scan(backward(rng), -1), puts("m"), false},
		{"reverse, before it", scan(backward(rng), -1), puts("czz"), false},
		{"reverse without bounds, last", scan(backward(span("", "")), -1), puts("\xff"), true},
		{"two in reverse, between them", scan(backward(rng), 2), puts("j"), true},
		{"two in reverse, the second", scan(backward(rng), 2), puts("i"), true},
		{"two in reverse, at the end", scan(backward(rng), 2), puts("lzz"), true},
		{"two in reverse, right before", scan(backward(rng), 2), puts("hzz"), false},
		{"two in reverse, the third", scan(backward(rng), 2), puts("g"), false},

		{"own write, read back", func(t testing.TB, tx engine.Tx) {
			must(t, "Put", tx.Put([]byte("e"), []byte("own")))
			wantGet(t, tx, "e", "own")
		}, puts("e"), false},
		{"range with own writes, changed", func(t testing.TB, tx engine.Tx) {
			must(t, "Put", tx.Put([]byte("f"), []byte("own")))
			walk(t, tx, rng, -1)
		}, puts("g"), true},
		{"range up to own write, behind it", func(t testing.TB, tx engine.Tx) {
			must(t, "Put", tx.Put([]byte("f"), []byte("own")))
			walk(t, tx, rng, 2)
		}, puts("g"), false},
		{"range up to own write, before it", func(t testing.TB, tx engine.Tx) {
			must(t, "Put", tx.Put([]byte("f"), []byte("own")))
			walk(t, tx, rng, 2)
		}, puts("ee"), true},
		{"range left open, walked part", func(t testing.TB, tx engine.Tx) {
			tx.Iterate(ctx, rng).Next()
		}, puts("e"), true},
		{"range left open, rest", func(t testing.TB, tx engine.Tx) {
			tx.Iterate(ctx, rng).Next()
		}, puts("g"), false},

		{"get, in a range that is deleted", read("e"), clears("d", "f"), true},
		{"has, first of a range that is deleted", has("e"), clears("e", "f"), true},
		{"get many, last one in a range that is deleted", many("a", "g"), clears("f", "h"), true},
		{"get, at the end of a range that is deleted", read("e"), clears("d", "e"), false},
		{"get, behind a range that is deleted", read("g"), clears("d", "f"), false},
		{"range, deleted in part", scan(rng, -1), clears("a", "f"), true},
		{"range, deleted in its middle", scan(rng, -1), clears("f", "h"), true},
		{"range, deleted at its end", scan(rng, -1), clears("k", "n"), true},
		{"range, deleted as part of a longer one", scan(rng, -1), clears("a", "n"), true},
		{"range without bounds, deleted in part", scan(span("", ""), -1), clears("f", "h"), true},
		{"range, deleted up to its start", scan(rng, -1), clears("a", "d"), false},
		{"range, deleted from its end", scan(rng, -1), clears("m", "n"), false},
		{"two of a range, deleted behind them", scan(rng, 2), clears("i", "k"), false},
		{"two of a range, deleted between them", scan(rng, 2), clears("f", "h"), true},
		{"two in reverse, deleted before them", scan(backward(rng), 2), clears("d", "h"), false},
		{"no read, in a range that is deleted", none, clears("o", "p"), false},

		{"get, changed by a transaction", read("e"), func(t testing.TB) {
			must(t, "Update", Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
				return tx.Put([]byte("e"), []byte("other"))
			}))
		}, true},
		{"range, inserted by a transaction whose reads may differ", scan(rng, -1), func(t testing.TB) {
			must(t, "Update", Update(ctx, e, engine.TxOptions{Hint: mayDiffer(true)}, func(ctx context.Context, tx engine.Tx) error {
				return tx.Put([]byte("h"), []byte("other"))
			}))
		}, true},
		{"get, only read by another", read("e"), func(t testing.TB) {
			must(t, "Update", Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
				get(t, tx, "e")
				return tx.Put([]byte("z"), []byte("other"))
			}))
		}, false},
		{"get, other transaction aborted", read("e"), func(t testing.TB) {
			err := Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
				must(t, "Put", tx.Put([]byte("e"), []byte("other")))
				return errAborted
			})
			wantErr(t, "Update", err, errAborted)
		}, false},
	} {
		for _, differ := range []bool{false, true} {
			t.Run(fmt.Sprintf("%s/differ=%v", c.name, differ), func(t *testing.T) {
				wipe(t, e)
				put(t, e, "a", "1", "c", "1", "e", "1", "g", "1", "i", "1", "k", "1", "m", "1", "out", "0")
				err := Update(ctx, e, engine.TxOptions{Hint: mayDiffer(differ)}, func(ctx context.Context, tx engine.Tx) error {
					c.read(t, tx)
					c.other(t)
					return tx.Put([]byte("out"), []byte("own"))
				})
				if !c.conflict {
					must(t, "Update", err)
					wantGet(t, e, "out", "own")
					return
				}
				wantErr(t, "Update", err, engine.ErrConflict)
				wantGet(t, e, "out", "0")
			})
		}
	}
}

var errAborted = errors.New("aborted")

// wipe deletes everything.
func wipe(t testing.TB, e engine.Engine) {
	t.Helper()
	fill(t, e, engine.WriteOptions{}, func(w writer) {
		for _, k := range walk(t, e, engine.Range{KeysOnly: true}, -1) {
			w.Delete([]byte(k))
		}
	})
}

// testWriteSkew: two transactions that read what the other one writes, and would
// together break a rule that each keeps, cannot both commit.
func testWriteSkew(t *testing.T, e engine.Engine) {
	for _, differ := range []bool{false, true} {
		for _, byRange := range []bool{false, true} {
			put(t, e, "on-call/alice", "yes", "on-call/bob", "yes")
			leave := func(tx engine.Tx, who string, meanwhile func()) {
				if byRange {
					walk(t, tx, span("on-call/", "on-call0"), -1)
				} else {
					get(t, tx, "on-call/alice")
					get(t, tx, "on-call/bob")
				}
				meanwhile()
				must(t, "Put", tx.Put([]byte("on-call/"+who), []byte("no")))
			}
			o := engine.TxOptions{Hint: mayDiffer(differ)}
			err := Update(ctx, e, o, func(ctx context.Context, tx engine.Tx) error {
				leave(tx, "alice", func() {
					must(t, "inner Update", Update(ctx, e, o, func(ctx context.Context, tx engine.Tx) error {
						leave(tx, "bob", func() {})
						return nil
					}))
				})
				return nil
			})
			wantErr(t, "Update", err, engine.ErrConflict)
			wantWalk(t, "who is left", e, span("", ""), "on-call/alice=yes", "on-call/bob=no")
		}
	}
}

// testReadOnlyTx: a transaction that writes nothing has read one state, or says
// that it has not.
func testReadOnlyTx(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1", "b", "1")
	var a, b string
	read := func(ctx context.Context, tx engine.Tx) error {
		a = get(t, tx, "a")
		put(t, e, "a", "2", "b", "2")
		b = get(t, tx, "b")
		return nil
	}
	must(t, "Update", Update(ctx, e, engine.TxOptions{}, read))
	if a != b {
		t.Errorf("a transaction has read a=%s and b=%s", a, b)
	}
	put(t, e, "a", "1", "b", "1")
	err := Update(ctx, e, engine.TxOptions{Hint: mayDiffer(true)}, read)
	if a != b && !errors.Is(err, engine.ErrConflict) {
		t.Errorf("a transaction whose reads may differ has read a=%s and b=%s: error %v, want %v", a, b, err, engine.ErrConflict)
	}
}

// testManyReads: one changed key among very many read, and many commits beside a
// long transaction.
func testManyReads(t *testing.T, e engine.Engine) {
	const n = 3000
	key := func(i int) string { return fmt.Sprintf("k%05d", i) }
	fill(t, e, engine.WriteOptions{}, func(w writer) {
		for i := range n {
			w.Put([]byte(key(i)), []byte("1"))
		}
	})
	for _, c := range []struct {
		name     string
		write    func(i int) string
		conflict bool
	}{
		{"disjoint", func(i int) string { return fmt.Sprintf("other%d", i) }, false},
		{"last one hits", func(i int) string {
			if i == 299 {
				return key(n / 2)
			}
			return fmt.Sprintf("other%d", i)
		}, true},
		{"all hit", key, true},
	} {
		err := Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
			for range 2 {
				for i := range n {
					get(t, tx, key((i*7)%n))
				}
			}
			for i := range 300 {
				put(t, e, c.write(i), "2")
			}
			return tx.Put([]byte("out"), []byte("own"))
		})
		if c.conflict {
			wantErr(t, c.name, err, engine.ErrConflict)
		} else {
			must(t, c.name, err)
		}
	}
}

// testConflictNames: the conflict of an engine that knows the key names it.
func testConflictNames(t *testing.T, e engine.Engine) {
	err := Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		get(t, tx, "a")
		get(t, tx, "b")
		put(t, e, "b", "1")
		return tx.Put([]byte("out"), []byte("own"))
	})
	wantErr(t, "Update", err, engine.ErrConflict)
	if ce, ok := errors.AsType[*engine.ConflictError](err); ok && ce.Key != nil && string(ce.Key) != "b" {
		t.Errorf("the conflict names %q, not b", ce.Key)
	}
}
