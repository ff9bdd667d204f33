package inputs

import (
	"bytes"
	"reflect"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// A file of a corpus is read as it is written.
func TestFiles(t *testing.T) {
	for _, args := range [][]any{
		{[]byte("a\x00\xff\n"), "é\"", int64(-5), uint64(1) << 63},
		{[]byte{}},
		{""},
	} {
		got, err := parse([]byte(format(args)))
		if err != nil || !cmp.Equal(args, got) {
			t.Errorf("%s: %v, %v", format(args), got, err)
		}
	}
	for _, text := range []string{"", "go test fuzz v2\n", fileHead + "float32(1)\n", fileHead + "string(x)\n"} {
		if got, err := parse([]byte(text)); err == nil {
			t.Errorf("%q is read as %v", text, got)
		}
	}
}

// Only what a target takes is kept of a corpus.
func TestFits(t *testing.T) {
	fn := reflect.TypeOf(func(*testing.T, []byte, int64) {})
	for _, c := range []struct {
		args []any
		want bool
	}{
		{[]any{[]byte{1}, int64(1)}, true},
		{[]any{"a", int64(1)}, false},
		{[]any{[]byte{1}}, false},
	} {
		if fits(c.args, fn) != c.want {
			t.Errorf("fits(%v) is %v", c.args, !c.want)
		}
	}
	if !fits(zeros(fn), fn) {
		t.Error("zeros do not fit")
	}
}

// The same number gives the same inputs, another gives others; seeds stay as
// they are; and the estimate of how many differ is close.
func TestMutator(t *testing.T) {
	first := []byte("the quick brown fox")
	seeds := [][]any{{first, "x", int64(1), uint64(2)}, {[]byte{}, "", int64(0), uint64(0)}}
	a, b, c := newMutator(1, seeds), newMutator(1, seeds), newMutator(2, seeds)
	distinct, same := map[string]bool{}, 0
	longest := 0
	for range 20000 {
		x, y, z := a.next(), b.next(), c.next()
		if !cmp.Equal(x, y) {
			t.Fatalf("%v and %v follow from one number", x, y)
		}
		if cmp.Equal(x, z) {
			same++
		}
		distinct[format(x)] = true
		longest = max(longest, len(x[0].([]byte)))
	}
	if same > 2000 {
		t.Errorf("two numbers have %d inputs of 20000 in common", same)
	}
	if n := a.different(); n < len(distinct)*99/100 || n > len(distinct)*101/100 {
		t.Errorf("%d inputs differ, the estimate is %d", len(distinct), n)
	}
	if len(distinct) < 18000 {
		t.Errorf("only %d of 20000 inputs differ", len(distinct))
	}
	if longest <= len(first) || longest > a.most {
		t.Errorf("the longest input has %d bytes", longest)
	}
	if !bytes.Equal(first, []byte("the quick brown fox")) {
		t.Error("a seed was changed")
	}
}

// FuzzSelf runs with the flag and without it.
func FuzzSelf(f *testing.F) {
	in := New(f)
	in.Add([]byte("ab"), int64(3))
	in.Fuzz(func(t *testing.T, b []byte, n int64) {
		got, err := parse([]byte(format([]any{b, n})))
		if err != nil || !bytes.Equal(got[0].([]byte), b) || got[1] != n {
			t.Errorf("%q, %d came back as %v, %v", b, n, got, err)
		}
	})
}
