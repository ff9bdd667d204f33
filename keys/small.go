package keys

import (
	"encoding/binary"
	"math"
)

// This file has the kinds of one, two and four bytes that stand beside int32, uint32 and float64: the same forms, in
// fewer bytes.

const (
	sign8  = 1 << 7
	sign16 = 1 << 15
)

// AppendInt8 appends v in 1 byte, with the sign bit flipped so that negative numbers sort first.
//
//go:noinline
func AppendInt8(dst []byte, v int8) []byte { return append(dst, uint8(v)^sign8) }

// AppendInt8Desc appends v as [AppendInt8] does, inverted: large numbers sort first.
//
//go:noinline
func AppendInt8Desc(dst []byte, v int8) []byte { return AppendInt8(dst, ^v) }

// AppendInt16 appends v in 2 bytes, big-endian, with the sign bit flipped so that negative numbers sort first.
//
//go:noinline
func AppendInt16(dst []byte, v int16) []byte {
	return binary.BigEndian.AppendUint16(dst, uint16(v)^sign16)
}

// AppendInt16Desc appends v as [AppendInt16] does, inverted: large numbers sort first.
//
//go:noinline
func AppendInt16Desc(dst []byte, v int16) []byte { return AppendInt16(dst, ^v) }

// AppendUint8 appends v as its byte.
//
//go:noinline
func AppendUint8(dst []byte, v uint8) []byte { return append(dst, v) }

// AppendUint8Desc appends v as [AppendUint8] does, inverted: large numbers sort first.
//
//go:noinline
func AppendUint8Desc(dst []byte, v uint8) []byte { return append(dst, ^v) }

// AppendUint16 appends v in 2 bytes, big-endian.
//
//go:noinline
func AppendUint16(dst []byte, v uint16) []byte { return binary.BigEndian.AppendUint16(dst, v) }

// AppendUint16Desc appends v as [AppendUint16] does, inverted: large numbers sort first.
//
//go:noinline
func AppendUint16Desc(dst []byte, v uint16) []byte { return AppendUint16(dst, ^v) }

// AppendFloat32 appends v in 4 bytes, in the order of [AppendFloat64]: NaN, -Inf, negative numbers, zero, positive
// numbers, +Inf. Every NaN is the same value, written as four zero bytes, and -0 is written as +0.
//
//go:noinline
func AppendFloat32(dst []byte, v float32) []byte {
	return binary.BigEndian.AppendUint32(dst, orderFloat32(v))
}

// AppendFloat32Desc appends v as [AppendFloat32] does, inverted: +Inf sorts first and NaN last.
//
//go:noinline
func AppendFloat32Desc(dst []byte, v float32) []byte {
	return binary.BigEndian.AppendUint32(dst, ^orderFloat32(v))
}

// orderFloat32 is orderFloat64 for float32.
func orderFloat32(v float32) uint32 {
	switch {
	case v != v:
		return 0
	case v == 0:
		return sign32
	}
	b := math.Float32bits(v)
	if b&sign32 != 0 {
		return ^b
	}
	return b | sign32
}

// Int8 reads what [AppendInt8] wrote.
func (r *Reader) Int8() int8 { return r.int8("int8", ascending) }

// Int8Desc reads what [AppendInt8Desc] wrote.
func (r *Reader) Int8Desc() int8 { return r.int8("descending int8", descending) }

// Int16 reads what [AppendInt16] wrote.
func (r *Reader) Int16() int16 { return r.int16("int16", ascending) }

// Int16Desc reads what [AppendInt16Desc] wrote.
func (r *Reader) Int16Desc() int16 { return r.int16("descending int16", descending) }

// Uint8 reads what [AppendUint8] wrote.
func (r *Reader) Uint8() uint8 { v, _ := r.fixed8("uint8", ascending); return v }

// Uint8Desc reads what [AppendUint8Desc] wrote.
func (r *Reader) Uint8Desc() uint8 { v, _ := r.fixed8("descending uint8", descending); return v }

// Uint16 reads what [AppendUint16] wrote.
func (r *Reader) Uint16() uint16 { v, _ := r.fixed16("uint16", ascending); return v }

// Uint16Desc reads what [AppendUint16Desc] wrote.
func (r *Reader) Uint16Desc() uint16 { v, _ := r.fixed16("descending uint16", descending); return v }

// Float32 reads what [AppendFloat32] wrote. It never gives -0, and only one NaN.
func (r *Reader) Float32() float32 { return r.float32("float32", ascending) }

// Float32Desc reads what [AppendFloat32Desc] wrote. It never gives -0, and only one NaN.
func (r *Reader) Float32Desc() float32 { return r.float32("descending float32", descending) }

func (r *Reader) fixed8(kind string, d direction) (uint8, bool) {
	b := r.peek(kind, 1)
	if b == nil {
		return 0, false
	}
	r.off++
	return b[0] ^ uint8(d), true
}

func (r *Reader) fixed16(kind string, d direction) (uint16, bool) {
	b := r.peek(kind, 2)
	if b == nil {
		return 0, false
	}
	r.off += 2
	return binary.BigEndian.Uint16(b) ^ uint16(d), true
}

func (r *Reader) int8(kind string, d direction) int8 {
	v, ok := r.fixed8(kind, d)
	if !ok {
		return 0
	}
	return int8(v ^ sign8)
}

func (r *Reader) int16(kind string, d direction) int16 {
	v, ok := r.fixed16(kind, d)
	if !ok {
		return 0
	}
	return int16(v ^ sign16)
}

func (r *Reader) float32(kind string, d direction) float32 {
	b := r.peek(kind, 4)
	if b == nil {
		return 0
	}
	u := binary.BigEndian.Uint32(b) ^ uint32(d)
	var v float32
	switch {
	case u == 0:
		v = float32(math.NaN())
	case u&sign32 != 0:
		v = math.Float32frombits(u &^ sign32)
	default:
		v = math.Float32frombits(^u)
	}
	// The other NaNs and -0 have bits of their own, which the appender never writes.
	if orderFloat32(v) != u {
		r.fail(kind, "0x%x is not the canonical form of %v", b, v)
		return 0
	}
	r.off += 4
	return v
}
