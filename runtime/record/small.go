package record

import (
	"encoding/binary"
	"fmt"
	"math"

	"github.com/storegen/storegen/internal/view"
)

// This file has numbers of 8 and 16 bits, which are sint32 and uint32 on the wire
// and refused where they are out of range, float32, and bytes of a fixed length.

// AppendInt8 appends field num as a sint32.
func AppendInt8(dst []byte, num int, v int8) []byte { return AppendInt64(dst, num, int64(v)) }

// AppendInt16 appends field num as a sint32.
func AppendInt16(dst []byte, num int, v int16) []byte { return AppendInt64(dst, num, int64(v)) }

// AppendUint8 appends field num as a uint32.
func AppendUint8(dst []byte, num int, v uint8) []byte { return AppendUint64(dst, num, uint64(v)) }

// AppendUint16 appends field num as a uint32.
func AppendUint16(dst []byte, num int, v uint16) []byte { return AppendUint64(dst, num, uint64(v)) }

// AppendFloat32 appends field num as a float.
func AppendFloat32(dst []byte, num int, v float32) []byte {
	return binary.LittleEndian.AppendUint32(appendTag(dst, num, wireFixed32), math.Float32bits(v))
}

// AppendFixed appends field num as bytes, of which a reader knows how many there are.
//
//	dst = record.AppendFixed(dst, 1, hash[:])
func AppendFixed(dst []byte, num int, v []byte) []byte {
	return AppendString(dst, num, view.String(v))
}

// AppendFloat32s appends field num as packed floats, and nothing for an empty list.
func AppendFloat32s[T ~float32](dst []byte, num int, v []T) []byte {
	if len(v) == 0 {
		return dst
	}
	dst, at := Begin(dst, num)
	for _, x := range v {
		dst = binary.LittleEndian.AppendUint32(dst, math.Float32bits(float32(x)))
	}
	return End(dst, at)
}

// AddInt8 appends field num as a sint32, unless it is 0.
func AddInt8(dst []byte, num int, v int8) []byte { return AddInt64(dst, num, int64(v)) }

// AddInt16 appends field num as a sint32, unless it is 0.
func AddInt16(dst []byte, num int, v int16) []byte { return AddInt64(dst, num, int64(v)) }

// AddUint8 appends field num as a uint32, unless it is 0.
func AddUint8(dst []byte, num int, v uint8) []byte { return AddUint64(dst, num, uint64(v)) }

// AddUint16 appends field num as a uint32, unless it is 0.
func AddUint16(dst []byte, num int, v uint16) []byte { return AddUint64(dst, num, uint64(v)) }

// AddFloat32 appends field num as a float, unless it is 0.
//
//go:noinline
func AddFloat32(dst []byte, num int, v float32) []byte {
	if math.Float32bits(v) == 0 { // -0 is another value, and stays
		return dst
	}
	return AppendFloat32(dst, num, v)
}

// AddFixed appends field num as bytes, unless all are 0.
//
//go:noinline
func AddFixed(dst []byte, num int, v []byte) []byte {
	for _, b := range v {
		if b != 0 {
			return AppendFixed(dst, num, v)
		}
	}
	return dst
}

// Int8 is the current field as a sint32 that an int8 holds.
func (r *Reader) Int8() int8 { return int8(r.signed(8, "int8 out of range")) }

// Int16 is the current field as a sint32 that an int16 holds.
func (r *Reader) Int16() int16 { return int16(r.signed(16, "int16 out of range")) }

// Uint8 is the current field as a uint32 that a uint8 holds.
func (r *Reader) Uint8() uint8 { return uint8(r.unsigned(8, "uint8 out of range")) }

// Uint16 is the current field as a uint32 that a uint16 holds.
func (r *Reader) Uint16() uint16 { return uint16(r.unsigned(16, "uint16 out of range")) }

// signed is the current field as a number of so many bits.
func (r *Reader) signed(bits int, what string) int64 {
	v := r.Int64()
	if most := int64(1)<<(bits-1) - 1; v > most || v < ^most {
		r.bad(what)
		return 0
	}
	return v
}

func (r *Reader) unsigned(bits int, what string) uint64 {
	v := r.Uint64()
	if v>>bits != 0 {
		r.bad(what)
		return 0
	}
	return v
}

// Float32 is the current field as a float.
func (r *Reader) Float32() float32 {
	if r.wire != wireFixed32 {
		r.mismatch("a float")
		return 0
	}
	return math.Float32frombits(uint32(r.val))
}

// Fixed is the current field as n bytes, which point into the input. After an error
// it is n zero bytes, so that turning it into an array does not panic:
//
//	hash := [32]byte(r.Fixed(32))
//
//go:noinline
func (r *Reader) Fixed(n int) []byte {
	b := r.Bytes()
	if len(b) != n {
		r.bad(fmt.Sprintf("%d bytes where %d belong", len(b), n))
		return make([]byte, n)
	}
	return b
}

// Float32s appends the current field's floats to dst.
func Float32s[T ~float32](r *Reader, dst []T) []T {
	if r.wire == wireFixed32 {
		return append(dst, T(math.Float32frombits(uint32(r.val))))
	}
	b := r.Bytes()
	if len(b)%4 != 0 {
		r.bad("packed floats cut short")
		return dst
	}
	for ; len(b) > 0; b = b[4:] {
		dst = append(dst, T(math.Float32frombits(binary.LittleEndian.Uint32(b))))
	}
	return dst
}
