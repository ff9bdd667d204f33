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

func testIterate(t *testing.T, e engine.Engine) {
	wantWalk(t, "empty engine", e, span("", ""))
	wantWalk(t, "empty engine, reverse", e, backward(span("", "")))

	// More pairs than an engine is likely to fetch at once.
	var all []string
	fill(t, e, engine.WriteOptions{}, func(w writer) {
		for i := range 1000 {
			k := fmt.Sprintf("k%04d", i)
			w.Put([]byte(k), []byte("v"+k))
			all = append(all, k+"=v"+k)
		}
	})
	of := readers(t, e)
	const k0, k10, k990 = "k0000", "k0010", "k0990"

	for _, c := range []struct {
		name string
		rng  engine.Range
		want []string
	}{
		{"all", span("", ""), all},
		{"from a key", span(k10, ""), all[10:]},
		{"to a key", span("", k10), all[:10]},
		{"between", span(k10, k990), all[10:990]},
		{"bounds between keys", span("k0009x", "k0010x"), all[10:11]},
		{"one key", span(k10, k10+"\x00"), all[10:11]},
		{"before all", span("", k0), nil},
		{"behind all", span("l", ""), nil},
		{"no room", span(k10, k10), nil},
		{"bounds crossed", span(k990, k10), nil},
		{"end before every key", engine.Range{End: []byte{}}, nil},
		{"empty start", engine.Range{Start: []byte{}, End: []byte(k10)}, all[:10]},
		{"limit is a hint", engine.Range{Start: []byte(k10), Limit: 3}, all[10:]},
	} {
		for name, r := range of {
			wantWalk(t, name+": "+c.name, r, c.rng, c.want...)
			down := slices.Clone(c.want)
			slices.Reverse(down)
			wantWalk(t, name+": "+c.name+", reverse", r, backward(c.rng), down...)
		}
	}
	keys := walk(t, e, engine.Range{Start: []byte("k0998"), KeysOnly: true}, -1)
	if diff := cmp.Diff([]string{"k0998", "k0999"}, keys); diff != "" {
		t.Errorf("keys only (-want +got):\n%s", diff)
	}
	must(t, "Update", Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		keys := walk(t, tx, engine.Range{Start: []byte("k0998"), KeysOnly: true, Reverse: true}, -1)
		if diff := cmp.Diff([]string{"k0999", "k0998"}, keys); diff != "" {
			t.Errorf("transaction, keys only (-want +got):\n%s", diff)
		}
		return nil
	}))
}

// readers returns the engine and a snapshot, which the test's end closes.
func readers(t *testing.T, e engine.Engine) map[string]engine.Reader {
	snap, err := e.Snapshot(ctx)
	must(t, "Snapshot", err)
	t.Cleanup(func() { snap.Close() })
	return map[string]engine.Reader{"engine": e, "snapshot": snap}
}

func testIteratorEnds(t *testing.T, e engine.Engine) {
	put(t, e, "a", "1", "b", "2", "c", "3")
	check := func(name string, r engine.Reader) {
		t.Helper()
		for _, reverse := range []bool{false, true} {
			it := r.Iterate(ctx, engine.Range{Reverse: reverse})
			for range 3 {
				if !it.Next() {
					t.Fatalf("%s: Next is false before the end: %v", name, it.Err())
				}
			}
			for range 2 {
				if it.Next() {
					t.Errorf("%s: Next is true behind the end", name)
				}
			}
			if it.Key() != nil || it.Value() != nil {
				t.Errorf("%s: there is a pair behind the end", name)
			}
			must(t, name+": Err at the end", it.Err())
			must(t, name+": Close", it.Close())
			must(t, name+": Close twice", it.Close())

			it = r.Iterate(ctx, engine.Range{Reverse: reverse})
			if !it.Next() {
				t.Fatalf("%s: Next is false: %v", name, it.Err())
			}
			must(t, name+": Close on the way", it.Close())
			if it.Next() {
				t.Errorf("%s: Next is true after Close", name)
			}
			if it.Key() != nil || it.Value() != nil {
				t.Errorf("%s: there is a pair after Close", name)
			}
			must(t, name+": Err after Close", it.Err())

			it = r.Iterate(ctx, engine.Range{Reverse: reverse})
			must(t, name+": Close before Next", it.Close())
			if it.Next() {
				t.Errorf("%s: Next is true after Close", name)
			}
		}
	}
	for name, r := range readers(t, e) {
		check(name, r)
	}
	must(t, "Update", Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		check("transaction", tx)
		if err := tx.Put([]byte("b"), []byte("own")); err != nil {
			return err
		}
		check("transaction with writes", tx)
		return nil
	}))
}

// testTake walks by engine.Take, with steps between, and sees what steps alone do.
func testTake(t *testing.T, e engine.Engine) {
	var kv []string
	for i := range 50 {
		kv = append(kv, fmt.Sprintf("k%02d", i), fmt.Sprint(i))
	}
	put(t, e, kv...)
	check := func(name string, r engine.Reader) {
		t.Helper()
		for _, rng := range []engine.Range{{}, {Reverse: true}, {Start: []byte("k10"), End: []byte("k31")}, {Start: []byte("x")}} {
			want := walk(t, r, rng, -1)
			for n := 1; n <= 60; n += 7 {
				var got []string
				it := r.Iterate(ctx, rng)
				add := func(key, value []byte) bool {
					got = append(got, string(key)+"="+string(value))
					return len(got)%5 != 0 // sometimes it has enough
				}
				for more := true; more; {
					before := len(got)
					more = engine.Take(it, n, add)
					if taken := len(got) - before; taken > n || more && taken < n && len(got)%5 != 0 {
						t.Fatalf("%s: Take(%d) took %d and says %v", name, n, taken, more)
					}
					if more && it.Next() {
						got = append(got, string(it.Key())+"="+string(it.Value()))
					}
				}
				must(t, "Close", it.Close())
				if engine.Take(it, 1, add) {
					t.Errorf("%s: Take goes on after Close", name)
				}
				if diff := cmp.Diff(want, got); diff != "" {
					t.Fatalf("%s: by %d (-steps +Take):\n%s", name, n, diff)
				}
			}
		}
	}
	for name, r := range readers(t, e) {
		check(name, r)
	}
	must(t, "Update", Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		must(t, "Put", tx.Put([]byte("k15x"), []byte("own")))
		must(t, "Delete", tx.Delete([]byte("k20")))
		check("transaction", tx)
		return nil
	}))

	done, cancel := context.WithCancel(ctx)
	it := e.Iterate(done, engine.Range{})
	defer it.Close()
	cancel()
	if engine.Take(it, 3, func(_, _ []byte) bool { return true }) || !errors.Is(it.Err(), context.Canceled) {
		t.Errorf("Take after the context's end: %v, want %v", it.Err(), context.Canceled)
	}
}
