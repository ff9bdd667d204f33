package kind

import (
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"
	"unicode/utf16"
	"unicode/utf8"

	"github.com/storegen/storegen/keys"
)

// AppendJSON appends a value as documents hold it.
func AppendJSON(dst []byte, v Value) []byte {
	s := Of(v.Kind())
	if s == nil {
		return append(dst, "null"...)
	}
	return s.AppendJSON(dst, v)
}

// ParseJSON reads a value of a scalar kind from a JSON text. ok is false for a text
// that stands for none; WantJSON of the kind's row says what would.
func ParseJSON(k Kind, p *Params, text []byte) (v Value, ok bool) {
	row := Of(k)
	if row == nil {
		return Value{}, false
	}
	plain := strings.Trim(string(text), " \t\r\n")
	var s string
	isString := strings.HasPrefix(plain, `"`) && json.Unmarshal(text, &s) == nil
	return row.ParseJSON(p, plain, s, isString)
}

func appendIntJSON(dst []byte, v Value) []byte  { return strconv.AppendInt(dst, v.Int64(), 10) }
func appendUintJSON(dst []byte, v Value) []byte { return strconv.AppendUint(dst, v.num, 10) }

func parseIntJSON(k Kind, bits int) func(*Params, string, string, bool) (Value, bool) {
	parse := parseInt(k, bits)
	return func(p *Params, plain, _ string, _ bool) (Value, bool) {
		v, err := parse(p, plain)
		return v, err == nil
	}
}

func parseUintJSON(k Kind, bits int) func(*Params, string, string, bool) (Value, bool) {
	parse := parseUint(k, bits)
	return func(p *Params, plain, _ string, _ bool) (Value, bool) {
		v, err := parse(p, plain)
		return v, err == nil
	}
}

func appendFloat(dst []byte, f float64, bits int) []byte {
	switch {
	case f != f:
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, bits)
}

// floatNamed is a float for which JSON has no number.
func floatNamed(s string) (f float64, ok bool) {
	switch s {
	case "NaN":
		return math.NaN(), true
	case "Infinity":
		return math.Inf(1), true
	case "-Infinity":
		return math.Inf(-1), true
	}
	return 0, false
}

func appendBase64(dst []byte, v Value) []byte {
	dst = append(dst, '"')
	dst = base64.StdEncoding.AppendEncode(dst, v.Bytes())
	return append(dst, '"')
}

func parseBase64(_ *Params, _, s string, isString bool) (Value, bool) {
	b, err := base64.StdEncoding.DecodeString(s)
	return BytesOf(b), isString && err == nil
}

// quoted appends a text that needs no escapes as a JSON string.
func quoted(dst []byte, text string) []byte {
	dst = append(dst, '"')
	dst = append(dst, text...)
	return append(dst, '"')
}

// AppendJSONString appends a JSON string. What is not UTF-8 in s becomes U+FFFD.
func AppendJSONString(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
			i++
		case c == '\n':
			dst = append(dst, '\\', 'n')
			i++
		case c == '\t':
			dst = append(dst, '\\', 't')
			i++
		case c < ' ' || c == 0x7F:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
			i++
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r)
			i += n
		}
	}
	return append(dst, '"')
}

// IsTextJSON reports whether the text of a JSON string stands for text in UTF-8. Package
// json puts U+FFFD for what does not: for bytes, and for one half of a pair of
// escapes.
func IsTextJSON(raw string) bool {
	if !utf8.ValidString(raw) {
		return false
	}
	for i := 0; i < len(raw); i++ {
		if raw[i] != '\\' {
			continue
		}
		r := escaped(raw[i:])
		if i++; r < 0 {
			continue
		}
		i += 4
		if utf16.IsSurrogate(r) {
			if utf16.DecodeRune(r, escaped(raw[i+1:])) == utf8.RuneError {
				return false
			}
			i += 6
		}
	}
	return true
}

// escaped is what the escape that s begins with stands for, or -1: \u00E9.
func escaped(s string) rune {
	if len(s) < 6 || s[0] != '\\' || s[1] != 'u' {
		return -1
	}
	n, err := strconv.ParseUint(s[2:6], 16, 16)
	if err != nil {
		return -1
	}
	return rune(n)
}

// parseTime reads a timestamp that String prints so that it is read back as the
// same: package time cuts off what is shorter than a nanosecond, and prints years
// that it does not read.
func parseTime(s string) (time.Time, bool) {
	at, err := time.Parse(time.RFC3339Nano, s)
	if err != nil {
		return at, false
	}
	if dot := strings.IndexAny(s, ".,"); dot >= 0 {
		digits := strings.TrimRight(s[dot+1:], "Zz")
		if zone := strings.IndexAny(digits, "+-"); zone >= 0 {
			digits = digits[:zone]
		}
		if len(strings.TrimRight(digits, "0")) > 9 {
			return at, false
		}
	}
	year := at.UTC().Year()
	return at, year >= 0 && year <= 9999
}

// parseDuration reads a duration, all of it: package time cuts off what is shorter
// than a nanosecond.
func parseDuration(s string) (time.Duration, bool) {
	d, err := time.ParseDuration(s)
	if err != nil || !strings.Contains(s, ".") {
		return d, err == nil
	}
	sum, rest := new(big.Rat), strings.TrimLeft(s, "+-")
	for rest != "" {
		n := strings.IndexFunc(rest, func(r rune) bool { return r != '.' && (r < '0' || r > '9') })
		number := rest[:n]
		if strings.Contains(number, ".") {
			number = "0" + number + "0" // .5 and 1. are numbers there
		}
		rest = rest[n:]
		unit := rest
		if n = strings.IndexAny(rest, ".0123456789"); n >= 0 {
			unit = rest[:n]
		}
		rest = rest[len(unit):]
		one, err := time.ParseDuration("1" + unit)
		part, ok := new(big.Rat).SetString(number)
		if err != nil || !ok {
			return 0, false
		}
		sum.Add(sum, part.Mul(part, new(big.Rat).SetInt64(int64(one))))
	}
	if s[0] == '-' {
		sum.Neg(sum)
	}
	return d, sum.Cmp(new(big.Rat).SetInt64(int64(d))) == 0
}

// parseUUID reads the form that String prints, in either case.
func parseUUID(s string) (Value, bool) {
	if len(s) != 36 || s[8] != '-' || s[13] != '-' || s[18] != '-' || s[23] != '-' {
		return Value{}, false
	}
	raw, err := keys.ParseBytes("0x" + strings.ReplaceAll(s, "-", ""))
	if err != nil || len(raw) != 16 {
		return Value{}, false
	}
	return textOf(UUID, raw), true
}

var zeroUUID = string(make([]byte, 16))

func formatUUID(v Value) string {
	id := v.UUID()
	var b [36]byte
	dst := b[:0]
	for i, c := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, []byte{c})
	}
	return string(dst)
}
