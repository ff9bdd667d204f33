package proof

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Value is a value of SQL: nil, int64, float64, string or []byte.
type Value any

// Literal is a value as SQL writes it.
func Literal(v Value) string {
	switch v := v.(type) {
	case nil:
		return "null"
	case int64:
		if v == math.MinInt64 {
			return "(-9223372036854775807 - 1)"
		}
		return strconv.FormatInt(v, 10)
	case float64:
		switch {
		case math.IsInf(v, 1):
			return "9e999"
		case math.IsInf(v, -1):
			return "-9e999"
		}
		text := strconv.FormatFloat(v, 'g', -1, 64)
		if !strings.ContainsAny(text, ".e") {
			text += ".0"
		}
		return text
	case string:
		if plain(v) {
			return "'" + strings.ReplaceAll(v, "'", "''") + "'"
		}
		return fmt.Sprintf("cast(x'%x' as text)", v)
	case []byte:
		return fmt.Sprintf("x'%x'", v)
	}
	panic(fmt.Sprintf("%T is no value of SQL", v))
}

// plain reports whether a text can stand in a statement as it is.
func plain(s string) bool { return utf8.ValidString(s) && !strings.Contains(s, "\x00") }

// text is a value as answers are compared and printed. With loose, numbers that are equal
// have one text, whether they are whole by type or by chance.
func text(v Value, loose bool) string {
	if f, ok := v.(float64); ok && loose && f == math.Trunc(f) && math.Abs(f) < 1<<62 {
		v = int64(f)
	}
	switch v := v.(type) {
	case int64:
		return "int " + strconv.FormatInt(v, 10)
	case float64:
		if v == 0 { // with or without a sign
			return "real 0"
		}
		return "real " + strconv.FormatFloat(v, 'g', -1, 64)
	case string:
		return "text " + strconv.Quote(v)
	case []byte:
		return fmt.Sprintf("blob %x", v)
	case nil:
		return "null"
	}
	panic(fmt.Sprintf("%T is no value of SQL", v))
}

// equal reports whether two values are one to an ORDER BY.
func equal(v, w Value, collate string) bool {
	if collate == "nocase" {
		v, w = folded(v), folded(w)
	}
	if a, ok := v.([]byte); ok {
		b, ok := w.([]byte)
		return ok && bytes.Equal(a, b)
	}
	return text(v, true) == text(w, true)
}

// folded is a text in lower case, as SQLite's collation sees it: it knows ASCII only, and
// of what is behind a NUL the length.
func folded(v Value) Value {
	s, ok := v.(string)
	if !ok {
		return v
	}
	if i := strings.IndexByte(s, 0); i >= 0 {
		s = s[:i] + "\x00" + strconv.Itoa(len(s))
	}
	return strings.Map(func(r rune) rune {
		if r >= 'A' && r <= 'Z' {
			return r + 'a' - 'A'
		}
		return r
	}, s)
}
