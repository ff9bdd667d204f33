package proof

import (
	"fmt"
	"time"

	"github.com/storegen/storegen/internal/madeup"
	"github.com/storegen/storegen/runtime/kind"
)

// shows is what SQL has to show of a value, by what is documented, and by other means than
// the code that shows it.
func shows(v kind.Value) Value {
	if v.IsNull() {
		return nil
	}
	switch v.Kind() {
	case kind.Bool:
		if v.Bool() {
			return int64(1)
		}
		return int64(0)
	case kind.Int8, kind.Int16, kind.Int32, kind.Int64, kind.Varint:
		return v.Int64()
	case kind.Uint8, kind.Uint16, kind.Uint32, kind.Uint64, kind.Uvarint:
		if n := v.Uint64(); n >= 1<<63 {
			return fmt.Sprintf("%020d", n)
		}
		return int64(v.Uint64())
	case kind.Float32, kind.Float64:
		if f := v.Float64(); f == f {
			return f
		}
		return nil
	case kind.String, kind.JSON:
		return v.Text()
	case kind.Bytes, kind.FixedBytes:
		return append([]byte{}, v.Bytes()...)
	case kind.UUID:
		u := v.UUID()
		return fmt.Sprintf("%x-%x-%x-%x-%x", u[:4], u[4:6], u[6:8], u[8:10], u[10:])
	case kind.Timestamp:
		t := v.Time()
		return year(t.Year()) + t.UTC().Format("-01-02T15:04:05.000000000Z")
	case kind.Date:
		t := time.Unix(0, 0).UTC().AddDate(0, 0, int(v.Int64()))
		return year(t.Year()) + t.Format("-01-02")
	case kind.TimeOfDay:
		return time.Unix(0, v.Int64()).UTC().Format("15:04:05.000000000")
	case kind.Duration:
		return v.Int64()
	case kind.Enum:
		for _, e := range madeup.Grade.Values {
			if int64(e.Number) == v.Int64() {
				return e.Name
			}
		}
		return fmt.Sprint(v.Int64())
	case kind.Decimal:
		return v.Text()
	}
	panic("nothing is said of what SQL shows of the kind " + v.Kind().String())
}

// year is one with four digits, or with twelve in the order of the years.
func year(y int) string {
	switch {
	case y < 0:
		return fmt.Sprintf("-%012d", 1_000_000_000_000+int64(y))
	case y > 9999:
		return fmt.Sprintf("~%012d", y)
	}
	return fmt.Sprintf("%04d", y)
}
