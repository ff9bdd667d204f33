package proof

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"
	"time"

	"github.com/ncruces/go-sqlite3"
)

var _ sqlite3.CollatingFunction = compareTimes

// moments are the forms of times that are compared as such.
var moments = []string{
	"2006", "2006-01", "2006-01-02",
	"2006-01-02T15:04", "2006-01-02T15:04Z07:00", "2006-01-02T15:04 Z07:00",
	"2006-01-02T15:04:05", "2006-01-02T15:04:05Z07:00", "2006-01-02T15:04:05 Z07:00",
}

// compareTimes is the collation of timestamps: by time, then all that are none.
func compareTimes(a, b []byte) int {
	x, okX := moment(string(a))
	y, okY := moment(string(b))
	switch {
	case okX && okY:
		return x.compare(y)
	case okX:
		return -1
	case okY:
		return 1
	}
	return strings.Compare(string(a), string(b))
}

// point is a time: a year, and the same time in a year that package time reads.
type point struct {
	year int64
	at   time.Time
}

func (p point) compare(q point) int {
	// In one year they have one that stands for it.
	return cmp.Or(cmp.Compare(p.year, q.year), p.at.Compare(q.at))
}

// moment reads a time.
func moment(s string) (p point, ok bool) {
	digits := 4
	if strings.HasPrefix(s, "-") || strings.HasPrefix(s, "~") {
		digits = 13
	}
	if len(s) < digits {
		return p, false
	}
	year, err := strconv.ParseInt(strings.TrimLeft(s[:digits], "-~"), 10, 64)
	if err != nil {
		return p, false
	}
	if s[0] == '-' {
		year -= 1_000_000_000_000
	}
	stand := 2000 + (year%400+400)%400 // has the same days
	rest := s[digits:]
	if len(rest) > len("-01-02") && rest[len("-01-02")] == ' ' {
		rest = rest[:len("-01-02")] + "T" + rest[len("-01-02")+1:]
	}
	for _, layout := range moments {
		t, err := time.Parse(layout, fmt.Sprintf("%04d", stand)+rest)
		if err != nil {
			continue
		}
		t = t.UTC()
		return point{year + int64(t.Year()) - stand, t}, true
	}
	return p, false
}
