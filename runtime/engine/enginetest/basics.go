package enginetest

import (
	"context"
	"fmt"
	"maps"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/engine"
)

func testGetPutDelete(t *testing.T, e engine.Engine) {
	wantGet(t, e, "a", "-")
	put(t, e, "a", "1", "b", "2")
	wantGet(t, e, "a", "1")
	put(t, e, "a", "3")
	wantGet(t, e, "a", "3")
	wantGet(t, e, "b", "2")
	del(t, e, "a")
	wantGet(t, e, "a", "-")
	del(t, e, "a") // of a key that is not there
	wantGet(t, e, "b", "2")

	odd := string([]byte{0, 255, 0})
	put(t, e, odd, odd)
	wantGet(t, e, odd, odd)
	wantGet(t, e, odd[:2], "-")
}

func testEmptyKeyAndValue(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1")
	snap, err := e.Snapshot(ctx)
	must(t, "Snapshot", err)
	defer snap.Close()
	check := func(name string, r engine.Reader) {
		_, err := r.Get(ctx, nil)
		wantErr(t, name+": Get of no key", err, engine.ErrInvalid)
		_, err = r.Has(ctx, []byte{})
		wantErr(t, name+": Has of no key", err, engine.ErrInvalid)
		err = r.GetMany(ctx, [][]byte{[]byte("a"), nil}, make([][]byte, 2))
		wantErr(t, name+": GetMany of no key", err, engine.ErrInvalid)
		err = r.GetMany(ctx, [][]byte{[]byte("a")}, make([][]byte, 2))
		wantErr(t, name+": GetMany with too many values", err, engine.ErrInvalid)
	}
	check("engine", e)
	check("snapshot", snap)

	for _, c := range []struct {
		name string
		add  func(b writer)
	}{
		{"put without key", func(b writer) {
			b.Put(nil, []byte("v"))
		}},
		{"put without value", func(b writer) {
			b.Put([]byte("a"), nil)
		}},
		{"delete without key", func(b writer) {
			b.Delete(nil)
		}},
	} {
		b := e.NewBatch()
		b.Put([]byte("other"), []byte("v"))
		c.add(b)
		wantErr(t, "batch: "+c.name, e.Write(ctx, b, engine.WriteOptions{}), engine.ErrInvalid)
		b.Reset()
		must(t, "Write of a batch that was reset", e.Write(ctx, b, engine.WriteOptions{}))

		// The error counts even when the function does not look at it.
		err := Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
			check("transaction", tx)
			if err := tx.Put([]byte("other"), []byte("v")); err != nil {
				return err
			}
			a := &adder{tx: tx}
			c.add(a)
			wantErr(t, "transaction: "+c.name, a.err, engine.ErrInvalid)
			return nil
		})
		wantErr(t, "commit after: "+c.name, err, engine.ErrInvalid)
	}
	wantWalk(t, "after refused writes", e, span("", ""), "a=1")
}

// writer is what a batch and a transaction have in common.
type writer interface {
	Put(k, v []byte)
	Delete(k []byte)
}

// adder lets a transaction be used like a batch.
type adder struct {
	tx  engine.Tx
	err error
}

func (a *adder) Put(k, v []byte) { a.err = a.tx.Put(k, v) }
func (a *adder) Delete(k []byte) { a.err = a.tx.Delete(k) }

func testOwnership(t *testing.T, e engine.Engine) {
	key, val := []byte("key"), []byte("val")
	b := e.NewBatch()
	b.Put(key, val)
	copy(key, "xxx")
	copy(val, "yyy")
	b.Delete(key)
	copy(key, "key")
	must(t, "Write", e.Write(ctx, b, engine.WriteOptions{}))
	b.Reset()
	b.Put([]byte("abc"), []byte("def"))
	wantGet(t, e, "key", "val")

	spoil := func(r engine.Reader) {
		t.Helper()
		v, err := r.Get(ctx, []byte("key"))
		must(t, "Get", err)
		copy(v, "zzz")
		_ = append(v, 'z')
		vals := make([][]byte, 1)
		must(t, "GetMany", r.GetMany(ctx, [][]byte{[]byte("key")}, vals))
		copy(vals[0], "zzz")
		wantGet(t, r, "key", "val")
	}
	spoil(e)
	must(t, "Update", Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		spoil(tx)
		key, val := []byte("own"), []byte("val")
		if err := tx.Put(key, val); err != nil {
			return err
		}
		copy(key, "xxx")
		copy(val, "yyy")
		wantGet(t, tx, "own", "val")
		v, err := tx.Get(ctx, []byte("own"))
		copy(v, "zzz")
		wantGet(t, tx, "own", "val")
		return err
	}))
	wantGet(t, e, "own", "val")
}

func testGetMany(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1", "b", "2", "c", "3")
	keys := [][]byte{[]byte("c"), []byte("x"), []byte("a"), []byte("c"), []byte("b")}
	check := func(name string, getMany func(ctx context.Context, keys, vals [][]byte) error, want ...string) {
		t.Helper()
		vals := make([][]byte, len(keys))
		vals[1] = []byte("left over")
		must(t, name, getMany(ctx, keys, vals))
		var got []string
		for _, v := range vals {
			if v == nil {
				got = append(got, "-")
			} else {
				got = append(got, string(v))
			}
		}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("%s (-want +got):\n%s", name, diff)
		}
		must(t, name+" of nothing", getMany(ctx, nil, nil))
	}
	check("engine", e.GetMany, "3", "-", "1", "3", "2")
	snap, err := e.Snapshot(ctx)
	must(t, "Snapshot", err)
	defer snap.Close()
	check("snapshot", snap.GetMany, "3", "-", "1", "3", "2")
	for _, differ := range []bool{false, true} {
		must(t, "Update", Update(ctx, e, engine.TxOptions{Hint: mayDiffer(differ)}, func(ctx context.Context, tx engine.Tx) error {
			if err := tx.Put([]byte("x"), []byte("9")); err != nil {
				return err
			}
			if err := tx.Delete([]byte("a")); err != nil {
				return err
			}
			check("transaction", tx.GetMany, "3", "9", "-", "3", "2")
			check("transaction, for update", tx.GetManyForUpdate, "3", "9", "-", "3", "2")
			if err := tx.Delete([]byte("x")); err != nil {
				return err
			}
			return tx.Put([]byte("a"), []byte("1"))
		}))
	}
}

// testGetManyOrdered: an engine may read keys that are in order in a way of its own,
// and another one where they lie near each other. What comes back is the same.
func testGetManyOrdered(t *testing.T, e engine.Engine) {
	const rows = 3000
	key := func(i int) string { return fmt.Sprintf("k%05d", i) }
	m := map[string]string{}
	fill(t, e, engine.WriteOptions{}, func(w writer) {
		for i := 0; i < rows; i += 3 { // the other two of three are absent
			size := 1 + i%50
			if i%600 == 0 {
				size = 4096
			}
			m[key(i)] = strings.Repeat(string(rune('a'+i%26)), size)
			w.Put([]byte(key(i)), []byte(m[key(i)]))
		}
	})
	step := 7 // between what a transaction writes, twice each
	for 2*(rows/step+1) > most(e, rows, 10) {
		step += 7
	}
	snap, err := e.Snapshot(ctx)
	must(t, "Snapshot", err)
	defer snap.Close()

	every := func(start, end, step int) (keys []string) {
		for i := start; i < end; i += step {
			keys = append(keys, key(i))
		}
		return keys
	}
	cases := map[string][]string{
		"one":                    every(30, 31, 1),
		"all":                    every(0, rows, 3),
		"all and as many absent": every(0, rows, 1),
		"absent alone":           every(1, rows, 3),
		"near":                   every(0, rows, 15),
		"far":                    every(0, rows, 150),
		"near, then far":         append(every(0, 300, 6), every(300, rows, 120)...),
		"far, then near":         append(every(0, 1500, 120), every(1500, rows, 6)...),
		"past the last":          append(every(rows-90, rows, 3), "l", "m", "n"),
		"before the first":       append([]string{"a", "b", "c"}, every(0, 90, 3)...),
		"beyond both ends":       {"a", "b", "c", "d", "e", "f", "g", "h", "i", "j", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v"},
		"each twice":             slices.Sorted(slices.Values(append(every(0, 300, 9), every(0, 300, 9)...))),
		"one, many times":        slices.Repeat([]string{key(3)}, 30),
		"one far away":           append(append(every(0, 120, 3), key(2400)), every(2400, 2520, 3)...),
		"up and down":            append(every(0, 300, 6), "k00100", "k00099", "k00098", "k00030", "k00027", "k00000"),
	}
	for name, keys := range maps.Clone(cases) {
		turned := slices.Clone(keys)
		slices.Reverse(turned)
		cases[name+", in reverse"] = turned
		shuffled := slices.Clone(keys)
		rand.New(rand.NewPCG(1, 2)).Shuffle(len(keys), func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
		cases[name+", shuffled"] = shuffled
	}
	check := func(what string, r engine.Reader, m map[string]string) {
		t.Helper()
		for name, names := range cases {
			keys, vals := make([][]byte, len(names)), make([][]byte, len(names))
			want := make([]string, len(names))
			for i, k := range names {
				keys[i], vals[i], want[i] = []byte(k), []byte("left over"), m[k]
			}
			must(t, what+": "+name, r.GetMany(ctx, keys, vals))
			got := make([]string, len(names))
			for i, v := range vals {
				got[i] = string(v)
				if v != nil && len(v) == 0 {
					t.Errorf("%s: %s: %s is there and empty", what, name, keys[i])
				}
				// They are the caller's own, each by itself.
				_ = append(v, "spoilt"...)
				for j := range v {
					v[j] = '!'
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("%s: %s (-want +got):\n%s", what, name, diff)
			}
		}
	}
	check("engine", e, m)
	for name, o := range map[string]engine.TxOptions{"transaction": {}, "reads that may differ": {Hint: mayDiffer(true)}, "reads that may conflict": {Hint: mayConflict}} {
		must(t, "Update", Update(ctx, e, o, func(ctx context.Context, tx engine.Tx) error {
			check(name, tx, m)
			own := maps.Clone(m)
			for i := 0; i < rows; i += step {
				own[key(i)] = "new"
				must(t, "Put", tx.Put([]byte(key(i)), []byte("new")))
				delete(own, key(i+9))
				must(t, "Delete", tx.Delete([]byte(key(i+9))))
			}
			check(name+" that has written", tx, own)
			return nil
		}))
		for i := 0; i < rows; i += step {
			m[key(i)] = "new"
			delete(m, key(i+9))
		}
		check("engine after a "+name, e, m)
	}
	must(t, "Close", snap.Close())
	names := cases["all"]
	keys := make([][]byte, len(names))
	for i, k := range names {
		keys[i] = []byte(k)
	}
	wantErr(t, "GetMany of a closed snapshot", snap.GetMany(ctx, keys, make([][]byte, len(keys))), engine.ErrClosed)
}

func testBatch(t *testing.T, e engine.Engine) {
	b := e.NewBatch()
	if b.Len() != 0 || b.Size() != 0 {
		t.Errorf("new batch: Len %d, Size %d", b.Len(), b.Size())
	}
	must(t, "Write of an empty batch", e.Write(ctx, b, engine.WriteOptions{Sync: true}))
	b.Put([]byte("a"), []byte("11"))
	b.Put([]byte("bb"), []byte("2"))
	b.Delete([]byte("a"))
	b.Put([]byte("c"), []byte("3"))
	b.Delete([]byte("c"))
	b.Put([]byte("c"), []byte("4"))
	if b.Len() != 6 || b.Size() != 3+3+1+2+1+2 {
		t.Errorf("batch: Len %d, Size %d, want 6, 12", b.Len(), b.Size())
	}
	must(t, "Write", e.Write(ctx, b, engine.WriteOptions{}))
	want := []string{"bb=2", "c=4"}
	wantWalk(t, "the last operation on a key counts", e, span("", ""), want...)

	must(t, "Write again", e.Write(ctx, b, engine.WriteOptions{Sync: true}))
	wantWalk(t, "a batch can be written twice", e, span("", ""), want...)

	b.Reset()
	if b.Len() != 0 || b.Size() != 0 {
		t.Errorf("batch after Reset: Len %d, Size %d", b.Len(), b.Size())
	}
	b.Put([]byte("d"), []byte("5"))
	must(t, "Write after Reset", e.Write(ctx, b, engine.WriteOptions{}))
	wantWalk(t, "a batch can be used again", e, span("", ""), append(want, "d=5")...)

	b.Reset()
	many := most(e, 5000, 10)
	for i := range many {
		b.Put(fmt.Appendf(nil, "n%05d", (i*7919)%many), fmt.Appendf(nil, "%d", i))
	}
	must(t, "Write of many", e.Write(ctx, b, engine.WriteOptions{}))
	if n := len(walk(t, e, span("n", "o"), -1)); n != many {
		t.Errorf("a batch of %d pairs left %d", many, n)
	}
}

// foreign is a batch that no engine has made.
type foreign struct{}

func (foreign) Put(key, value []byte) {}
func (foreign) Delete(key []byte)     {}
func (foreign) Len() int              { return 1 }
func (foreign) Size() int             { return 1 }
func (foreign) Reset()                {}

func testForeignBatch(t *testing.T, e engine.Engine) {
	wantErr(t, "Write of a foreign batch", e.Write(ctx, foreign{}, engine.WriteOptions{}), engine.ErrInvalid)
	wantErr(t, "Write of no batch", e.Write(ctx, nil, engine.WriteOptions{}), engine.ErrInvalid)
}

func testSnapshot(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1", "b", "2")
	one, err := e.Snapshot(ctx)
	must(t, "Snapshot", err)
	it := one.Iterate(ctx, span("", ""))
	put(t, e, "a", "9", "c", "3")
	del(t, e, "b")
	two, err := e.Snapshot(ctx)
	must(t, "Snapshot", err)
	put(t, e, "d", "4")

	wantWalk(t, "first snapshot", one, span("", ""), "a=1", "b=2")
	wantWalk(t, "first snapshot, reverse", one, backward(span("", "")), "b=2", "a=1")
	wantGet(t, one, "a", "1")
	wantGet(t, one, "c", "-")
	wantWalk(t, "second snapshot", two, span("", ""), "a=9", "c=3")
	wantWalk(t, "latest", e, span("", ""), "a=9", "c=3", "d=4")
	var got []string
	for it.Next() {
		got = append(got, string(it.Key()))
	}
	must(t, "Close of the iterator", it.Close())
	if diff := cmp.Diff([]string{"a", "b"}, got); diff != "" {
		t.Errorf("iterator opened before the changes (-want +got):\n%s", diff)
	}

	must(t, "Close", one.Close())
	must(t, "Close twice", one.Close())
	_, err = one.Get(ctx, []byte("a"))
	wantErr(t, "Get of a closed snapshot", err, engine.ErrClosed)
	_, err = one.Has(ctx, []byte("a"))
	wantErr(t, "Has of a closed snapshot", err, engine.ErrClosed)
	wantErr(t, "GetMany of a closed snapshot", one.GetMany(ctx, [][]byte{[]byte("a")}, make([][]byte, 1)), engine.ErrClosed)
	_, err = tryWalk(one, span("", ""), -1)
	wantErr(t, "Iterate of a closed snapshot", err, engine.ErrClosed)
	wantGet(t, two, "a", "9")
	must(t, "Close", two.Close())
}

func testSizer(t *testing.T, e engine.Engine) {
	s, ok := e.(engine.Sizer)
	if !ok {
		t.Skip("the engine is no Sizer")
	}
	put(t, e, "a", "1")
	for _, r := range []engine.Range{span("", ""), span("a", ""), span("", "b"), span("x", "y"), span("y", "x")} {
		n, err := s.ApproximateSize(ctx, r.Start, r.End)
		if err != nil || n < 0 {
			t.Errorf("ApproximateSize %q to %q: %d, %v", r.Start, r.End, n, err)
		}
	}
	must(t, "Close", e.Close())
	_, err := s.ApproximateSize(ctx, nil, nil)
	wantErr(t, "ApproximateSize after Close", err, engine.ErrClosed)
}
