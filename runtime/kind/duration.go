package kind

import (
	"errors"
	"math"
	"strconv"
	"strings"
	"time"
)

// durationUnits are the units from the longest to the shortest. A day is 24 hours, a
// week 7 days.
var durationUnits = []struct {
	name string
	size time.Duration
}{
	{"w", 7 * 24 * time.Hour},
	{"d", 24 * time.Hour},
	{"h", time.Hour},
	{"m", time.Minute},
	{"s", time.Second},
	{"ms", time.Millisecond},
	{"us", time.Microsecond},
	{"ns", time.Nanosecond},
}

var (
	ErrDurationForm  = errors.New("a duration is whole numbers with units, longest first: 30d, 1h30m; the units are w d h m s ms us ns")
	ErrDurationRange = errors.New("the duration is longer than the longest, about 292 years")
)

// ParseDuration reads 30d, 1h30m, -5s. Units go from long to short, each at most
// once.
func ParseDuration(text string) (time.Duration, error) {
	rest, negative := strings.CutPrefix(text, "-")
	if rest == "" {
		return 0, ErrDurationForm
	}
	var total uint64
	next := 0 // index in durationUnits
	for rest != "" {
		digits := len(rest) - len(strings.TrimLeft(rest, "0123456789"))
		unit := strings.TrimLeft(rest, "0123456789")
		letters := len(unit) - len(strings.TrimLeft(unit, "abcdefghijklmnopqrstuvwxyz"))
		if digits == 0 || letters == 0 {
			return 0, ErrDurationForm
		}
		unit = unit[:letters]
		for next < len(durationUnits) && durationUnits[next].name != unit {
			next++
		}
		if next == len(durationUnits) {
			return 0, ErrDurationForm
		}
		n, err := strconv.ParseUint(rest[:digits], 10, 64)
		size := uint64(durationUnits[next].size)
		if err != nil || n > math.MaxInt64/size || total+n*size > math.MaxInt64 {
			return 0, ErrDurationRange
		}
		total += n * size
		next++
		rest = rest[digits+letters:]
	}
	if negative {
		return -time.Duration(total), nil
	}
	return time.Duration(total), nil
}

// FormatDuration is the shortest text, without weeks, that ParseDuration reads
// back. The most negative duration has none and reads back as the next.
func FormatDuration(d time.Duration) string {
	if d == 0 {
		return "0s"
	}
	var b strings.Builder
	if d < 0 {
		b.WriteByte('-')
		d = -max(d, -math.MaxInt64)
	}
	for _, u := range durationUnits[1:] {
		if n := d / u.size; n > 0 {
			b.WriteString(strconv.FormatInt(int64(n), 10))
			b.WriteString(u.name)
			d -= n * u.size
		}
	}
	return b.String()
}

// DurationPattern is a regular expression that the texts which ParseDuration reads match,
// and beside them "" and "-".
func DurationPattern() string {
	pattern := "-?"
	for _, u := range durationUnits {
		pattern += "([0-9]+" + u.name + ")?"
	}
	return pattern
}
