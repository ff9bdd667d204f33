package storeimpl

import (
	"math"
	"time"
)

// LivesFor is when a row expires that is kept for some seconds after a moment;
// generated code calls it. A number of seconds beyond the range of time is the
// end of that range.
func LivesFor[T ~int8 | ~int16 | ~int32 | ~int64 | ~uint8 | ~uint16 | ~uint32 | ~uint64](from time.Time, seconds T) time.Time {
	n := int64(seconds)
	if seconds > 0 && n < 0 {
		n = math.MaxInt64 // a uint64 that no int64 holds
	}
	// A time.Time counts its seconds from the year 1. Between that and Unix's
	// count, sums wrap around at the far ends, and wrap back.
	at, nanos := from.Unix()-year1, int64(from.Nanosecond())
	switch {
	case n > 0 && at > math.MaxInt64-n:
		at, nanos = math.MaxInt64, 999999999
	case n < 0 && at < math.MinInt64-n:
		at, nanos = math.MinInt64, 0
	default:
		at += n
	}
	return time.Unix(at+year1, nanos).UTC()
}

// year1 is the beginning of the year 1 in seconds since 1970.
var year1 = time.Time{}.Unix()
