package reference_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/storegen/storegen/internal/torture/inputs"
	"github.com/storegen/storegen/runtime/record"
	"google.golang.org/protobuf/encoding/protowire"
)

func TestReaderErrors(t *testing.T) {
	long := bytes.Repeat([]byte{0xFF}, 11)
	for _, c := range []struct {
		name string
		in   []byte
		read func(r *record.Reader)
		want string
	}{
		{"tag cut short", []byte{0x80}, nil, "tag cut short at byte 0"},
		{"tag too long", long, nil, "tag cut short at byte 0"},
		{"field number 0", []byte{0x00, 0x01}, nil, "impossible field number at byte 0"},
		{"varint cut short", []byte{0x08, 0x80}, nil, "varint cut short or too long"},
		{"varint too long", append([]byte{0x08}, long...), nil, "varint cut short or too long"},
		{"length beyond the end", []byte{0x0A, 0x05, 'x'}, nil, "length beyond the end"},
		{"huge length", append([]byte{0x0A}, protowire.AppendVarint(nil, 1<<63)...), nil, "length beyond the end"},
		{"fixed64 cut short", []byte{0x09, 1, 2, 3}, nil, "fixed64 cut short"},
		{"fixed32 cut short", []byte{0x0D, 1, 2}, nil, "fixed32 cut short"},
		{"group", []byte{0x0B}, nil, "unknown wire type"},
		{"behind a good field", []byte{0x08, 0x01, 0x0B}, nil, "unknown wire type at byte 2"},
		{"string where a number belongs", record.AppendString(nil, 1, "x"), func(r *record.Reader) { r.Int64() }, "field 1 at byte 0 has wire type 2, not that of a varint"},
		{"number where a string belongs", record.AppendInt64(nil, 1, int64(1)), func(r *record.Reader) { _ = r.String() }, "not that of a string"},
		{"number where a double belongs", record.AppendInt64(nil, 1, int64(1)), func(r *record.Reader) { r.Float64() }, "not that of a double"},
		{"int32 too large", record.AppendInt64(nil, 1, int64(1)<<40), func(r *record.Reader) { r.Int32() }, "int32 out of range"},
		{"uint32 too large", record.AppendUint64(nil, 1, uint64(1)<<40), func(r *record.Reader) { r.Uint32() }, "uint32 out of range"},
		{"enum too large", record.AppendUint64(nil, 1, uint64(1)<<40), func(r *record.Reader) { r.Enum() }, "enum out of range"},
		{"number where a float belongs", record.AppendInt64(nil, 1, int64(1)), func(r *record.Reader) { r.Float32() }, "not that of a float"},
		{"double where a float belongs", record.AppendFloat64(nil, 1, 1), func(r *record.Reader) { r.Float32() }, "not that of a float"},
		{"int8 too large", record.AppendInt64(nil, 1, 128), func(r *record.Reader) { r.Int8() }, "int8 out of range"},
		{"int16 too small", record.AppendInt64(nil, 1, -1<<15-1), func(r *record.Reader) { r.Int16() }, "int16 out of range"},
		{"uint8 too large", record.AppendUint64(nil, 1, 256), func(r *record.Reader) { r.Uint8() }, "uint8 out of range"},
		{"uint16 too large", record.AppendUint64(nil, 1, 1<<16), func(r *record.Reader) { r.Uint16() }, "uint16 out of range"},
		{"short bytes of a fixed length", record.AppendString(nil, 1, "x"), func(r *record.Reader) { _ = [4]byte(r.Fixed(4)) }, "1 bytes where 4 belong"},
		{"number where bytes of a fixed length belong", record.AppendInt64(nil, 1, 1), func(r *record.Reader) { _ = [4]byte(r.Fixed(4)) }, "not that of bytes"},
		{"packed float cut short", []byte{0x0A, 1, 0x80}, func(r *record.Reader) { record.Float32s[float32](r, nil) }, "packed floats cut short"},
		{"date of the year 10000", record.AppendInt64(nil, 1, 2932897), func(r *record.Reader) { r.Date() }, "field 1 at byte 0: civil: 2932897 days after 1970-01-01 is out of range"},
		{"text where a date belongs", record.AppendString(nil, 1, "x"), func(r *record.Reader) { r.Date() }, "not that of a varint"},
		{"24 hours", record.AppendUint64(nil, 1, 86_400_000_000_000), func(r *record.Reader) { r.TimeOfDay() }, "field 1 at byte 0: civil: 24h0m0s after midnight is out of range"},
		{"a word where a decimal belongs", record.AppendString(nil, 1, "many"), func(r *record.Reader) { r.Decimal() }, `field 1 at byte 0: decimal: bad syntax: "many" is no number`},
		{"number where a decimal belongs", record.AppendInt64(nil, 1, 1), func(r *record.Reader) { r.Decimal() }, "not that of a decimal"},
		{"short uuid", record.AppendString(nil, 1, "x"), func(r *record.Reader) { r.UUID() }, "uuid is not 16 bytes"},
		{"nanoseconds of two seconds", []byte{0x0A, 6, 0x10, 0x80, 0xA8, 0xD6, 0xB9, 0x07}, func(r *record.Reader) { r.Time() }, "nanoseconds of a timestamp out of range"},
		{"timestamp of a string", []byte{0x0A, 2, 0x0A, 0}, func(r *record.Reader) { r.Time() }, "bad timestamp"},
		{"packed varint cut short", []byte{0x0A, 1, 0x80}, func(r *record.Reader) { record.Ints[int64](r, nil) }, "packed varint cut short"},
		{"packed double cut short", []byte{0x0A, 1, 0x80}, func(r *record.Reader) { record.Float64s[float64](r, nil) }, "packed doubles cut short"},
		{"packed int32 too large", record.AppendInts(nil, 1, []int64{1 << 40}), func(r *record.Reader) { record.Ints[int32](r, nil) }, "integer out of range"},
		{"packed uint32 too large", record.AppendUints(nil, 1, []uint64{1 << 40}), func(r *record.Reader) { record.Uints[uint32](r, nil) }, "integer out of range"},
		{"packed enum too large", record.AppendUints(nil, 1, []uint64{1 << 40}), func(r *record.Reader) { record.Enums[int32](r, nil) }, "enum out of range"},
		{"nested", record.AppendString(nil, 1, "\x08"), func(r *record.Reader) { m := r.Message(); m.Next(); r.Nested(m.Err()) }, "field 1 at byte 0: malformed value: varint cut short"},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := record.NewReader(c.in)
			for r.Next() {
				if c.read != nil {
					c.read(&r)
				}
			}
			if c.read != nil && !strings.Contains(fmt.Sprint(r.Err()), "field 1 at byte 0") {
				t.Errorf("it is not said where: %v", r.Err())
			}
			if err := r.Err(); !errors.Is(err, record.ErrMalformed) || !strings.Contains(err.Error(), c.want) {
				t.Errorf("got %v, want %s", err, c.want)
			}
			if r.Next() {
				t.Error("goes on behind an error")
			}
		})
	}
}

// FuzzReader reads garbage in every way: it never panics, agrees with the
// reference implementation on what is well formed, and what is copied field by
// field is what was read.
func FuzzReader(tf *testing.F) {
	f := inputs.New(tf)
	f.Add([]byte(nil))
	f.Add(record.AppendTime(record.AppendString(nil, 1, "x"), 2, time.Unix(1772355600, 123)))
	f.Add(record.AppendInts(record.AppendFloat64(nil, 3, 1.5), 4, []int64{1, -2}))
	f.Add([]byte{0x08, 0x80})
	f.Fuzz(func(t *testing.T, b []byte) {
		r := record.NewReader(b)
		var raw []byte
		for r.Next() {
			raw = r.AppendRaw(raw)
			readAll(r)
		}
		if !bytes.HasPrefix(b, raw) || r.Err() == nil && len(raw) != len(b) {
			t.Fatalf("the fields are %x of %x, with the error %v", raw, b, r.Err())
		}
		for _, wanted := range []record.Fields{fields(), fields(1), fields(1, 3, 15, 16, 63), fields(2, 64), fields(1000, 1<<29-1)} {
			sameFields(t, b, wanted)
		}
		if got, want := r.Err() == nil, wellFormed(b); got != want {
			t.Fatalf("well formed: %v, by the reference: %v, with the error %v", got, want, r.Err())
		}
	})
}

func fields(nums ...int) (f record.Fields) {
	for _, n := range nums {
		f.Add(n)
	}
	return f
}

// sameFields looks whether NextOf shows what Next does, of some fields.
func sameFields(t *testing.T, b []byte, wanted record.Fields) {
	t.Helper()
	// A field is in the set if adding it changes nothing.
	in := func(num int) bool {
		more := wanted
		more.Add(num)
		return more == wanted
	}
	all, some := record.NewReader(b), record.NewReader(b)
	for all.Next() {
		if !in(all.Num()) {
			continue
		}
		if !some.NextOf(wanted) {
			t.Fatalf("field %d of %x is not shown: %v", all.Num(), b, some.Err())
		}
		if got, want := some.AppendRaw(nil), all.AppendRaw(nil); some.Num() != all.Num() || !bytes.Equal(got, want) {
			t.Fatalf("field %d of %x is shown as %d, %x", all.Num(), b, some.Num(), got)
		}
	}
	if some.NextOf(wanted) {
		t.Fatalf("field %d of %x is shown behind the last", some.Num(), b)
	}
	if got, want := fmt.Sprint(some.Err()), fmt.Sprint(all.Err()); got != want {
		t.Fatalf("%x ends with %s, not with %s", b, got, want)
	}
}

// NextOf shows the same fields as Next, in any order and written by anyone.
func TestNextOf(t *testing.T) {
	value := record.AppendString(nil, 5, "five")
	value = record.AppendInt64(value, 1, int64(-1))
	value = record.AppendString(value, 3, strings.Repeat("long", 100))
	value = record.AppendFloat64(value, 4, 1.5)
	value = record.AppendUint64(value, 16, uint64(300))
	value = record.AppendString(value, 1000, "far")
	value = record.AppendInt64(value, 1, int64(-2))
	value = record.AppendString(value, 64, "x")
	value = append(value, 0x3D, 1, 2, 3, 4) // field 7, of 4 bytes
	value = record.AppendString(value, 2, "")
	for _, nums := range [][]int{nil, {1}, {5}, {2}, {3, 4}, {7}, {16}, {63}, {64}, {1000}, {1, 2, 3, 4, 5, 7, 16, 64, 1000}} {
		for end := range len(value) + 1 {
			// Behind the end there is more, which a length that goes beyond it would find.
			sameFields(t, value[:end], fields(nums...))
			if got, want := readThrough(value[:end]) == nil, wellFormed(value[:end]); got != want {
				t.Fatalf("%d bytes are well formed: %v, by the reference: %v", end, got, want)
			}
		}
	}
	// What is not wanted is passed over, errors and all that Next finds stay.
	r := record.NewReader(value)
	var got []int
	for wanted := fields(1, 5); r.NextOf(wanted); {
		got = append(got, r.Num())
	}
	if want := []int{5, 1, 1}; !slices.Equal(got, want) || r.Err() != nil {
		t.Errorf("fields %v, %v; want %v", got, r.Err(), want)
	}
}

// readThrough returns the error that ends reading.
func readThrough(b []byte) error {
	r := record.NewReader(b)
	for r.Next() {
	}
	return r.Err()
}

// What is just inside of a range is read, and what is just outside of it is an error.
func TestReaderBounds(t *testing.T) {
	varint := func(v uint64) []byte { return record.AppendUint64(nil, 1, v) }
	text := func(n int) []byte { return record.AppendString(nil, 1, strings.Repeat("x", n)) }
	stamp := func(sec, nsec int64) []byte {
		b, at := record.Begin(nil, 1)
		if sec != 0 {
			b = record.AppendUint64(b, 1, uint64(sec))
		}
		return record.End(record.AppendUint64(b, 2, uint64(nsec)), at)
	}
	asTime := func(r *record.Reader) { r.Time() }
	asEnum := func(r *record.Reader) { r.Enum() }
	asInt32 := func(r *record.Reader) { r.Int32() }
	asInt8 := func(r *record.Reader) { r.Int8() }
	asInt16 := func(r *record.Reader) { r.Int16() }
	asUint8 := func(r *record.Reader) { r.Uint8() }
	asUint16 := func(r *record.Reader) { r.Uint16() }
	asInt8s := func(r *record.Reader) { record.Ints[int8](r, nil) }
	asUint16s := func(r *record.Reader) { record.Uints[uint16](r, nil) }
	asDate := func(r *record.Reader) { r.Date() }
	asDates := func(r *record.Reader) { r.Dates(nil) }
	asTimeOfDay := func(r *record.Reader) { r.TimeOfDay() }
	asTimesOfDay := func(r *record.Reader) { r.TimesOfDay(nil) }
	asDecimal := func(r *record.Reader) { r.Decimal() }
	asFixed := func(r *record.Reader) { r.Fixed(4) }
	asFloats := func(r *record.Reader) { record.Float32s[float32](r, nil) }
	asUint32 := func(r *record.Reader) { r.Uint32() }
	asUUID := func(r *record.Reader) { r.UUID() }
	asDoubles := func(r *record.Reader) { record.Float64s[float64](r, nil) }
	asInt32s := func(r *record.Reader) { record.Ints[int32](r, nil) }
	asUint32s := func(r *record.Reader) { record.Uints[uint32](r, nil) }
	asEnums := func(r *record.Reader) { record.Enums[int32](r, nil) }
	for _, c := range []struct {
		name  string
		in    []byte
		read  func(r *record.Reader)
		right bool
	}{
		{"uint32", varint(math.MaxUint32), asUint32, true},
		{"uint32 + 1", varint(math.MaxUint32 + 1), asUint32, false},
		{"int32", record.AppendInt64(nil, 1, math.MaxInt32), asInt32, true},
		{"int32 + 1", record.AppendInt64(nil, 1, math.MaxInt32+1), asInt32, false},
		{"least int32", record.AppendInt64(nil, 1, math.MinInt32), asInt32, true},
		{"least int32 - 1", record.AppendInt64(nil, 1, math.MinInt32-1), asInt32, false},
		{"int8", record.AppendInt64(nil, 1, math.MaxInt8), asInt8, true},
		{"int8 + 1", record.AppendInt64(nil, 1, math.MaxInt8+1), asInt8, false},
		{"least int8", record.AppendInt64(nil, 1, math.MinInt8), asInt8, true},
		{"least int8 - 1", record.AppendInt64(nil, 1, math.MinInt8-1), asInt8, false},
		{"int16", record.AppendInt64(nil, 1, math.MaxInt16), asInt16, true},
		{"int16 + 1", record.AppendInt64(nil, 1, math.MaxInt16+1), asInt16, false},
		{"least int16", record.AppendInt64(nil, 1, math.MinInt16), asInt16, true},
		{"least int16 - 1", record.AppendInt64(nil, 1, math.MinInt16-1), asInt16, false},
		{"uint8", varint(math.MaxUint8), asUint8, true},
		{"uint8 + 1", varint(math.MaxUint8 + 1), asUint8, false},
		{"uint16", varint(math.MaxUint16), asUint16, true},
		{"uint16 + 1", varint(math.MaxUint16 + 1), asUint16, false},
		{"packed int8", record.AppendInts(nil, 1, []int64{math.MinInt8, math.MaxInt8}), asInt8s, true},
		{"packed int8 + 1", record.AppendInts(nil, 1, []int64{math.MaxInt8 + 1}), asInt8s, false},
		{"packed uint16", record.AppendUints(nil, 1, []uint64{math.MaxUint16}), asUint16s, true},
		{"packed uint16 + 1", record.AppendUints(nil, 1, []uint64{math.MaxUint16 + 1}), asUint16s, false},
		{"date", record.AppendInt64(nil, 1, 2932896), asDate, true},
		{"date + 1", record.AppendInt64(nil, 1, 2932897), asDate, false},
		{"least date", record.AppendInt64(nil, 1, -4371587), asDate, true},
		{"least date - 1", record.AppendInt64(nil, 1, -4371588), asDate, false},
		{"packed date", record.AppendInts(nil, 1, []int64{2932896, -4371587}), asDates, true},
		{"packed date + 1", record.AppendInts(nil, 1, []int64{2932897, 0}), asDates, false},
		{"time of day", varint(86_400_000_000_000 - 1), asTimeOfDay, true},
		{"time of day + 1", varint(86_400_000_000_000), asTimeOfDay, false},
		{"largest time of day", varint(math.MaxUint64), asTimeOfDay, false},
		{"packed time of day", record.AppendUints(nil, 1, []uint64{86_400_000_000_000 - 1}), asTimesOfDay, true},
		{"packed time of day + 1", record.AppendUints(nil, 1, []uint64{86_400_000_000_000}), asTimesOfDay, false},
		{"text as date", text(4), asDate, false},
		{"text as time of day", text(4), asTimeOfDay, false},
		{"decimal", record.AppendString(nil, 1, "-12.34"), asDecimal, true},
		{"decimal of another writer", record.AppendString(nil, 1, "+012.340e2"), asDecimal, true},
		{"decimal without digits", record.AppendString(nil, 1, ""), asDecimal, false},
		{"decimal of 38 digits", record.AppendString(nil, 1, strings.Repeat("9", 38)), asDecimal, true},
		{"decimal of 39 digits", record.AppendString(nil, 1, strings.Repeat("9", 39)), asDecimal, false},
		{"number as decimal", varint(5), asDecimal, false},
		{"fixed bytes", text(4), asFixed, true},
		{"fixed bytes, one less", text(3), asFixed, false},
		{"fixed bytes, one more", text(5), asFixed, false},
		{"no floats", text(0), asFloats, true},
		{"half a float", text(2), asFloats, false},
		{"two floats", text(8), asFloats, true},
		{"enum", varint(math.MaxInt32), asEnum, true},
		{"enum + 1", varint(math.MaxInt32 + 1), asEnum, false},
		{"least enum", varint(1<<64 - 1<<31), asEnum, true},
		{"least enum - 1", varint(1<<64 - 1<<31 - 1), asEnum, false},
		{"packed uint32", record.AppendUints(nil, 1, []uint64{math.MaxUint32}), asUint32s, true},
		{"packed uint32 + 1", record.AppendUints(nil, 1, []uint64{1, math.MaxUint32 + 1}), asUint32s, false},
		{"packed int32", record.AppendInts(nil, 1, []int64{math.MinInt32, math.MaxInt32}), asInt32s, true},
		{"packed int32 + 1", record.AppendInts(nil, 1, []int64{math.MaxInt32 + 1}), asInt32s, false},
		{"packed int32 - 1", record.AppendInts(nil, 1, []int64{math.MinInt32 - 1}), asInt32s, false},
		{"packed enum", record.AppendUints(nil, 1, []uint64{math.MaxInt32, 1<<64 - 1<<31}), asEnums, true},
		{"packed enum + 1", record.AppendUints(nil, 1, []uint64{math.MaxInt32 + 1}), asEnums, false},
		{"uuid of 15 bytes", text(15), asUUID, false},
		{"uuid", text(16), asUUID, true},
		{"uuid of 17 bytes", text(17), asUUID, false},
		{"no doubles", text(0), asDoubles, true},
		{"half a double", text(4), asDoubles, false},
		{"two doubles", text(16), asDoubles, true},
		{"a double and a half", text(12), asDoubles, false},
		{"nanoseconds", stamp(1, 999_999_999), asTime, true},
		{"nanoseconds + 1", stamp(1, 1_000_000_000), asTime, false},
		{"nanoseconds - 1", stamp(1, -1), asTime, false},
		{"nanoseconds alone", stamp(0, 999_999_999), asTime, true},
		{"nanoseconds alone + 1", stamp(0, 1_000_000_000), asTime, false},
		{"nanoseconds alone - 1", stamp(0, -1), asTime, false},
		{"field number", record.AppendUint64(nil, 1<<29-1, 1), asUint32, true},
		{"field number + 1", record.AppendUint64(nil, 1<<29, 1), asUint32, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			r := record.NewReader(c.in)
			for r.Next() {
				c.read(&r)
			}
			if err := r.Err(); c.right && err != nil || !c.right && !errors.Is(err, record.ErrMalformed) {
				t.Errorf("got %v", err)
			}
		})
	}
}

// What is read cannot be appended to in place: that would change the next field.
func TestBytesHaveNoRoom(t *testing.T) {
	for _, n := range []int{0, 1, 127, 128, 300} {
		for _, num := range []int{1, 16} {
			value := record.AppendUint64(record.AppendString(nil, num, strings.Repeat("x", n)), 2, 7)
			for _, next := range []func(r *record.Reader) bool{(*record.Reader).Next, func(r *record.Reader) bool { return r.NextOf(fields(num)) }} {
				r := record.NewReader(value)
				if !next(&r) || len(r.Bytes()) != n || cap(r.Bytes()) != n {
					t.Errorf("%d bytes of field %d: %d bytes with room for %d", n, num, len(r.Bytes()), cap(r.Bytes()))
				}
			}
		}
	}
}

// Room is for as many elements as stand one behind the other.
func TestRoom(t *testing.T) {
	for _, num := range []int{1, 15, 16, 3000} {
		for _, long := range []int{1, 200} {
			for n := 1; n < 5; n++ {
				var value []byte
				for range n {
					value = record.AppendString(value, num, strings.Repeat("x", long))
				}
				value = record.AppendUint64(value, 2, 7)
				r := record.NewReader(value)
				r.Next()
				if got := record.Room[string](&r, nil); cap(got) != n {
					t.Errorf("%d elements of %d bytes in field %d: room for %d", n, long, num, cap(got))
				}
				if has := make([]string, 1); cap(record.Room(&r, has)) != 1 {
					t.Error("what has room already gets another")
				}
			}
		}
	}
}

// readAll reads the current field as everything.
func readAll(r record.Reader) {
	for _, read := range []func(r *record.Reader){
		func(r *record.Reader) { r.Bool() }, func(r *record.Reader) { r.Int32() }, func(r *record.Reader) { r.Int64() },
		func(r *record.Reader) { r.Uint32() }, func(r *record.Reader) { r.Uint64() }, func(r *record.Reader) { r.Enum() },
		func(r *record.Reader) { r.Decimal() },
		func(r *record.Reader) { r.Date() }, func(r *record.Reader) { r.TimeOfDay() }, func(r *record.Reader) { r.Dates(nil) },
		func(r *record.Reader) { r.TimesOfDay(nil) },
		func(r *record.Reader) { r.Int8() }, func(r *record.Reader) { r.Int16() }, func(r *record.Reader) { r.Uint8() },
		func(r *record.Reader) { r.Uint16() }, func(r *record.Reader) { r.Float32() }, func(r *record.Reader) { _ = [20]byte(r.Fixed(20)) },
		func(r *record.Reader) { record.Float32s[float32](r, nil) }, func(r *record.Reader) { record.Ints[int8](r, nil) },
		func(r *record.Reader) { r.Float64() }, func(r *record.Reader) { _ = r.String() }, func(r *record.Reader) { r.Bytes() },
		func(r *record.Reader) { r.UUID() }, func(r *record.Reader) { r.Duration() }, func(r *record.Reader) { r.Time() },
		func(r *record.Reader) { r.Bools(nil) }, func(r *record.Reader) { record.Ints[int32](r, nil) }, func(r *record.Reader) { record.Uints[uint32](r, nil) },
		func(r *record.Reader) { record.Enums[int32](r, nil) }, func(r *record.Reader) { record.Float64s[float64](r, nil) },
		func(r *record.Reader) {
			m := r.Message()
			for m.Next() {
				m.Num()
			}
			r.Nested(m.Err())
		},
	} {
		c := r
		read(&c)
	}
}

// wellFormed asks the reference implementation. Groups are refused here, and
// field numbers that no .proto can have.
func wellFormed(b []byte) bool {
	for len(b) > 0 {
		num, typ, n := protowire.ConsumeTag(b)
		if n < 0 || num > protowire.MaxValidNumber || typ == protowire.StartGroupType || typ == protowire.EndGroupType {
			return false
		}
		m := protowire.ConsumeFieldValue(1, typ, b[n:])
		if m < 0 {
			return false
		}
		b = b[n+m:]
	}
	return true
}

func TestInvalid(t *testing.T) {
	for _, c := range []struct {
		err  error
		want string
	}{
		{record.Length("name", 3, 1, 3), ""},
		{record.Length("name", 300, 0, 0), ""},
		{record.Length("name", 1, 1, 3), ""},
		{record.Length("name", 0, 1, 3), "invalid name: has 0 bytes, the least is 1"},
		{record.Length("name", 4, 1, 3), "invalid name: has 4 bytes, the most is 3"},
		{record.EnumSet("role", int32(7)), ""},
		{record.EnumSet("role", int32(math.MaxInt32)), ""},
		{record.EnumSet("role", int32(0)), "invalid role: is not set"},
		{record.EnumSet("role", int32(-1)), "invalid role: is not set"},
		{record.ValidJSON("doc", nil), ""},
		{record.ValidJSON("doc", json.RawMessage(`{"a":[]}`)), ""},
		{record.ValidJSON("doc", json.RawMessage(`{`)), "invalid doc: is not JSON"},
		{record.In("columns", record.Invalid("name", "is long")), "invalid columns.name: is long"},
		{record.In("columns", record.Invalid("", "is odd")), "invalid columns: is odd"},
		{record.Invalid("", "a < b"), "invalid: a < b"},
	} {
		switch {
		case c.want == "" && c.err != nil:
			t.Errorf("got %v, want none", c.err)
		case c.want != "" && (!errors.Is(c.err, record.ErrInvalid) || c.err.Error() != c.want):
			t.Errorf("got %v, want %s", c.err, c.want)
		}
	}
	other := errors.New("other")
	if record.In("columns", other) != other {
		t.Error("another error is not left as it is")
	}
}

func TestParseEnum(t *testing.T) {
	if n, err := record.ParseEnum("Role", "Role(17)"); n != 17 || err != nil {
		t.Errorf("got %d, %v", n, err)
	}
	for _, text := range []string{"", "boss", "Role()", "Role(x)", "Role(1", "Rule(1)", "Role(99999999999)"} {
		if n, err := record.ParseEnum("Role", text); err == nil {
			t.Errorf("%q is %d", text, n)
		}
	}
}

func TestPointers(t *testing.T) {
	if *record.Ptr(3) != 3 || record.Len[string](nil) != 0 || record.Len(record.Ptr("abc")) != 3 {
		t.Error("Ptr or Len is wrong")
	}
}

// What an int of the machine does not hold is refused, on any machine.
func TestReaderInt(t *testing.T) {
	for _, v := range []int64{0, -1, math.MaxInt32, math.MaxInt32 + 1, math.MinInt32 - 1, math.MaxInt64, math.MinInt64} {
		r := record.NewReader(record.AppendInt64(nil, 1, v))
		r.Next()
		got := r.Int()
		if fits := int64(int(v)) == v; (r.Err() == nil) != fits || fits && got != int(v) || !fits && got != 0 {
			t.Errorf("%d: %d, %v", v, got, r.Err())
		}
	}
	for _, v := range []uint64{0, 1, math.MaxUint32, math.MaxUint32 + 1, math.MaxUint64} {
		r := record.NewReader(record.AppendUint64(nil, 1, v))
		r.Next()
		got := r.Uint()
		if fits := uint64(uint(v)) == v; (r.Err() == nil) != fits || fits && got != uint(v) || !fits && got != 0 {
			t.Errorf("%d: %d, %v", v, got, r.Err())
		}
	}
}
