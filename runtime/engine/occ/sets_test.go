package occ

import (
	"bytes"
	"fmt"
	"hash/maphash"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/engine"
	"pgregory.net/rapid"
)

// TestWriteSetModel compares a write set, and cursors over it that stay open
// while it grows, with plain maps.
func TestWriteSetModel(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		// Many keys in some runs, so that chunks split; few in others, so that
		// they are overwritten.
		space := rapid.SampledFrom([]int{5, 50, 3000}).Draw(t, "space")
		key := func(name string) []byte {
			return fmt.Appendf(nil, "%04d", rapid.IntRange(0, space).Draw(t, name))
		}
		bound := func(name string) []byte {
			if rapid.IntRange(0, 3).Draw(t, name+"?") == 0 {
				return nil
			}
			return key(name)
		}
		s := writeSet{keys: &keySet{seed: maphash.MakeSeed()}}
		s.reserve(rapid.SampledFrom([]int{0, 20, 900}).Draw(t, "room"))
		m := map[string]string{}
		type open struct {
			cur  writeCursor
			want []string
		}
		var cursors []open
		if rapid.Bool().Draw(t, "prefill") {
			step := rapid.SampledFrom([]int{1, 7, 2999}).Draw(t, "step")
			for i := range space {
				k := fmt.Appendf(nil, "%04d", (i*step)%space)
				s.add(k, []byte("0"))
				m[string(k)] = "0"
			}
		}
		show := func(k, v string) string { return k + "=" + v }
		advance := func(o *open) {
			if len(o.want) == 0 {
				if o.cur.there {
					t.Fatalf("the cursor shows %q behind its end", o.cur.key)
				}
				return
			}
			if !o.cur.there {
				t.Fatalf("the cursor ends before %q", o.want)
			}
			v := "deleted"
			if o.cur.val != nil {
				v = string(o.cur.val)
			}
			if got := show(string(o.cur.key), v); got != o.want[0] {
				t.Fatalf("the cursor shows %s, want %s", got, o.want[0])
			}
			o.want = o.want[1:]
			o.cur.next()
		}
		t.Repeat(map[string]func(t *rapid.T){
			"put": func(t *rapid.T) {
				k, v := key("key"), rapid.StringMatching(`[a-z]{1,3}`).Draw(t, "val")
				s.add(k, []byte(v))
				m[string(k)] = v
			},
			"delete": func(t *rapid.T) {
				k := key("key")
				s.add(k, nil)
				m[string(k)] = "deleted"
			},
			"get": func(t *rapid.T) {
				k := key("key")
				val, ok := s.get(s.keys.find(s.keys.hash(k), k))
				want, there := m[string(k)]
				if ok != there || ok && want != "deleted" && string(val) != want || ok && (val == nil) != (want == "deleted") {
					t.Fatalf("get %s: %q, want %q", k, val, want)
				}
			},
			"open": func(t *rapid.T) {
				r := engine.Range{Start: bound("start"), End: bound("end"), Reverse: rapid.Bool().Draw(t, "reverse")}
				if emptyRange(r) {
					t.Skip("no key can be in the range")
				}
				var want []string
				for k, v := range m {
					if k >= string(r.Start) && (r.End == nil || k < string(r.End)) {
						want = append(want, show(k, v))
					}
				}
				slices.Sort(want)
				if r.Reverse {
					slices.Reverse(want)
				}
				cursors = append(cursors, open{newWriteCursor(&s, r), want})
			},
			"advance": func(t *rapid.T) {
				for i := range cursors {
					advance(&cursors[i])
				}
			},
			"": func(t *rapid.T) {
				live := 0
				for k, v := range m {
					live += len(k)
					if v != "deleted" {
						live += len(v)
					}
				}
				if s.keys.written != len(m) || s.live != live {
					t.Fatalf("%d keys, %d bytes, want %d, %d", s.keys.written, s.live, len(m), live)
				}
			},
		})
		for i := range cursors {
			for len(cursors[i].want) > 0 {
				advance(&cursors[i])
			}
			advance(&cursors[i])
		}
		var keys []string
		for _, c := range s.order.chunks {
			if len(c) == 0 || len(c) > chunkMax {
				t.Fatalf("a chunk of %d", len(c))
			}
			for _, i := range c {
				keys = append(keys, string(s.keys.key(i)))
			}
		}
		if s.order.built && len(keys) != len(m) {
			t.Fatalf("%d keys are in order, want %d", len(keys), len(m))
		}
		if !slices.IsSorted(keys) {
			t.Fatalf("keys are out of order: %q", keys)
		}
	})
}

// TestReadSetModel compares overlap with a look at every key.
func TestReadSetModel(t *testing.T) {
	seed := maphash.MakeSeed()
	rapid.Check(t, func(t *rapid.T) {
		key := rapid.Custom(func(t *rapid.T) []byte {
			return fmt.Appendf(nil, "%03d", rapid.IntRange(0, 400).Draw(t, "key"))
		})
		rs := keySet{seed: seed}
		read1 := func(k []byte) {
			h := rs.hash(k)
			rs.read(rs.find(h, k), h, k)
		}
		if rapid.Bool().Draw(t, "used before") {
			for i := range 300 {
				read1(fmt.Appendf(nil, "%03d", i%200))
			}
			rs.reset()
		}
		points := map[string]bool{}
		n := rapid.SampledFrom([]int{0, 1, 3, 200}).Draw(t, "points")
		for range n {
			k := key.Draw(t, "point")
			read1(k)
			points[string(k)] = true
		}
		if len(rs.uses) != len(points) {
			t.Fatalf("%d points are kept of %d keys", len(rs.uses), len(points))
		}
		type bounds struct{ start, end []byte }
		var spans []bounds
		readSpan := func() {
			b := bounds{key.Draw(t, "start"), key.Draw(t, "end")}
			switch rapid.IntRange(0, 4).Draw(t, "kind") {
			case 0:
				b.start = nil
			case 1:
				b.end = nil
			case 2:
				rs.spans.addThrough(b.start, b.end)
				b.end = append(b.end, 0)
				spans = append(spans, b)
				return
			}
			rs.spans.add(b.start, b.end)
			spans = append(spans, b)
		}
		for range rapid.IntRange(0, 4).Draw(t, "spans") {
			readSpan()
		}
		for range rapid.SampledFrom([]int{0, 3, 100}).Draw(t, "own writes") { // which are not read by that
			rs.write(key.Draw(t, "own"), 0)
		}
		keys := rapid.SliceOfN(key, 0, 30).Draw(t, "keys")
		written := keySet{seed: seed}
		for _, k := range keys {
			written.write(k, 0)
		}
		for range rapid.SampledFrom([]int{0, 3, 40}).Draw(t, "read by the other") {
			k := key.Draw(t, "its point")
			h := written.hash(k)
			written.read(written.find(h, k), h, k)
		}
		read := func(k []byte) bool {
			if points[string(k)] {
				return true
			}
			for _, b := range spans {
				if bytes.Compare(k, b.start) >= 0 && (b.end == nil || bytes.Compare(k, b.end) < 0) {
					return true
				}
			}
			return false
		}
		// It is asked in the middle of a transaction too, which reads on.
		for range 3 {
			want := slices.ContainsFunc(keys, read)
			got := rs.readOf(&written)
			if got != nil && !slices.ContainsFunc(keys, func(k []byte) bool { return bytes.Equal(k, got) }) {
				t.Fatalf("overlap is %q, which was not written", got)
			}
			if (got != nil) != want || got != nil && !read(got) {
				t.Fatalf("overlap is %q, want one: %v", got, want)
			}
			for range rapid.SampledFrom([]int{1, 5, 100}).Draw(t, "more points") {
				k := key.Draw(t, "point")
				read1(k)
				points[string(k)] = true
			}
			for range rapid.IntRange(0, 2).Draw(t, "more spans") {
				readSpan()
			}
		}
	})
}

func TestMeets(t *testing.T) {
	seed := maphash.MakeSeed()
	// Capitals are only read, for which nobody who writes is in the way.
	set := func(s string) *keySet {
		ks := &keySet{seed: seed}
		for _, c := range []byte(s) {
			k := bytes.ToLower([]byte{c})
			if c >= 'a' {
				ks.write(k, 0)
				continue
			}
			h := ks.hash(k)
			ks.read(ks.find(h, k), h, k)
		}
		return ks
	}
	for _, c := range []struct {
		a, b string
		want bool
	}{
		{"", "", false}, {"a", "", false}, {"a", "a", true}, {"a", "b", false},
		{"ace", "bdf", false}, {"ace", "bdef", true}, {"abcdefg", "g", true}, {"a", "abcdefg", true},
		{"A", "a", false}, {"A", "A", false}, {"Aa", "a", true}, {"aB", "Ab", false}, {"ABCd", "abcD", false},
		{"abcdefghijklmnopqrstuvwxyz", "x", true}, {"abcdefghijklmnopqrstuvwXyz", "x", false},
	} {
		got := []bool{set(c.a).meets(set(c.b)), set(c.b).meets(set(c.a))}
		if diff := cmp.Diff([]bool{c.want, c.want}, got); diff != "" {
			t.Errorf("%q and %q (-want +got):\n%s", c.a, c.b, diff)
		}
	}
}
