package sqlstore

import (
	"encoding/hex"
	"fmt"
	"math"
	"time"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/kind"
)

// show gives SQLite a value of the column that is not null. buf is memory for texts, which comes back.
func (c *column) show(ctx sqlite3.Context, v kind.Value, buf []byte) ([]byte, error) {
	switch c.form {
	case formInt, formBool, formDuration:
		ctx.ResultInt64(v.Int64())
	case formFloat:
		if f := v.Float64(); f == f {
			ctx.ResultFloat(f)
		}
	case formText, formJSON:
		ctx.ResultText(v.Text())
	case formBlob:
		b := v.Bytes()
		if len(b) == 0 {
			ctx.ResultZeroBlob(0)
		} else {
			ctx.ResultBlob(b)
		}
	case formUint:
		if n := v.Uint64(); n <= math.MaxInt64 {
			ctx.ResultInt64(int64(n))
			return buf, nil
		}
		fallthrough
	case formUUID, formTime, formDate, formClock, formEnum, formDecimal:
		buf = c.appendText(buf[:0], v)
		ctx.ResultRawText(buf)
	default:
		return buf, fmt.Errorf("values of the kind %s cannot be shown", c.kind)
	}
	return buf, nil
}

// appendText appends the text of a value whose form has one.
func (c *column) appendText(dst []byte, v kind.Value) []byte {
	switch c.form {
	case formUint:
		return appendDigits(dst, v.Uint64(), uintWidth)
	case formUUID:
		id := v.UUID()
		return appendUUID(dst, id)
	case formTime:
		sec, nanos := v.Unix()
		return appendTime(dst, sec, nanos)
	case formDate:
		return appendDay(dst, v.Int64())
	case formClock:
		d := time.Duration(v.Int64())
		return appendClock(dst, int64(d/time.Second), int32(d%time.Second))
	}
	return append(dst, v.String()...)
}

// uintWidth is how many digits a number from 2^63 on has: with a 0 before them, where
// there are less, the texts are in the order of the numbers.
const uintWidth = 20

func appendUUID(dst []byte, id [16]byte) []byte {
	dst = hex.AppendEncode(dst, id[:4])
	dst = hex.AppendEncode(append(dst, '-'), id[4:6])
	dst = hex.AppendEncode(append(dst, '-'), id[6:8])
	dst = hex.AppendEncode(append(dst, '-'), id[8:10])
	return hex.AppendEncode(append(dst, '-'), id[10:])
}
