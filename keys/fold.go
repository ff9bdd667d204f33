package keys

import (
	"unicode"
	"unicode/utf8"

	"github.com/storegen/storegen/internal/view"
)

// Fold gives the form of s that all its spellings in upper and lower case share, for indexes that ignore case. "Alice",
// "ALICE" and "alice" all fold to "alice", and the Kelvin sign folds to "k".
//
// It is Unicode's simple case folding (CaseFolding.txt, status C and S): each character becomes the one that stands for
// it and its case variants, in lower case save for Cherokee. Bytes that are not valid UTF-8 stay as they are. Folding
// twice is folding once. A string that is folded already is returned itself, with no allocation.
//
// It is not full case folding: "ß" and "ss" stay apart, as do "é" in one and in two code points (no normalization). It
// knows no locale: the Turkish dotted and dotless i stay apart from i and from each other.
//
// Unicode never changes the folding of a character once it is assigned. A character that is assigned in a later Unicode
// than the one Go was built with folds to itself, until Go knows it.
func Fold(s string) string {
	i := 0
	for i < len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				break
			}
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if foldRune(r) != r {
			break
		}
		i += n
	}
	if i == len(s) {
		return s
	}
	b := append(make([]byte, 0, len(s)), s[:i]...) // grows in the rare case that a folded character is the longer one
	for i < len(s) {
		if c := s[i]; c < utf8.RuneSelf {
			if 'A' <= c && c <= 'Z' {
				c += 'a' - 'A'
			}
			b = append(b, c)
			i++
			continue
		}
		r, n := utf8.DecodeRuneInString(s[i:])
		if f := foldRune(r); f != r {
			b = utf8.AppendRune(b, f)
		} else {
			b = append(b, s[i:i+n]...) // also what is not valid UTF-8
		}
		i += n
	}
	return view.String(b)
}

// foldRune gives the character that stands for r, which is beyond ASCII, and its case variants.
func foldRune(r rune) rune {
	if unicode.SimpleFold(r) == r {
		return r // no variants; ToLower might still lead elsewhere, as from the dotted capital I to i
	}
	if unicode.Is(unicode.Cherokee, r) {
		return unicode.ToUpper(r) // its lower case was added later, and Unicode keeps foldings stable
	}
	// By way of upper case, because some characters, as the long s, are lower case already and not the usual one.
	return unicode.ToLower(unicode.ToUpper(r))
}
