package record

import (
	"github.com/storegen/storegen/internal/view"
	"github.com/storegen/storegen/runtime/decimal"
)

// AppendDecimal appends field num as a string, the shortest text of the number.
func AppendDecimal(dst []byte, num int, v decimal.Decimal) []byte {
	dst, at := Begin(dst, num)
	dst, _ = v.AppendText(dst)
	return End(dst, at)
}

// AddDecimal appends field num as AppendDecimal does, unless it is 0.
//
//go:noinline
func AddDecimal(dst []byte, num int, v decimal.Decimal) []byte {
	if v.IsZero() {
		return dst
	}
	return AppendDecimal(dst, num, v)
}

// Decimal is the current field as a decimal. It reads any text that decimal.Parse
// does, since other writers may put 1.50 for 1.5.
//
//go:noinline
func (r *Reader) Decimal() decimal.Decimal {
	if r.wire != wireBytes {
		r.mismatch("a decimal")
		return decimal.Decimal{}
	}
	v, err := decimal.Parse(view.String(r.data))
	r.unreadable(err)
	return v
}
