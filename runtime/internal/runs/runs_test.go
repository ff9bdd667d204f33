package runs

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"slices"
	"testing"

	"pgregory.net/rapid"
)

type pair struct{ key, value string }

func sorted(t rapid.TB, s *Sorter) (out []pair, err error) {
	t.Helper()
	m, err := s.Sorted()
	if err != nil {
		t.Fatal(err)
	}
	for m.Next() {
		out = append(out, pair{string(m.Key()), string(m.Value())})
	}
	if m.Next() {
		t.Fatal("it goes on behind its end")
	}
	return out, m.Close()
}

// What goes in comes out in the order of the keys, however little memory there is.
func TestSorter(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		s := New(rapid.SampledFrom([]int{1, 100, 1000, 1 << 20}).Draw(t, "memory"), dir)
		var want []pair
		common := rapid.SampledFrom([]string{"", "k", "a longer beginning"}).Draw(t, "common")
		for range rapid.IntRange(0, 60).Draw(t, "pairs") {
			p := pair{common + rapid.StringMatching(`a{0,12}[ab]{0,3}`).Draw(t, "key"), rapid.String().Draw(t, "value")}
			want = append(want, p)
			mem := []byte(p.key)
			if err := s.Add(mem, []byte(p.value)); err != nil {
				t.Fatal(err)
			}
			clear(mem) // which is the caller's
			if size := len(s.mem) + itemSize*len(s.items); size > s.most && len(s.items) > 1 {
				t.Fatalf("%d bytes in memory, and %d are allowed", size, s.most)
			}
		}
		got, err := sorted(t, s)
		if err != nil {
			t.Fatal(err)
		}
		order := func(a, b pair) int { return cmp.Or(cmp.Compare(a.key, b.key), cmp.Compare(a.value, b.value)) }
		slices.SortFunc(want, order)
		if !slices.Equal(got, want) {
			t.Fatalf("got %q, want %q", got, want)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		if left, err := os.ReadDir(dir); err != nil || len(left) > 0 {
			t.Fatalf("files are left: %v, %v", left, err)
		}
	})
}

// A file that was changed meanwhile is noticed, wherever that was.
func TestSorterDamage(t *testing.T) {
	for at := range 40 {
		s := New(1, t.TempDir())
		for i := range 3 {
			if err := s.Add(fmt.Appendf(nil, "key%d", i), bytes.Repeat([]byte{byte(i)}, 20)); err != nil {
				t.Fatal(err)
			}
		}
		f := s.runs[0]
		var b [1]byte
		n, _ := f.ReadAt(b[:], int64(at))
		if n == 0 {
			return // behind its end
		}
		b[0] ^= 0x41
		if _, err := f.WriteAt(b[:], int64(at)); err != nil {
			t.Fatal(err)
		}
		if _, err := sorted(t, s); err == nil {
			t.Errorf("byte %d was changed, and nothing noticed", at)
		}
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
	}
}

func TestSorterNoFolder(t *testing.T) {
	s := New(1, t.TempDir()+"/none")
	if err := s.Add([]byte("a"), nil); err != nil {
		t.Fatal(err)
	}
	if err := s.Add([]byte("b"), nil); !os.IsNotExist(err) {
		t.Errorf("the error is %v", err)
	}
}
