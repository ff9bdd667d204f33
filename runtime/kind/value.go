package kind

import (
	"cmp"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/internal/view"
	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
)

// Value is a value of a scalar kind, or null. It is a small struct that is passed by
// value and never allocates; the zero Value is null.
//
// Text, bytes, JSON and UUIDs may be borrowed from what they were read from. Clone
// makes a Value that stays.
type Value struct {
	str   string
	num   uint64 // an integer, a bool, the bits of a float64, seconds or days since 1970, nanoseconds, an enum's number
	nanos int32
	kind  uint8
}

// BoolOf returns a bool.
func BoolOf(v bool) Value {
	var n uint64
	if v {
		n = 1
	}
	return Value{kind: uint8(Bool), num: n}
}

// Int32Of returns an int32.
func Int32Of(v int32) Value { return intOf(Int32, int64(v)) }

// Int64Of returns an int64.
func Int64Of(v int64) Value { return intOf(Int64, v) }

// Uint32Of returns a uint32.
func Uint32Of(v uint32) Value { return uintOf(Uint32, uint64(v)) }

// Uint64Of returns a uint64.
func Uint64Of(v uint64) Value { return uintOf(Uint64, v) }

func intOf(k Kind, v int64) Value   { return Value{kind: uint8(k), num: uint64(v)} }
func uintOf(k Kind, v uint64) Value { return Value{kind: uint8(k), num: v} }

// Float64Of returns a float64. As in keys, there is one NaN, and -0 is 0.
func Float64Of(v float64) Value {
	switch {
	case v != v:
		v = math.NaN()
	case v == 0:
		v = 0
	}
	return Value{kind: uint8(Float64), num: math.Float64bits(v)}
}

// StringOf returns a string, of any bytes.
func StringOf(v string) Value { return textOf(String, v) }

// BytesOf returns bytes, which must not change while the Value is in use.
func BytesOf(v []byte) Value { return textOf(Bytes, view.String(v)) }

// JSONOf returns a document. It is not checked here.
func JSONOf(text string) Value { return textOf(JSON, text) }

func textOf(k Kind, v string) Value { return Value{kind: uint8(k), str: v} }

// TextOf returns a value of one of the kinds that are text: String, Bytes, JSON.
func TextOf(k Kind, v string) Value { return textOf(k, v) }

// UUIDOf returns a UUID.
func UUIDOf(v [16]byte) Value { return textOf(UUID, string(v[:])) }

// TimestampOf returns a timestamp.
func TimestampOf(v time.Time) Value {
	return Value{kind: uint8(Timestamp), num: uint64(v.Unix()), nanos: int32(v.Nanosecond())}
}

// DurationOf returns a duration.
func DurationOf(v time.Duration) Value { return intOf(Duration, int64(v)) }

// Int8Of returns an int8.
func Int8Of(v int8) Value { return intOf(Int8, int64(v)) }

// Int16Of returns an int16.
func Int16Of(v int16) Value { return intOf(Int16, int64(v)) }

// Uint8Of returns a uint8.
func Uint8Of(v uint8) Value { return uintOf(Uint8, uint64(v)) }

// Uint16Of returns a uint16.
func Uint16Of(v uint16) Value { return uintOf(Uint16, uint64(v)) }

// VarintOf returns a varint.
func VarintOf(v int64) Value { return intOf(Varint, v) }

// UvarintOf returns a uvarint.
func UvarintOf(v uint64) Value { return uintOf(Uvarint, v) }

// Float32Of returns a float32. As in keys, there is one NaN, and -0 is 0.
func Float32Of(v float32) Value {
	f := Float64Of(float64(v))
	f.kind = uint8(Float32)
	return f
}

// FixedBytesOf returns a bytes[n], which must not change while the Value is in use.
func FixedBytesOf(v []byte) Value { return textOf(FixedBytes, view.String(v)) }

// DateOf returns a date.
func DateOf(v civil.Date) Value { return intOf(Date, int64(v.UnixDays())) }

// TimeOfDayOf returns a time of day.
func TimeOfDayOf(v civil.TimeOfDay) Value { return intOf(TimeOfDay, int64(v.SinceMidnight())) }

// DecimalOf returns a decimal.
func DecimalOf(v decimal.Decimal) Value { return textOf(Decimal, v.String()) }

// EnumOf returns a value of an enum by its number, which need not be one that the
// type knows. p may be nil; the value has no name then.
func EnumOf(p *Params, number int32) Value {
	return Value{kind: uint8(Enum), num: uint64(int64(number)), str: p.NameOf(number)}
}

// EnumText returns the value of an enum by its name, or by its number in decimal,
// as String prints one that has no name. ok is false for any other text.
func EnumText(p *Params, text string) (v Value, ok bool) {
	for i := range p.Values {
		if p.Values[i].Name == text {
			return EnumOf(p, p.Values[i].Number), true
		}
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return Value{}, false
	}
	return EnumOf(p, int32(n)), true
}

// Kind is the kind of the value; 0 is null.
func (v Value) Kind() Kind { return Kind(v.kind) }

// IsNull reports whether the value is null.
func (v Value) IsNull() bool { return v.kind == 0 }

// The accessors below are for values of the kinds they name; of others they
// return something of no meaning, or panic.

// Bool is the value of a Bool.
func (v Value) Bool() bool { return v.num != 0 }

// Int64 is the value of a signed integer, the number of an Enum, and the nanoseconds of
// a Duration.
func (v Value) Int64() int64 { return int64(v.num) }

// Uint64 is the value of an unsigned integer.
func (v Value) Uint64() uint64 { return v.num }

// Float64 is the value of a Float64 or Float32.
func (v Value) Float64() float64 { return math.Float64frombits(v.num) }

// Time is the value of a Timestamp, in UTC.
func (v Value) Time() time.Time { return time.Unix(int64(v.num), int64(v.nanos)).UTC() }

// Unix is the value of a Timestamp as seconds since 1970 and nanoseconds in the
// second.
func (v Value) Unix() (sec int64, nanos int32) { return int64(v.num), v.nanos }

// Duration is the value of a Duration.
func (v Value) Duration() time.Duration { return time.Duration(v.num) }

// Date is the value of a Date.
func (v Value) Date() civil.Date {
	d, err := civil.FromUnixDays(v.Int64())
	if err != nil {
		panic("kind: a Value is no date")
	}
	return d
}

// TimeOfDay is the value of a TimeOfDay.
func (v Value) TimeOfDay() civil.TimeOfDay {
	t, err := civil.SinceMidnight(time.Duration(v.num))
	if err != nil {
		panic("kind: a Value is no time of day")
	}
	return t
}

// Decimal is the value of a Decimal.
func (v Value) Decimal() decimal.Decimal { return decimal.MustParse(v.str) }

// Text is the value of a String, the text of a JSON, and the name of an Enum, ""
// where its number has none. It is borrowed as the Value is.
func (v Value) Text() string { return v.str }

// Bytes is the value of a String, Bytes, FixedBytes, JSON or UUID as bytes, which must not be
// changed.
func (v Value) Bytes() []byte { return view.Bytes(v.str) }

// UUID is the value of a UUID.
func (v Value) UUID() (id [16]byte) {
	copy(id[:], v.str)
	return id
}

// Clone returns the value with memory of its own.
func (v Value) Clone() Value {
	if v.Kind() != Enum { // names of enums belong to their types
		v.str = strings.Clone(v.str)
	}
	return v
}

// String prints the value: text and JSON as they are, an enum as its name or else
// its number, bytes as 0x and hexadecimal, a timestamp by RFC 3339, null as NULL. The text
// is not borrowed; Text gives it without a copy.
func (v Value) String() string {
	s := Of(v.Kind())
	if s == nil {
		return "NULL"
	}
	return s.Format(v)
}

// JSON is the value as documents hold it.
func (v Value) JSON() string { return string(AppendJSON(nil, v)) }

// Compare orders values: -1, 0 or 1. Null comes first and equals itself; values of
// one kind have the order that keys of the kind have (floats: NaN, numbers; enums:
// by number, negative ones last; text and documents: bytewise); values of two
// kinds have the order of the kinds' numbers. It is a total order, with no third
// answer for null as in SQL.
func (v Value) Compare(w Value) int {
	if v.kind != w.kind {
		return cmp.Compare(v.kind, w.kind)
	}
	s := Of(v.Kind())
	if s == nil {
		return 0
	}
	return s.Compare(v, w)
}

// CompareWith is Compare for values of two kinds that have one order: integers that are
// both signed or both unsigned are compared as numbers.
func (v Value) CompareWith(w Value) int {
	if v.kind != w.kind && v.Kind().ComparesWith(w.Kind()) {
		w.kind = v.kind
	}
	return v.Compare(w)
}

// Equal reports whether two values are of one kind and Compare finds no difference.
func (v Value) Equal(w Value) bool { return v.Compare(w) == 0 }

// The orders of values of one kind.

func compareInts(v, w Value) int   { return cmp.Compare(int64(v.num), int64(w.num)) }
func compareUints(v, w Value) int  { return cmp.Compare(v.num, w.num) }
func compareEnums(v, w Value) int  { return cmp.Compare(uint32(v.num), uint32(w.num)) }
func compareFloats(v, w Value) int { return cmp.Compare(v.Float64(), w.Float64()) }
func compareText(v, w Value) int   { return strings.Compare(v.str, w.str) }

// fromYearOne is added to seconds since 1970 to get those that times are ordered
// by; at the far ends of the range the sum wraps around, as the times did.
const fromYearOne = 62135596800

func compareTimes(v, w Value) int {
	return cmp.Or(cmp.Compare(int64(v.num+fromYearOne), int64(w.num+fromYearOne)), cmp.Compare(v.nanos, w.nanos))
}
