package record_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/record"
)

// What Add appends is what Append does, or nothing: for numbers of fields and
// values that take one byte and more, with room in the buffer and without.
func TestAddIsAppendButForZero(t *testing.T) {
	type form struct {
		what      string
		zero      bool
		add, want func(dst []byte, num int) []byte
	}
	var forms []form
	of := func(what string, zero bool, add, want func(dst []byte, num int) []byte) {
		forms = append(forms, form{what, zero, add, want})
	}
	for _, v := range []bool{false, true} {
		of("bool", !v, func(d []byte, n int) []byte { return record.AddBool(d, n, v) }, func(d []byte, n int) []byte { return record.AppendBool(d, n, v) })
	}
	for _, v := range []int64{0, 1, -1, 63, -64, 64, 127, 128, 1 << 20, math.MaxInt64, math.MinInt64} {
		of("int64", v == 0, func(d []byte, n int) []byte { return record.AddInt64(d, n, v) }, func(d []byte, n int) []byte { return record.AppendInt64(d, n, v) })
		of("duration", v == 0, func(d []byte, n int) []byte { return record.AddDuration(d, n, time.Duration(v)) }, func(d []byte, n int) []byte { return record.AppendDuration(d, n, time.Duration(v)) })
		of("uint64", v == 0, func(d []byte, n int) []byte { return record.AddUint64(d, n, uint64(v)) }, func(d []byte, n int) []byte { return record.AppendUint64(d, n, uint64(v)) })
		w := int32(v)
		of("int32", w == 0, func(d []byte, n int) []byte { return record.AddInt32(d, n, w) }, func(d []byte, n int) []byte { return record.AppendInt32(d, n, w) })
		of("uint32", w == 0, func(d []byte, n int) []byte { return record.AddUint32(d, n, uint32(w)) }, func(d []byte, n int) []byte { return record.AppendUint32(d, n, uint32(w)) })
		of("enum", w == 0, func(d []byte, n int) []byte { return record.AddEnum(d, n, w) }, func(d []byte, n int) []byte { return record.AppendEnum(d, n, w) })
		f := float64(v)
		of("float64", f == 0 && !math.Signbit(f), func(d []byte, n int) []byte { return record.AddFloat64(d, n, f) }, func(d []byte, n int) []byte { return record.AppendFloat64(d, n, f) })
		i8, i16, u8, u16 := int8(v), int16(v), uint8(v), uint16(v)
		of("int8", i8 == 0, func(d []byte, n int) []byte { return record.AddInt8(d, n, i8) }, func(d []byte, n int) []byte { return record.AppendInt8(d, n, i8) })
		of("int16", i16 == 0, func(d []byte, n int) []byte { return record.AddInt16(d, n, i16) }, func(d []byte, n int) []byte { return record.AppendInt16(d, n, i16) })
		of("uint8", u8 == 0, func(d []byte, n int) []byte { return record.AddUint8(d, n, u8) }, func(d []byte, n int) []byte { return record.AppendUint8(d, n, u8) })
		of("uint16", u16 == 0, func(d []byte, n int) []byte { return record.AddUint16(d, n, u16) }, func(d []byte, n int) []byte { return record.AppendUint16(d, n, u16) })
		h := [32]byte{31: byte(v)}
		of("fixed bytes", h == [32]byte{}, func(d []byte, n int) []byte { return record.AddFixed(d, n, h[:]) }, func(d []byte, n int) []byte { return record.AppendFixed(d, n, h[:]) })
		u := [16]byte{15: byte(v)}
		of("uuid", u == [16]byte{}, func(d []byte, n int) []byte { return record.AddUUID(d, n, u) }, func(d []byte, n int) []byte { return record.AppendUUID(d, n, u) })
	}
	for _, v := range []float64{math.Copysign(0, -1), math.SmallestNonzeroFloat64, math.NaN(), math.Inf(-1)} {
		of("float64", v == 0 && !math.Signbit(v), func(d []byte, n int) []byte { return record.AddFloat64(d, n, v) }, func(d []byte, n int) []byte { return record.AppendFloat64(d, n, v) })
	}
	for _, v := range []string{"0", "0.01", "-12.34", "-0." + strings.Repeat("7", 38), strings.Repeat("9", 38)} {
		x := decimal.MustParse(v)
		of("decimal", x.IsZero(), func(d []byte, n int) []byte { return record.AddDecimal(d, n, x) }, func(d []byte, n int) []byte { return record.AppendDecimal(d, n, x) })
	}
	for _, v := range []civil.Date{{}, civil.MinDate, civil.MustDate(1970, 1, 1), civil.MustDate(2024, 2, 29), civil.MaxDate} {
		of("date", v.IsZero(), func(d []byte, n int) []byte { return record.AddDate(d, n, v) }, func(d []byte, n int) []byte { return record.AppendDate(d, n, v) })
	}
	for _, v := range []civil.TimeOfDay{{}, civil.MustTimeOfDay(0, 0, 0, 1), civil.MaxTimeOfDay} {
		of("time of day", v.IsZero(), func(d []byte, n int) []byte { return record.AddTimeOfDay(d, n, v) }, func(d []byte, n int) []byte { return record.AppendTimeOfDay(d, n, v) })
	}
	for _, v := range []float32{0, 1, float32(math.Copysign(0, -1)), math.SmallestNonzeroFloat32, float32(math.NaN()), float32(math.Inf(-1))} {
		of("float32", v == 0 && math.Float32bits(v) == 0, func(d []byte, n int) []byte { return record.AddFloat32(d, n, v) }, func(d []byte, n int) []byte { return record.AppendFloat32(d, n, v) })
	}
	for _, v := range []string{"", "x", strings.Repeat("x", 127), strings.Repeat("x", 128), strings.Repeat("x", 1000)} {
		append1 := func(d []byte, n int) []byte { return record.AppendString(d, n, v) }
		of("string", v == "", func(d []byte, n int) []byte { return record.AddString(d, n, v) }, append1)
		of("optional string", false, func(d []byte, n int) []byte { return record.AddOptString(d, n, &v) }, append1)
		of("bytes", v == "", func(d []byte, n int) []byte { return record.AddBytes(d, n, []byte(v)) }, append1)
		of("optional bytes", false, func(d []byte, n int) []byte { return record.AddOptBytes(d, n, []byte(v)) }, append1)
	}
	for _, v := range []time.Time{{}, time.Unix(0, 0), time.Unix(0, 1), time.Unix(1, 0), time.Unix(-1, 5), time.Unix(1700000000, 123456789),
		// Where the seconds take more bytes.
		time.Unix(1<<28-1, 0), time.Unix(1<<28, 1), time.Unix(1<<35-1, 999999999), time.Unix(1<<35, 0), time.Unix(1<<56-1, 1),
		time.Unix(1<<55, 999999999), time.Unix(1<<56, 1), time.Unix(1<<57, 0)} {
		append1 := func(d []byte, n int) []byte { return record.AppendTime(d, n, v) }
		of("time", v.IsZero(), func(d []byte, n int) []byte { return record.AddTime(d, n, v) }, append1)
		of("optional time", false, func(d []byte, n int) []byte { return record.AddOptTime(d, n, &v) }, append1)
	}
	none := func(d []byte, _ int) []byte { return d }
	of("no string", false, func(d []byte, n int) []byte { return record.AddOptString(d, n, nil) }, none)
	of("no bytes", false, func(d []byte, n int) []byte { return record.AddOptBytes(d, n, nil) }, none)
	of("no time", false, func(d []byte, n int) []byte { return record.AddOptTime(d, n, nil) }, none)

	rooms := make([]int, 40) // and those about a text with a length of one byte, and of two
	for i := range rooms {
		rooms[i] = i
	}
	for room := 126; room < 136; room++ {
		rooms = append(rooms, room)
	}
	for i, f := range forms {
		for _, num := range []int{1, 15, 16, 3000} {
			none, want := []byte("ab"), f.want([]byte("ab")[:2:2], num)
			for _, room := range rooms {
				buffer := func() []byte { return append(make([]byte, 0, 2+room), "ab"...) }
				added := want
				if f.zero {
					added = none
				}
				if got := f.add(buffer(), num); !bytes.Equal(got, added) {
					t.Fatalf("%s, form %d, field %d, room %d: % x, want % x", f.what, i, num, room, got, added)
				}
				if got := f.want(buffer(), num); !bytes.Equal(got, want) {
					t.Fatalf("%s, form %d, field %d, room %d: % x is appended, want % x", f.what, i, num, room, got, want)
				}
			}
		}
	}
}
