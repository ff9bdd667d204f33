package keys_test

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
	"unsafe"

	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/keys"
)

func TestFold(t *testing.T) {
	for _, test := range []struct {
		a, b string
		same bool
	}{
		{"Alice", "ALICE", true},
		{"alice", "aLiCe", true},
		{"alice", "alicf", false},
		{"K", "\u212a", true}, // Kelvin
		{"å", "\u212b", true}, // Ångström
		{"ΣΊΣΥΦΟΣ", "σίσυφος", true},
		{"straße", "STRAẞE", true},
		{"straße", "STRASSE", false},   // not full folding
		{"\u00e9", "e\u0301", false},   // no normalization
		{"İ", "i", false},              // no locale
		{"ı", "I", false},              // no locale
		{"A\xff", "a\xff", true},       // bytes that are not UTF-8 stay
		{"a\xff", "a\xfe", false},      // and stay apart
		{"a\xff", "a\ufffd", false},    // from the replacement character too
		{"\xc3\x89", "\xc3\xa9", true}, // É, é
		{"\xc3", "\xc3\x89", false},
	} {
		if got := keys.Fold(test.a) == keys.Fold(test.b); got != test.same {
			t.Errorf("%+q and %+q fold to %+q and %+q, the same: %v, want %v", test.a, test.b, keys.Fold(test.a), keys.Fold(test.b), got, test.same)
		}
	}
}

// TestFoldEveryRune checks that each character folds into its own set of case variants, all of a set to the same one,
// and ASCII to lower case.
func TestFoldEveryRune(t *testing.T) {
	for r := rune(0); r <= unicode.MaxRune; r++ {
		if !utf8.ValidRune(r) {
			continue
		}
		got := keys.Fold(string(r))
		if !strings.EqualFold(got, string(r)) {
			t.Errorf("%U folds to %+q, which is not one of its case variants", r, got)
		}
		if other := unicode.SimpleFold(r); keys.Fold(string(other)) != got {
			t.Errorf("%U folds to %+q, its variant %U to %+q", r, got, other, keys.Fold(string(other)))
		}
		if r < utf8.RuneSelf && got != strings.ToLower(string(r)) {
			t.Errorf("%U folds to %+q, want ASCII lower case", r, got)
		}
	}
}

func TestFoldReturnsFoldedStringItself(t *testing.T) {
	for _, s := range []string{"alice", "straße", "日本", "a\xffb", "\u0130"} {
		if got := keys.Fold(s); unsafe.StringData(got) != unsafe.StringData(s) {
			t.Errorf("Fold(%+q) is a copy", s)
		}
	}
}

func FuzzFold(tf *testing.F) {
	f := inputs.New(tf)
	f.Add("Alice", "ALICE")
	f.Add("\u212a\xff", "k\xff")
	f.Add("\xe1\x80K", "\xe1\x80k")
	f.Fuzz(func(t *testing.T, a, b string) {
		fa, fb := keys.Fold(a), keys.Fold(b)
		if again := keys.Fold(fa); again != fa {
			t.Fatalf("%+q folds to %+q, and that to %+q", a, fa, again)
		}
		if utf8.ValidString(a) != utf8.ValidString(fa) {
			t.Fatalf("%+q folds to %+q: only one is valid UTF-8", a, fa)
		}
		if keys.Fold(a+b) != fa+fb && utf8.ValidString(a) && utf8.ValidString(b) {
			t.Fatalf("%+q and %+q fold to something else together", a, b)
		}
		if utf8.ValidString(a) && utf8.ValidString(b) && (fa == fb) != strings.EqualFold(a, b) {
			t.Fatalf("%+q and %+q fold to the same: %v, strings.EqualFold says otherwise", a, b, fa == fb)
		}
	})
}
