package keys

import (
	"encoding/hex"
	"errors"
	"fmt"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/storegen/storegen/internal/view"
)

// ErrText is what every error of [ParseBytes] and [SplitText] wraps: a text that a person or a program gave is not the
// text form of a key.
var ErrText = errors.New("malformed key text")

// hexPrefix begins the text form of what is not printable.
const hexPrefix = "0x"

const (
	lowerHex = "0123456789abcdef"
	upperHex = "0123456789ABCDEF"
)

// Format gives the bytes of a key for people to read, in error messages and dumps: a quoted string with printable ASCII
// as it is and every other byte as \xNN. It is a Go string literal, which strconv.Unquote turns back into the bytes.
func Format(b []byte) string {
	s := make([]byte, 0, len(b)+2)
	s = append(s, '"')
	for _, c := range b {
		switch {
		case c == '"' || c == '\\':
			s = append(s, '\\', c)
		case ' ' <= c && c <= '~':
			s = append(s, c)
		default:
			s = append(s, '\\', 'x', lowerHex[c>>4], lowerHex[c&0xF])
		}
	}
	return string(append(s, '"'))
}

// FormatBytes gives the text form of a string of any bytes. Printable text in UTF-8 that does not begin with "0x" stands
// for itself, the empty string too; everything else is "0x" and its bytes in lower-case hexadecimal. [ParseBytes] turns
// it back.
func FormatBytes(s string) string {
	if !strings.HasPrefix(s, hexPrefix) && printable(s) {
		return s
	}
	b := make([]byte, 0, len(hexPrefix)+2*len(s))
	b = append(b, hexPrefix...)
	for i := range len(s) {
		b = append(b, lowerHex[s[i]>>4], lowerHex[s[i]&0xF])
	}
	return view.String(b)
}

func printable(s string) bool {
	if !utf8.ValidString(s) {
		return false
	}
	for _, r := range s {
		if !unicode.IsPrint(r) {
			return false
		}
	}
	return true
}

// ParseBytes gives the string whose text form is text. Every result of [FormatBytes] is read back exactly, and so is
// what a person may write instead: hexadecimal in either case, also for bytes that are printable. Text that is
// neither in UTF-8 nor free of control characters is an error that wraps [ErrText].
func ParseBytes(text string) (string, error) {
	if digits, ok := strings.CutPrefix(text, hexPrefix); ok {
		b, err := hex.DecodeString(digits)
		if err != nil {
			return "", fmt.Errorf("%w %s: after %q come pairs of hexadecimal digits (the text itself is written %s)",
				ErrText, Format([]byte(text)), hexPrefix, FormatBytes(text))
		}
		return view.String(b), nil
	}
	if i := indexUnprintable(text); i >= 0 {
		return "", fmt.Errorf("%w %s: byte 0x%02x at %d is not printable: write the whole as %s",
			ErrText, Format([]byte(text)), text[i], i, FormatBytes(text))
	}
	return text, nil
}

// JoinText gives the text form of a key of several components from those of its parts: the parts with "/" between them.
// Within a part, "/", "%", control characters and bytes that are not valid UTF-8 are written as "%" and two
// hexadecimal digits for each byte. Any parts, empty ones included, come back from [SplitText].
func JoinText(parts ...string) string {
	var b []byte
	for i, part := range parts {
		if i > 0 {
			b = append(b, '/')
		}
		b = appendPart(b, part)
	}
	return string(b)
}

func appendPart(b []byte, part string) []byte {
	for i := 0; i < len(part); {
		r, n := utf8.DecodeRuneInString(part[i:])
		if r == '/' || r == '%' || unreadable(r, n) {
			for _, c := range []byte(part[i : i+n]) {
				b = append(b, '%', upperHex[c>>4], upperHex[c&0xF])
			}
		} else {
			b = append(b, part[i:i+n]...)
		}
		i += n
	}
	return b
}

// SplitText takes the result of [JoinText] apart into its n parts. It also takes escapes in lower case and escapes that
// are not needed. Another number of parts, a "%" without two hexadecimal digits, and a byte that JoinText would have
// escaped are errors that wrap [ErrText].
func SplitText(s string, n int) ([]string, error) {
	if s == "" && n == 0 {
		return nil, nil
	}
	if have := strings.Count(s, "/") + 1; have != n {
		return nil, fmt.Errorf("%w %s: it has %d parts, separated by \"/\", and the key has %d (a \"/\" within a part is written %%2F)",
			ErrText, Format([]byte(s)), have, n)
	}
	if i := indexUnprintable(s); i >= 0 {
		return nil, fmt.Errorf("%w %s: byte 0x%02x at %d is not printable: write it as %%%02X",
			ErrText, Format([]byte(s)), s[i], i, s[i])
	}
	parts := strings.Split(s, "/")
	for i, part := range parts {
		var err error
		if parts[i], err = unescapePart(part); err != nil {
			return nil, fmt.Errorf("%w %s: part %d: %w", ErrText, Format([]byte(s)), i+1, err)
		}
	}
	return parts, nil
}

func unescapePart(part string) (string, error) {
	if !strings.Contains(part, "%") {
		return part, nil
	}
	b := make([]byte, 0, len(part))
	for i := 0; i < len(part); i++ {
		if part[i] != '%' {
			b = append(b, part[i])
			continue
		}
		escaped := part[i:min(i+3, len(part))]
		c, err := hex.DecodeString(escaped[1:])
		if err != nil || len(c) != 1 {
			return "", fmt.Errorf("bad escape %q: after \"%%\" come two hexadecimal digits (\"%%\" itself is written %%25)", escaped)
		}
		b = append(b, c[0])
		i += 2
	}
	return view.String(b), nil
}

// indexUnprintable gives the offset of the first byte in s that text forms never hold as it is, or -1.
func indexUnprintable(s string) int {
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		if unreadable(r, n) {
			return i
		}
		i += n
	}
	return -1
}

// unreadable reports whether a rune of n bytes, as utf8 decoded it, is a control character or a byte that is not valid
// UTF-8. Unlike unicode.IsPrint, the answer is the same in every version of Unicode.
func unreadable(r rune, n int) bool {
	return unicode.IsControl(r) || r == utf8.RuneError && n == 1
}
