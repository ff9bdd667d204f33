package sqlstore

import (
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/decimal"
	"pgregory.net/rapid"
)

// Texts that are numbers are compared as numbers, by the syntax that decimals have.
func TestCompareDecimals(t *testing.T) {
	order := []string{
		"-1e999999999999999999", "-100", "-99.5", "-1", "-1e-400", "0", "1e-400", "5e-324", "0.001", "0.05", ".5", "1", "1.000000000000000000000000000000000000000001",
		"2", "9", "10", "10.5", "123456789012345678901234567890123456789012345678901234567890", "1e999999999999999999", "", "+", "-", ".", "1e", "1e+", "1x", "NaN", "x",
	}
	for i, a := range order {
		for j, b := range order {
			want := max(-1, min(1, i-j))
			if i >= slices.Index(order, "") && j >= slices.Index(order, "") {
				want = strings.Compare(a, b) // no numbers
			}
			if got := compareDecimals([]byte(a), []byte(b)); got != want {
				t.Errorf("%q and %q: %d, want %d", a, b, got, want)
			}
		}
	}
	for _, same := range [][]string{
		{"0", "-0", "+0.00", "0e5", ".0"}, {"1.5", "1.50", "+01.5", "15e-1", "0.15e1", "150.0e-2"}, {"-100", "-1e2", "-1.00e+2", "-.1e3"},
	} {
		for _, a := range same {
			for _, b := range same {
				if got := compareDecimals([]byte(a), []byte(b)); got != 0 {
					t.Errorf("%q and %q: %d", a, b, got)
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		texts := rapid.StringMatching(`[-+]?0{0,2}[0-9]{0,5}(\.[0-9]{0,4})?0{0,2}(e[-+]?[0-9])?`)
		a, b := texts.Draw(t, "a"), texts.Draw(t, "b")
		x, errX := decimal.Parse(a)
		y, errY := decimal.Parse(b)
		if errX != nil || errY != nil {
			if _, ok := readNumber([]byte(a)); ok != (errX == nil) {
				t.Fatalf("%q: %t, %v", a, ok, errX)
			}
			return
		}
		want := x.Cmp(y)
		if exact := x.Rat().Cmp(y.Rat()); exact != want {
			t.Fatal("decimals", exact, want)
		}
		if got := compareDecimals([]byte(a), []byte(b)); got != want {
			t.Fatalf("%q and %q: %d, want %d", a, b, got, want)
		}
	})
}
