package decimal

import (
	"cmp"
	"errors"
	"fmt"
	"math"
	"math/big"
)

const (
	// MaxDigits is the most digits that a Decimal has.
	MaxDigits = 38
	// MaxScale is the most digits that a Decimal has behind the point.
	MaxScale = 38
)

// ErrRange is wrapped by errors for numbers that have too many digits, and ErrSyntax
// by those for texts that are no number.
var (
	ErrRange  = errors.New("out of range")
	ErrSyntax = errors.New("bad syntax")
)

// Decimal is an exact decimal number. The zero value is 0. Decimals are compared with
// == or Cmp.
type Decimal struct {
	// The number is u / 10^scale, with the sign. It is in lowest terms: u cannot be
	// divided by 10 unless scale is 0, and 0 has no scale and no sign.
	u     uint128
	scale uint8
	neg   bool
}

// New returns unscaled / 10^scale: New(1234, 2) is 12.34. A scale below 0 or above
// MaxScale is an error that wraps ErrRange.
func New(unscaled int64, scale int) (Decimal, error) {
	if scale < 0 || scale > MaxScale {
		return Decimal{}, fmt.Errorf("decimal: scale %d is %w: it is 0 to %d", scale, ErrRange, MaxScale)
	}
	u := uint64(unscaled)
	if unscaled < 0 {
		u = -u
	}
	return reduced(unscaled < 0, uint128{lo: u}, scale), nil
}

// MustNew is New for a scale that is known to be in range, and panics for others.
func MustNew(unscaled int64, scale int) Decimal {
	d, err := New(unscaled, scale)
	if err != nil {
		panic(err)
	}
	return d
}

// FromInt returns a whole number.
func FromInt(n int64) Decimal { return MustNew(n, 0) }

// FromDigits returns the number of some decimal digits in ASCII, of which the last
// scale ones are behind the point. It is Parse without a text, for those who decode
// numbers.
func FromDigits(neg bool, digits []byte, scale int) (Decimal, error) {
	var m mantissa
	for _, c := range digits {
		if c < '0' || c > '9' {
			return Decimal{}, fmt.Errorf("decimal: %w: %q is no digit", ErrSyntax, c)
		}
		m.add(c)
	}
	d, ok := m.decimal(neg, -int64(scale))
	if !ok {
		return Decimal{}, fmt.Errorf("decimal: a number is %w: %s", ErrRange, limits)
	}
	return d, nil
}

// FromUint128 returns the number hi * 2^64 + lo, divided by 10^scale, with a sign.
func FromUint128(neg bool, hi, lo uint64, scale int) (Decimal, error) {
	u := uint128{hi, lo}
	if scale < 0 || scale > MaxScale {
		return Decimal{}, fmt.Errorf("decimal: scale %d is %w: it is 0 to %d", scale, ErrRange, MaxScale)
	}
	d := reduced(neg, u, scale)
	if d.u.cmp(limit) >= 0 {
		return Decimal{}, fmt.Errorf("decimal: a number is %w: %s", ErrRange, limits)
	}
	return d, nil
}

const limits = "decimals have at most 38 digits, and at most 38 behind the point"

// reduced returns a number in lowest terms.
func reduced(neg bool, u uint128, scale int) Decimal {
	if u.isZero() {
		return Decimal{}
	}
	for scale > 0 {
		q, r := u.div(10)
		if r != 0 {
			break
		}
		u, scale = q, scale-1
	}
	return Decimal{u: u, scale: uint8(scale), neg: neg}
}

// Scale returns how many digits are behind the point, as few as there can be.
func (d Decimal) Scale() int { return int(d.scale) }

// Unscaled returns d * 10^scale: 1234 for 12.34 and a scale of 2. ok is false where
// that is no whole number, or none that an int64 holds.
func (d Decimal) Unscaled(scale int) (unscaled int64, ok bool) {
	if scale < int(d.scale) || scale > MaxScale {
		return 0, false
	}
	u, ok := d.u.mulPow10(scale - int(d.scale))
	switch {
	case !ok || u.hi != 0:
		return 0, false
	case d.neg:
		return -int64(u.lo), u.lo <= 1<<63
	}
	return int64(u.lo), u.lo <= math.MaxInt64
}

// Uint128 returns the digits of d, without sign and point, as the number
// hi * 2^64 + lo, for formats that hold decimals so.
func (d Decimal) Uint128() (hi, lo uint64) { return d.u.hi, d.u.lo }

// Sign returns -1, 0 or 1.
func (d Decimal) Sign() int {
	switch {
	case d.neg:
		return -1
	case d.u.isZero():
		return 0
	}
	return 1
}

// IsZero reports whether d is 0.
func (d Decimal) IsZero() bool { return d == Decimal{} }

// Equal reports whether d is e, as == does; go-cmp asks it.
func (d Decimal) Equal(e Decimal) bool { return d == e }

// Cmp returns -1 if d is less than e, 1 if it is more, and else 0.
func (d Decimal) Cmp(e Decimal) int {
	switch {
	case d.Sign() != e.Sign():
		return cmp.Compare(d.Sign(), e.Sign())
	case d.neg:
		return e.cmpAbs(d)
	}
	return d.cmpAbs(e)
}

// cmpAbs is Cmp without the signs.
func (d Decimal) cmpAbs(e Decimal) int {
	if d.scale > e.scale {
		return -e.cmpAbs(d)
	}
	u, ok := d.u.mulPow10(int(e.scale - d.scale))
	if !ok {
		return 1 // more digits than there are in e
	}
	return u.cmp(e.u)
}

// Neg returns -d.
func (d Decimal) Neg() Decimal {
	d.neg = !d.neg && !d.u.isZero()
	return d
}

// Abs returns d without its sign.
func (d Decimal) Abs() Decimal {
	d.neg = false
	return d
}

// Add returns d + e, or an error that wraps ErrRange where that has too many digits.
func (d Decimal) Add(e Decimal) (Decimal, error) {
	a, b := d, e
	if a.scale > b.scale {
		a, b = b, a
	}
	// The sum has as many digits behind the point as b, unless a has as many too: where
	// a is too large for that, so is the sum.
	au, ok := a.u.mulPow10(int(b.scale - a.scale))
	if !ok {
		return Decimal{}, outOfRange(d, '+', e)
	}
	var sum Decimal
	switch {
	case a.neg == b.neg:
		u, carry := au.add(b.u)
		if carry {
			return Decimal{}, outOfRange(d, '+', e)
		}
		sum = reduced(a.neg, u, int(b.scale))
	case au.cmp(b.u) >= 0:
		sum = reduced(a.neg, au.sub(b.u), int(b.scale))
	default:
		sum = reduced(b.neg, b.u.sub(au), int(b.scale))
	}
	if sum.u.cmp(limit) >= 0 {
		return Decimal{}, outOfRange(d, '+', e)
	}
	return sum, nil
}

// Sub returns d - e, or an error that wraps ErrRange where that has too many digits.
func (d Decimal) Sub(e Decimal) (Decimal, error) {
	diff, err := d.Add(e.Neg())
	if err != nil {
		return Decimal{}, outOfRange(d, '-', e)
	}
	return diff, nil
}

func outOfRange(d Decimal, op rune, e Decimal) error {
	return fmt.Errorf("decimal: %v %c %v is %w: %s", d, op, e, ErrRange, limits)
}

// Fits reports whether a column of so many digits, of which scale are behind the
// point, holds d exactly.
func (d Decimal) Fits(precision, scale int) bool {
	if int(d.scale) > scale {
		return false
	}
	var buf [MaxDigits]byte
	return d.IsZero() || len(d.AppendDigits(buf[:0]))-int(d.scale) <= precision-scale
}

// Rat returns d as a fraction.
func (d Decimal) Rat() *big.Rat {
	num := new(big.Int).SetUint64(d.u.hi)
	num.Lsh(num, 64).Or(num, new(big.Int).SetUint64(d.u.lo))
	if d.neg {
		num.Neg(num)
	}
	return new(big.Rat).SetFrac(num, bigPow10(int(d.scale)))
}

// FromRat returns a fraction as a Decimal, or an error that wraps ErrRange where that
// is not exact. FloatString of math/big rounds, for Parse.
func FromRat(r *big.Rat) (Decimal, error) {
	const most = 128 // bits; what has more is not looked at, since that may take long
	if r.Num().BitLen() > most || r.Denom().BitLen() > most {
		return Decimal{}, fmt.Errorf("decimal: a fraction of more than %d bits is %w: %s", most, ErrRange, limits)
	}
	if scale, exact := r.FloatPrec(); exact && scale <= MaxScale {
		num := new(big.Int).Mul(r.Num(), bigPow10(scale))
		num.Quo(num, r.Denom())
		neg := num.Sign() < 0
		if num.Abs(num); num.BitLen() <= 128 {
			u := uint128{hi: new(big.Int).Rsh(num, 64).Uint64(), lo: new(big.Int).And(num, bigMax64).Uint64()}
			if u.cmp(limit) < 0 {
				return reduced(neg, u, scale), nil
			}
		}
	}
	return Decimal{}, fmt.Errorf("decimal: %s is %w: %s", r.RatString(), ErrRange, limits)
}

var bigMax64 = new(big.Int).SetUint64(math.MaxUint64)

func bigPow10(n int) *big.Int {
	return new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil)
}
