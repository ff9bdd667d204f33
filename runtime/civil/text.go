package civil

import (
	"fmt"
	"strings"
	"time"
)

// ParseDate reads a date as String writes it, 2006-01-02 or -0044-03-15.
func ParseDate(s string) (Date, error) {
	digits, negative := strings.CutPrefix(s, "-")
	if len(digits) != len("2006-01-02") || digits[4] != '-' || digits[7] != '-' {
		return Date{}, badDate(s)
	}
	year, ok1 := number(digits[:4])
	month, ok2 := number(digits[5:7])
	day, ok3 := number(digits[8:])
	if !ok1 || !ok2 || !ok3 || negative && year == 0 {
		return Date{}, badDate(s)
	}
	if negative {
		year = -year
	}
	d, err := NewDate(year, time.Month(month), day)
	if err != nil {
		return Date{}, fmt.Errorf("%w (in %q)", err, s)
	}
	return d, nil
}

func badDate(s string) error {
	return fmt.Errorf("civil: %w: %q is no date: it is written as 2006-01-02, or -0044-03-15 before the year 0", ErrSyntax, s)
}

// String returns d as 2006-01-02, with a sign and four digits of the year before the
// year 0.
func (d Date) String() string { return string(d.append(make([]byte, 0, len("-2006-01-02")))) }

func (d Date) append(dst []byte) []byte {
	year, month, day := d.Date()
	if year < 0 {
		dst = append(dst, '-')
		year = -year
	}
	dst = two(two(dst, year/100), year%100)
	dst = two(append(dst, '-'), int(month))
	return two(append(dst, '-'), day)
}

// AppendText implements encoding.TextAppender; there is no error.
func (d Date) AppendText(dst []byte) ([]byte, error) { return d.append(dst), nil }

// MarshalText implements encoding.TextMarshaler, and makes d a string in JSON. There
// is no error.
func (d Date) MarshalText() ([]byte, error) { return d.append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler, as ParseDate.
func (d *Date) UnmarshalText(text []byte) error {
	v, err := ParseDate(string(text))
	if err == nil {
		*d = v
	}
	return err
}

// ParseTimeOfDay reads a time of day as String writes it, 15:04:05 and up to nine
// digits of a second. The seconds may be left out.
func ParseTimeOfDay(s string) (TimeOfDay, error) {
	clock, fraction, fractional := strings.Cut(s, ".")
	full := len(clock) == len("15:04:05") && clock[5] == ':'
	short := len(clock) == len("15:04") && !fractional
	if !full && !short || clock[2] != ':' {
		return TimeOfDay{}, badTimeOfDay(s)
	}
	hour, ok1 := number(clock[:2])
	minute, ok2 := number(clock[3:5])
	second, ok3 := 0, true
	if full {
		second, ok3 = number(clock[6:])
	}
	nanosecond, ok4 := 0, true
	if fractional {
		nanosecond, ok4 = number(fraction)
		for range 9 - len(fraction) {
			nanosecond *= 10
		}
	}
	if !ok1 || !ok2 || !ok3 || !ok4 {
		return TimeOfDay{}, badTimeOfDay(s)
	}
	t, err := NewTimeOfDay(hour, minute, second, nanosecond)
	if err != nil {
		return TimeOfDay{}, fmt.Errorf("%w (in %q)", err, s)
	}
	return t, nil
}

func badTimeOfDay(s string) error {
	return fmt.Errorf("civil: %w: %q is no time of day: it is written as 15:04 or 15:04:05, with up to nine digits of a second behind a point", ErrSyntax, s)
}

// String returns t as 15:04:05, and the digits of the second that are not zero
// behind a point.
func (t TimeOfDay) String() string {
	return string(t.append(make([]byte, 0, len("15:04:05.999999999"))))
}

func (t TimeOfDay) append(dst []byte) []byte {
	hour, minute, second := t.Clock()
	dst = two(append(two(dst, hour), ':'), minute)
	dst = two(append(dst, ':'), second)
	if ns := t.Nanosecond(); ns != 0 {
		dst = append(dst, '.')
		for unit := int(1e8); ns > 0; unit /= 10 {
			dst = append(dst, byte('0'+ns/unit))
			ns %= unit
		}
	}
	return dst
}

// AppendText implements encoding.TextAppender; there is no error.
func (t TimeOfDay) AppendText(dst []byte) ([]byte, error) { return t.append(dst), nil }

// MarshalText implements encoding.TextMarshaler, and makes t a string in JSON. There
// is no error.
func (t TimeOfDay) MarshalText() ([]byte, error) { return t.append(nil), nil }

// UnmarshalText implements encoding.TextUnmarshaler, as ParseTimeOfDay.
func (t *TimeOfDay) UnmarshalText(text []byte) error {
	v, err := ParseTimeOfDay(string(text))
	if err == nil {
		*t = v
	}
	return err
}

// number reads one to nine digits, and nothing else.
func number(s string) (n int, ok bool) {
	if len(s) == 0 || len(s) > 9 {
		return 0, false
	}
	for _, c := range []byte(s) {
		if c < '0' || c > '9' {
			return 0, false
		}
		n = n*10 + int(c-'0')
	}
	return n, true
}

// two appends two digits.
func two(dst []byte, n int) []byte { return append(dst, byte('0'+n/10), byte('0'+n%10)) }
