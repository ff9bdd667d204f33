package decimal

import (
	"fmt"
	"strconv"
	"strings"
)

// Parse reads a number: digits with a point or without, a sign before them and an
// exponent behind them, as 12.34, -.5 and 1e3. What has more digits than a Decimal
// holds is an error that wraps ErrRange, and what is no number one that wraps
// ErrSyntax.
func Parse(s string) (Decimal, error) {
	rest := s
	neg := strings.HasPrefix(rest, "-")
	if neg || strings.HasPrefix(rest, "+") {
		rest = rest[1:]
	}
	var m mantissa
	digits, behind, point := 0, int64(0), false
	i := 0
	for ; i < len(rest); i++ {
		c := rest[i]
		switch {
		case '0' <= c && c <= '9':
			m.add(c)
			digits++
			if point {
				behind++
			}
			continue
		case c == '.' && !point:
			point = true
			continue
		}
		break
	}
	exponent, ok := parseExponent(rest[i:])
	if digits == 0 || !ok {
		return Decimal{}, fmt.Errorf("decimal: %w: %q is no number: it is written as -12.34", ErrSyntax, short(s))
	}
	d, ok := m.decimal(neg, exponent-behind)
	if !ok {
		return Decimal{}, fmt.Errorf("decimal: %q is %w: %s", short(s), ErrRange, limits)
	}
	return d, nil
}

// MustParse is Parse for texts that are known to be numbers, and panics for others.
func MustParse(s string) Decimal {
	d, err := Parse(s)
	if err != nil {
		panic(err)
	}
	return d
}

// parseExponent reads what may stand behind the digits: nothing, or an e and a number.
func parseExponent(s string) (n int64, ok bool) {
	if s == "" {
		return 0, true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return 0, false
	}
	s = s[1:]
	neg := strings.HasPrefix(s, "-")
	if neg || strings.HasPrefix(s, "+") {
		s = s[1:]
	}
	if s == "" {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		if n < 1<<40 { // more makes no difference to a text that memory holds
			n = n*10 + int64(c-'0')
		}
	}
	if neg {
		n = -n
	}
	return n, true
}

// mantissa collects digits. Zeros wait until another digit follows, so that neither
// zeros at the beginning nor at the end count.
type mantissa struct {
	u     uint128
	zeros int64 // behind the last digit that is not 0
	over  bool  // there are too many digits
}

func (m *mantissa) add(c byte) {
	switch {
	case c == '0':
		m.zeros++
		return
	case m.over:
		return
	case m.u.isZero():
		m.u.lo = uint64(c - '0')
	case m.zeros == 0 && m.u.hi == 0 && m.u.lo < pow10[18]: // most numbers, and quickly
		m.u.lo = m.u.lo*10 + uint64(c-'0')
		return
	case m.zeros >= MaxDigits:
		m.over = true
	default:
		u, ok := m.u.mulPow10(int(m.zeros) + 1)
		sum, carry := u.add(uint128{lo: uint64(c - '0')})
		m.over = !ok || carry || sum.cmp(limit) >= 0
		m.u = sum
	}
	m.zeros = 0
}

// decimal returns the digits times 10^exponent, if a Decimal holds that.
func (m *mantissa) decimal(neg bool, exponent int64) (d Decimal, ok bool) {
	exponent += m.zeros
	switch {
	case m.over:
		return Decimal{}, false
	case m.u.isZero():
		return Decimal{}, true
	case exponent < -MaxScale || exponent > MaxDigits:
		return Decimal{}, false
	case exponent <= 0:
		return Decimal{u: m.u, scale: uint8(-exponent), neg: neg}, true
	}
	u, ok := m.u.mulPow10(int(exponent))
	return Decimal{u: u, neg: neg}, ok && u.cmp(limit) < 0
}

// AppendDigits appends the digits of d without sign and point, the last Scale of which
// are behind the point: 1234 for -12.34, 5 for 0.05, 0 for 0.
func (d Decimal) AppendDigits(dst []byte) []byte {
	if d.u.hi == 0 {
		return strconv.AppendUint(dst, d.u.lo, 10)
	}
	high, low := d.u.div(pow10[19])
	dst = strconv.AppendUint(dst, high.lo, 10)
	for n := pow10[18]; n > low && n > 1; n /= 10 {
		dst = append(dst, '0')
	}
	return strconv.AppendUint(dst, low, 10)
}

// String returns the shortest text, without an exponent: -12.34, 0.5, 100.
func (d Decimal) String() string { return d.StringFixed(0) }

// StringFixed returns d with at least so many digits behind the point: 1.50 for 1.5
// and a scale of 2. It does not round: digits beyond the scale stay.
func (d Decimal) StringFixed(scale int) string {
	var buf [2 + 2*MaxDigits]byte
	return string(d.append(buf[:0], scale))
}

// append appends the text with at least so many digits behind the point.
func (d Decimal) append(dst []byte, scale int) []byte {
	if d.neg {
		dst = append(dst, '-')
	}
	var buf [MaxDigits]byte
	digits := d.AppendDigits(buf[:0])
	before := len(digits) - int(d.scale)
	if before <= 0 {
		dst = append(dst, '0')
	} else {
		dst = append(dst, digits[:before]...)
	}
	if d.scale > 0 || scale > 0 {
		dst = append(dst, '.')
	}
	for ; before < 0; before++ {
		dst = append(dst, '0')
	}
	dst = append(dst, digits[before:]...)
	for n := int(d.scale); n < scale; n++ {
		dst = append(dst, '0')
	}
	return dst
}

// AppendText implements encoding.TextAppender, as String; there is no error.
func (d Decimal) AppendText(dst []byte) ([]byte, error) { return d.append(dst, 0), nil }

// MarshalText implements encoding.TextMarshaler, as String; there is no error.
func (d Decimal) MarshalText() ([]byte, error) { return d.append(nil, 0), nil }

// UnmarshalText implements encoding.TextUnmarshaler, as Parse.
func (d *Decimal) UnmarshalText(text []byte) error {
	v, err := Parse(string(text))
	if err == nil {
		*d = v
	}
	return err
}

// MarshalJSON implements json.Marshaler: a string, since many readers make a float64
// of a number.
func (d Decimal) MarshalJSON() ([]byte, error) {
	return append(d.append([]byte{'"'}, 0), '"'), nil
}

// UnmarshalJSON implements json.Unmarshaler. It reads strings and numbers, both
// exactly, and leaves d as it is for null.
func (d *Decimal) UnmarshalJSON(data []byte) error {
	if string(data) == "null" {
		return nil
	}
	if n := len(data); n >= 2 && data[0] == '"' && data[n-1] == '"' {
		data = data[1 : n-1] // what has an escape is no number
	}
	return d.UnmarshalText(data)
}

// short cuts a text for a message.
func short(s string) string {
	const most = 60
	if len(s) > most {
		return s[:most] + "..."
	}
	return s
}
