package store

import (
	"math"
	"time"
)

// LivesFor is when a row expires that is kept for some seconds after a moment;
// generated code calls it. A number of seconds beyond the range of time is the
// end of that range.
func LivesFor[T ~int32 | ~int64 | ~uint32 | ~uint64](from time.Time, seconds T) time.Time {
	n := int64(seconds)
	if seconds > 0 && n < 0 {
		n = math.MaxInt64 // a uint64 that no int64 holds
	}
	// In seconds since 1970, where no time that can be written lies near the ends.
	at := from.Unix()
	switch {
	case n > 0 && at > math.MaxInt64/2-n/2:
		return time.Unix(math.MaxInt64/2, 0).UTC()
	case n < 0 && at < math.MinInt64/2-n/2:
		return time.Unix(math.MinInt64/2, 0).UTC()
	}
	return time.Unix(at+n, int64(from.Nanosecond())).UTC()
}
