package decimal

import "math/bits"

// uint128 is a number of 128 bits.
type uint128 struct{ hi, lo uint64 }

// limit is 10^38, which no digits of a Decimal reach.
var limit = func() uint128 {
	hi, lo := bits.Mul64(pow10[19], pow10[19])
	return uint128{hi, lo}
}()

// pow10 are the powers of ten that 64 bits hold.
var pow10 = func() (p [20]uint64) {
	p[0] = 1
	for i := range p[1:] {
		p[i+1] = p[i] * 10
	}
	return p
}()

func (u uint128) isZero() bool { return u == uint128{} }

func (u uint128) cmp(v uint128) int {
	switch {
	case u == v:
		return 0
	case u.hi < v.hi || u.hi == v.hi && u.lo < v.lo:
		return -1
	}
	return 1
}

func (u uint128) add(v uint128) (sum uint128, carry bool) {
	lo, c := bits.Add64(u.lo, v.lo, 0)
	hi, c := bits.Add64(u.hi, v.hi, c)
	return uint128{hi, lo}, c != 0
}

// sub returns u - v, where v is at most u.
func (u uint128) sub(v uint128) uint128 {
	lo, borrow := bits.Sub64(u.lo, v.lo, 0)
	hi, _ := bits.Sub64(u.hi, v.hi, borrow)
	return uint128{hi, lo}
}

// mul returns u * m; ok is false where that takes more than 128 bits.
func (u uint128) mul(m uint64) (product uint128, ok bool) {
	over, mid := bits.Mul64(u.hi, m)
	hi, lo := bits.Mul64(u.lo, m)
	hi, carry := bits.Add64(hi, mid, 0)
	return uint128{hi, lo}, over == 0 && carry == 0
}

// mulPow10 returns u * 10^n, n from 0 to MaxDigits.
func (u uint128) mulPow10(n int) (product uint128, ok bool) {
	if n > 19 {
		if u, ok = u.mul(pow10[19]); !ok {
			return u, false
		}
		n -= 19
	}
	return u.mul(pow10[n])
}

func (u uint128) div(m uint64) (quotient uint128, rest uint64) {
	hi, r := u.hi/m, u.hi%m
	lo, r := bits.Div64(r, u.lo, m)
	return uint128{hi, lo}, r
}
