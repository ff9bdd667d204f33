package enginetest

import (
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/engine"
)

// testShortMoves: what others commit does not disturb a short transaction, as
// long as it is not what was read.
func testShortMoves(t *testing.T, e engine.Engine) {
	for name, read := range readings {
		put(t, e, "a", "old", "b", "old", "c", "old")
		must(t, "Delete", write(e, func(b engine.Batch) { b.Delete([]byte("b")) }))
		tx := begin(t, e, short)
		wantGet(t, tx, "a", "old")
		put(t, e, "b", "new", "c", "new")
		// Of what others have written it sees all or nothing.
		b, err := read(tx, "b")
		must(t, name, err)
		c, err := read(tx, "c")
		must(t, name, err)
		if b == "" {
			b = "old"
		}
		if b != c && name != "Has" {
			t.Errorf("%s: the first key is %s and the second %s", name, b, c)
		}
		// From here on nothing moves.
		put(t, e, "a", "newer", "b", "newer", "c", "newer")
		wantGet(t, tx, "a", "old")
		again, err := read(tx, "c")
		must(t, name, err)
		if again != c {
			t.Errorf("%s: a key was %s and is %s", name, c, again)
		}
		must(t, "Commit of nothing", commit(tx))
	}
}

// testLoopMoves: a loop of a short transaction is open while another commit happens,
// and the next read is what finds that.
func testLoopMoves(t *testing.T, e engine.Engine) {
	next := func(t *testing.T, it engine.Iterator, want string) error {
		t.Helper()
		if !it.Next() {
			if want != "" && it.Err() == nil {
				t.Errorf("the loop ended, want %s", want)
			}
			return it.Err()
		}
		if got := string(it.Key()) + "=" + string(it.Value()); got != want {
			t.Errorf("the loop shows %s, want %s", got, want)
		}
		return nil
	}
	finds := map[string]func(tx engine.Tx) error{
		"Get":     func(tx engine.Tx) error { _, err := tx.Get(ctx, []byte("z")); return err },
		"Has":     func(tx engine.Tx) error { _, err := tx.Has(ctx, []byte("z")); return err },
		"GetMany": func(tx engine.Tx) error { return tx.GetMany(ctx, [][]byte{[]byte("z")}, make([][]byte, 1)) },
		"Iterate": func(tx engine.Tx) error { return tx.Iterate(ctx, span("x", "")).Close() },
		"a loop within": func(tx engine.Tx) error {
			it := tx.Iterate(ctx, span("z", ""))
			defer it.Close()
			it.Next()
			return it.Err()
		},
	}
	for _, c := range []struct {
		name  string
		other func(t testing.TB)
		// What the loop over b to h shows behind d, forwards, and before it, in reverse.
		// "conflict": it may not go on.
		behind, before string
	}{
		{"what stands there changes", func(t testing.TB) { put(t, e, "d", "2") }, "conflict", "conflict"},
		{"what stands there goes", func(t testing.TB) { del(t, e, "d") }, "conflict", "conflict"},
		{"what was passed changes", func(t testing.TB) { put(t, e, "b", "2") }, "conflict", "b=2"},
		{"something comes in what was passed", func(t testing.TB) { put(t, e, "c", "2") }, "conflict", "c=2"},
		{"something comes before the first", func(t testing.TB) { put(t, e, "b\x00", "2") }, "conflict", "b\x00=2"},
		{"something changes ahead", func(t testing.TB) { put(t, e, "f", "2") }, "f=2", "conflict"},
		{"something comes ahead", func(t testing.TB) { put(t, e, "e", "2") }, "e=2", "conflict"},
		{"something goes ahead", func(t testing.TB) { del(t, e, "f") }, "g=1", "conflict"},
		{"all goes ahead", func(t testing.TB) { del(t, e, "f"); del(t, e, "g") }, "", "conflict"},
		{"something outside changes", func(t testing.TB) { put(t, e, "h", "2", "a", "2") }, "f=1", "b=1"},
	} {
		for name, find := range finds {
			for _, reverse := range []bool{false, true} {
				t.Run(fmt.Sprintf("%s, %s, reverse=%v", c.name, name, reverse), func(t *testing.T) {
					wipe(t, e)
					put(t, e, "a", "1", "b", "1", "d", "1", "f", "1", "g", "1", "h", "1", "z", "1")
					want := c.behind
					if reverse {
						want = c.before
					}
					tx := begin(t, e, engine.TxOptions{Hint: mayConflict})
					it := tx.Iterate(ctx, engine.Range{Start: []byte("b"), End: []byte("h"), Reverse: reverse})
					passed := []string{"b=1", "d=1"}
					if reverse {
						passed = []string{"g=1", "f=1", "d=1"}
					}
					for _, p := range passed {
						must(t, "Next", next(t, it, p))
					}
					c.other(t)
					err := find(tx)
					if string(it.Key())+"="+string(it.Value()) != "d=1" {
						t.Errorf("the loop stands on %q=%q and did not go on", it.Key(), it.Value())
					}
					if want == "conflict" {
						wantErr(t, "the read that finds it", err, engine.ErrConflict)
						wantErr(t, "Next", next(t, it, ""), engine.ErrConflict)
						must(t, "Put", tx.Put([]byte("out"), []byte("1")))
						wantErr(t, "Commit", commit(tx), engine.ErrConflict)
						wantGet(t, e, "out", "-")
						return
					}
					must(t, "the read that finds it", err)
					must(t, "Next", next(t, it, want))
					must(t, "Put", tx.Put([]byte("out"), []byte("1")))
					must(t, "Commit", commit(tx))
					wantGet(t, e, "out", "1")
				})
			}
		}
	}
}

// testLoopMovesAhead: what a loop has read ahead of a write of its own transaction is
// read again in the state that it moves to.
func testLoopMovesAhead(t *testing.T, e engine.Engine) {
	for _, c := range []struct {
		name  string
		rng   engine.Range
		own   string // shown last, before the others commit
		other func(t testing.TB)
		want  []string
	}{
		{"it changes", span("a", "k"), "c", func(t testing.TB) { put(t, e, "d", "2") }, []string{"d=2", "f=1"}},
		{"it goes", span("a", "k"), "c", func(t testing.TB) { del(t, e, "d") }, []string{"f=1"}},
		{"something comes before it", span("a", "k"), "c", func(t testing.TB) { put(t, e, "c\x00", "2") }, []string{"c\x00=2", "d=1", "f=1"}},
		{"something comes behind the last", span("a", "k"), "g", func(t testing.TB) { put(t, e, "h", "2") }, []string{"h=2"}},
		{"in reverse, it changes", backward(span("a", "k")), "e", func(t testing.TB) { put(t, e, "d", "2") }, []string{"d=2", "b=1"}},
		{"in reverse, it goes", backward(span("a", "k")), "e", func(t testing.TB) { del(t, e, "d") }, []string{"b=1"}},
		{"in reverse, something comes before the first", backward(span("a", "k")), "aa", func(t testing.TB) { put(t, e, "a", "2") }, []string{"a=2"}},
		{"the last of the range", span("a", "c\x00"), "c", func(t testing.TB) { put(t, e, "d", "2") }, nil},
		{"the first of the range, in reverse", backward(span("e", "k")), "e", func(t testing.TB) { put(t, e, "d", "2") }, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			wipe(t, e)
			put(t, e, "b", "1", "d", "1", "f", "1", "z", "1")
			tx := begin(t, e, engine.TxOptions{Hint: mayConflict})
			must(t, "Put", tx.Put([]byte(c.own), []byte("own")))
			it := tx.Iterate(ctx, c.rng)
			for string(it.Key()) != c.own {
				if !it.Next() {
					t.Fatalf("the loop ends before %s: %v", c.own, it.Err())
				}
			}
			c.other(t)
			wantGet(t, tx, "z", "1")
			var got []string
			for it.Next() {
				got = append(got, string(it.Key())+"="+string(it.Value()))
			}
			must(t, "Close", it.Close())
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("behind %s (-want +got):\n%s", c.own, diff)
			}
			must(t, "Commit", commit(tx))
		})
	}
}
