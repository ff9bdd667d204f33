package sqlstore

import (
	"bytes"
	"cmp"
)

const (
	binaryCollation  = "BINARY"
	decimalCollation = "DECIMAL"
)

// compareDecimals is the collation of decimals: numbers by what they are, before all other
// texts. Numbers are of any length, with any exponent, also such as no decimal holds.
func compareDecimals(a, b []byte) int { return collate(a, b, readNumber, number.compare) }

// collate compares texts by what they say, before all texts that say nothing.
func collate[T any](a, b []byte, read func(s []byte) (T, bool), compare func(x, y T) int) int {
	if bytes.Equal(a, b) {
		return 0
	}
	x, okX := read(a)
	y, okY := read(b)
	switch {
	case !okX && !okY:
		return bytes.Compare(a, b)
	case !okX:
		return 1
	case !okY:
		return -1
	}
	return compare(x, y)
}

// number is a number as a text has it: 0.d1d2d3… times a power of ten.
type number struct {
	negative bool
	power    int64
	digits   []byte // of the text, without zeros at its beginning; a point may be among them
	zero     bool
}

// mostPower bounds powers of ten: there is no memory for a text with more digits.
const mostPower = 1 << 40

// readNumber reads a number as package decimal does: digits with a point or without, a sign
// before them and an exponent behind.
func readNumber(s []byte) (n number, ok bool) {
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		n.negative = s[0] == '-'
		s = s[1:]
	}
	n.zero = true
	some, point, start, i := false, false, 0, 0
	for ; i < len(s); i++ {
		c := s[i]
		switch {
		case '0' <= c && c <= '9':
			some = true
			if n.zero && c != '0' {
				n.zero, start = false, i
			}
			switch {
			case !point && !n.zero:
				n.power++
			case point && n.zero:
				n.power-- // 0.001 is 0.1 times a hundredth
			}
			continue
		case c == '.' && !point:
			point = true
			continue
		}
		break
	}
	exponent, ok := readExponent(s[i:])
	if !some || !ok {
		return n, false
	}
	if n.zero {
		return number{zero: true}, true
	}
	n.digits = s[start:i]
	n.power += exponent
	return n, true
}

// readExponent reads what may stand behind the digits.
func readExponent(s []byte) (n int64, ok bool) {
	if len(s) == 0 {
		return 0, true
	}
	if s[0] != 'e' && s[0] != 'E' {
		return 0, false
	}
	s = s[1:]
	negative := len(s) > 0 && s[0] == '-'
	if len(s) > 0 && (s[0] == '-' || s[0] == '+') {
		s = s[1:]
	}
	if len(s) == 0 {
		return 0, false
	}
	for _, c := range s {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = min(n*10+int64(c-'0'), mostPower)
	}
	if negative {
		n = -n
	}
	return n, true
}

func (x number) sign() int {
	switch {
	case x.zero:
		return 0
	case x.negative:
		return -1
	}
	return 1
}

func (x number) compare(y number) int {
	sign := x.sign()
	if d := cmp.Compare(sign, y.sign()); d != 0 || sign == 0 {
		return d
	}
	return sign * cmp.Or(cmp.Compare(x.power, y.power), compareDigits(x.digits, y.digits))
}

// compareDigits compares the digits of two numbers of one power, without their points.
func compareDigits(a, b []byte) int {
	for len(a) > 0 || len(b) > 0 {
		var c, d byte
		c, a = nextDigit(a)
		d, b = nextDigit(b)
		if c != d {
			return cmp.Compare(c, d)
		}
	}
	return 0
}

// nextDigit is the first digit of s, a zero behind its end.
func nextDigit(s []byte) (byte, []byte) {
	if len(s) > 0 && s[0] == '.' {
		s = s[1:]
	}
	if len(s) == 0 {
		return '0', nil
	}
	return s[0], s[1:]
}
