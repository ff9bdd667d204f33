package keys

import (
	"time"

	"github.com/storegen/storegen/runtime/civil"
)

// AppendDate appends v in 4 bytes: the days since 1970-01-01, as [AppendInt32] does.
//
//go:noinline
func AppendDate(dst []byte, v civil.Date) []byte { return AppendInt32(dst, v.UnixDays()) }

// AppendDateDesc appends v as [AppendDate] does, inverted: the newest sorts first.
//
//go:noinline
func AppendDateDesc(dst []byte, v civil.Date) []byte { return AppendInt32(dst, ^v.UnixDays()) }

// AppendTimeOfDay appends v in 8 bytes: the nanoseconds since midnight, as [AppendUint64] does.
//
//go:noinline
func AppendTimeOfDay(dst []byte, v civil.TimeOfDay) []byte {
	return AppendUint64(dst, uint64(v.SinceMidnight()))
}

// AppendTimeOfDayDesc appends v as [AppendTimeOfDay] does, inverted: the latest sorts first.
//
//go:noinline
func AppendTimeOfDayDesc(dst []byte, v civil.TimeOfDay) []byte {
	return AppendUint64(dst, ^uint64(v.SinceMidnight()))
}

// Date reads what [AppendDate] wrote.
func (r *Reader) Date() civil.Date { return r.date("date", ascending) }

// DateDesc reads what [AppendDateDesc] wrote.
func (r *Reader) DateDesc() civil.Date { return r.date("descending date", descending) }

// TimeOfDay reads what [AppendTimeOfDay] wrote.
func (r *Reader) TimeOfDay() civil.TimeOfDay { return r.timeOfDay("time of day", ascending) }

// TimeOfDayDesc reads what [AppendTimeOfDayDesc] wrote.
func (r *Reader) TimeOfDayDesc() civil.TimeOfDay {
	return r.timeOfDay("descending time of day", descending)
}

func (r *Reader) date(kind string, d direction) civil.Date {
	at := r.off
	u, ok := r.fixed32(kind, d)
	if !ok {
		return civil.Date{}
	}
	v, err := civil.FromUnixDays(int64(int32(u ^ sign32)))
	if err != nil {
		r.off = at
		r.fail(kind, "%v", err)
	}
	return v
}

func (r *Reader) timeOfDay(kind string, d direction) civil.TimeOfDay {
	at := r.off
	u, ok := r.fixed64(kind, d)
	if !ok {
		return civil.TimeOfDay{}
	}
	v, err := civil.SinceMidnight(time.Duration(u))
	if err != nil {
		r.off = at
		r.fail(kind, "%v", err)
	}
	return v
}
