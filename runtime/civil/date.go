package civil

import (
	"cmp"
	"errors"
	"fmt"
	"time"
)

// ErrRange is wrapped by errors for dates outside of the years -9999 to 9999 and for
// days, months and times of day that do not exist. ErrSyntax is wrapped by those for
// texts that are no date or time of day.
var (
	ErrRange  = errors.New("out of range")
	ErrSyntax = errors.New("bad syntax")
)

// Date is a day of the years -9999 to 9999. The zero value is 0001-01-01, as it is
// of time.Time. Dates are compared with == or Compare.
type Date struct{ day int32 } // since 0001-01-01

const (
	// unixDay is 1970-01-01, in days since 0001-01-01.
	unixDay = 1969*365 + 1969/4 - 1969/100 + 1969/400

	// MinYear and MaxYear are the first and the last year of a Date.
	MinYear, MaxYear = -9999, 9999
)

// MinDate and MaxDate are the first and the last Date.
var (
	MinDate = Date{int32(daysFrom(MinYear, time.January, 1))}
	MaxDate = Date{int32(daysFrom(MaxYear, time.December, 31))}
)

// NewDate returns the date of a year, month and day, or an error that wraps ErrRange
// where there is none: 31 April is no date.
func NewDate(year int, month time.Month, day int) (Date, error) {
	switch {
	case year < MinYear || year > MaxYear:
		return Date{}, fmt.Errorf("civil: year %d is %w: dates are of the years %d to %d", year, ErrRange, MinYear, MaxYear)
	case month < time.January || month > time.December:
		return Date{}, fmt.Errorf("civil: month %d is %w: months are 1 to 12", int(month), ErrRange)
	case day < 1 || day > daysIn(year, month):
		return Date{}, fmt.Errorf("civil: day %d is %w: %v %d has %d days", day, ErrRange, month, year, daysIn(year, month))
	}
	return Date{int32(daysFrom(year, month, day))}, nil
}

// MustDate is NewDate for dates that are known to exist, and panics for others.
func MustDate(year int, month time.Month, day int) Date {
	d, err := NewDate(year, month, day)
	if err != nil {
		panic(err)
	}
	return d
}

// DateOf returns the date at an instant, in the location that t has. An instant
// outside of the years -9999 to 9999 is an error that wraps ErrRange.
func DateOf(t time.Time) (Date, error) {
	// Far from these years, the year of an instant need not fit an int.
	if days := t.Unix() / (24 * 60 * 60); days < -1<<31 || days > 1<<31 {
		return Date{}, fmt.Errorf("civil: %d days after 1970-01-01 is %w: dates are of the years %d to %d", days, ErrRange, MinYear, MaxYear)
	}
	return NewDate(t.Date())
}

// FromUnixDays returns the date that is so many days after 1970-01-01, or an error
// that wraps ErrRange.
func FromUnixDays(days int64) (Date, error) {
	if days < int64(MinDate.day)-unixDay || days > int64(MaxDate.day)-unixDay {
		return Date{}, fmt.Errorf("civil: %d days after 1970-01-01 is %w: dates are of the years %d to %d", days, ErrRange, MinYear, MaxYear)
	}
	return Date{int32(days + unixDay)}, nil
}

// UnixDays returns the days since 1970-01-01, negative before it.
func (d Date) UnixDays() int32 { return d.day - unixDay }

// Date returns the year, month and day of d.
func (d Date) Date() (year int, month time.Month, day int) { return d.midnight().Date() }

// Year returns the year of d; 0 is the year before 1.
func (d Date) Year() int { return d.midnight().Year() }

// Month returns the month of d.
func (d Date) Month() time.Month { return d.midnight().Month() }

// Day returns the day of the month.
func (d Date) Day() int { return d.midnight().Day() }

// YearDay returns the day of the year, from 1.
func (d Date) YearDay() int { return d.midnight().YearDay() }

// Weekday returns the day of the week.
func (d Date) Weekday() time.Weekday { return d.midnight().Weekday() }

// AddDays returns the date n days later, or an error that wraps ErrRange.
func (d Date) AddDays(n int) (Date, error) {
	const most = 1 << 30 // more than there are days, and far from an overflow
	if n < -most || n > most {
		return Date{}, fmt.Errorf("civil: %v and %d days is %w: dates are of the years %d to %d", d, n, ErrRange, MinYear, MaxYear)
	}
	return FromUnixDays(int64(d.UnixDays()) + int64(n))
}

// Sub returns the days from e to d: 1 if d is the day after e.
func (d Date) Sub(e Date) int { return int(d.day) - int(e.day) }

// Compare returns -1 if d is before e, 1 if it is after it, and else 0.
func (d Date) Compare(e Date) int { return cmp.Compare(d.day, e.day) }

// Equal reports whether d is e, as == does; go-cmp asks it.
func (d Date) Equal(e Date) bool { return d == e }

// Before reports whether d is before e.
func (d Date) Before(e Date) bool { return d.day < e.day }

// After reports whether d is after e.
func (d Date) After(e Date) bool { return d.day > e.day }

// IsZero reports whether d is 0001-01-01, the zero value.
func (d Date) IsZero() bool { return d == Date{} }

// In returns the instant at which d begins in a location: midnight or, where the
// clock is put forward over midnight, what time.Date makes of it.
func (d Date) In(loc *time.Location) time.Time { return d.At(TimeOfDay{}, loc) }

// At returns the instant of a time of day on d in a location, as time.Date does.
func (d Date) At(t TimeOfDay, loc *time.Location) time.Time {
	year, month, day := d.Date()
	hour, minute, second := t.Clock()
	return time.Date(year, month, day, hour, minute, second, t.Nanosecond(), loc)
}

// midnight is the beginning of d in UTC.
func (d Date) midnight() time.Time { return time.Unix(int64(d.UnixDays())*24*60*60, 0).UTC() }

// daysFrom counts the days from 0001-01-01 to a date that exists.
func daysFrom(year int, month time.Month, day int) int64 {
	return time.Date(year, month, day, 0, 0, 0, 0, time.UTC).Unix()/(24*60*60) + unixDay
}

// daysIn is the number of days of a month. Day 0 of a month is the last one of the
// month before.
func daysIn(year int, month time.Month) int {
	return time.Date(year, month+1, 0, 0, 0, 0, 0, time.UTC).Day()
}
