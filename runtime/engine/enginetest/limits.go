package enginetest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

// most is how many of n writes, of that many bytes each, fit into one commit.
func most(e engine.Engine, n, size int) int {
	l := e.Limits()
	if l.MaxTxOps > 0 {
		n = min(n, l.MaxTxOps)
	}
	if l.MaxTxBytes > 0 {
		n = min(n, l.MaxTxBytes/size)
	}
	return n
}

// filler is a writer of any number of pairs, in batches that the engine takes.
type filler struct {
	t testing.TB
	e engine.Engine
	b engine.Batch
	o engine.WriteOptions
}

// fill writes what fn gives it.
func fill(t testing.TB, e engine.Engine, o engine.WriteOptions, fn func(w writer)) {
	t.Helper()
	f := &filler{t, e, e.NewBatch(), o}
	fn(f)
	f.write()
}

func (f *filler) write() {
	f.t.Helper()
	must(f.t, "Write", f.e.Write(ctx, f.b, f.o))
	f.b.Reset()
}

// room writes the batch where another write of that size would be over a limit.
func (f *filler) room(size int) {
	l := f.e.Limits()
	if l.MaxTxOps > 0 && f.b.Len() == l.MaxTxOps || l.MaxTxBytes > 0 && f.b.Size()+size > l.MaxTxBytes {
		f.write()
	}
}

func (f *filler) Put(k, v []byte) {
	f.room(len(k) + len(v))
	f.b.Put(k, v)
}

func (f *filler) Delete(k []byte) {
	f.room(len(k))
	f.b.Delete(k)
}

// testable is the largest limit that is tried out, in bytes.
const testable = 4 << 20

func testLimits(t *testing.T, e engine.Engine) {
	l := e.Limits()
	if l.MaxKey != 0 && l.MaxKey < 1024 {
		t.Errorf("MaxKey is %d, a store needs 1024", l.MaxKey)
	}
	big := func(n int) []byte { return bytes.Repeat([]byte("x"), n) }
	check := func(what string, want error, fill func(b writer)) {
		t.Helper()
		b := e.NewBatch()
		fill(b)
		if err := e.Write(ctx, b, engine.WriteOptions{}); !errors.Is(err, want) {
			t.Errorf("batch with %s: error %v, want %v", what, err, want)
		}
		err := Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
			fill(&adder{tx: tx})
			return nil
		})
		if !errors.Is(err, want) {
			t.Errorf("transaction with %s: error %v, want %v", what, err, want)
		}
	}
	if n := l.MaxKey; n > 0 && n <= testable {
		check("the longest key", nil, func(b writer) { b.Put(big(n), big(1)) })
		check("a longer key", engine.ErrTooLarge, func(b writer) {
			b.Put([]byte("with"), big(1))
			b.Put(big(n+1), big(1))
		})
	}
	if n := l.MaxValue; n > 0 && n <= testable {
		if l.MaxTxBytes == 0 || n < l.MaxTxBytes {
			check("the longest value", nil, func(b writer) { b.Put(big(1), big(n)) })
		}
		check("a longer value", engine.ErrTooLarge, func(b writer) {
			b.Put([]byte("with"), big(1))
			b.Put(big(1), big(n+1))
		})
	}
	if n := l.MaxTxOps; n > 0 && n <= testable/16 {
		check("as many writes as there may be", nil, func(b writer) {
			for i := range n {
				b.Put(fmt.Appendf(nil, "key-%d", i), big(1))
			}
		})
		check("too many writes", engine.ErrTooLarge, func(b writer) {
			b.Put([]byte("with"), big(1))
			for i := range n {
				b.Put(fmt.Appendf(nil, "key-%d", i), big(1))
			}
		})
	}
	if n := l.MaxTxBytes; n > 0 && n <= testable {
		check("too many bytes", engine.ErrTooLarge, func(b writer) {
			b.Put([]byte("with"), big(1))
			for i := 0; i <= n; i += 1000 {
				b.Put(fmt.Appendf(nil, "key-%d", i), big(1000))
			}
		})
	}
	wantGet(t, e, "with", "-")
}

// testMaxSnapshots: one snapshot or iterator more than there may be is an error at once,
// and what is closed makes room.
func testMaxSnapshots(t *testing.T, e engine.Engine) {
	n := e.Limits().MaxSnapshots
	if n == 0 || n > 1000 {
		t.Skip("the engine has as many snapshots as anybody wants")
	}
	put(t, e, "a", "1", "b", "2")
	type closer interface{ Close() error }
	var open []closer
	take := func(i int) error {
		if i%2 == 0 {
			s, err := e.Snapshot(ctx)
			if err == nil {
				open = append(open, s)
			}
			return err
		}
		it := e.Iterate(ctx, engine.Range{})
		if !it.Next() {
			return errors.Join(it.Err(), it.Close())
		}
		open = append(open, it)
		return nil
	}
	for range 2 {
		for i := range n {
			must(t, "one of so many", take(i))
		}
		for i := range 2 {
			wantErr(t, "one more", take(i), engine.ErrUnavailable)
		}
		// Nothing else needs one.
		wantGet(t, e, "a", "1")
		must(t, "GetMany", e.GetMany(ctx, [][]byte{[]byte("a"), []byte("b")}, make([][]byte, 2)))
		put(t, e, "a", "1")
		for _, o := range []engine.TxOptions{{}, {Hint: mayDiffer(true)}, {Hint: mayConflict}} {
			must(t, "Update", update(e, o, func(ctx context.Context, tx engine.Tx) error {
				get(t, tx, "a")
				walk(t, tx, engine.Range{}, -1)
				return tx.Put([]byte("b"), []byte("2"))
			}))
		}
		for range 2 {
			must(t, "Close", open[0].Close())
			must(t, "Close twice", open[0].Close())
			open = open[1:]
			must(t, "one in its place", take(0))
		}
		for _, c := range open {
			must(t, "Close", c.Close())
		}
		open = nil
	}
	// An iterator that has come to its end, or failed, is none any more.
	for range 2 * n {
		walk(t, e, engine.Range{}, -1)
		it := e.Iterate(ctx, engine.Range{})
		for it.Next() {
		}
		done, cancel := context.WithCancel(ctx)
		late := e.Iterate(done, engine.Range{})
		cancel()
		if late.Next() {
			t.Error("an iterator goes on after its context was cancelled")
		}
	}
}
