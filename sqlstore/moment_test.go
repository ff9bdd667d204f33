package sqlstore

import (
	"slices"
	"testing"
	"time"

	"pgregory.net/rapid"
)

// Texts that are times are compared as times, and come before all others.
func TestCompareTimes(t *testing.T) {
	groups := [][]string{
		{"-000000000001"}, {"-000000000001-02-01"}, {"-980000000000-01-01T00:00:00.000000000Z"},
		{"-999999999999-12-31", "-999999999999-12-31T00:00:00Z"},
		{"0000", "0000-01", "0000-01-01", "0000-01-01 00:00"},
		{"2026", "2026-01", "2026-01-01T00:00:00.000000000Z", "2026-01-01 00:00:00", "2025-12-31T23:30:00-00:30"},
		{"2026-01-01 00:00:00.5", "2026-01-01T00:00:00.500000000Z", "2026-01-01T00:00:00.5000000001Z"},
		{"2026-03-01 02:00", "2026-03-01T02:00Z", "2026-03-01T03:00:00+01:00", "2026-03-01 02:00:00 Z", "2026-03-01T02:00:00.000000000Z"},
		{"2026-03-01T02:00:00.000000001Z"},
		{"2028-02-29"},
		{"9999-12-31T23:59:59.999999999Z"},
		{"~000000010000-01-01T00:00:00.000000000Z", "~000000010000"},
		{""}, {"2026-02-29"}, {"2026-03-01T24:00"}, {"2026-03-01T2:00"}, {"2026-13-01"}, {"2026-3-1"}, {"20260301"}, {"now"}, {"2026-03-01T02:00 "}, {"~000000000005"},
	}
	texts := slices.IndexFunc(groups, func(g []string) bool { return g[0] == "" })
	for i, g := range groups {
		for j, h := range groups {
			for _, a := range g {
				for _, b := range h {
					want := max(-1, min(1, i-j))
					if i >= texts && j >= texts {
						want = compare(a, b)
					}
					if got := compareTimes([]byte(a), []byte(b)); got != want {
						t.Errorf("%q and %q: %d, want %d", a, b, got, want)
					}
				}
			}
		}
	}
	rapid.Check(t, func(t *rapid.T) {
		draw := func(name string) time.Time {
			return time.Unix(rapid.Int64Range(-1e17, 1e17).Draw(t, name), rapid.Int64Range(0, 999_999_999).Draw(t, name+" nanoseconds")).UTC()
		}
		a, b := draw("a"), draw("b")
		text, other := TimeText(a), TimeText(b)
		if back, ok := ParseTime(text); !ok || !back.Equal(a) {
			t.Fatalf("%s is read as %v", text, back)
		}
		if back, ok := readMoment([]byte(text)); !ok || back.compare(momentOf(a)) != 0 {
			t.Fatalf("%s is read as the moment %v", text, back)
		}
		if got := compareTimes([]byte(text), []byte(other)); got != a.Compare(b) || compare(text, other) != a.Compare(b) {
			t.Fatalf("%s and %s: %d, as texts %d", text, other, got, compare(text, other))
		}
	})
}

func momentOf(t time.Time) moment {
	h, m, s := t.Clock()
	return moment{int64(t.Year()), int(t.Month()), t.Day(), int64(3600*h + 60*m + s), t.Nanosecond()}
}

func compare(a, b string) int {
	switch {
	case a < b:
		return -1
	case a > b:
		return 1
	}
	return 0
}

// The beginning of a text is completed to the least that is not before it.
func TestFilled(t *testing.T) {
	for text, want := range map[string]string{
		"2026": "2026-01-01T00:00:00.000000000Z", "2026-0": "2026-01-01T00:00:00.000000000Z", "2026-1": "2026-10-01T00:00:00.000000000Z",
		"2026-03-": "2026-03-01T00:00:00.000000000Z", "2026-03-0": "2026-03-01T00:00:00.000000000Z", "2026-03-2": "2026-03-20T00:00:00.000000000Z",
		"2026-03-01T1": "2026-03-01T10:00:00.000000000Z", "2026-03-01 12": "2026-03-01T00:00:00.000000000Z", "2": "2000-01-01T00:00:00.000000000Z",
	} {
		if got, ok := filled(text, zeroTime); !ok || got != want {
			t.Errorf("%s: %s", text, got)
		}
	}
}
