package sqlstore

import (
	"bytes"
	"cmp"
	"errors"
	"math/big"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/decimal"
)

const (
	binaryCollation  = "BINARY"
	decimalCollation = "DECIMAL"
)

// compareDecimals is the collation of decimals: numbers by what they are, before all other
// texts.
func compareDecimals(a, b []byte) int {
	if bytes.Equal(a, b) {
		return 0
	}
	x, errX := decimal.Parse(string(a))
	y, errY := decimal.Parse(string(b))
	if errX == nil && errY == nil {
		return x.Cmp(y)
	}
	notX, notY := isNoNumber(errX), isNoNumber(errY)
	switch {
	case notX && notY:
		return bytes.Compare(a, b)
	case notX || notY:
		return cmp.Compare(btoi(notX), btoi(notY))
	}
	return wide(string(a)).Cmp(wide(string(b)))
}

func isNoNumber(err error) bool { return err != nil && !errors.Is(err, decimal.ErrRange) }

// mostExponent is beyond those of all reals.
const mostExponent = 1000

// wide is a number of more digits than a decimal holds, as SQLite makes a text of a real:
// 5.0e-324. What is beyond all reals has the size of none.
func wide(s string) *big.Rat {
	mantissa, exponent := s, ""
	if i := strings.IndexAny(s, "eE"); i >= 0 {
		mantissa, exponent = s[:i], s[i+1:]
	}
	out, ok := new(big.Rat).SetString(mantissa)
	if !ok || out.Sign() == 0 || exponent == "" {
		return or(out)
	}
	n, err := strconv.Atoi(exponent)
	if err != nil || n > mostExponent || n < -mostExponent {
		n = mostExponent
		if strings.HasPrefix(exponent, "-") {
			n = -n
		}
	}
	power := new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(max(n, -n))), nil)
	if n < 0 {
		return out.Quo(out, new(big.Rat).SetInt(power))
	}
	return out.Mul(out, new(big.Rat).SetInt(power))
}

func or(r *big.Rat) *big.Rat {
	if r == nil {
		return new(big.Rat)
	}
	return r
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
