package record

import (
	"cmp"
	"encoding/binary"
	"maps"
	"math"
	"math/bits"
	"slices"
	"time"

	"github.com/storegen/storegen/internal/view"
)

// Wire types of the protobuf encoding; groups are long deprecated and refused.
const (
	wireVarint  = 0
	wireFixed64 = 1
	wireBytes   = 2
	wireFixed32 = 5
)

func appendTag(dst []byte, num int, wire uint64) []byte {
	return binary.AppendUvarint(dst, uint64(num)<<3|wire)
}

func zigzag(v int64) uint64 { return uint64(v<<1) ^ uint64(v>>63) }

// AppendBool appends field num as a bool.
func AppendBool(dst []byte, num int, v bool) []byte {
	var b byte
	if v {
		b = 1
	}
	if num < 16 {
		return append(dst, byte(num<<3|wireVarint), b)
	}
	return append(appendTag(dst, num, wireVarint), b)
}

// AppendInt32 appends field num as a sint32.
func AppendInt32(dst []byte, num int, v int32) []byte {
	return AppendInt64(dst, num, int64(v))
}

// AppendInt64 appends field num as a sint64.
func AppendInt64(dst []byte, num int, v int64) []byte {
	return binary.AppendUvarint(appendTag(dst, num, wireVarint), zigzag(v))
}

// AppendUint32 appends field num as a uint32.
func AppendUint32(dst []byte, num int, v uint32) []byte {
	return AppendUint64(dst, num, uint64(v))
}

// AppendUint64 appends field num as a uint64.
func AppendUint64(dst []byte, num int, v uint64) []byte {
	return binary.AppendUvarint(appendTag(dst, num, wireVarint), v)
}

// AppendEnum appends field num as an enum.
func AppendEnum(dst []byte, num int, v int32) []byte {
	return binary.AppendUvarint(appendTag(dst, num, wireVarint), uint64(int64(v)))
}

// AppendFloat64 appends field num as a double.
func AppendFloat64(dst []byte, num int, v float64) []byte {
	return binary.LittleEndian.AppendUint64(appendTag(dst, num, wireFixed64), math.Float64bits(v))
}

// AppendString appends field num as a string or as bytes held in a string.
func AppendString(dst []byte, num int, v string) []byte {
	// Most fields have a small number and are short, so that tag and length are a
	// byte each; and mostly there is room, which is looked for once.
	if n := len(dst); num < 16 && len(v) < 0x80 && cap(dst)-n >= len(v)+2 {
		dst = dst[:n+2+len(v)]
		dst[n], dst[n+1] = byte(num<<3|wireBytes), byte(len(v))
		copy(dst[n+2:], v)
		return dst
	}
	dst = binary.AppendUvarint(appendTag(dst, num, wireBytes), uint64(len(v)))
	return append(dst, v...)
}

// AppendBytes appends field num as bytes.
func AppendBytes(dst []byte, num int, v []byte) []byte {
	return AppendString(dst, num, view.String(v))
}

// AppendUUID appends field num as 16 bytes.
func AppendUUID(dst []byte, num int, v [16]byte) []byte {
	dst = append(appendTag(dst, num, wireBytes), 16)
	return append(dst, v[:]...)
}

// AppendDuration appends field num as a sint64 of nanoseconds.
func AppendDuration(dst []byte, num int, v time.Duration) []byte {
	return AppendInt64(dst, num, int64(v))
}

// AppendTime appends field num as a message of seconds and nanoseconds since
// 1970. It holds the whole range of time.Time; location and monotonic reading
// are dropped.
func AppendTime(dst []byte, num int, v time.Time) []byte {
	const most = 2 + binary.MaxVarintLen64 + 8 // of the message, whose length is one byte then
	if num < 16 {
		dst = append(dst, byte(num<<3|wireBytes))
	} else {
		dst = appendTag(dst, num, wireBytes)
	}
	dst = slices.Grow(dst, 1+most)
	at := len(dst) + 1
	b, n := dst[at:at+most], 0
	if s := uint64(v.Unix()); s != 0 {
		b[0] = 1<<3 | wireVarint
		if s>>56 == 0 {
			n = 1 + putVarint56(b[1:], s)
		} else {
			n = 1 + binary.PutUvarint(b[1:], s)
		}
	}
	if ns := v.Nanosecond(); ns != 0 {
		b[n] = 2<<3 | wireVarint
		n += 1 + putVarint56(b[n+1:], uint64(ns))
	}
	dst = dst[:at+n]
	dst[at-1] = byte(n)
	return dst
}

// putVarint56 puts a number of at most 56 bits as a varint, without a loop: its
// groups of seven bits are moved apart, all at once. It writes eight bytes, and
// returns how many of them count.
func putVarint56(b []byte, v uint64) int {
	v = v&0x0000_0000_0fff_ffff | v&0x00ff_ffff_f000_0000<<4
	v = v&0x0000_3fff_0000_3fff | v&0x0fff_c000_0fff_c000<<2
	v = v&0x007f_007f_007f_007f | v&0x3f80_3f80_3f80_3f80<<1
	n := (bits.Len64(v|1) + 7) / 8
	more := uint64(1)<<(8*(n-1)&63) - 1 // all but the last say that more follows
	binary.LittleEndian.PutUint64(b, v|more&0x8080_8080_8080_8080)
	return n
}

// Begin starts field num as a message: what is appended until End is its body.
// The second result is for End.
func Begin(dst []byte, num int) ([]byte, int) {
	dst = append(appendTag(dst, num, wireBytes), 0)
	return dst, len(dst)
}

// End ends the message that Begin started at at, and puts its length in front.
func End(dst []byte, at int) []byte {
	n := len(dst) - at
	if n < 0x80 {
		dst[at-1] = byte(n)
		return dst
	}
	var tmp [binary.MaxVarintLen64]byte
	size := binary.PutUvarint(tmp[:], uint64(n))
	// One byte was kept for the length: make room for the others.
	dst = append(dst, tmp[:size-1]...)
	copy(dst[at+size-1:], dst[at:at+n])
	copy(dst[at-1:], tmp[:size])
	return dst
}

// The list forms append nothing for an empty list.

// AppendBools appends field num as packed bools.
func AppendBools(dst []byte, num int, v []bool) []byte {
	if len(v) == 0 {
		return dst
	}
	dst, at := Begin(dst, num)
	for _, x := range v {
		var b byte
		if x {
			b = 1
		}
		dst = append(dst, b)
	}
	return End(dst, at)
}

// AppendInts appends field num as packed sint32 or sint64.
func AppendInts[T ~int | ~int8 | ~int16 | ~int32 | ~int64](dst []byte, num int, v []T) []byte {
	if len(v) == 0 {
		return dst
	}
	dst, at := Begin(dst, num)
	for _, x := range v {
		dst = binary.AppendUvarint(dst, zigzag(int64(x)))
	}
	return End(dst, at)
}

// AppendUints appends field num as packed uint32 or uint64.
func AppendUints[T ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64](dst []byte, num int, v []T) []byte {
	if len(v) == 0 {
		return dst
	}
	dst, at := Begin(dst, num)
	for _, x := range v {
		dst = binary.AppendUvarint(dst, uint64(x))
	}
	return End(dst, at)
}

// AppendEnums appends field num as packed enum values.
func AppendEnums[T ~int32](dst []byte, num int, v []T) []byte {
	if len(v) == 0 {
		return dst
	}
	dst, at := Begin(dst, num)
	for _, x := range v {
		dst = binary.AppendUvarint(dst, uint64(int64(x)))
	}
	return End(dst, at)
}

// AppendFloat64s appends field num as packed doubles.
func AppendFloat64s[T ~float64](dst []byte, num int, v []T) []byte {
	if len(v) == 0 {
		return dst
	}
	dst, at := Begin(dst, num)
	for _, x := range v {
		dst = binary.LittleEndian.AppendUint64(dst, math.Float64bits(float64(x)))
	}
	return End(dst, at)
}

// SortedKeys returns the keys of a map in order, so that a map has one encoding.
func SortedKeys[K cmp.Ordered, T any](m map[K]T) []K {
	if len(m) == 0 {
		return nil
	}
	return slices.Sorted(maps.Keys(m))
}
