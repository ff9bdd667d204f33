package record

import (
	"encoding/binary"
	"time"

	"github.com/storegen/storegen/runtime/civil"
)

// AppendDate appends field num as a sint32: the days since 1970-01-01. A date that is
// not there is 0001-01-01, the zero date, so that 1970-01-01 is written.
func AppendDate(dst []byte, num int, v civil.Date) []byte {
	return AppendInt64(dst, num, int64(v.UnixDays()))
}

// AddDate appends field num as AppendDate does, unless it is the zero date.
//
//go:noinline
func AddDate(dst []byte, num int, v civil.Date) []byte {
	if v.IsZero() {
		return dst
	}
	return AppendDate(dst, num, v)
}

// AppendTimeOfDay appends field num as a uint64: the nanoseconds since midnight.
func AppendTimeOfDay(dst []byte, num int, v civil.TimeOfDay) []byte {
	return AppendUint64(dst, num, uint64(v.SinceMidnight()))
}

// AddTimeOfDay appends field num as AppendTimeOfDay does, unless it is midnight.
func AddTimeOfDay(dst []byte, num int, v civil.TimeOfDay) []byte {
	return AddUint64(dst, num, uint64(v.SinceMidnight()))
}

// AppendDates appends field num as packed dates, and nothing for an empty list.
func AppendDates(dst []byte, num int, v []civil.Date) []byte {
	if len(v) == 0 {
		return dst
	}
	dst, at := Begin(dst, num)
	for _, d := range v {
		dst = binary.AppendUvarint(dst, zigzag(int64(d.UnixDays())))
	}
	return End(dst, at)
}

// AppendTimesOfDay appends field num as packed times of day, and nothing for an empty
// list.
func AppendTimesOfDay(dst []byte, num int, v []civil.TimeOfDay) []byte {
	if len(v) == 0 {
		return dst
	}
	dst, at := Begin(dst, num)
	for _, t := range v {
		dst = binary.AppendUvarint(dst, uint64(t.SinceMidnight()))
	}
	return End(dst, at)
}

// Date is the current field as a date.
func (r *Reader) Date() civil.Date { return r.date(r.Uint64()) }

// TimeOfDay is the current field as a time of day.
func (r *Reader) TimeOfDay() civil.TimeOfDay { return r.timeOfDay(r.Uint64()) }

// Dates appends the current field's dates to dst.
func (r *Reader) Dates(dst []civil.Date) []civil.Date {
	r.packed(func(u uint64) { dst = append(dst, r.date(u)) })
	return dst
}

// TimesOfDay appends the current field's times of day to dst.
func (r *Reader) TimesOfDay(dst []civil.TimeOfDay) []civil.TimeOfDay {
	r.packed(func(u uint64) { dst = append(dst, r.timeOfDay(u)) })
	return dst
}

func (r *Reader) date(u uint64) civil.Date {
	v, err := civil.FromUnixDays(int64(u>>1) ^ -int64(u&1))
	if err != nil || r.err != nil {
		r.unreadable(err)
		return civil.Date{}
	}
	return v
}

func (r *Reader) timeOfDay(u uint64) civil.TimeOfDay {
	v, err := civil.SinceMidnight(time.Duration(u))
	if err != nil || r.err != nil {
		r.unreadable(err)
		return civil.TimeOfDay{}
	}
	return v
}
