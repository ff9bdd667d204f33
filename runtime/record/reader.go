package record

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math"
	"time"

	"github.com/storegen/storegen/internal/view"
)

// ErrMalformed is wrapped by every error of a Reader.
var ErrMalformed = errors.New("malformed value")

// Reader takes a value apart, field by field. The first error sticks: Next
// returns false and Err tells. Its strings and slices point into the input.
//
//	r := record.NewReader(b)
//	for r.Next() {
//		switch r.Num() {
//		case 1:
//			v.Name = r.String()
//		default:
//			unknown = r.AppendRaw(unknown)
//		}
//	}
//	return r.Err()
//
// A Reader is for one goroutine. The methods that most fields are read by are kept
// out of line, since generated code that calls them is compiled for each table.
type Reader struct {
	b     []byte
	pos   int // behind the current field
	start int // of the current field, its tag included
	num   int
	wire  uint8
	val   uint64 // of a varint or fixed field
	data  []byte // of a length-delimited field
	err   error
}

// NewReader returns a Reader of b.
func NewReader(b []byte) Reader { return Reader{b: b} }

// NewReaderAt returns a Reader of b that begins behind the first n bytes.
func NewReaderAt(b []byte, n int) Reader { return Reader{b: b, pos: n} }

// Err returns the first error, or nil.
func (r *Reader) Err() error { return r.err }

// Num is the number of the current field.
func (r *Reader) Num() int { return r.num }

// AppendRaw appends the current field as it stands, tag included: what is not
// known is kept that way.
//
//go:noinline
func (r *Reader) AppendRaw(dst []byte) []byte { return append(dst, r.b[r.start:r.pos]...) }

func (r *Reader) fail(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: %s at byte %d", ErrMalformed, what, r.start)
	}
}

// bad is fail for what is wrong with the value of the current field.
func (r *Reader) bad(what string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: field %d at byte %d: %s", ErrMalformed, r.num, r.start, what)
	}
}

// mismatch is kept out of line so that the accessors stay small.
func (r *Reader) mismatch(want string) {
	if r.err == nil {
		r.err = fmt.Errorf("%w: field %d at byte %d has wire type %d, not that of %s", ErrMalformed, r.num, r.start, r.wire, want)
	}
}

// uvarint reads a varint at pos. It returns a new position, or -1.
func uvarint(b []byte, pos int) (uint64, int) {
	if pos < len(b) && b[pos] < 0x80 {
		return uint64(b[pos]), pos + 1
	}
	v, n := binary.Uvarint(b[pos:])
	if n <= 0 {
		return 0, -1
	}
	return v, pos + n
}

// Next moves to the next field, and returns false at the end or at an error.
func (r *Reader) Next() bool {
	b, pos := r.b, r.pos
	if r.err != nil || pos >= len(b) {
		return false
	}
	r.start = pos
	// Most fields have a tag of one byte, and a value or length of one.
	if pos+1 < len(b) && b[pos] >= 1<<3 && b[pos]|b[pos+1] < 0x80 {
		tag, v := b[pos], int(b[pos+1])
		switch tag & 7 {
		case wireBytes:
			if end := pos + 2 + v; end <= len(b) {
				r.num, r.wire, r.data, r.pos = int(tag>>3), wireBytes, b[pos+2:end:end], end
				return true
			}
		case wireVarint:
			r.num, r.wire, r.val, r.pos = int(tag>>3), wireVarint, uint64(v), pos+2
			return true
		}
	}
	return r.next()
}

// Fields is a set of field numbers, for Reader.NextOf: a bit for each number below
// 64, and that of 0, which no field has, where there are others.
type Fields uint64

// AllFields is the set of all numbers.
const AllFields Fields = math.MaxUint64

// Add puts a field's number into the set.
func (f *Fields) Add(num int) {
	if num < 0 || num >= 64 {
		num = 0
	}
	*f |= 1 << num
}

// NextOf moves to the next field that is in a set, as Next would in some steps:
// what it passes over is checked as there, and the same errors are found. From
// the number 64 on, it stops at all fields if one of them is in the set, so that
// the caller looks at Num in any case.
func (r *Reader) NextOf(f Fields) bool {
	b, pos := r.b, r.pos
	if r.err != nil || pos >= len(b) {
		return false
	}
	// As in Next, where the very next field is wanted: that is all there is to it
	// when all are.
	if pos+1 < len(b) && b[pos] >= 1<<3 && b[pos]|b[pos+1] < 0x80 && f>>(b[pos]>>3)&1 != 0 {
		tag, v := b[pos], int(b[pos+1])
		switch tag & 7 {
		case wireBytes:
			if end := pos + 2 + v; end <= len(b) {
				r.start, r.num, r.wire, r.data, r.pos = pos, int(tag>>3), wireBytes, b[pos+2:end:end], end
				return true
			}
		case wireVarint:
			r.start, r.num, r.wire, r.val, r.pos = pos, int(tag>>3), wireVarint, uint64(v), pos+2
			return true
		}
	}
	return r.nextOf(f)
}

// nextOf is NextOf for any field.
func (r *Reader) nextOf(f Fields) bool {
	b, pos := r.b, uint(r.pos)
	for pos < uint(len(b)) {
		// As in Next, and nothing is kept of a field that is not wanted: where the next
		// one begins is all that this one waits for.
		if pos+1 < uint(len(b)) {
			tag, v := uint(b[pos]), uint(b[pos+1])
			end := pos + 2
			if tag&wireBytes != 0 {
				end += v
			}
			short := tag&7 == wireVarint || tag&7 == wireBytes
			if short && tag >= 1<<3 && tag|v < 0x80 && end <= uint(len(b)) {
				if f>>(tag>>3)&1 == 0 {
					pos = end
					continue
				}
				r.start, r.pos, r.num, r.wire = int(pos), int(end), int(tag>>3), uint8(tag&7)
				r.val, r.data = uint64(v), b[pos+2:end:end]
				return true
			}
		}
		r.start, r.pos = int(pos), int(pos)
		if !r.next() {
			return false
		}
		if r.num < 64 && f>>r.num&1 != 0 || r.num >= 64 && f&1 != 0 {
			return true
		}
		pos = uint(r.pos)
	}
	r.pos = int(pos)
	return false
}

// next is Next for any field.
func (r *Reader) next() bool {
	tag, pos := uvarint(r.b, r.pos)
	if pos < 0 {
		r.fail("tag cut short")
		return false
	}
	if tag>>3 == 0 || tag>>3 > 1<<29-1 {
		r.fail("impossible field number")
		return false
	}
	r.num, r.wire = int(tag>>3), uint8(tag&7)
	switch r.wire {
	case wireVarint:
		if r.val, pos = uvarint(r.b, pos); pos < 0 {
			r.fail("varint cut short or too long")
			return false
		}
	case wireBytes:
		var n uint64
		if n, pos = uvarint(r.b, pos); pos < 0 || n > uint64(len(r.b)-pos) {
			r.fail("length beyond the end")
			return false
		}
		end := pos + int(n)
		r.data = r.b[pos:end:end]
		pos = end
	case wireFixed64:
		if len(r.b)-pos < 8 {
			r.fail("fixed64 cut short")
			return false
		}
		r.val = binary.LittleEndian.Uint64(r.b[pos:])
		pos += 8
	case wireFixed32:
		if len(r.b)-pos < 4 {
			r.fail("fixed32 cut short")
			return false
		}
		r.val = uint64(binary.LittleEndian.Uint32(r.b[pos:]))
		pos += 4
	default:
		r.fail("unknown wire type")
		return false
	}
	r.pos = pos
	return true
}

// Uint64 is the current field as a uint64.
func (r *Reader) Uint64() uint64 {
	if r.wire != wireVarint {
		r.mismatch("a varint")
		return 0
	}
	return r.val
}

// Uint32 is the current field as a uint32.
func (r *Reader) Uint32() uint32 {
	v := r.Uint64()
	if v > math.MaxUint32 {
		r.bad("uint32 out of range")
		return 0
	}
	return uint32(v)
}

// Int64 is the current field as a sint64.
func (r *Reader) Int64() int64 {
	v := r.Uint64()
	return int64(v>>1) ^ -int64(v&1)
}

// Int is the current field as a sint64 that an int of this machine holds.
func (r *Reader) Int() int {
	v := r.Int64()
	if int64(int(v)) != v {
		r.bad("integer out of range of int")
		return 0
	}
	return int(v)
}

// Uint is the current field as a uint64 that a uint of this machine holds.
func (r *Reader) Uint() uint {
	v := r.Uint64()
	if uint64(uint(v)) != v {
		r.bad("integer out of range of uint")
		return 0
	}
	return uint(v)
}

// Int32 is the current field as a sint32.
func (r *Reader) Int32() int32 {
	v := r.Int64()
	if int64(int32(v)) != v {
		r.bad("int32 out of range")
		return 0
	}
	return int32(v)
}

// Enum is the current field as an enum's number.
//
//go:noinline
func (r *Reader) Enum() int32 {
	v := int64(r.Uint64())
	if int64(int32(v)) != v {
		r.bad("enum out of range")
		return 0
	}
	return int32(v)
}

// Bool is the current field as a bool.
func (r *Reader) Bool() bool { return r.Uint64() != 0 }

// Float64 is the current field as a double.
func (r *Reader) Float64() float64 {
	if r.wire != wireFixed64 {
		r.mismatch("a double")
		return 0
	}
	return math.Float64frombits(r.val)
}

// Bytes is the current field as bytes, which point into the input; never nil.
//
//go:noinline
func (r *Reader) Bytes() []byte {
	if r.wire != wireBytes {
		r.mismatch("bytes")
		return nil
	}
	return r.data
}

// String is the current field as a string, which points into the input.
//
//go:noinline
func (r *Reader) String() string {
	if r.wire != wireBytes {
		r.mismatch("a string")
		return ""
	}
	return view.String(r.data)
}

// OptString is String for an optional field, and OptTime is Time.
//
//go:noinline
func (r *Reader) OptString() *string {
	if r.wire != wireBytes {
		r.mismatch("a string")
		return new("")
	}
	return new(view.String(r.data))
}

//go:noinline
func (r *Reader) OptTime() *time.Time { return new(r.Time()) }

// UUID is the current field as 16 bytes.
func (r *Reader) UUID() [16]byte {
	b := r.Bytes()
	if len(b) != 16 {
		r.bad("uuid is not 16 bytes")
		return [16]byte{}
	}
	return [16]byte(b)
}

// Duration is the current field as nanoseconds.
func (r *Reader) Duration() time.Duration { return time.Duration(r.Int64()) }

// Time is the current field as a time, in UTC.
func (r *Reader) Time() time.Time {
	// As AppendTime writes it: seconds, and nanoseconds unless they are 0.
	if b := r.data; r.wire == wireBytes && len(b) > 1 && b[0] == 1<<3|wireVarint {
		sec, pos := uvarint(b, 1)
		switch {
		case pos == len(b):
			return time.Unix(int64(sec), 0).UTC()
		case pos > 0 && b[pos] == 2<<3|wireVarint:
			if nsec, end := uvarint(b, pos+1); end == len(b) && nsec <= 999999999 {
				return time.Unix(int64(sec), int64(nsec)).UTC()
			}
		}
	}
	return r.anyTime()
}

// anyTime is Time for what any writer may have made of it.
func (r *Reader) anyTime() time.Time {
	sub := r.Message()
	var sec, nsec int64
	for sub.Next() {
		switch sub.Num() {
		case 1:
			sec = int64(sub.Uint64())
		case 2:
			nsec = int64(sub.Uint64())
		}
	}
	switch {
	case sub.err != nil:
		r.bad("bad timestamp")
	case nsec < 0 || nsec > 999999999:
		r.bad("nanoseconds of a timestamp out of range")
	default:
		return time.Unix(sec, nsec).UTC()
	}
	return time.Time{}
}

// Message is the current field as a message. An error in it must be brought
// back with Nested.
func (r *Reader) Message() Reader { return Reader{b: r.Bytes()} }

// Nested makes an error of a message that was read with Message an error of r.
func (r *Reader) Nested(err error) {
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("field %d at byte %d: %w", r.num, r.start, err)
	}
}

// AtMost refuses the current field where it made n elements of a list that is an array of
// fewer in Go.
func (r *Reader) AtMost(n, most int) {
	if n > most {
		r.bad(fmt.Sprintf("more elements than the %d of the array", most))
	}
}

// Room returns dst with room for all elements of the current field's list, if it
// has none yet: one allocation in place of one for each doubling.
func Room[T any](r *Reader, dst []T) []T {
	if dst != nil {
		return dst
	}
	return make([]T, 0, r.elements())
}

// elements is how many fields with the current one's number stand here one
// behind the other, as the elements of a list do, whoever wrote them.
func (r *Reader) elements() int {
	n := 1
	if tag := r.b[r.start]; tag < 0x80 && tag&7 == wireBytes {
		for pos := r.pos; pos < len(r.b) && r.b[pos] == tag; n++ {
			size, next := uvarint(r.b, pos+1)
			if next < 0 || size > uint64(len(r.b)-next) {
				break // which reading it will find
			}
			pos = next + int(size)
		}
		return n
	}
	for ahead := *r; ahead.Next() && ahead.num == r.num; n++ {
	}
	return n
}

// packed calls f for each varint of a packed field or for the one of a field
// that is not packed; readers of the format must take both.
func (r *Reader) packed(f func(v uint64)) {
	if r.wire == wireVarint {
		f(r.val)
		return
	}
	b := r.Bytes()
	for pos := 0; pos < len(b); {
		v, next := uvarint(b, pos)
		if next < 0 {
			r.bad("packed varint cut short")
			return
		}
		f(v)
		pos = next
	}
}

// Bools appends the current field's elements to dst.
func (r *Reader) Bools(dst []bool) []bool {
	r.packed(func(v uint64) { dst = append(dst, v != 0) })
	return dst
}

// Ints appends the current field's sint32 or sint64 elements to dst.
func Ints[T ~int | ~int8 | ~int16 | ~int32 | ~int64](r *Reader, dst []T) []T {
	r.packed(func(u uint64) {
		v := int64(u>>1) ^ -int64(u&1)
		if int64(T(v)) != v {
			r.bad("integer out of range")
			return
		}
		dst = append(dst, T(v))
	})
	return dst
}

// Uints appends the current field's uint32 or uint64 elements to dst.
func Uints[T ~uint | ~uint8 | ~uint16 | ~uint32 | ~uint64](r *Reader, dst []T) []T {
	r.packed(func(v uint64) {
		if uint64(T(v)) != v {
			r.bad("integer out of range")
			return
		}
		dst = append(dst, T(v))
	})
	return dst
}

// Varints appends the current field's elements to dst: of int32 or int64, which records
// of this package do not have, or an enum.
func Varints[T ~int | ~int32 | ~int64](r *Reader, dst []T) []T {
	r.packed(func(v uint64) { dst = append(dst, T(v)) })
	return dst
}

// Enums appends the current field's enum elements to dst.
func Enums[T ~int32](r *Reader, dst []T) []T {
	r.packed(func(u uint64) {
		v := int64(u)
		if int64(int32(v)) != v {
			r.bad("enum out of range")
			return
		}
		dst = append(dst, T(v))
	})
	return dst
}

// Float64s appends the current field's doubles to dst.
func Float64s[T ~float64](r *Reader, dst []T) []T {
	if r.wire == wireFixed64 {
		return append(dst, T(math.Float64frombits(r.val)))
	}
	b := r.Bytes()
	if len(b)%8 != 0 {
		r.bad("packed doubles cut short")
		return dst
	}
	for ; len(b) > 0; b = b[8:] {
		dst = append(dst, T(math.Float64frombits(binary.LittleEndian.Uint64(b))))
	}
	return dst
}
