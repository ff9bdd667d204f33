package enginetest

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/engine"
	"pgregory.net/rapid"
)

// model is what an engine ought to hold.
type model map[string]string

// walk returns the pairs of a range as an iterator ought to show them.
func (m model) walk(r engine.Range) []string {
	var pairs []string
	for _, k := range slices.Sorted(maps.Keys(m)) {
		if k >= string(r.Start) && (r.End == nil || k < string(r.End)) {
			pairs = append(pairs, k+"="+m[k])
		}
	}
	if r.Reverse {
		slices.Reverse(pairs)
	}
	return pairs
}

// check compares a reader with the model by one random read.
func (m model) check(t *rapid.T, name string, r engine.Reader) {
	if rapid.Bool().Draw(t, "iterate") {
		rng := drawRange(t)
		n := rapid.SampledFrom([]int{-1, -1, 0, 1, 2, 5}).Draw(t, "n")
		want := m.walk(rng)
		if n >= 0 && n < len(want) {
			want = want[:n]
		}
		got, err := tryWalk(r, rng, n)
		if err != nil {
			t.Fatalf("%s: Iterate: %v", name, err)
		}
		if len(want)+len(got) > 0 && !slices.Equal(want, got) {
			t.Fatalf("%s: first %d of %q to %q, reverse=%v (-want +got):\n%s", name, n, rng.Start, rng.End, rng.Reverse, cmp.Diff(want, got))
		}
		return
	}
	key := drawKey(t)
	want, there := m[key]
	v, err := r.Get(ctx, []byte(key))
	if there != (err == nil) || !there && !errors.Is(err, engine.ErrNotFound) || string(v) != want {
		t.Fatalf("%s: Get %q = %q, %v, want %q", name, key, v, err, want)
	}
	has, err := r.Has(ctx, []byte(key))
	if has != there || err != nil {
		t.Fatalf("%s: Has %q = %v, %v, want %v", name, key, has, err, there)
	}
	m.checkMany(t, name, r)
}

// checkMany compares a reader with the model by one GetMany, of keys in some order.
func (m model) checkMany(t *rapid.T, name string, r engine.Reader) {
	names := rapid.SliceOfN(rapid.SampledFrom(append([]string{"\x7f"}, modelKeys...)), 0, 40).Draw(t, "keys")
	switch rapid.SampledFrom([]string{"", "sorted", "reverse"}).Draw(t, "order") {
	case "sorted":
		slices.Sort(names)
	case "reverse":
		slices.SortFunc(names, func(a, b string) int { return strings.Compare(b, a) })
	}
	keys, vals := make([][]byte, len(names)), make([][]byte, len(names))
	for i, k := range names {
		keys[i], vals[i] = []byte(k), []byte("left over")
	}
	if err := r.GetMany(ctx, keys, vals); err != nil {
		t.Fatalf("%s: GetMany: %v", name, err)
	}
	for i, k := range names {
		if want, there := m[k]; (vals[i] != nil) != there || string(vals[i]) != want {
			t.Fatalf("%s: GetMany of %q: %q is %q, want %q", name, names, k, vals[i], want)
		}
	}
}

// write makes a few random writes, to w and to the model.
func (m model) write(t *rapid.T, w writer) {
	for range rapid.IntRange(0, 6).Draw(t, "writes") {
		key := drawKey(t)
		if rapid.IntRange(0, 2).Draw(t, "delete") == 0 {
			w.Delete([]byte(key))
			delete(m, key)
		} else {
			val := rapid.StringMatching(`[a-z]{1,6}`).Draw(t, "val")
			w.Put([]byte(key), []byte(val))
			m[key] = val
		}
	}
}

// Few keys, so that they meet, and some that are prefixes of others.
var modelKeys = []string{"\x00", "\x00\x00", "a", "a\x00", "ab", "abc", "b", "b\xff", "c", "d", "e", "\xff", "\xff\xff"}

func drawKey(t *rapid.T) string { return rapid.SampledFrom(modelKeys).Draw(t, "key") }

func drawBound(t *rapid.T, name string) []byte {
	return bytesOf(rapid.SampledFrom(append([]string{"", ""}, modelKeys...)).Draw(t, name))
}

func drawRange(t *rapid.T) engine.Range {
	return engine.Range{
		Start:   drawBound(t, "start"),
		End:     drawBound(t, "end"),
		Reverse: rapid.Bool().Draw(t, "reverse"),
		Limit:   rapid.IntRange(0, 3).Draw(t, "limit"),
	}
}

var errRandom = errors.New("random")

// testModel runs random programs on an engine and on a plain map.
func (s *suite) testModel(tt *testing.T) {
	rapid.Check(tt, func(t *rapid.T) {
		e := s.open(tt)
		defer func() {
			if err := e.Close(); err != nil {
				t.Errorf("Close: %v", err)
			}
		}()
		m := model{}
		type still struct {
			snap engine.Snapshot
			m    model
		}
		var snaps []still
		steps := map[string]func(t *rapid.T){
			"": func(t *rapid.T) {
				m.check(t, "engine", e)
				for i, s := range snaps {
					s.m.check(t, fmt.Sprintf("snapshot %d", i), s.snap)
				}
			},
			"write": func(t *rapid.T) {
				b := e.NewBatch()
				m.write(t, b)
				if err := e.Write(ctx, b, engine.WriteOptions{}); err != nil {
					t.Fatalf("Write: %v", err)
				}
			},
			"update": func(t *rapid.T) {
				o := engine.TxOptions{
					Hint:      mayDiffer(rapid.Bool().Draw(t, "may differ")),
					Exclusive: rapid.IntRange(0, 4).Draw(t, "exclusive") == 0,
				}
				abort := rapid.IntRange(0, 4).Draw(t, "abort") == 0
				after := maps.Clone(m)
				err := Update(ctx, e, o, func(ctx context.Context, tx engine.Tx) error {
					for range rapid.IntRange(1, 4).Draw(t, "rounds") {
						a := &adder{tx: tx}
						after.write(t, a)
						if a.err != nil {
							return a.err
						}
						after.check(t, "transaction", tx)
					}
					m.check(t, "engine beside a transaction", e)
					if abort {
						return errRandom
					}
					return nil
				})
				switch {
				case abort && err == errRandom:
				case err != nil || abort:
					t.Fatalf("Update: %v (abort %v)", err, abort)
				default:
					m = after
				}
			},
			"clear": func(t *rapid.T) { m.clear(t, e) },
			"snapshot": func(t *rapid.T) {
				if len(snaps) == 3 {
					if err := snaps[0].snap.Close(); err != nil {
						t.Fatalf("Close of a snapshot: %v", err)
					}
					snaps = snaps[1:]
				}
				snap, err := e.Snapshot(ctx)
				if err != nil {
					t.Fatalf("Snapshot: %v", err)
				}
				snaps = append(snaps, still{snap, maps.Clone(m)})
			},
		}
		if s.reopen != nil {
			steps["reopen"] = func(t *rapid.T) {
				for _, s := range snaps {
					if err := s.snap.Close(); err != nil {
						t.Fatalf("Close of a snapshot: %v", err)
					}
				}
				snaps = nil
				e = s.reopen(tt, e)
			}
		}
		t.Repeat(steps)
	})
}

// testReopen: what was committed is there after opening again, synced or not.
func (s *suite) testReopen(t *testing.T) {
	e := s.open(t)
	fill(t, e, engine.WriteOptions{Sync: true}, func(w writer) {
		for i := range 2000 {
			w.Put(fmt.Appendf(nil, "k%04d", i), numBytes(uint64(i)))
		}
	})
	must(t, "Update", Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		if err := tx.Delete([]byte("k0007")); err != nil {
			return err
		}
		return tx.Put([]byte("last"), []byte("unsynced"))
	}))
	err := Update(ctx, e, engine.TxOptions{}, func(ctx context.Context, tx engine.Tx) error {
		must(t, "Put", tx.Put([]byte("never"), []byte("committed")))
		return errAborted
	})
	wantErr(t, "Update", err, errAborted)
	want := walk(t, e, span("", ""), -1)
	for range 3 {
		e = s.reopen(t, e)
		wantWalk(t, "after reopening", e, span("", ""), want...)
		wantGet(t, e, "never", "-")
	}
	must(t, "Close", e.Close())
}
