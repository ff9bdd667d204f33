package arrowstore

import (
	"errors"
	"fmt"
	"math"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/decimal128"

	"github.com/storegen/storegen/internal/view"
	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// form is how values of a kind are in Arrow.
type form struct {
	// typ is the Arrow type, given the numbers of the type.
	typ func(p *kind.Params) arrow.DataType
	// adder appends values to a builder of that type, which has room for them. They are not
	// null.
	adder func(b array.Builder, p *kind.Params) func(v kind.Value) error
	// getter reads values of an array of that type, which are not null.
	getter func(a arrow.Array, p *kind.Params) func(i int) (kind.Value, error)
}

// builder and values are what the arrays of most types have.
type builder[T any] interface {
	array.Builder
	UnsafeAppend(v T)
}

type values[T any] interface {
	arrow.Array
	Value(i int) T
}

// plain is the form of a kind whose values Arrow has as they are.
func plain[T any, B builder[T], A values[T]](typ arrow.DataType, to func(v kind.Value) T, of func(x T) kind.Value) form {
	return checked[T, B, A](typ,
		func(v kind.Value) (T, error) { return to(v), nil },
		func(x T) (kind.Value, error) { return of(x), nil })
}

// checked is plain for values of which not all have a place on the other side.
func checked[T any, B builder[T], A values[T]](typ arrow.DataType, to func(v kind.Value) (T, error), of func(x T) (kind.Value, error)) form {
	return form{
		typ: func(*kind.Params) arrow.DataType { return typ },
		adder: func(b array.Builder, _ *kind.Params) func(kind.Value) error {
			typed := b.(B)
			return func(v kind.Value) error {
				x, err := to(v)
				if err == nil {
					typed.UnsafeAppend(x)
				}
				return err
			}
		},
		getter: func(a arrow.Array, _ *kind.Params) func(int) (kind.Value, error) {
			arr := a.(A)
			return func(i int) (kind.Value, error) { return of(arr.Value(i)) }
		},
	}
}

var timestamp = &arrow.TimestampType{Unit: arrow.Nanosecond, TimeZone: "UTC"}

// The seconds since 1970 that timestamps in nanoseconds reach to.
const (
	leastSecond = math.MinInt64/1_000_000_000 + 1
	mostSecond  = math.MaxInt64/1_000_000_000 - 1
)

// forms has all kinds of scalars.
var forms = map[kind.Kind]form{
	kind.Bool:    plain[bool, *array.BooleanBuilder, *array.Boolean](arrow.FixedWidthTypes.Boolean, kind.Value.Bool, kind.BoolOf),
	kind.Int8:    plain[int8, *array.Int8Builder, *array.Int8](arrow.PrimitiveTypes.Int8, func(v kind.Value) int8 { return int8(v.Int64()) }, kind.Int8Of),
	kind.Int16:   plain[int16, *array.Int16Builder, *array.Int16](arrow.PrimitiveTypes.Int16, func(v kind.Value) int16 { return int16(v.Int64()) }, kind.Int16Of),
	kind.Int32:   plain[int32, *array.Int32Builder, *array.Int32](arrow.PrimitiveTypes.Int32, func(v kind.Value) int32 { return int32(v.Int64()) }, kind.Int32Of),
	kind.Int64:   plain[int64, *array.Int64Builder, *array.Int64](arrow.PrimitiveTypes.Int64, kind.Value.Int64, kind.Int64Of),
	kind.Varint:  plain[int64, *array.Int64Builder, *array.Int64](arrow.PrimitiveTypes.Int64, kind.Value.Int64, kind.VarintOf),
	kind.Uint8:   plain[uint8, *array.Uint8Builder, *array.Uint8](arrow.PrimitiveTypes.Uint8, func(v kind.Value) uint8 { return uint8(v.Uint64()) }, kind.Uint8Of),
	kind.Uint16:  plain[uint16, *array.Uint16Builder, *array.Uint16](arrow.PrimitiveTypes.Uint16, func(v kind.Value) uint16 { return uint16(v.Uint64()) }, kind.Uint16Of),
	kind.Uint32:  plain[uint32, *array.Uint32Builder, *array.Uint32](arrow.PrimitiveTypes.Uint32, func(v kind.Value) uint32 { return uint32(v.Uint64()) }, kind.Uint32Of),
	kind.Uint64:  plain[uint64, *array.Uint64Builder, *array.Uint64](arrow.PrimitiveTypes.Uint64, kind.Value.Uint64, kind.Uint64Of),
	kind.Uvarint: plain[uint64, *array.Uint64Builder, *array.Uint64](arrow.PrimitiveTypes.Uint64, kind.Value.Uint64, kind.UvarintOf),
	kind.Float32: plain[float32, *array.Float32Builder, *array.Float32](arrow.PrimitiveTypes.Float32, func(v kind.Value) float32 { return float32(v.Float64()) }, kind.Float32Of),
	kind.Float64: plain[float64, *array.Float64Builder, *array.Float64](arrow.PrimitiveTypes.Float64, kind.Value.Float64, kind.Float64Of),
	kind.Bytes: {
		typ: func(*kind.Params) arrow.DataType { return arrow.BinaryTypes.Binary },
		adder: func(b array.Builder, _ *kind.Params) func(kind.Value) error {
			to := b.(*array.BinaryBuilder)
			return func(v kind.Value) error {
				appendBytes(to, v.Bytes())
				return nil
			}
		},
		getter: func(a arrow.Array, _ *kind.Params) func(int) (kind.Value, error) {
			arr := a.(*array.Binary)
			return func(i int) (kind.Value, error) { return kind.BytesOf(arr.Value(i)), nil }
		},
	},
	kind.Duration: plain[arrow.Duration, *array.DurationBuilder, *array.Duration](arrow.FixedWidthTypes.Duration_ns,
		func(v kind.Value) arrow.Duration { return arrow.Duration(v.Duration()) },
		func(x arrow.Duration) kind.Value { return kind.DurationOf(time.Duration(x)) }),
	kind.String: utf8Text(kind.StringOf),
	kind.JSON:   utf8Text(kind.JSONOf),
	kind.Timestamp: checked[arrow.Timestamp, *array.TimestampBuilder, *array.Timestamp](timestamp,
		func(v kind.Value) (arrow.Timestamp, error) {
			sec, nanos := v.Unix()
			if sec < leastSecond || sec > mostSecond {
				return 0, fmt.Errorf("the time %s is outside of the years 1678 to 2261, which Arrow has in nanoseconds", v)
			}
			return arrow.Timestamp(sec*1_000_000_000 + int64(nanos)), nil
		},
		func(x arrow.Timestamp) (kind.Value, error) { return kind.TimestampOf(x.ToTime(arrow.Nanosecond)), nil }),
	kind.Date: checked[arrow.Date32, *array.Date32Builder, *array.Date32](arrow.FixedWidthTypes.Date32,
		func(v kind.Value) (arrow.Date32, error) { return arrow.Date32(v.Date().UnixDays()), nil },
		func(x arrow.Date32) (kind.Value, error) {
			d, err := civil.FromUnixDays(int64(x))
			return kind.DateOf(d), err
		}),
	kind.TimeOfDay: checked[arrow.Time64, *array.Time64Builder, *array.Time64](arrow.FixedWidthTypes.Time64ns,
		func(v kind.Value) (arrow.Time64, error) { return arrow.Time64(v.TimeOfDay().SinceMidnight()), nil },
		func(x arrow.Time64) (kind.Value, error) {
			t, err := civil.SinceMidnight(time.Duration(x))
			return kind.TimeOfDayOf(t), err
		}),
	kind.UUID:       fixed(func(*kind.Params) int { return 16 }, func(b []byte) kind.Value { return kind.UUIDOf([16]byte(b)) }),
	kind.FixedBytes: fixed(func(p *kind.Params) int { return p.Size }, kind.FixedBytesOf),
	kind.Decimal: {
		typ:    func(p *kind.Params) arrow.DataType { return decimalType(p) },
		adder:  addDecimals,
		getter: getDecimals,
	},
	kind.Enum: {
		typ: func(*kind.Params) arrow.DataType { return arrow.BinaryTypes.String },
		adder: func(b array.Builder, _ *kind.Params) func(kind.Value) error {
			to := b.(*array.StringBuilder).BinaryBuilder
			return func(v kind.Value) error {
				appendBytes(to, view.Bytes(v.String()))
				return nil
			}
		},
		getter: func(a arrow.Array, p *kind.Params) func(int) (kind.Value, error) {
			arr := a.(*array.String)
			return func(i int) (kind.Value, error) { return enum(p, arr.Value(i)) }
		},
	},
}

// utf8Text is the form of text.
func utf8Text(of func(x string) kind.Value) form {
	return form{
		typ: func(*kind.Params) arrow.DataType { return arrow.BinaryTypes.String },
		adder: func(b array.Builder, _ *kind.Params) func(kind.Value) error {
			to := b.(*array.StringBuilder).BinaryBuilder
			return func(v kind.Value) error {
				text := v.Text()
				if !utf8.ValidString(text) {
					return errors.New("it holds bytes that are not UTF-8, which text in Arrow cannot")
				}
				appendBytes(to, view.Bytes(text))
				return nil
			}
		},
		getter: func(a arrow.Array, _ *kind.Params) func(int) (kind.Value, error) {
			arr := a.(*array.String)
			return func(i int) (kind.Value, error) { return of(arr.Value(i)), nil }
		},
	}
}

// appendBytes appends to a builder that has room for the value's place, and makes room for
// its bytes.
func appendBytes(b *array.BinaryBuilder, v []byte) {
	if b.DataCap()-b.DataLen() < len(v) {
		b.ReserveData(max(len(v), b.DataLen(), leastText))
	}
	b.UnsafeAppend(v)
}

// leastText is how many bytes a column of texts makes room for at first.
const leastText = 4 << 10

// fixed is the form of bytes that are always as many.
func fixed(size func(p *kind.Params) int, of func(b []byte) kind.Value) form {
	return form{
		typ: func(p *kind.Params) arrow.DataType { return &arrow.FixedSizeBinaryType{ByteWidth: size(p)} },
		adder: func(b array.Builder, _ *kind.Params) func(kind.Value) error {
			to := b.(*array.FixedSizeBinaryBuilder)
			return func(v kind.Value) error {
				to.Append(v.Bytes())
				return nil
			}
		},
		getter: func(a arrow.Array, _ *kind.Params) func(int) (kind.Value, error) {
			arr := a.(*array.FixedSizeBinary)
			return func(i int) (kind.Value, error) { return of(arr.Value(i)), nil }
		},
	}
}

func decimalType(p *kind.Params) *arrow.Decimal128Type {
	return &arrow.Decimal128Type{Precision: int32(p.Precision), Scale: int32(p.Scale)}
}

func addDecimals(b array.Builder, p *kind.Params) func(kind.Value) error {
	to := b.(*array.Decimal128Builder)
	return func(v kind.Value) error {
		d := v.Decimal()
		if !d.Fits(p.Precision, p.Scale) {
			return fmt.Errorf("%s is no decimal(%d,%d)", d, p.Precision, p.Scale)
		}
		hi, lo := d.Uint128()
		n := decimal128.New(int64(hi), lo).Mul(decimal128.GetScaleMultiplier(p.Scale - d.Scale()))
		if d.Sign() < 0 {
			n = n.Negate()
		}
		to.Append(n)
		return nil
	}
}

func getDecimals(a arrow.Array, p *kind.Params) func(int) (kind.Value, error) {
	arr := a.(*array.Decimal128)
	return func(i int) (kind.Value, error) {
		n := arr.Value(i)
		neg := n.Sign() < 0
		n = n.Abs()
		d, err := decimal.FromUint128(neg, uint64(n.HighBits()), n.LowBits(), p.Scale)
		return kind.DecimalOf(d), err
	}
}

func enum(p *kind.Params, text string) (kind.Value, error) {
	if v, ok := kind.EnumText(p, text); ok {
		return v, nil
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil {
		return kind.Value{}, fmt.Errorf("%q is none of %s", text, p.EnumNames())
	}
	return kind.EnumOf(p, int32(n)), nil
}

// formOf is the form of a column, with the numbers of its type.
func formOf(c *provider.Column) (form, *kind.Params, error) {
	f, ok := forms[c.Kind]
	if !ok {
		return form{}, nil, fmt.Errorf("the column %s is of the kind %v, which this version of arrowstore does not know", c.Name, c.Kind)
	}
	return f, &c.Type.Params, nil
}
