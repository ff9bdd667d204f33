package sqlstore

import (
	"strconv"
	"time"

	"github.com/storegen/storegen/runtime/civil"
)

// Times are text of a fixed width, so that the order of the texts is the order of the
// times, and SQLite's own functions read them: 2026-03-01T02:00:00.000000000Z. Years of
// other than four digits have twelve, behind a sign that sorts before or behind digits;
// what is before the year 0 counts up from the far past.
const (
	zeroTime   = "0000-01-01T00:00:00.000000000Z"
	dateWidth  = len("2006-01-02")
	beforeZero = '-'
	behind9999 = '~'
	farPast    = 1_000_000_000_000 // years
	wideYear   = 1 + 12
)

// appendYear appends a year.
func appendYear(dst []byte, year int64) []byte {
	switch {
	case year < 0:
		return appendDigits(append(dst, beforeZero), uint64(farPast+year), 12)
	case year > 9999:
		return appendDigits(append(dst, behind9999), uint64(year), 12)
	}
	return appendDigits(dst, uint64(year), 4)
}

// appendDigits appends a number with as many digits as said.
func appendDigits(dst []byte, n uint64, width int) []byte {
	at := len(dst)
	for range width {
		dst = append(dst, '0')
	}
	for i := at + width - 1; i >= at; i-- {
		dst[i] = byte('0' + n%10)
		n /= 10
	}
	return dst
}

// appendDay appends a date, from the days since 1970.
func appendDay(dst []byte, days int64) []byte {
	// Eras of 400 years, whose years begin in March: leap days are at their ends.
	days += 719468
	era := days / 146097
	if days%146097 < 0 {
		era--
	}
	day := days - era*146097
	year := (day - day/1460 + day/36524 - day/146096) / 365
	day -= 365*year + year/4 - year/100
	month := (5*day + 2) / 153
	day -= (153*month + 2) / 5
	year += era * 400
	if month += 3; month > 12 {
		month -= 12
		year++
	}
	dst = append(appendYear(dst, year), '-')
	dst = append(appendDigits(dst, uint64(month), 2), '-')
	return appendDigits(dst, uint64(day+1), 2)
}

// appendTime appends a time, from the seconds since 1970 and nanoseconds.
func appendTime(dst []byte, sec int64, nanos int32) []byte {
	days := sec / 86400
	if sec%86400 < 0 {
		days--
	}
	dst = append(appendDay(dst, days), 'T')
	return append(appendClock(dst, sec-days*86400, nanos), 'Z')
}

// appendClock appends a time of day.
func appendClock(dst []byte, sec int64, nanos int32) []byte {
	dst = append(appendDigits(dst, uint64(sec/3600), 2), ':')
	dst = append(appendDigits(dst, uint64(sec/60%60), 2), ':')
	dst = append(appendDigits(dst, uint64(sec%60), 2), '.')
	return appendDigits(dst, uint64(nanos), 9)
}

// TimeText is a time as SQL shows it. Queries that compare a column of timestamps with a
// time.Time need not call it.
func TimeText(t time.Time) string {
	return string(appendTime(nil, t.Unix(), int32(t.Nanosecond())))
}

// ParseTime reads a time as SQL shows it.
func ParseTime(s string) (t time.Time, ok bool) {
	year, rest, ok := cutYear(s)
	if !ok || len(rest) != len(zeroTime)-4 {
		return t, false
	}
	day, ok := civilDay(year, rest[:6])
	if !ok || int64(day.Year()) != year || rest[6] != 'T' || rest[len(rest)-1] != 'Z' {
		return t, false
	}
	clock, ok := parseClock(rest[7 : len(rest)-1])
	if !ok {
		return t, false
	}
	return day.Add(clock), true
}

// cutYear reads the year that a text begins with.
func cutYear(s string) (year int64, rest string, ok bool) {
	if s == "" {
		return 0, "", false
	}
	width, from := 4, 0
	if s[0] == beforeZero || s[0] == behind9999 {
		width, from = wideYear, 1
	}
	if len(s) < width {
		return 0, "", false
	}
	for _, c := range []byte(s[from:width]) {
		if c < '0' || c > '9' {
			return 0, "", false
		}
	}
	year, err := strconv.ParseInt(s[from:width], 10, 64)
	switch {
	case err != nil:
		return 0, "", false
	case s[0] == beforeZero:
		year -= farPast
	case s[0] == behind9999 && year <= 9999:
		return 0, "", false
	}
	return year, s[width:], true
}

// civilDay is the beginning of the day that -01-02 is in a year.
func civilDay(year int64, text string) (t time.Time, ok bool) {
	month, ok1 := two(text[1:3])
	day, ok2 := two(text[4:6])
	if !ok1 || !ok2 || text[0] != '-' || text[3] != '-' || month < 1 || month > 12 || day < 1 {
		return t, false
	}
	t = time.Date(int(year), time.Month(month), day, 0, 0, 0, 0, time.UTC)
	return t, t.Day() == day // which another month's is not
}

func two(s string) (n int, ok bool) {
	if s[0] < '0' || s[0] > '9' || s[1] < '0' || s[1] > '9' {
		return 0, false
	}
	return int(s[0]-'0')*10 + int(s[1]-'0'), true
}

// parseClock reads a time of day of the fixed width.
func parseClock(s string) (d time.Duration, ok bool) {
	if len(s) != len("15:04:05.000000000") || s[8] != '.' {
		return 0, false
	}
	t, err := civil.ParseTimeOfDay(s)
	return t.SinceMidnight(), err == nil
}

// parseDay reads a date as SQL shows it.
func parseDay(s string) (d civil.Date, ok bool) {
	year, rest, ok := cutYear(s)
	if !ok || len(rest) != dateWidth-4 {
		return d, false
	}
	day, ok := civilDay(year, rest)
	if !ok || int64(day.Year()) != year {
		return d, false
	}
	d, err := civil.DateOf(day)
	return d, err == nil
}

// filled completes the beginning of a text of a fixed width to the least text that is not
// before it: 2026-03 to 2026-03-01T00:00:00.000000000Z. It is for what ends behind a part,
// and for what has a space in the place of the T.
func filled(s, zero string) (text string, ok bool) {
	if len(s) > dateWidth && s[dateWidth] < 'T' && len(zero) == len(zeroTime) {
		s = s[:dateWidth] // all that begin with this are behind the text
	}
	if len(s) >= len(zero) || s == "" { // before the year 0 there are others
		return s, len(s) == len(zero)
	}
	// The tens of a month or a day: of 0 the least is 01, of others 10 and so on.
	tens := len(s) == len("2026-0") || len(s) == len("2026-03-0")
	if tens && zero[4] == '-' && s[len(s)-1] != '0' {
		s += "0"
	}
	return s + zero[len(s):], true
}
