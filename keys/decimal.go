package keys

import "github.com/storegen/storegen/runtime/decimal"

// A decimal is written as 0.ddd times a power of 100, with the sign of the number:
//
//	0                 80
//	positive numbers  a byte C0 + exponent, then the digits
//	negative numbers  as the positive one, with every bit inverted
//
// The digits are pairs, each a byte of 2*pair + 1, or 2*pair for the last one; neither the first nor the last pair is 0.
// So the exponent decides before the digits, and where digits end, the number is smaller than where they go on.
const (
	decimalZero     = 0x80
	decimalExponent = 0xC0
	// Exponents of what a Decimal holds: from 0.01 times 100^-18, which is 10^-38, to 38 digits before the point.
	decimalMinExponent = -18
	decimalMaxExponent = decimal.MaxDigits / 2
	decimalMaxPairs    = decimal.MaxDigits/2 + 1
)

// AppendDecimal appends v in 1 to 21 bytes, so that decimals sort as numbers: a byte for the sign and the size, and a
// byte for each two digits. The number of digits that a column has does not matter.
//
//go:noinline
func AppendDecimal(dst []byte, v decimal.Decimal) []byte { return appendDecimal(dst, v, ascending) }

// AppendDecimalDesc appends v as [AppendDecimal] does, inverted: large numbers sort first.
//
//go:noinline
func AppendDecimalDesc(dst []byte, v decimal.Decimal) []byte {
	return appendDecimal(dst, v, descending)
}

func appendDecimal(dst []byte, v decimal.Decimal, d direction) []byte {
	mask := byte(d)
	switch v.Sign() {
	case 0:
		return append(dst, decimalZero^mask)
	case -1:
		mask = ^mask
	}
	var buf [decimal.MaxDigits + 2]byte
	buf[0] = '0'
	digits := v.AppendDigits(buf[:1])
	point := len(digits) - 1 - v.Scale() // how many digits are before the point
	if point&1 == 0 {
		digits = digits[1:]
	}
	for digits[len(digits)-1] == '0' {
		digits = digits[:len(digits)-1]
	}
	if len(digits)&1 == 1 {
		digits = append(digits, '0')
	}
	dst = append(dst, byte(decimalExponent+(point+1)>>1)^mask)
	for ; len(digits) > 2; digits = digits[2:] {
		dst = append(dst, (pair(digits)<<1|1)^mask)
	}
	return append(dst, pair(digits)<<1^mask)
}

// pair gives the number of two digits.
func pair(digits []byte) byte { return (digits[0]-'0')*10 + digits[1] - '0' }

// Decimal reads what [AppendDecimal] wrote.
func (r *Reader) Decimal() decimal.Decimal { return r.decimal("decimal", ascending) }

// DecimalDesc reads what [AppendDecimalDesc] wrote.
func (r *Reader) DecimalDesc() decimal.Decimal { return r.decimal("descending decimal", descending) }

func (r *Reader) decimal(kind string, d direction) (none decimal.Decimal) {
	b := r.peek(kind, 1)
	if b == nil {
		return none
	}
	mask := byte(d)
	first := b[0] ^ mask
	if first == decimalZero {
		r.off++
		return none
	}
	neg := first < decimalZero
	if neg {
		mask, first = ^mask, ^first
	}
	exponent := int(first) - decimalExponent
	if exponent < decimalMinExponent || exponent > decimalMaxExponent {
		r.fail(kind, "byte 0x%02x is no size of a decimal", b[0])
		return none
	}
	var buf [2 * decimalMaxPairs]byte
	digits := buf[:0]
	rest := r.b[r.off+1:]
	for i := 0; ; i++ {
		switch {
		case i == len(rest):
			r.fail(kind, "no end in the %d bytes left", 1+len(rest))
			return none
		case i == decimalMaxPairs:
			r.fail(kind, "more than %d digits", decimal.MaxDigits)
			return none
		}
		c := rest[i] ^ mask
		last := c&1 == 0
		switch {
		case c>>1 > 99:
			r.fail(kind, "byte 0x%02x is no pair of digits", rest[i])
			return none
		case c>>1 == 0 && (i == 0 || last):
			r.fail(kind, "zeros at an end of the digits")
			return none
		}
		digits = append(digits, '0'+c>>1/10, '0'+c>>1%10)
		if last {
			break
		}
	}
	pairs := len(digits) / 2
	scale := len(digits) - 2*exponent
	for pad := scale; pad < 0; pad++ {
		digits = append(digits, '0')
	}
	v, err := decimal.FromDigits(neg, digits, max(scale, 0))
	if err != nil {
		r.fail(kind, "%v", err)
		return none
	}
	r.off += 1 + pairs
	return v
}
