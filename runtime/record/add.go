package record

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/storegen/storegen/internal/view"
)

// The functions that begin with Add append a field of a row: nothing where it has
// the zero value, or, of an optional one, where it is absent. So generated code has
// a line for each field and no branches; it is compiled for each table, and these
// are compiled once. They are kept out of line for the same reason.

// AddBool appends field num as a bool, unless it is false.
//
//go:noinline
func AddBool(dst []byte, num int, v bool) []byte {
	if !v {
		return dst
	}
	return AppendBool(dst, num, v)
}

// AddInt32 appends field num as a sint32, unless it is 0.
func AddInt32(dst []byte, num int, v int32) []byte { return AddInt64(dst, num, int64(v)) }

// AddInt64 appends field num as a sint64, unless it is 0.
//
//go:noinline
func AddInt64(dst []byte, num int, v int64) []byte { return addVarint(dst, num, zigzag(v)) }

// AddUint32 appends field num as a uint32, unless it is 0.
func AddUint32(dst []byte, num int, v uint32) []byte { return AddUint64(dst, num, uint64(v)) }

// AddUint64 appends field num as a uint64, unless it is 0.
//
//go:noinline
func AddUint64(dst []byte, num int, v uint64) []byte { return addVarint(dst, num, v) }

// AddEnum appends field num as an enum, unless it is 0.
//
//go:noinline
func AddEnum(dst []byte, num int, v int32) []byte { return addVarint(dst, num, uint64(int64(v))) }

// AddDuration appends field num as a sint64 of nanoseconds, unless it is 0.
func AddDuration(dst []byte, num int, v time.Duration) []byte { return AddInt64(dst, num, int64(v)) }

// addVarint is small enough to be inlined. Most numbers are a byte, as is the tag.
func addVarint(dst []byte, num int, v uint64) []byte {
	switch {
	case v == 0:
		return dst
	case v < 0x80 && num < 16:
		return append(dst, byte(num<<3|wireVarint), byte(v))
	}
	return appendVarint(dst, num, v)
}

func appendVarint(dst []byte, num int, v uint64) []byte {
	return binary.AppendUvarint(appendTag(dst, num, wireVarint), v)
}

// AddFloat64 appends field num as a double, unless it is 0.
//
//go:noinline
func AddFloat64(dst []byte, num int, v float64) []byte {
	if v == 0 && !math.Signbit(v) { // -0 is another value, and stays
		return dst
	}
	return AppendFloat64(dst, num, v)
}

// AddString appends field num as a string or as bytes held in a string, unless it
// is empty.
//
//go:noinline
func AddString(dst []byte, num int, v string) []byte {
	if v == "" {
		return dst
	}
	// As in AppendString, which is a call more.
	if n := len(dst); num < 16 && len(v) < 0x80 && cap(dst)-n >= len(v)+2 {
		dst = dst[:n+2+len(v)]
		dst[n], dst[n+1] = byte(num<<3|wireBytes), byte(len(v))
		copy(dst[n+2:], v)
		return dst
	}
	return AppendString(dst, num, v)
}

// AddOptString is AddString for an optional field, which may be there and empty.
//
//go:noinline
func AddOptString(dst []byte, num int, v *string) []byte {
	if v == nil {
		return dst
	}
	if n := len(dst); num < 16 && len(*v) < 0x80 && cap(dst)-n >= len(*v)+2 {
		dst = dst[:n+2+len(*v)]
		dst[n], dst[n+1] = byte(num<<3|wireBytes), byte(len(*v))
		copy(dst[n+2:], *v)
		return dst
	}
	return AppendString(dst, num, *v)
}

// AddBytes appends field num as bytes, unless there are none.
//
//go:noinline
func AddBytes(dst []byte, num int, v []byte) []byte {
	return AddString(dst, num, view.String(v))
}

// AddOptBytes is AddBytes for an optional field, which may be there and empty.
//
//go:noinline
func AddOptBytes(dst []byte, num int, v []byte) []byte {
	if v == nil {
		return dst
	}
	return AppendBytes(dst, num, v)
}

// AddUUID appends field num as 16 bytes, unless all are 0.
//
//go:noinline
func AddUUID(dst []byte, num int, v [16]byte) []byte {
	if v == ([16]byte{}) {
		return dst
	}
	return AppendUUID(dst, num, v)
}

// AddTime appends field num as AppendTime does, unless it is the zero time.
//
//go:noinline
func AddTime(dst []byte, num int, v time.Time) []byte {
	const most = 2 + 1 + 5 + 1 + 8
	n, sec := len(dst), uint64(v.Unix())
	// From 1978 to 3058 the seconds are five bytes; and mostly there is room.
	if sec>>28 == 0 || sec>>35 != 0 || num >= 16 || cap(dst)-n < most {
		if v.IsZero() {
			return dst
		}
		return AppendTime(dst, num, v)
	}
	b := dst[n : n+most]
	b[0], b[2] = byte(num<<3|wireBytes), 1<<3|wireVarint
	b[3], b[4], b[5], b[6], b[7] = byte(sec)|0x80, byte(sec>>7)|0x80, byte(sec>>14)|0x80, byte(sec>>21)|0x80, byte(sec>>28)
	end := 8
	if ns := v.Nanosecond(); ns != 0 {
		b[end] = 2<<3 | wireVarint
		end += 1 + putVarint56(b[end+1:], uint64(ns))
	}
	b[1] = byte(end - 2)
	return dst[:n+end]
}

// AddOptTime is AddTime for an optional field, which may be there and the zero
// time.
//
//go:noinline
func AddOptTime(dst []byte, num int, v *time.Time) []byte {
	switch {
	case v == nil:
		return dst
	case v.IsZero():
		return AppendTime(dst, num, *v)
	}
	return AddTime(dst, num, *v)
}
