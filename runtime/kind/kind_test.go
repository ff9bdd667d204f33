package kind_test

import (
	"bytes"
	"math"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/kind/kindtest"
)

// colours is an enum with a gap, and with a number that is not in the order of names.
var colours = &kind.Params{Values: []kind.EnumValue{{Name: "red", Number: 1}, {Name: "blue", Number: 7}, {Name: "green", Number: 3}}}

// ends are values that have to be tried, beside random ones.
var ends = map[kind.Kind][]kind.Value{
	kind.Int32:   {kind.Int32Of(-1), kind.Int32Of(math.MinInt32), kind.Int32Of(math.MaxInt32)},
	kind.Int64:   {kind.Int64Of(-1), kind.Int64Of(math.MinInt64), kind.Int64Of(math.MaxInt64)},
	kind.Uint32:  {kind.Uint32Of(math.MaxUint32)},
	kind.Uint64:  {kind.Uint64Of(math.MaxUint64), kind.Uint64Of(1 << 63)},
	kind.Float64: {kind.Float64Of(math.NaN()), kind.Float64Of(math.Copysign(0, -1)), kind.Float64Of(math.Inf(1)), kind.Float64Of(math.SmallestNonzeroFloat64)},
	kind.String:  {kind.StringOf(""), kind.StringOf("\x00\x01\xff"), kind.StringOf("\x00\xff")},
	kind.Bytes:   {kind.BytesOf(nil), kind.BytesOf([]byte{0, 1, 0xFF}), kind.BytesOf([]byte{0, 0})},
	kind.Timestamp: {kind.TimestampOf(time.Unix(0, 0)), kind.TimestampOf(time.Date(0, 1, 1, 0, 0, 0, 0, time.UTC)),
		kind.TimestampOf(time.Unix(1, 999999999)), kind.TimestampOf(time.Unix(-1, 1))},
	kind.Duration: {kind.DurationOf(-1), kind.DurationOf(math.MinInt64), kind.DurationOf(math.MaxInt64)},
	kind.JSON:     {kind.JSONOf(`{"a":[1,"x"]}`), kind.JSONOf(`"x"`)},
	kind.Int8:     {kind.Int8Of(math.MinInt8), kind.Int8Of(math.MaxInt8), kind.Int8Of(-1)},
	kind.Int16:    {kind.Int16Of(math.MinInt16), kind.Int16Of(math.MaxInt16), kind.Int16Of(-1)},
	kind.Uint8:    {kind.Uint8Of(math.MaxUint8)},
	kind.Uint16:   {kind.Uint16Of(math.MaxUint16)},
	kind.Float32: {kind.Float32Of(float32(math.NaN())), kind.Float32Of(float32(math.Copysign(0, -1))), kind.Float32Of(float32(math.Inf(1))),
		kind.Float32Of(math.SmallestNonzeroFloat32), kind.Float32Of(math.MaxFloat32), kind.Float32Of(-math.MaxFloat32), kind.Float32Of(0.1)},
	kind.Varint:    {kind.VarintOf(-120), kind.VarintOf(-121), kind.VarintOf(119), kind.VarintOf(120), kind.VarintOf(math.MinInt64), kind.VarintOf(math.MaxInt64)},
	kind.Uvarint:   {kind.UvarintOf(247), kind.UvarintOf(248), kind.UvarintOf(255), kind.UvarintOf(256), kind.UvarintOf(math.MaxUint64)},
	kind.Date:      {kind.DateOf(civil.MinDate), kind.DateOf(civil.MaxDate), kind.DateOf(civil.MustDate(1970, 1, 1)), kind.DateOf(civil.MustDate(-44, 3, 15))},
	kind.TimeOfDay: {kind.TimeOfDayOf(civil.MaxTimeOfDay), kind.TimeOfDayOf(civil.MustTimeOfDay(0, 0, 0, 1))},
	kind.Decimal: {kind.DecimalOf(decimal.MustParse("-0.01")), kind.DecimalOf(decimal.MustParse("0.01")), kind.DecimalOf(decimal.MustParse("9999999999.99")),
		kind.DecimalOf(decimal.MustParse("-9999999999.99")), kind.DecimalOf(decimal.MustParse("1000000")), kind.DecimalOf(decimal.MustParse("10.1"))},
	kind.FixedBytes: {kind.FixedBytesOf(bytes.Repeat([]byte{0xFF}, 32)), kind.FixedBytesOf(append([]byte{1}, make([]byte, 31)...))},
	kind.Enum:       {kind.EnumOf(colours, -1), kind.EnumOf(colours, 5), kind.EnumOf(colours, 7)},
}

func TestLaws(t *testing.T) {
	for _, s := range kind.Scalars() {
		t.Run(s.Name, func(t *testing.T) {
			p := &kind.Params{}
			switch {
			case s.Kind == kind.Enum:
				p = colours
			case s.Form != "":
				p = &s.FormExample
			}
			kindtest.Run(t, s, p, ends[s.Kind]...)
		})
	}
}

// The numbers are stored in databases.
func TestNumbersStay(t *testing.T) {
	got := map[string]int{}
	for k := kind.Kind(1); k <= 27; k++ { // what comes later has higher ones
		got[k.String()] = int(k)
	}
	want := map[string]int{"bool": 1, "int32": 2, "int64": 3, "uint32": 4, "uint64": 5, "float64": 6, "string": 7, "bytes": 8,
		"timestamp": 9, "duration": 10, "uuid": 11, "json": 12, "enum": 13, "struct": 14, "list": 15, "map": 16,
		"date": 17, "time_of_day": 18, "decimal": 19, "bytes[n]": 20, "int8": 21, "int16": 22, "uint8": 23, "uint16": 24,
		"float32": 25, "varint": 26, "uvarint": 27}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("numbers of kinds (-want +got):\n%s", diff)
	}
	for _, none := range []kind.Kind{0, -1, 63, 64, 1000} {
		if none.Known() || none.Scalar() || none.Integer() || none.Ordered() || none.InKeys() || none.Text() || none.String() != "invalid" || none.Ident() != "Invalid" {
			t.Errorf("kind %d is one", int(none))
		}
	}
}

func TestNull(t *testing.T) {
	var null kind.Value
	if !null.IsNull() || null.String() != "NULL" || null.JSON() != "null" || null.Compare(kind.Value{}) != 0 {
		t.Errorf("null is %s, %s", null, null.JSON())
	}
	// Values of two kinds have the order of the kinds' numbers.
	for _, v := range []kind.Value{kind.BoolOf(true), kind.Int64Of(0), kind.StringOf("")} {
		if null.Compare(v) != -1 || v.Compare(null) != 1 {
			t.Errorf("null and %s compare as %d", v, null.Compare(v))
		}
	}
	if kind.Int32Of(7).Compare(kind.Int64Of(7)) != -1 {
		t.Error("an int32 does not come before an int64")
	}
}

// Integers that are both signed or both unsigned have one order; all other kinds have it
// among themselves only.
func TestComparesWith(t *testing.T) {
	signed := []kind.Kind{kind.Int8, kind.Int16, kind.Int32, kind.Int64, kind.Varint}
	unsigned := []kind.Kind{kind.Uint8, kind.Uint16, kind.Uint32, kind.Uint64, kind.Uvarint}
	for _, a := range kind.Scalars() {
		for _, b := range kind.Scalars() {
			both := func(of []kind.Kind) bool { return slices.Contains(of, a.Kind) && slices.Contains(of, b.Kind) }
			if got, want := a.Kind.ComparesWith(b.Kind), a == b || both(signed) || both(unsigned); got != want {
				t.Errorf("%s compares with %s: %t, want %t", a.Name, b.Name, got, want)
			}
		}
	}
	for _, test := range []struct {
		a, b kind.Value
		want int
	}{
		{kind.Int8Of(-1), kind.Int64Of(math.MinInt64), 1},
		{kind.VarintOf(5), kind.Int16Of(5), 0},
		{kind.Uint8Of(200), kind.Uint64Of(math.MaxUint64), -1},
		{kind.UvarintOf(math.MaxUint64), kind.Uint32Of(1), 1},
		{kind.StringOf("b"), kind.StringOf("a"), 1},
		{kind.Int64Of(1), kind.Uint64Of(0), -1}, // by their kinds
	} {
		if got := test.a.CompareWith(test.b); got != test.want {
			t.Errorf("%s %v beside %s %v: %d, want %d", test.a.Kind(), test.a, test.b.Kind(), test.b, got, test.want)
		}
		if got := test.b.CompareWith(test.a); got != -test.want {
			t.Errorf("%s %v beside %s %v: %d, want %d", test.b.Kind(), test.b, test.a.Kind(), test.a, got, -test.want)
		}
	}
}
