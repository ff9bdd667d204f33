package sqlstore

import (
	"bytes"
	"cmp"

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
	switch {
	case errX != nil && errY != nil:
		return bytes.Compare(a, b)
	case errX != nil || errY != nil:
		return cmp.Compare(btoi(errX != nil), btoi(errY != nil))
	}
	return x.Cmp(y)
}

func btoi(b bool) int {
	if b {
		return 1
	}
	return 0
}
