package sqlstore

import (
	"cmp"
	"time"
)

// Timestamps are compared as times, and not as texts: what SQLite's functions give, as
// 2026-03-01 02:00:00, what people write, as 2026-03-01, and RFC 3339 are other texts than
// those that columns show.

// timestampCollation is the collation of columns of timestamps.
const timestampCollation = "TIMESTAMP"

// compareTimes is that collation: times by what they are, before all other texts.
func compareTimes(a, b []byte) int { return collate(a, b, readMoment, moment.compare) }

// moment is a time by its parts, in UTC.
type moment struct {
	year       int64
	month, day int
	seconds    int64 // of the day
	nanos      int
}

func (m moment) compare(n moment) int {
	return cmp.Or(cmp.Compare(m.year, n.year), cmp.Compare(m.month, n.month), cmp.Compare(m.day, n.day),
		cmp.Compare(m.seconds, n.seconds), cmp.Compare(m.nanos, n.nanos))
}

// time is the moment in Go, which has some 584 thousand million years.
func (m moment) time() (t time.Time, ok bool) {
	t = time.Date(int(m.year), time.Month(m.month), m.day, 0, 0, int(m.seconds), m.nanos, time.UTC)
	return t, int64(t.Year()) == m.year
}

// daysIn is how many days a month has.
func daysIn(year int64, month int) int {
	switch month {
	case 4, 6, 9, 11:
		return 30
	case 2:
		if year%4 == 0 && (year%100 != 0 || year%400 == 0) {
			return 29
		}
		return 28
	}
	return 31
}

// readMoment reads a time: a year, a month, a day or a time of a day, to the minute, second
// or nanosecond, in UTC or with its distance from that. What is left out is its beginning.
func readMoment(s []byte) (m moment, ok bool) {
	r := momentReader{s: s, ok: true}
	m = moment{year: r.year(), month: 1, day: 1}
	if r.next('-') {
		if m.month = r.two(1, 12); r.next('-') {
			m.day = r.two(1, 31)
		}
	}
	var zone int64
	if r.next('T') || r.next(' ') {
		m.seconds = 3600 * int64(r.two(0, 23))
		r.want(':')
		m.seconds += 60 * int64(r.two(0, 59))
		if r.next(':') {
			m.seconds += int64(r.two(0, 59))
			if r.next('.') {
				m.nanos = r.fraction()
			}
		}
		zone = r.zone()
	}
	if !r.ok || len(r.s) > 0 || m.day > daysIn(m.year, m.month) {
		return m, false
	}
	if zone != 0 {
		// The same in a year that has the same days, and that Go has.
		m.seconds -= zone
		far := m.year - m.year%400
		m.year -= far
		t, _ := m.time()
		h, min, sec := t.Clock()
		m = moment{int64(t.Year()) + far, int(t.Month()), t.Day(), int64(3600*h + 60*min + sec), m.nanos}
	}
	return m, true
}

// momentReader reads a text from its beginning.
type momentReader struct {
	s  []byte
	ok bool
}

// next takes a character, if it is there.
func (r *momentReader) next(c byte) bool {
	if len(r.s) == 0 || r.s[0] != c {
		return false
	}
	r.s = r.s[1:]
	return true
}

// want takes a character that has to be there.
func (r *momentReader) want(c byte) { r.ok = r.next(c) && r.ok }

// year reads a year as columns show it.
func (r *momentReader) year() (year int64) {
	width, sign := 4, byte(0)
	if len(r.s) > 0 && (r.s[0] == beforeZero || r.s[0] == behind9999) {
		width, sign = wideYear-1, r.s[0]
		r.s = r.s[1:]
	}
	if len(r.s) < width {
		r.ok = false
		return 0
	}
	for _, c := range r.s[:width] {
		r.ok = r.ok && '0' <= c && c <= '9'
		year = year*10 + int64(c-'0')
	}
	r.s = r.s[width:]
	switch sign {
	case beforeZero:
		year -= farPast
	case behind9999:
		r.ok = r.ok && year > 9999
	}
	return year
}

// two reads a number of two digits.
func (r *momentReader) two(least, most int) int {
	if len(r.s) < 2 {
		r.ok = false
		return least
	}
	a, b := r.s[0], r.s[1]
	n := int(a-'0')*10 + int(b-'0')
	r.ok = r.ok && '0' <= a && a <= '9' && '0' <= b && b <= '9' && least <= n && n <= most
	r.s = r.s[2:]
	return n
}

// fraction reads the digits of a second, to the nanosecond.
func (r *momentReader) fraction() (nanos int) {
	n := 0
	for ; len(r.s) > 0 && '0' <= r.s[0] && r.s[0] <= '9'; n++ {
		if n < 9 {
			nanos = nanos*10 + int(r.s[0]-'0')
		}
		r.s = r.s[1:]
	}
	r.ok = r.ok && n > 0
	for ; n < 9; n++ {
		nanos *= 10
	}
	return nanos
}

// zone reads the distance from UTC, in seconds.
func (r *momentReader) zone() int64 {
	if len(r.s) == 0 {
		return 0
	}
	r.next(' ')
	sign := int64(1)
	switch {
	case r.next('Z'):
		return 0
	case r.next('-'):
		sign = -1
	default:
		r.want('+')
	}
	hours := r.two(0, 23)
	r.want(':')
	return sign * int64(3600*hours+60*r.two(0, 59))
}
