package keys

import (
	"encoding/binary"
	"math"
	"math/bits"
	"strings"
	"time"

	"github.com/storegen/storegen/internal/view"
)

const (
	sign32 = 1 << 31
	sign64 = 1 << 63
)

// The three bytes that give strings and byte strings an end. A zero byte of the value becomes escape, escapedZero; the
// component ends with escape, terminator. The terminator sorts below escapedZero and below every other byte that can
// follow, so that a shorter string sorts before its continuations. A single zero byte would not do as an end: the next
// component may begin with any byte, also with escapedZero.
const (
	escape      = 0x00
	escapedZero = 0xFF
	terminator  = 0x01
)

// Values below uvarintOne take one byte; others take a byte uvarintOne-1+n and then n bytes, n from 1 to 8.
const uvarintOne = 0xF8

// The Append functions are kept out of line: generated code calls them in every table, and inlined they would be compiled
// again with each call.

// AppendBool appends v in 1 byte: 0 for false, 1 for true.
//
//go:noinline
func AppendBool(dst []byte, v bool) []byte {
	if v {
		return append(dst, 1)
	}
	return append(dst, 0)
}

// AppendInt32 appends v in 4 bytes, big-endian, with the sign bit flipped so that negative numbers sort first.
//
//go:noinline
func AppendInt32(dst []byte, v int32) []byte {
	return binary.BigEndian.AppendUint32(dst, uint32(v)^sign32)
}

// AppendInt64 appends v in 8 bytes, big-endian, with the sign bit flipped so that negative numbers sort first.
//
//go:noinline
func AppendInt64(dst []byte, v int64) []byte {
	return binary.BigEndian.AppendUint64(dst, uint64(v)^sign64)
}

// AppendUint32 appends v in 4 bytes, big-endian.
//
//go:noinline
func AppendUint32(dst []byte, v uint32) []byte {
	return binary.BigEndian.AppendUint32(dst, v)
}

// AppendUint64 appends v in 8 bytes, big-endian.
//
//go:noinline
func AppendUint64(dst []byte, v uint64) []byte {
	return binary.BigEndian.AppendUint64(dst, v)
}

// AppendFloat64 appends v in 8 bytes. The order is that of [cmp.Compare]: NaN, -Inf, negative numbers, zero, positive
// numbers, +Inf. Every NaN is the same value, written as eight zero bytes, and -0 is written as +0.
//
//go:noinline
func AppendFloat64(dst []byte, v float64) []byte {
	return binary.BigEndian.AppendUint64(dst, orderFloat64(v))
}

// orderFloat64 maps v to a number that compares as v does: a positive number's bits with the sign bit set, a negative
// number's bits inverted.
func orderFloat64(v float64) uint64 {
	switch {
	case v != v:
		return 0
	case v == 0:
		return sign64
	}
	b := math.Float64bits(v)
	if b&sign64 != 0 {
		return ^b
	}
	return b | sign64
}

// AppendString appends v, of any bytes, so that strings sort bytewise: each zero byte is written as 0x00 0xFF, and
// 0x00 0x01 ends the component.
//
//go:noinline
func AppendString(dst []byte, v string) []byte {
	return append(appendEscaped(dst, v), escape, terminator)
}

// AppendBytes appends v in the form of [AppendString]. nil and empty are the same.
//
//go:noinline
func AppendBytes(dst []byte, v []byte) []byte {
	return append(appendEscaped(dst, view.String(v)), escape, terminator)
}

// AppendStringPrefix appends the beginning that the encodings of all strings that begin with v share, and no others: v
// in the form of [AppendString] without its end. It is a bound for searches, not a component that can be read back. For
// a component written by [AppendStringLast], that function's own output is the prefix.
//
//go:noinline
func AppendStringPrefix(dst []byte, v string) []byte {
	return appendEscaped(dst, v)
}

// AppendBytesPrefix is [AppendStringPrefix] for components written by [AppendBytes].
//
//go:noinline
func AppendBytesPrefix(dst []byte, v []byte) []byte {
	return appendEscaped(dst, view.String(v))
}

// AppendStringLast appends the bytes of v as they are. It has no end of its own, so it is only for the last component
// of an ascending key.
//
//go:noinline
func AppendStringLast(dst []byte, v string) []byte {
	return append(dst, v...)
}

// AppendBytesLast is [AppendStringLast] for bytes. nil and empty are the same.
//
//go:noinline
func AppendBytesLast(dst []byte, v []byte) []byte {
	return append(dst, v...)
}

// AppendTime appends the instant v in 12 bytes: the seconds since 0001-01-01T00:00:00Z as in [AppendInt64], then the
// nanoseconds within the second, 0 to 999,999,999, as in [AppendUint32]. It covers the whole range of [time.Time]
// exactly, and orders as [time.Time.Compare] does. Location and monotonic clock reading are dropped.
//
//go:noinline
func AppendTime(dst []byte, v time.Time) []byte {
	return AppendUint32(AppendInt64(dst, v.Unix()+secondsBeforeUnix), uint32(v.Nanosecond()))
}

// secondsBeforeUnix is the number of seconds from 0001-01-01T00:00:00Z, where a time.Time counts from, to 1970. At the
// far ends of the range Time.Unix wraps around, and adding this wraps back: two's complement arithmetic is exact here.
const secondsBeforeUnix = (1969*365 + 1969/4 - 1969/100 + 1969/400) * 24 * 60 * 60

// AppendDuration appends v, in nanoseconds, as [AppendInt64] does.
//
//go:noinline
func AppendDuration(dst []byte, v time.Duration) []byte {
	return AppendInt64(dst, int64(v))
}

// AppendUUID appends the 16 bytes of v as they are.
//
//go:noinline
func AppendUUID(dst []byte, v [16]byte) []byte {
	return append(dst, v[:]...)
}

// AppendUvarint appends v in 1 to 9 bytes, small numbers in few: below 0xF8 the number is the byte; from there on a
// byte 0xF7+n says that n bytes follow, big-endian, as few as hold v.
//
//go:noinline
func AppendUvarint(dst []byte, v uint64) []byte {
	if v < uvarintOne {
		return append(dst, byte(v))
	}
	n := uvarintLen(v)
	dst = append(dst, byte(uvarintOne-1+n))
	for n--; n >= 0; n-- {
		dst = append(dst, byte(v>>(8*n)))
	}
	return dst
}

// AppendEnum appends the number of an enum value as [AppendUvarint] does, so that the values of any usual enum take one
// byte. Order is by number as unsigned: a negative number sorts after all others.
//
//go:noinline
func AppendEnum(dst []byte, v int32) []byte {
	return AppendUvarint(dst, uint64(uint32(v)))
}

// appendEscaped appends s with its zero bytes escaped, and no end.
func appendEscaped(dst []byte, s string) []byte {
	for {
		i := strings.IndexByte(s, escape)
		if i < 0 {
			return append(dst, s...)
		}
		dst = append(dst, s[:i+1]...)
		dst = append(dst, escapedZero)
		s = s[i+1:]
	}
}

// uvarintLen gives the number of bytes that hold v, at least 1.
func uvarintLen(v uint64) int {
	return max(1, (bits.Len64(v)+7)/8)
}
