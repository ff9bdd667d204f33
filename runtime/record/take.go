package record

import (
	"encoding/binary"
	"math"
	"time"

	"github.com/storegen/storegen/internal/view"
)

// The functions that begin with Take read a field that begins b into what v points to, and
// return what stands behind it. Where another field begins b, or one that a Reader would
// refuse, they return b and leave v alone. So generated code reads a row as AppendX and
// AddX have written it without a branch, and leaves to a Reader what comes otherwise:
//
//	rest := record.TakeString(b, 1, &v.Name)
//	rest = record.TakeTime(rest, 2, &v.At)
//	r := record.NewReaderAt(b, len(b)-len(rest))
//
// They are out of line, as generated code that calls them is compiled for each table, and
// pass what they need in registers: a row of eight fields is read in 0.55 of the time that
// a Reader takes.

// Next reports whether a field num begins b. It is inlined.
func Next(b []byte, num int) bool {
	if num < 16 { // and the tag is a byte
		return len(b) > 0 && int(b[0]>>3) == num
	}
	return nextLong(b, num)
}

//go:noinline
func nextLong(b []byte, num int) bool {
	tag, at := uvarint(b, 0)
	return at > 0 && tag>>3 == uint64(num)
}

// TakeString takes a string, which points into b.
//
//go:noinline
func TakeString(b []byte, num int, v *string) []byte {
	if end := short(b, num); end > 0 {
		*v = view.String(b[2:end])
		return b[end:]
	}
	data, rest := takeLong(b, num)
	if data != nil {
		*v = view.String(data)
	}
	return rest
}

// TakeBytes takes bytes, which point into b and are never nil.
//
//go:noinline
func TakeBytes(b []byte, num int, v *[]byte) []byte {
	data, rest := takeData(b, num)
	if data != nil {
		*v = data
	}
	return rest
}

// TakeUUID takes 16 bytes.
//
//go:noinline
func TakeUUID(b []byte, num int, v *[16]byte) []byte {
	if data, rest := takeData(b, num); len(data) == len(v) {
		*v = [16]byte(data)
		return rest
	}
	return b
}

// TakeTime takes a time, in UTC.
//
//go:noinline
func TakeTime(b []byte, num int, v *time.Time) []byte {
	data, rest := takeData(b, num)
	if len(data) < 2 || data[0] != 1<<3|wireVarint {
		return b
	}
	sec, pos := uvarint(data, 1)
	switch {
	case pos == len(data):
		*v = time.Unix(int64(sec), 0).UTC()
		return rest
	case pos > 0 && data[pos] == 2<<3|wireVarint:
		if nsec, end := uvarint(data, pos+1); end == len(data) && nsec <= 999999999 {
			*v = time.Unix(int64(sec), int64(nsec)).UTC()
			return rest
		}
	}
	return b
}

// TakeOptString is TakeString for an optional field, and TakeOptTime is TakeTime.
//
//go:noinline
func TakeOptString(b []byte, num int, v **string) []byte { return takeOpt(b, num, v, TakeString) }

//go:noinline
func TakeOptTime(b []byte, num int, v **time.Time) []byte { return takeOpt(b, num, v, TakeTime) }

func takeOpt[T any](b []byte, num int, v **T, take func([]byte, int, *T) []byte) []byte {
	if !Next(b, num) {
		return b
	}
	x := new(T)
	rest := take(b, num, x)
	if len(rest) < len(b) {
		*v = x
	}
	return rest
}

// TakeBool takes a bool.
//
//go:noinline
func TakeBool(b []byte, num int, v *bool) []byte {
	u, rest, ok := takeVarint(b, num)
	if ok {
		*v = u != 0
	}
	return rest
}

// TakeInt64 takes a sint64.
//
//go:noinline
func TakeInt64(b []byte, num int, v *int64) []byte { return takeSigned(b, num, v) }

// TakeInt32 takes a sint32.
//
//go:noinline
func TakeInt32(b []byte, num int, v *int32) []byte { return takeSigned(b, num, v) }

// TakeInt16 takes a sint32 that an int16 holds.
//
//go:noinline
func TakeInt16(b []byte, num int, v *int16) []byte { return takeSigned(b, num, v) }

// TakeInt8 takes a sint32 that an int8 holds.
//
//go:noinline
func TakeInt8(b []byte, num int, v *int8) []byte { return takeSigned(b, num, v) }

// TakeInt takes a sint64 that an int of this machine holds.
//
//go:noinline
func TakeInt(b []byte, num int, v *int) []byte { return takeSigned(b, num, v) }

// TakeDuration takes a sint64 of nanoseconds.
//
//go:noinline
func TakeDuration(b []byte, num int, v *time.Duration) []byte { return takeSigned(b, num, v) }

// TakeUint64 takes a uint64.
//
//go:noinline
func TakeUint64(b []byte, num int, v *uint64) []byte { return takeUnsigned(b, num, v) }

// TakeUint32 takes a uint32.
//
//go:noinline
func TakeUint32(b []byte, num int, v *uint32) []byte { return takeUnsigned(b, num, v) }

// TakeUint16 takes a uint32 that a uint16 holds.
//
//go:noinline
func TakeUint16(b []byte, num int, v *uint16) []byte { return takeUnsigned(b, num, v) }

// TakeUint8 takes a uint32 that a uint8 holds.
//
//go:noinline
func TakeUint8(b []byte, num int, v *uint8) []byte { return takeUnsigned(b, num, v) }

// TakeUint takes a uint64 that a uint of this machine holds.
//
//go:noinline
func TakeUint(b []byte, num int, v *uint) []byte { return takeUnsigned(b, num, v) }

// TakeEnum takes an enum's number.
//
//go:noinline
func TakeEnum(b []byte, num int, v *int32) []byte {
	u, rest, ok := takeVarint(b, num)
	if !ok || int64(int32(u)) != int64(u) {
		return b
	}
	*v = int32(u)
	return rest
}

// TakeFloat64 takes a double.
//
//go:noinline
func TakeFloat64(b []byte, num int, v *float64) []byte {
	rest, ok := behindTag(b, num, wireFixed64)
	if !ok || len(rest) < 8 {
		return b
	}
	*v = math.Float64frombits(binary.LittleEndian.Uint64(rest))
	return rest[8:]
}

// TakeFloat32 takes a float.
//
//go:noinline
func TakeFloat32(b []byte, num int, v *float32) []byte {
	rest, ok := behindTag(b, num, wireFixed32)
	if !ok || len(rest) < 4 {
		return b
	}
	*v = math.Float32frombits(binary.LittleEndian.Uint32(rest))
	return rest[4:]
}

// TakeStrings takes all elements of a list of strings, which point into b. The list is
// in the room that v has, if it is enough, or else from mem with no room behind it.
func TakeStrings[T ~string](b []byte, num int, v *[]T, mem *Lists) []byte {
	list, rest := takeStrings(b, num, view.Plain((*v)[:0]), mem)
	if list != nil {
		*v = view.Strings[T](list)
	}
	return rest
}

//go:noinline
func takeStrings(b []byte, num int, room []string, mem *Lists) ([]string, []byte) {
	n := 0
	for rest := b; Next(rest, num); n++ {
		if end := short(rest, num); end > 0 {
			rest = rest[end:]
		} else if data, next := takeLong(rest, num); data != nil {
			rest = next
		} else {
			break
		}
	}
	if n == 0 {
		return nil, b
	}
	list := room[:min(n, cap(room))]
	if len(list) < n {
		list = mem.strings(n)
	}
	for i := range list {
		if end := short(b, num); end > 0 {
			list[i], b = view.String(b[2:end]), b[end:]
		} else {
			b = TakeString(b, num, &list[i])
		}
	}
	return list, b
}

// short is the length of a field of fewer than 128 bytes whose tag is a byte, as most are,
// with tag and length; 0 where another field begins b. It is inlined.
func short(b []byte, num int) int {
	if len(b) > 1 && num < 16 && b[0] == byte(num<<3|wireBytes) && b[1] < 0x80 && int(b[1])+2 <= len(b) {
		return int(b[1]) + 2
	}
	return 0
}

// behindTag is what stands behind the tag of field num where that begins b.
func behindTag(b []byte, num, wire int) ([]byte, bool) {
	if num < 16 { // and the tag is a byte
		if len(b) == 0 || b[0] != byte(num<<3|wire) {
			return b, false
		}
		return b[1:], true
	}
	tag, at := uvarint(b, 0)
	if at < 0 || tag != uint64(num)<<3|uint64(wire) {
		return b, false
	}
	return b[at:], true
}

// takeData takes a field of bytes; data is nil and rest is b where it is not there.
func takeData(b []byte, num int) (data, rest []byte) {
	if end := short(b, num); end > 0 {
		return b[2:end:end], b[end:]
	}
	return takeLong(b, num)
}

//go:noinline
func takeLong(b []byte, num int) (data, rest []byte) {
	rest, ok := behindTag(b, num, wireBytes)
	if !ok {
		return nil, b
	}
	n, at := uvarint(rest, 0)
	if at < 0 || n > uint64(len(rest)-at) {
		return nil, b
	}
	end := at + int(n)
	return rest[at:end:end], rest[end:]
}

// takeVarint takes a number; ok is false and rest is b where it is not there.
func takeVarint(b []byte, num int) (v uint64, rest []byte, ok bool) {
	if len(b) > 1 && num < 16 && b[0] == byte(num<<3|wireVarint) {
		v = uint64(b[1] & 0x7f)
		if b[1] < 0x80 {
			return v, b[2:], true
		}
		// Up to nine bytes, of which none is cut off; the tenth is for the other function.
		for i := 2; i < len(b) && i < 10; i++ {
			v |= uint64(b[i]&0x7f) << (7 * (i - 1))
			if b[i] < 0x80 {
				return v, b[i+1:], true
			}
		}
	}
	return takeLongVarint(b, num)
}

//go:noinline
func takeLongVarint(b []byte, num int) (v uint64, rest []byte, ok bool) {
	rest, ok = behindTag(b, num, wireVarint)
	if !ok {
		return 0, b, false
	}
	v, at := uvarint(rest, 0)
	if at < 0 {
		return 0, b, false
	}
	return v, rest[at:], true
}

func takeSigned[T ~int | ~int8 | ~int16 | ~int32 | ~int64](b []byte, num int, v *T) []byte {
	u, rest, ok := takeVarint(b, num)
	x := int64(u>>1) ^ -int64(u&1)
	if !ok || int64(T(x)) != x {
		return b
	}
	*v = T(x)
	return rest
}

func takeUnsigned[T ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64](b []byte, num int, v *T) []byte {
	u, rest, ok := takeVarint(b, num)
	if !ok || uint64(T(u)) != u {
		return b
	}
	*v = T(u)
	return rest
}
