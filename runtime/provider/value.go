package provider

import (
	"cmp"
	"encoding/hex"
	"math"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/internal/view"
	"github.com/storegen/storegen/runtime/catalog"
)

// Value is a value of a column: null, or of one of the scalar kinds of package
// catalog. It is a small struct that is passed by value and never allocates; the
// zero Value is null.
//
// Text, bytes, JSON and UUIDs may be borrowed: those of a Cursor are valid until
// its next call of Next or Close. Clone makes a Value that stays.
type Value struct {
	str   string
	num   uint64 // an integer, a bool, the bits of a float, the seconds since 1970, nanoseconds, an enum's number
	nanos int32
	kind  uint8
}

// Bool returns a bool.
func Bool(v bool) Value {
	var n uint64
	if v {
		n = 1
	}
	return Value{kind: uint8(catalog.Bool), num: n}
}

// Int32 returns an int32.
func Int32(v int32) Value { return Value{kind: uint8(catalog.Int32), num: uint64(int64(v))} }

// Int64 returns an int64.
func Int64(v int64) Value { return Value{kind: uint8(catalog.Int64), num: uint64(v)} }

// Uint32 returns a uint32.
func Uint32(v uint32) Value { return Value{kind: uint8(catalog.Uint32), num: uint64(v)} }

// Uint64 returns a uint64.
func Uint64(v uint64) Value { return Value{kind: uint8(catalog.Uint64), num: v} }

// Float64 returns a float64. As in keys, there is one NaN, and -0 is 0.
func Float64(v float64) Value {
	switch {
	case v != v:
		v = math.NaN()
	case v == 0:
		v = 0
	}
	return Value{kind: uint8(catalog.Float64), num: math.Float64bits(v)}
}

// String returns a string, of any bytes.
func String(v string) Value { return Value{kind: uint8(catalog.String), str: v} }

// Bytes returns bytes, which must not change while the Value is in use.
func Bytes(v []byte) Value { return Value{kind: uint8(catalog.Bytes), str: view.String(v)} }

// JSON returns a document. It is not checked here.
func JSON(text string) Value { return Value{kind: uint8(catalog.JSON), str: text} }

// UUID returns a UUID.
func UUID(v [16]byte) Value { return Value{kind: uint8(catalog.UUID), str: string(v[:])} }

// Time returns a timestamp.
func Time(v time.Time) Value {
	return Value{kind: uint8(catalog.Timestamp), num: uint64(v.Unix()), nanos: int32(v.Nanosecond())}
}

// Duration returns a duration.
func Duration(v time.Duration) Value { return Value{kind: uint8(catalog.Duration), num: uint64(v)} }

// Enum returns a value of an enum by its number, which need not be one that the
// type knows. t may be nil; the value has no name then.
func Enum(t *catalog.Type, number int32) Value {
	return Value{kind: uint8(catalog.Enum), num: uint64(int64(number)), str: enumName(t, number)}
}

// EnumText returns the value of an enum by its name, or by its number in decimal,
// as String prints one that has no name. ok is false for any other text.
func EnumText(t *catalog.Type, text string) (v Value, ok bool) {
	for i := range t.Values {
		if t.Values[i].Name == text {
			return Enum(t, t.Values[i].Number), true
		}
	}
	n, err := strconv.ParseInt(text, 10, 32)
	if err != nil || strconv.FormatInt(n, 10) != text {
		return Value{}, false
	}
	return Enum(t, int32(n)), true
}

// enumName is "" for a number that the type does not know.
func enumName(t *catalog.Type, n int32) string {
	if t == nil {
		return ""
	}
	// Numbers mostly count from 1, without gaps.
	if i := int(n) - 1; i >= 0 && i < len(t.Values) && t.Values[i].Number == n {
		return t.Values[i].Name
	}
	for i := range t.Values {
		if t.Values[i].Number == n {
			return t.Values[i].Name
		}
	}
	return ""
}

// Kind is the kind of the value; 0 is null.
func (v Value) Kind() catalog.Kind { return catalog.Kind(v.kind) }

// IsNull reports whether the value is null.
func (v Value) IsNull() bool { return v.kind == 0 }

// The accessors below are for values of the kinds they name; of others they
// return something of no meaning.

// Bool is the value of a Bool.
func (v Value) Bool() bool { return v.num != 0 }

// Int64 is the value of an Int32 or Int64, the number of an Enum, and the
// nanoseconds of a Duration.
func (v Value) Int64() int64 { return int64(v.num) }

// Uint64 is the value of a Uint32 or Uint64.
func (v Value) Uint64() uint64 { return v.num }

// Float64 is the value of a Float64.
func (v Value) Float64() float64 { return math.Float64frombits(v.num) }

// Time is the value of a Timestamp, in UTC.
func (v Value) Time() time.Time { return time.Unix(int64(v.num), int64(v.nanos)).UTC() }

// Unix is the value of a Timestamp as seconds since 1970 and nanoseconds in the
// second.
func (v Value) Unix() (sec int64, nanos int32) { return int64(v.num), v.nanos }

// Duration is the value of a Duration.
func (v Value) Duration() time.Duration { return time.Duration(v.num) }

// Text is the value of a String, the text of a JSON, and the name of an Enum, ""
// where its number has none. It is borrowed as the Value is.
func (v Value) Text() string { return v.str }

// Bytes is the value of a String, Bytes, JSON or UUID as bytes, which must not be
// changed.
func (v Value) Bytes() []byte { return view.Bytes(v.str) }

// UUID is the value of a UUID.
func (v Value) UUID() (id [16]byte) {
	copy(id[:], v.str)
	return id
}

// Clone returns the value with memory of its own.
func (v Value) Clone() Value {
	if v.Kind() != catalog.Enum { // names of enums belong to their types
		v.str = strings.Clone(v.str)
	}
	return v
}

// String prints the value: text and JSON as they are, an enum as its name or else
// its number, bytes as 0x and hexadecimal, a timestamp by RFC 3339, null as NULL. The text
// is not borrowed; Text gives it without a copy.
func (v Value) String() string {
	switch v.Kind() {
	case 0:
		return "NULL"
	case catalog.Bool:
		return strconv.FormatBool(v.Bool())
	case catalog.Int32, catalog.Int64:
		return strconv.FormatInt(v.Int64(), 10)
	case catalog.Uint32, catalog.Uint64:
		return strconv.FormatUint(v.num, 10)
	case catalog.Float64:
		return strconv.FormatFloat(v.Float64(), 'g', -1, 64)
	case catalog.Bytes:
		return "0x" + hex.EncodeToString(v.Bytes())
	case catalog.Timestamp:
		return v.Time().Format(time.RFC3339Nano)
	case catalog.Duration:
		return v.Duration().String()
	case catalog.UUID:
		return string(appendUUIDText(nil, v.UUID()))
	case catalog.Enum:
		if v.str == "" {
			return strconv.FormatInt(v.Int64(), 10)
		}
		return v.str
	}
	return strings.Clone(v.str)
}

func appendUUIDText(dst []byte, id [16]byte) []byte {
	for i, b := range id {
		if i == 4 || i == 6 || i == 8 || i == 10 {
			dst = append(dst, '-')
		}
		dst = hex.AppendEncode(dst, []byte{b})
	}
	return dst
}

// fromYearOne is added to seconds since 1970 to get those that times are ordered
// by; at the far ends of the range the sum wraps around, as the times did.
const fromYearOne = 62135596800

// Compare orders values: -1, 0 or 1. Null comes first and equals itself; values of
// one kind have the order that keys of the kind have (floats: NaN, numbers; enums:
// by number, negative ones last; text and documents: bytewise); values of two
// kinds have the order of the kinds' numbers. It is a total order, with no third
// answer for null as in SQL.
func (v Value) Compare(w Value) int {
	if v.kind != w.kind {
		return cmp.Compare(v.kind, w.kind)
	}
	switch v.Kind() {
	case 0:
		return 0
	case catalog.Int32, catalog.Int64, catalog.Duration:
		return cmp.Compare(int64(v.num), int64(w.num))
	case catalog.Bool, catalog.Uint32, catalog.Uint64:
		return cmp.Compare(v.num, w.num)
	case catalog.Enum:
		return cmp.Compare(uint32(v.num), uint32(w.num))
	case catalog.Float64:
		return cmp.Compare(v.Float64(), w.Float64())
	case catalog.Timestamp:
		return cmp.Or(cmp.Compare(int64(v.num+fromYearOne), int64(w.num+fromYearOne)), cmp.Compare(v.nanos, w.nanos))
	}
	return strings.Compare(v.str, w.str)
}
