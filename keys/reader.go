package keys

import (
	"bytes"
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/storegen/storegen/internal/view"
)

// ErrMalformed is what every error of a [Reader] wraps: the bytes are not what an appender of the kind asked for
// writes. Bytes from a store's own entries that give it are corrupt, or were written under another schema.
var ErrMalformed = errors.New("malformed key")

// Reader takes a key apart, component by component, in the order in which it was appended.
//
// The first error sticks: from then on every accessor returns the zero value of its type, so that a decoder reads all
// components and asks once, with Done or Err. Errors wrap [ErrMalformed] and name the kind and the offset in bytes of
// the component. The package documentation says which results share memory with the key.
//
// The zero Reader reads an empty key. A Reader kept in a local variable does not escape to the heap. Its String method
// reads a component, as the others do: do not hand a *Reader to package fmt.
type Reader struct {
	b   []byte
	off int
	err error
}

// NewReader gives a reader of the components of b.
func NewReader(b []byte) Reader { return Reader{b: b} }

// Err gives the first error, or nil.
func (r *Reader) Err() error { return r.err }

// Done gives the first error, or an error when bytes are left over, or nil when the key was read to its end.
func (r *Reader) Done() error {
	if r.err == nil && r.off < len(r.b) {
		return fmt.Errorf("%w: %d bytes left over at byte %d", ErrMalformed, len(r.b)-r.off, r.off)
	}
	return r.err
}

// Rest gives the bytes that are not read yet, sharing memory with the key, and does not move on. It is nil after an
// error.
func (r *Reader) Rest() []byte {
	if r.err != nil {
		return nil
	}
	return r.b[r.off:len(r.b):len(r.b)]
}

// Bool reads what [AppendBool] wrote.
func (r *Reader) Bool() bool { return r.bool("bool", ascending) }

// BoolDesc reads what [AppendBoolDesc] wrote.
func (r *Reader) BoolDesc() bool { return r.bool("descending bool", descending) }

// Int32 reads what [AppendInt32] wrote.
func (r *Reader) Int32() int32 { return r.int32("int32", ascending) }

// Int32Desc reads what [AppendInt32Desc] wrote.
func (r *Reader) Int32Desc() int32 { return r.int32("descending int32", descending) }

// Int64 reads what [AppendInt64] wrote.
func (r *Reader) Int64() int64 { return r.int64("int64", ascending) }

// Int64Desc reads what [AppendInt64Desc] wrote.
func (r *Reader) Int64Desc() int64 { return r.int64("descending int64", descending) }

// Int reads what [AppendInt64] wrote, and refuses what an int of this machine does not hold.
func (r *Reader) Int() int { return r.asInt(r.int64("int", ascending)) }

// IntDesc reads what [AppendInt64Desc] wrote, and refuses what an int of this machine does not hold.
func (r *Reader) IntDesc() int { return r.asInt(r.int64("descending int", descending)) }

// Uint reads what [AppendUint64] wrote, and refuses what a uint of this machine does not hold.
func (r *Reader) Uint() uint { v, _ := r.fixed64("uint", ascending); return r.asUint(v) }

// UintDesc reads what [AppendUint64Desc] wrote, and refuses what a uint of this machine does not hold.
func (r *Reader) UintDesc() uint {
	v, _ := r.fixed64("descending uint", descending)
	return r.asUint(v)
}

// Uint32 reads what [AppendUint32] wrote.
func (r *Reader) Uint32() uint32 { v, _ := r.fixed32("uint32", ascending); return v }

// Uint32Desc reads what [AppendUint32Desc] wrote.
func (r *Reader) Uint32Desc() uint32 { v, _ := r.fixed32("descending uint32", descending); return v }

// Uint64 reads what [AppendUint64] wrote.
func (r *Reader) Uint64() uint64 { v, _ := r.fixed64("uint64", ascending); return v }

// Uint64Desc reads what [AppendUint64Desc] wrote.
func (r *Reader) Uint64Desc() uint64 { v, _ := r.fixed64("descending uint64", descending); return v }

// Float64 reads what [AppendFloat64] wrote. It never gives -0, and only one NaN.
func (r *Reader) Float64() float64 { return r.float64("float64", ascending) }

// Float64Desc reads what [AppendFloat64Desc] wrote. It never gives -0, and only one NaN.
func (r *Reader) Float64Desc() float64 { return r.float64("descending float64", descending) }

// String reads what [AppendString] wrote. The result shares memory with the key unless the string holds zero bytes.
func (r *Reader) String() string { return view.String(r.terminated("string", ascending)) }

// StringDesc reads what [AppendStringDesc] wrote. The result is a copy.
func (r *Reader) StringDesc() string {
	return view.String(r.terminated("descending string", descending))
}

// Bytes reads what [AppendBytes] wrote. The result shares memory with the key unless it holds zero bytes.
func (r *Reader) Bytes() []byte { return r.terminated("bytes", ascending) }

// BytesDesc reads what [AppendBytesDesc] wrote. The result is a copy.
func (r *Reader) BytesDesc() []byte { return r.terminated("descending bytes", descending) }

// StringLast reads what [AppendStringLast] wrote: all that is left. The result shares memory with the key.
func (r *Reader) StringLast() string { return view.String(r.BytesLast()) }

// BytesLast reads what [AppendBytesLast] wrote: all that is left. The result shares memory with the key.
func (r *Reader) BytesLast() []byte {
	b := r.Rest()
	r.off += len(b)
	return b
}

// Time reads what [AppendTime] wrote. The result is in UTC and in the form that makes == work: it equals
// time.Unix(seconds, nanoseconds).UTC(), and the zero time comes back as time.Time{}.
func (r *Reader) Time() time.Time { return r.time("time", ascending) }

// TimeDesc reads what [AppendTimeDesc] wrote, with the result of [Reader.Time].
func (r *Reader) TimeDesc() time.Time { return r.time("descending time", descending) }

// Duration reads what [AppendDuration] wrote.
func (r *Reader) Duration() time.Duration { return time.Duration(r.int64("duration", ascending)) }

// DurationDesc reads what [AppendDurationDesc] wrote.
func (r *Reader) DurationDesc() time.Duration {
	return time.Duration(r.int64("descending duration", descending))
}

// UUID reads what [AppendUUID] wrote.
func (r *Reader) UUID() [16]byte { return r.uuid("uuid", ascending) }

// UUIDDesc reads what [AppendUUIDDesc] wrote.
func (r *Reader) UUIDDesc() [16]byte { return r.uuid("descending uuid", descending) }

// Uvarint reads what [AppendUvarint] wrote.
func (r *Reader) Uvarint() uint64 { return r.uvarint("uvarint", ascending, math.MaxUint64) }

// UvarintDesc reads what [AppendUvarintDesc] wrote.
func (r *Reader) UvarintDesc() uint64 {
	return r.uvarint("descending uvarint", descending, math.MaxUint64)
}

// Enum reads what [AppendEnum] wrote. Whether the number is one of the enum's is for the caller to say.
func (r *Reader) Enum() int32 { return int32(uint32(r.uvarint("enum", ascending, math.MaxUint32))) }

// EnumDesc reads what [AppendEnumDesc] wrote, with the result of [Reader.Enum].
func (r *Reader) EnumDesc() int32 {
	return int32(uint32(r.uvarint("descending enum", descending, math.MaxUint32)))
}

// direction is a mask: what every byte of an ascending component is xored with.
type direction uint64

const (
	ascending  direction = 0
	descending direction = math.MaxUint64
)

// fail records the first error, about the component of the given kind that begins at the reader's offset.
func (r *Reader) fail(kind, format string, args ...any) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s at byte %d: %s", ErrMalformed, kind, r.off, fmt.Sprintf(format, args...))
	}
}

// peek gives the next n bytes without moving on, or nil and a recorded error when there are fewer.
func (r *Reader) peek(kind string, n int) []byte {
	if r.err != nil {
		return nil
	}
	if left := len(r.b) - r.off; left < n {
		r.fail(kind, "%d bytes left of %d", left, n)
		return nil
	}
	return r.b[r.off : r.off+n]
}

func (r *Reader) fixed32(kind string, d direction) (uint32, bool) {
	b := r.peek(kind, 4)
	if b == nil {
		return 0, false
	}
	r.off += 4
	return binary.BigEndian.Uint32(b) ^ uint32(d), true
}

func (r *Reader) fixed64(kind string, d direction) (uint64, bool) {
	b := r.peek(kind, 8)
	if b == nil {
		return 0, false
	}
	r.off += 8
	return binary.BigEndian.Uint64(b) ^ uint64(d), true
}

func (r *Reader) bool(kind string, d direction) bool {
	b := r.peek(kind, 1)
	if b == nil {
		return false
	}
	v := b[0] ^ byte(d)
	if v > 1 {
		r.fail(kind, "byte 0x%02x is neither false nor true", b[0])
		return false
	}
	r.off++
	return v == 1
}

func (r *Reader) int32(kind string, d direction) int32 {
	v, ok := r.fixed32(kind, d)
	if !ok {
		return 0
	}
	return int32(v ^ sign32)
}

func (r *Reader) int64(kind string, d direction) int64 {
	v, ok := r.fixed64(kind, d)
	if !ok {
		return 0
	}
	return int64(v ^ sign64)
}

func (r *Reader) asInt(v int64) int {
	if int64(int(v)) != v {
		r.fail("int", "%d is out of its range on this machine", v)
		return 0
	}
	return int(v)
}

func (r *Reader) asUint(v uint64) uint {
	if uint64(uint(v)) != v {
		r.fail("uint", "%d is out of its range on this machine", v)
		return 0
	}
	return uint(v)
}

func (r *Reader) float64(kind string, d direction) float64 {
	b := r.peek(kind, 8)
	if b == nil {
		return 0
	}
	u := binary.BigEndian.Uint64(b) ^ uint64(d)
	var v float64
	switch {
	case u == 0:
		v = math.NaN()
	case u&sign64 != 0:
		v = math.Float64frombits(u &^ sign64)
	default:
		v = math.Float64frombits(^u)
	}
	// The other NaNs and -0 have bits of their own, which the appender never writes.
	if orderFloat64(v) != u {
		r.fail(kind, "0x%x is not the canonical form of %v", b, v)
		return 0
	}
	r.off += 8
	return v
}

func (r *Reader) time(kind string, d direction) time.Time {
	b := r.peek(kind, 12)
	if b == nil {
		return time.Time{}
	}
	sec := int64(binary.BigEndian.Uint64(b) ^ uint64(d) ^ sign64)
	nsec := binary.BigEndian.Uint32(b[8:]) ^ uint32(d)
	if nsec >= 1e9 {
		r.fail(kind, "%d nanoseconds make a second or more", nsec)
		return time.Time{}
	}
	r.off += 12
	return time.Unix(sec-secondsBeforeUnix, int64(nsec)).UTC()
}

func (r *Reader) uuid(kind string, d direction) (v [16]byte) {
	b := r.peek(kind, 16)
	if b == nil {
		return v
	}
	r.off += 16
	copy(v[:], b)
	if d == descending {
		invert(v[:])
	}
	return v
}

// uvarint reads a number that is at most limit.
func (r *Reader) uvarint(kind string, d direction, limit uint64) uint64 {
	b := r.peek(kind, 1)
	if b == nil {
		return 0
	}
	first := b[0] ^ byte(d)
	if first < uvarintOne {
		r.off++
		return uint64(first)
	}
	n := int(first) - (uvarintOne - 1)
	b = r.peek(kind, 1+n)
	if b == nil {
		return 0
	}
	var v uint64
	for _, c := range b[1:] {
		v = v<<8 | uint64(c^byte(d))
	}
	switch {
	case v < uvarintOne || uvarintLen(v) != n:
		r.fail(kind, "%d is written in %d bytes, more than it needs", v, 1+n)
		return 0
	case v > limit:
		r.fail(kind, "%d is above the limit of %d", v, limit)
		return 0
	}
	r.off += 1 + n
	return v
}

// terminated reads a string or bytes with its escapes undone: a part of the key itself where that is possible, and else
// a new slice that nothing else refers to.
func (r *Reader) terminated(kind string, d direction) []byte {
	if r.err != nil {
		return nil
	}
	mask := byte(d)
	rest := r.b[r.off:]
	escapes := 0
	for i := 0; ; {
		next := bytes.IndexByte(rest[i:], escape^mask)
		if next < 0 || i+next+1 == len(rest) {
			r.fail(kind, "no terminator in the %d bytes left", len(rest))
			return nil
		}
		i += next
		switch rest[i+1] ^ mask {
		case terminator:
			r.off += i + 2
			if escapes == 0 && d == ascending {
				return rest[:i:i]
			}
			return unescape(rest[:i], i-escapes, d)
		case escapedZero:
			escapes++
			i += 2
		default:
			r.fail(kind, "bad escape 0x%02x 0x%02x at byte %d", rest[i], rest[i+1], r.off+i)
			return nil
		}
	}
}

// unescape gives a copy of body, n bytes long, without its escapes and its direction. Every escape in body is known to
// be followed by an escapedZero.
func unescape(body []byte, n int, d direction) []byte {
	v := make([]byte, 0, n)
	for {
		i := bytes.IndexByte(body, escape^byte(d))
		if i < 0 {
			break
		}
		v = append(v, body[:i+1]...)
		body = body[i+2:]
	}
	v = append(v, body...)
	if d == descending {
		invert(v)
	}
	return v
}
