package keys

import "math"

// This file has signed numbers in few bytes, for columns whose numbers are mostly small. [AppendUvarint] is the form for
// unsigned ones.

// Numbers from varintMin to varintMax take one byte. Others take one byte that says how many follow, and then 1 to 8
// bytes.
const (
	varintMin = -120
	varintMax = uvarintOne - 1 - sign8 // 119
)

// AppendVarint appends v in 1 to 9 bytes, numbers near zero in few: from -120 to 119 the number is the byte, with its
// sign bit flipped. For larger numbers a byte 0xF7+n says that n bytes follow, big-endian, as few as hold v. Smaller
// numbers are written as -1-v is, with every bit inverted.
//
//go:noinline
func AppendVarint(dst []byte, v int64) []byte {
	if varintMin <= v && v <= varintMax {
		return append(dst, byte(v)^sign8)
	}
	mask := v >> 63 // all ones for negative numbers
	u := uint64(v ^ mask)
	n := uvarintLen(u)
	dst = append(dst, byte(uvarintOne-1+n)^byte(mask))
	for n--; n >= 0; n-- {
		dst = append(dst, byte(u>>(8*n))^byte(mask))
	}
	return dst
}

// AppendVarintDesc appends v as [AppendVarint] does, inverted: large numbers sort first.
//
//go:noinline
func AppendVarintDesc(dst []byte, v int64) []byte { return AppendVarint(dst, ^v) }

// Varint reads what [AppendVarint] wrote.
func (r *Reader) Varint() int64 { return r.varint("varint", ascending, 64) }

// VarintDesc reads what [AppendVarintDesc] wrote.
func (r *Reader) VarintDesc() int64 { return r.varint("descending varint", descending, 64) }

// VarintOf reads what [AppendVarint] wrote, and refuses what a signed number of so many bits, 8 to 64, does not hold.
func (r *Reader) VarintOf(bits int) int64 { return r.varint("varint", ascending, bits) }

// VarintOfDesc reads what [AppendVarintDesc] wrote, as [Reader.VarintOf] does.
func (r *Reader) VarintOfDesc(bits int) int64 { return r.varint("descending varint", descending, bits) }

// UvarintOf reads what [AppendUvarint] wrote, and refuses what an unsigned number of so many bits, 8 to 64, does not
// hold.
func (r *Reader) UvarintOf(bits int) uint64 {
	return r.uvarint("uvarint", ascending, math.MaxUint64>>(64-bits))
}

// UvarintOfDesc reads what [AppendUvarintDesc] wrote, as [Reader.UvarintOf] does.
func (r *Reader) UvarintOfDesc(bits int) uint64 {
	return r.uvarint("descending uvarint", descending, math.MaxUint64>>(64-bits))
}

func (r *Reader) varint(kind string, d direction, bits int) int64 {
	b := r.peek(kind, 1)
	if b == nil {
		return 0
	}
	first := b[0] ^ byte(d)
	if ^byte(uvarintOne-1) <= first && first < uvarintOne {
		r.off++
		return int64(int8(first ^ sign8))
	}
	// A negative number is a number of at least 0, inverted.
	mask := byte(d)
	if first < sign8 {
		mask, first = ^mask, ^first
	}
	n := int(first) - (uvarintOne - 1)
	if b = r.peek(kind, 1+n); b == nil {
		return 0
	}
	var u uint64
	for _, c := range b[1:] {
		u = u<<8 | uint64(c^mask)
	}
	v := int64(u)
	if mask != byte(d) {
		v = ^v
	}
	most := int64(math.MaxInt64) >> (64 - bits)
	switch {
	case u > math.MaxInt64:
		r.fail(kind, "0x%x is no number of 64 bits with a sign", b)
		return 0
	case u <= varintMax || uvarintLen(u) != n:
		r.fail(kind, "%d is written in %d bytes, more than it needs", v, 1+n)
		return 0
	case v > most || v < ^most:
		r.fail(kind, "%d is out of the range from %d to %d", v, ^most, most)
		return 0
	}
	r.off += 1 + n
	return v
}
