package provider

import (
	"time"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/kind"
)

// Value is a value of a column: null, or of one of the scalar kinds of package kind,
// which describes it.
//
// Text, bytes, JSON and UUIDs may be borrowed: those of a Cursor are valid until
// its next call of Next or Close. Clone makes a Value that stays.
type Value = kind.Value

// The functions below make values; package kind has them too.

// Bool returns a bool.
func Bool(v bool) Value { return kind.BoolOf(v) }

// Int8 returns an int8.
func Int8(v int8) Value { return kind.Int8Of(v) }

// Int16 returns an int16.
func Int16(v int16) Value { return kind.Int16Of(v) }

// Int32 returns an int32.
func Int32(v int32) Value { return kind.Int32Of(v) }

// Int64 returns an int64.
func Int64(v int64) Value { return kind.Int64Of(v) }

// Uint8 returns a uint8.
func Uint8(v uint8) Value { return kind.Uint8Of(v) }

// Uint16 returns a uint16.
func Uint16(v uint16) Value { return kind.Uint16Of(v) }

// Uint32 returns a uint32.
func Uint32(v uint32) Value { return kind.Uint32Of(v) }

// Uint64 returns a uint64.
func Uint64(v uint64) Value { return kind.Uint64Of(v) }

// Varint returns a varint.
func Varint(v int64) Value { return kind.VarintOf(v) }

// Uvarint returns a uvarint.
func Uvarint(v uint64) Value { return kind.UvarintOf(v) }

// Float32 returns a float32. As in keys, there is one NaN, and -0 is 0.
func Float32(v float32) Value { return kind.Float32Of(v) }

// Float64 returns a float64. As in keys, there is one NaN, and -0 is 0.
func Float64(v float64) Value { return kind.Float64Of(v) }

// Decimal returns a decimal.
func Decimal(v decimal.Decimal) Value { return kind.DecimalOf(v) }

// String returns a string, of any bytes.
func String(v string) Value { return kind.StringOf(v) }

// Bytes returns bytes, which must not change while the Value is in use.
func Bytes(v []byte) Value { return kind.BytesOf(v) }

// FixedBytes returns a bytes[n] of as many bytes as v has, which must not change while
// the Value is in use.
func FixedBytes(v []byte) Value { return kind.FixedBytesOf(v) }

// JSON returns a document. It is not checked here.
func JSON(text string) Value { return kind.JSONOf(text) }

// UUID returns a UUID.
func UUID(v [16]byte) Value { return kind.UUIDOf(v) }

// Time returns a timestamp.
func Time(v time.Time) Value { return kind.TimestampOf(v) }

// Duration returns a duration.
func Duration(v time.Duration) Value { return kind.DurationOf(v) }

// Date returns a date.
func Date(v civil.Date) Value { return kind.DateOf(v) }

// TimeOfDay returns a time of day.
func TimeOfDay(v civil.TimeOfDay) Value { return kind.TimeOfDayOf(v) }

// Enum returns a value of an enum by its number, which need not be one that the
// type knows. t may be nil; the value has no name then.
func Enum(t *catalog.Type, number int32) Value {
	if t == nil {
		return kind.EnumOf(nil, number)
	}
	return kind.EnumOf(&t.Params, number)
}

// EnumText returns the value of an enum by its name, or by its number in decimal,
// as String prints one that has no name. ok is false for any other text.
func EnumText(t *catalog.Type, text string) (v Value, ok bool) {
	return kind.EnumText(&t.Params, text)
}
