package arrowstore

import (
	"fmt"
	"strconv"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// Other programs write the same values in other types: integers of another width, times in
// another unit, texts with longer offsets. Such are read where no value is lost; a value that
// does not fit its column is an error. foreign returns what reads an array so, or nil for a
// type that has nothing to do with the column's.
func foreign(a arrow.Array, c *provider.Column) func(i int) (kind.Value, error) {
	p := &c.Type.Params
	s := kind.Of(c.Kind)
	number := func(text string) (kind.Value, error) {
		if v, ok := s.ParseJSON(p, text, "", false); ok {
			return v, nil
		}
		return kind.Value{}, fmt.Errorf("%s is no %s", text, c.Type.Written())
	}
	numeric := s != nil && (s.Bits > 0 || c.Kind == kind.Decimal || c.Kind == kind.Varint || c.Kind == kind.Uvarint)
	texts := func(text func(i int) string) func(i int) (kind.Value, error) {
		if numeric || c.Kind == kind.Bool {
			return nil
		}
		return func(i int) (kind.Value, error) {
			v, ok := kind.StringOf(text(i)), true
			switch {
			case c.Kind == kind.JSON:
				v = kind.JSONOf(text(i))
			case c.Kind != kind.String:
				v, ok = s.ParseJSON(p, text(i), text(i), true)
			}
			if !ok {
				return kind.Value{}, fmt.Errorf("%q is no %s", text(i), c.Type.Written())
			}
			return v, nil
		}
	}
	bytes := func(get func(i int) []byte) func(i int) (kind.Value, error) {
		switch c.Kind {
		case kind.Bytes, kind.FixedBytes, kind.UUID:
		default:
			return nil
		}
		return func(i int) (kind.Value, error) {
			b := get(i)
			switch {
			case c.Kind == kind.UUID && len(b) == 16:
				return kind.UUIDOf([16]byte(b)), nil
			case c.Kind == kind.FixedBytes && len(b) == p.Size:
				return kind.FixedBytesOf(b), nil
			case c.Kind == kind.Bytes:
				return kind.BytesOf(b), nil
			}
			return kind.Value{}, fmt.Errorf("%d bytes are no %s", len(b), c.Type.Written())
		}
	}
	integers := func(text func(i int) string) func(i int) (kind.Value, error) {
		if !numeric {
			return nil
		}
		return func(i int) (kind.Value, error) { return number(text(i)) }
	}
	times := func(unit arrow.TimeUnit, get func(i int) int64) func(i int) (kind.Value, error) {
		if c.Kind != kind.TimeOfDay {
			return nil
		}
		return func(i int) (kind.Value, error) {
			n := get(i)
			if n < 0 || n > int64(24*time.Hour/unit.Multiplier()) {
				return kind.Value{}, fmt.Errorf("%d %s is no time of a day", n, unit)
			}
			t, err := civil.SinceMidnight(time.Duration(n) * unit.Multiplier())
			return kind.TimeOfDayOf(t), err
		}
	}
	switch a := a.(type) {
	case *array.Int8:
		return integers(func(i int) string { return strconv.Itoa(int(a.Value(i))) })
	case *array.Int16:
		return integers(func(i int) string { return strconv.Itoa(int(a.Value(i))) })
	case *array.Int32:
		return integers(func(i int) string { return strconv.Itoa(int(a.Value(i))) })
	case *array.Int64:
		if c.Kind == kind.Duration { // Parquet has no type for it
			return func(i int) (kind.Value, error) { return kind.DurationOf(time.Duration(a.Value(i))), nil }
		}
		return integers(func(i int) string { return strconv.FormatInt(a.Value(i), 10) })
	case *array.Uint8:
		return integers(func(i int) string { return strconv.Itoa(int(a.Value(i))) })
	case *array.Uint16:
		return integers(func(i int) string { return strconv.Itoa(int(a.Value(i))) })
	case *array.Uint32:
		return integers(func(i int) string { return strconv.FormatUint(uint64(a.Value(i)), 10) })
	case *array.Uint64:
		return integers(func(i int) string { return strconv.FormatUint(a.Value(i), 10) })
	case *array.Decimal128:
		if c.Kind == kind.Decimal {
			scale := a.DataType().(*arrow.Decimal128Type).Scale
			return func(i int) (kind.Value, error) { return number(a.Value(i).ToString(scale)) }
		}
	case *array.Float32:
		if c.Kind == kind.Float64 {
			return func(i int) (kind.Value, error) { return kind.Float64Of(float64(a.Value(i))), nil }
		}
	case *array.Float64:
		if c.Kind == kind.Float32 {
			return func(i int) (kind.Value, error) {
				x := a.Value(i)
				if y := float32(x); float64(y) == x || x != x {
					return kind.Float32Of(y), nil
				}
				return kind.Value{}, fmt.Errorf("%v is no float32", x)
			}
		}
	case *array.String:
		return texts(a.Value)
	case *array.LargeString:
		return texts(a.Value)
	case *array.StringView:
		return texts(a.Value)
	case *array.Binary:
		return bytes(a.Value)
	case *array.LargeBinary:
		return bytes(a.Value)
	case *array.BinaryView:
		return bytes(a.Value)
	case *array.FixedSizeBinary:
		return bytes(a.Value)
	case *array.Timestamp:
		if c.Kind == kind.Timestamp {
			unit := a.DataType().(*arrow.TimestampType).Unit
			return func(i int) (kind.Value, error) { return kind.TimestampOf(a.Value(i).ToTime(unit)), nil }
		}
	case *array.Date32:
		if c.Kind == kind.Timestamp {
			return func(i int) (kind.Value, error) { return kind.TimestampOf(a.Value(i).ToTime()), nil }
		}
	case *array.Date64:
		if c.Kind == kind.Date {
			return func(i int) (kind.Value, error) {
				d, err := civil.FromUnixDays(a.Value(i).ToTime().Unix() / (24 * 60 * 60))
				return kind.DateOf(d), err
			}
		}
	case *array.Time32:
		return times(a.DataType().(*arrow.Time32Type).Unit, func(i int) int64 { return int64(a.Value(i)) })
	case *array.Time64:
		return times(a.DataType().(*arrow.Time64Type).Unit, func(i int) int64 { return int64(a.Value(i)) })
	case *array.Duration:
		if c.Kind == kind.Duration {
			unit := int64(a.DataType().(*arrow.DurationType).Unit.Multiplier())
			return func(i int) (kind.Value, error) {
				n := int64(a.Value(i))
				if n*unit/unit != n {
					return kind.Value{}, fmt.Errorf("%d %s is longer than a duration can be", n, a.DataType())
				}
				return kind.DurationOf(time.Duration(n * unit)), nil
			}
		}
	}
	return nil
}
