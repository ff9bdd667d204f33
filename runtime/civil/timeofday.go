package civil

import (
	"cmp"
	"fmt"
	"time"
)

// TimeOfDay is a time from 00:00 to 24:00, exclusive, to the nanosecond. The zero
// value is midnight. Times of day are compared with == or Compare.
type TimeOfDay struct{ ns int64 }

const day = 24 * time.Hour

// MaxTimeOfDay is the last TimeOfDay, 23:59:59.999999999.
var MaxTimeOfDay = TimeOfDay{int64(day) - 1}

// NewTimeOfDay returns a time of day, or an error that wraps ErrRange for an hour
// from 24, a minute or second from 60, and so on. There is no leap second.
func NewTimeOfDay(hour, minute, second, nanosecond int) (TimeOfDay, error) {
	for _, part := range []struct {
		name        string
		value, most int
	}{{"hour", hour, 23}, {"minute", minute, 59}, {"second", second, 59}, {"nanosecond", nanosecond, 999_999_999}} {
		if part.value < 0 || part.value > part.most {
			return TimeOfDay{}, fmt.Errorf("civil: %s %d is %w: it is 0 to %d", part.name, part.value, ErrRange, part.most)
		}
	}
	return TimeOfDay{(int64(hour)*3600+int64(minute)*60+int64(second))*1e9 + int64(nanosecond)}, nil
}

// MustTimeOfDay is NewTimeOfDay for times that are known to exist, and panics for
// others.
func MustTimeOfDay(hour, minute, second, nanosecond int) TimeOfDay {
	t, err := NewTimeOfDay(hour, minute, second, nanosecond)
	if err != nil {
		panic(err)
	}
	return t
}

// TimeOfDayOf returns what a clock shows at an instant, in the location that t has.
func TimeOfDayOf(t time.Time) TimeOfDay {
	hour, minute, second := t.Clock()
	return TimeOfDay{(int64(hour)*3600+int64(minute)*60+int64(second))*1e9 + int64(t.Nanosecond())}
}

// SinceMidnight returns the time of day that is so long after midnight, or an error
// that wraps ErrRange below 0 and from 24 hours on.
func SinceMidnight(d time.Duration) (TimeOfDay, error) {
	if d < 0 || d >= day {
		return TimeOfDay{}, fmt.Errorf("civil: %v after midnight is %w: times of day are 0s to 24h, exclusive", d, ErrRange)
	}
	return TimeOfDay{int64(d)}, nil
}

// SinceMidnight returns how long t is after midnight, on a day of 24 hours.
func (t TimeOfDay) SinceMidnight() time.Duration { return time.Duration(t.ns) }

// Clock returns the hour, minute and second of t.
func (t TimeOfDay) Clock() (hour, minute, second int) {
	s := int(t.ns / 1e9)
	return s / 3600, s / 60 % 60, s % 60
}

// Hour returns the hour of t, 0 to 23.
func (t TimeOfDay) Hour() int { return int(t.ns / int64(time.Hour)) }

// Minute returns the minute of t, 0 to 59.
func (t TimeOfDay) Minute() int { return int(t.ns / int64(time.Minute) % 60) }

// Second returns the second of t, 0 to 59.
func (t TimeOfDay) Second() int { return int(t.ns / int64(time.Second) % 60) }

// Nanosecond returns the nanoseconds within the second.
func (t TimeOfDay) Nanosecond() int { return int(t.ns % int64(time.Second)) }

// Add returns the time of day that a clock shows a while later. It turns over at
// midnight; days is how often it did, negative for a d below 0.
func (t TimeOfDay) Add(d time.Duration) (u TimeOfDay, days int) {
	days = int(d / day)
	ns := t.ns + int64(d%day)
	switch {
	case ns < 0:
		ns += int64(day)
		days--
	case ns >= int64(day):
		ns -= int64(day)
		days++
	}
	return TimeOfDay{ns}, days
}

// Sub returns how long t is after u on the same day.
func (t TimeOfDay) Sub(u TimeOfDay) time.Duration { return time.Duration(t.ns - u.ns) }

// Compare returns -1 if t is before u, 1 if it is after it, and else 0.
func (t TimeOfDay) Compare(u TimeOfDay) int { return cmp.Compare(t.ns, u.ns) }

// Equal reports whether t is u, as == does; go-cmp asks it.
func (t TimeOfDay) Equal(u TimeOfDay) bool { return t == u }

// Before reports whether t is before u.
func (t TimeOfDay) Before(u TimeOfDay) bool { return t.ns < u.ns }

// After reports whether t is after u.
func (t TimeOfDay) After(u TimeOfDay) bool { return t.ns > u.ns }

// IsZero reports whether t is midnight, the zero value.
func (t TimeOfDay) IsZero() bool { return t == TimeOfDay{} }
