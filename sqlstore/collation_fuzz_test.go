package sqlstore

import (
	"testing"

	"github.com/ncruces/go-sqlite3"
)

// A collation is an order of all texts, or SQLite loses rows.
func FuzzCollations(f *testing.F) {
	for _, s := range []string{"1e5", "-.5", "0.0", "1e-999999999999999999999", "2026-03-01 02:00", "2026-03-01T02:00:00+25:00", "~000000010000-02-29", "-999999999999", "\xff", "é"} {
		f.Add(s, "1", "2026")
		f.Add(s+"0", s, "x")
	}
	f.Fuzz(func(t *testing.T, a, b, c string) {
		for name, compare := range map[string]sqlite3.CollatingFunction{"decimals": compareDecimals, "times": compareTimes} {
			of := func(x, y string) int { return compare([]byte(x), []byte(y)) }
			if of(a, a) != 0 || of(a, b) != -of(b, a) {
				t.Errorf("%s: %q and %q: %d, and %d", name, a, b, of(a, b), of(b, a))
			}
			if of(a, b) <= 0 && of(b, c) <= 0 && of(a, c) > 0 {
				t.Errorf("%s: %q <= %q <= %q, and not %q <= %q", name, a, b, c, a, c)
			}
			if of(a, b) == 0 && of(a, c) != of(b, c) {
				t.Errorf("%s: %q = %q, and they differ beside %q", name, a, b, c)
			}
		}
		isBlank(a)
	})
}
