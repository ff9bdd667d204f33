package keys_test

import (
	"errors"
	"slices"
	"strconv"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/keys"
)

func TestFormat(t *testing.T) {
	for key, want := range map[string]string{
		"":                    `""`,
		"alice 1~":            `"alice 1~"`,
		"a\x00\x01\x7f\xff\n": `"a\x00\x01\x7f\xff\x0a"`,
		`say "a\b"`:           `"say \"a\\b\""`,
		"é":                   `"\xc3\xa9"`,
	} {
		if got := keys.Format([]byte(key)); got != want {
			t.Errorf("Format(%q) = %s, want %s", key, got, want)
		}
	}
}

func TestFormatBytes(t *testing.T) {
	for s, want := range map[string]string{
		"":           "",
		"alice":      "alice",
		"a/b%2F c":   "a/b%2F c",
		"日本":         "日本",
		"0":          "0",
		"0X41":       "0X41",
		"x0x":        "x0x",
		"0x":         "0x3078",
		"0x41":       "0x30783431",
		"\x00":       "0x00",
		"a\n":        "0x610a",
		"\xff\xAB":   "0xffab",
		"a\u200bb":   "0x61e2808b62", // a space of no width
		"\u00a0":     "0xc2a0",       // a space that looks like another
		"\ufffd":     "\ufffd",
		"ok\xc3\x28": "0x6f6bc328",
	} {
		if got := keys.FormatBytes(s); got != want {
			t.Errorf("FormatBytes(%q) = %s, want %s", s, got, want)
		}
		if got, err := keys.ParseBytes(want); got != s || err != nil {
			t.Errorf("ParseBytes(%q) = %q, %v, want %q", want, got, err, s)
		}
	}
}

func TestParseBytes(t *testing.T) {
	for text, want := range map[string]string{
		"0x":       "", // not what FormatBytes writes, but plain enough
		"0x61":     "a",
		"0xFFab":   "\xff\xab",
		"a\u00a0b": "a\u00a0b", // printable in one version of Unicode, not in another
	} {
		if got, err := keys.ParseBytes(text); got != want || err != nil {
			t.Errorf("ParseBytes(%q) = %q, %v, want %q", text, got, err, want)
		}
	}
	for text, want := range map[string]string{
		"0x6":    `malformed key text "0x6": after "0x" come pairs of hexadecimal digits (the text itself is written 0x307836)`,
		"0xzz":   `malformed key text "0xzz": after "0x" come pairs of hexadecimal digits (the text itself is written 0x30787a7a)`,
		"a\n":    `malformed key text "a\x0a": byte 0x0a at 1 is not printable: write the whole as 0x610a`,
		"ab\xff": `malformed key text "ab\xff": byte 0xff at 2 is not printable: write the whole as 0x6162ff`,
	} {
		checkTextError(t, text, want, func() error { _, err := keys.ParseBytes(text); return err })
	}
}

func checkTextError(t *testing.T, text, want string, parse func() error) {
	t.Helper()
	err := parse()
	if err == nil {
		t.Errorf("%q parses, want error %s", text, want)
		return
	}
	if diff := gocmp.Diff(want, err.Error()); diff != "" || !errors.Is(err, keys.ErrText) {
		t.Errorf("error for %q (wraps ErrText: %v) differs (-want +got):\n%s", text, errors.Is(err, keys.ErrText), diff)
	}
}

func TestJoinText(t *testing.T) {
	for _, test := range []struct {
		want  string
		parts []string
	}{
		{"", nil},
		{"", []string{""}},
		{"/", []string{"", ""}},
		{"a/b", []string{"a", "b"}},
		{"a//", []string{"a", "", ""}},
		{"a%2Fb/c", []string{"a/b", "c"}},
		{"a/b%2Fc", []string{"a", "b/c"}},
		{"100%25/%252F", []string{"100%", "%2F"}},
		{"%00%1F%7F/%FFa", []string{"\x00\x1f\x7f", "\xffa"}},
		{"日本 \u00e9/%C2%85", []string{"日本 é", "\u0085"}},
	} {
		if got := keys.JoinText(test.parts...); got != test.want {
			t.Errorf("JoinText(%q) = %s, want %s", test.parts, got, test.want)
		}
		got, err := keys.SplitText(test.want, len(test.parts))
		if !slices.Equal(got, test.parts) || err != nil {
			t.Errorf("SplitText(%q, %d) = %q, %v, want %q", test.want, len(test.parts), got, err, test.parts)
		}
	}
}

func TestSplitText(t *testing.T) {
	if got, err := keys.SplitText("%2f%61", 1); err != nil || got[0] != "/a" {
		t.Errorf("escapes in lower case, or not needed, give %q, %v", got, err)
	}
	for _, test := range []struct {
		text string
		n    int
		want string
	}{
		{"a/b/c", 2, `malformed key text "a/b/c": it has 3 parts, separated by "/", and the key has 2 (a "/" within a part is written %2F)`},
		{"a", 2, `malformed key text "a": it has 1 parts, separated by "/", and the key has 2 (a "/" within a part is written %2F)`},
		{"a", 0, `malformed key text "a": it has 1 parts, separated by "/", and the key has 0 (a "/" within a part is written %2F)`},
		{"", -1, `malformed key text "": it has 1 parts, separated by "/", and the key has -1 (a "/" within a part is written %2F)`},
		{"a/b%", 2, `malformed key text "a/b%": part 2: bad escape "%": after "%" come two hexadecimal digits ("%" itself is written %25)`},
		{"%2/b", 2, `malformed key text "%2/b": part 1: bad escape "%2": after "%" come two hexadecimal digits ("%" itself is written %25)`},
		{"%zz", 1, `malformed key text "%zz": part 1: bad escape "%zz": after "%" come two hexadecimal digits ("%" itself is written %25)`},
		{"%%%", 1, `malformed key text "%%%": part 1: bad escape "%%%": after "%" come two hexadecimal digits ("%" itself is written %25)`},
		{"a\tb", 1, `malformed key text "a\x09b": byte 0x09 at 1 is not printable: write it as %09`},
		{"\xff", 1, `malformed key text "\xff": byte 0xff at 0 is not printable: write it as %FF`},
	} {
		checkTextError(t, test.text, test.want, func() error { _, err := keys.SplitText(test.text, test.n); return err })
	}
}

// FuzzText turns any bytes into text and back, and any text into bytes and back.
func FuzzText(tf *testing.F) {
	f := inputs.New(tf)
	f.Add("alice", "0x")
	f.Add("a/b", "%")
	f.Add("", "\x00\xff")
	f.Add("%2F", "a\u0085b")
	f.Fuzz(func(t *testing.T, a, b string) {
		if got, err := strconv.Unquote(keys.Format([]byte(a))); got != a || err != nil {
			t.Fatalf("Format(%q) is %s, which unquotes to %q, %v", a, keys.Format([]byte(a)), got, err)
		}
		text := keys.FormatBytes(a)
		if got, err := keys.ParseBytes(text); got != a || err != nil {
			t.Fatalf("FormatBytes(%q) = %q, which parses to %q, %v", a, text, got, err)
		}
		joined := keys.JoinText(a, b)
		if got, err := keys.SplitText(joined, 2); err != nil || got[0] != a || got[1] != b {
			t.Fatalf("JoinText(%q, %q) = %q, which splits into %q, %v", a, b, joined, got, err)
		}
		if s, err := keys.ParseBytes(a); err == nil {
			if got, err := keys.ParseBytes(keys.FormatBytes(s)); got != s || err != nil {
				t.Fatalf("ParseBytes(%q) = %q, which comes back as %q, %v", a, s, got, err)
			}
		} else if !errors.Is(err, keys.ErrText) {
			t.Fatalf("ParseBytes(%q): %v", a, err)
		}
		n := strings.Count(a, "/") + 1
		if parts, err := keys.SplitText(a, n); err == nil {
			got, err := keys.SplitText(keys.JoinText(parts...), n)
			if err != nil || !slices.Equal(got, parts) {
				t.Fatalf("SplitText(%q) = %q, which comes back as %q, %v", a, parts, got, err)
			}
		} else if !errors.Is(err, keys.ErrText) {
			t.Fatalf("SplitText(%q, %d): %v", a, n, err)
		}
	})
}
