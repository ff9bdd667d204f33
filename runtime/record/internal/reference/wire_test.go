package reference_test

import (
	"bytes"
	"math"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/record"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
	"pgregory.net/rapid"
)

type (
	text   string
	status int32
)

// wired is one field as this package and the reference implementation of the
// format write it, and how it is read back.
type wired struct {
	name      string
	got, want []byte
	read      func(r *record.Reader) any
	value     any
}

// wires writes a value of every kind.
func wires(num int, i int64, u uint64, f float64, s string, at time.Time, id [16]byte, ints []int64, uints []uint64, floats []float64, bools []bool) []wired {
	n := protowire.Number(num)
	tag := func(typ protowire.Type) []byte { return protowire.AppendTag(nil, n, typ) }
	varint := func(v uint64) []byte { return protowire.AppendVarint(tag(protowire.VarintType), v) }
	packed := func(size int, each func(dst []byte, i int) []byte) []byte {
		if size == 0 {
			return nil
		}
		var body []byte
		for i := range size {
			body = each(body, i)
		}
		return protowire.AppendBytes(tag(protowire.BytesType), body)
	}
	stamp, err := proto.MarshalOptions{Deterministic: true}.Marshal(&timestamppb.Timestamp{Seconds: at.Unix(), Nanos: int32(at.Nanosecond())})
	if err != nil {
		panic(err)
	}
	i32, u32 := int32(i), uint32(u)
	enums := make([]status, len(ints))
	i32s := make([]int32, len(ints))
	u32s := make([]uint32, len(uints))
	dates, clocks := []civil.Date{dateAt(i)}, []civil.TimeOfDay{timeOfDayAt(u)}
	for k := range ints {
		dates = append(dates, dateAt(ints[k]))
	}
	for k := range uints {
		clocks = append(clocks, timeOfDayAt(uints[k]))
	}
	amount := decimal.MustNew(i, int(u%(decimal.MaxScale+1)))
	i8s, u16s, f32s := make([]int8, len(ints)), make([]uint16, len(uints)), make([]float32, len(floats))
	for k := range floats {
		f32s[k] = float32(floats[k])
	}
	for k := range ints {
		enums[k], i32s[k], i8s[k] = status(ints[k]), int32(ints[k]), int8(ints[k])
	}
	for k := range uints {
		u32s[k], u16s[k] = uint32(uints[k]), uint16(uints[k])
	}
	return []wired{
		{"bool", record.AppendBool(nil, num, i%2 == 0), varint(protowire.EncodeBool(i%2 == 0)), func(r *record.Reader) any { return r.Bool() }, i%2 == 0},
		{"int32", record.AppendInt32(nil, num, i32), varint(protowire.EncodeZigZag(int64(i32))), func(r *record.Reader) any { return r.Int32() }, i32},
		{"int64", record.AppendInt64(nil, num, i), varint(protowire.EncodeZigZag(i)), func(r *record.Reader) any { return r.Int64() }, i},
		{"uint32", record.AppendUint32(nil, num, u32), varint(uint64(u32)), func(r *record.Reader) any { return r.Uint32() }, u32},
		{"uint64", record.AppendUint64(nil, num, u), varint(u), func(r *record.Reader) any { return r.Uint64() }, u},
		{"enum", record.AppendEnum(nil, num, i32), varint(uint64(int64(i32))), func(r *record.Reader) any { return status(r.Enum()) }, status(i32)},
		{"float64", record.AppendFloat64(nil, num, f), protowire.AppendFixed64(tag(protowire.Fixed64Type), math.Float64bits(f)), func(r *record.Reader) any { return math.Float64bits(r.Float64()) }, math.Float64bits(f)},
		{"string", record.AppendString(nil, num, s), protowire.AppendString(tag(protowire.BytesType), s), func(r *record.Reader) any { return r.String() }, s},
		{"bytes", record.AppendBytes(nil, num, []byte(s)), protowire.AppendBytes(tag(protowire.BytesType), []byte(s)), func(r *record.Reader) any { return string(r.Bytes()) }, s},
		{"uuid", record.AppendUUID(nil, num, id), protowire.AppendBytes(tag(protowire.BytesType), id[:]), func(r *record.Reader) any { return r.UUID() }, id},
		{"duration", record.AppendDuration(nil, num, time.Duration(i)), varint(protowire.EncodeZigZag(i)), func(r *record.Reader) any { return r.Duration() }, time.Duration(i)},
		{"timestamp", record.AppendTime(nil, num, at), protowire.AppendBytes(tag(protowire.BytesType), stamp), func(r *record.Reader) any { return r.Time() }, at.UTC()},
		{"bools", record.AppendBools(nil, num, bools), packed(len(bools), func(dst []byte, i int) []byte { return protowire.AppendVarint(dst, protowire.EncodeBool(bools[i])) }),
			func(r *record.Reader) any { return r.Bools(nil) }, bools},
		{"int64s", record.AppendInts(nil, num, ints), packed(len(ints), func(dst []byte, i int) []byte { return protowire.AppendVarint(dst, protowire.EncodeZigZag(ints[i])) }),
			func(r *record.Reader) any { return record.Ints[int64](r, nil) }, ints},
		{"int32s", record.AppendInts(nil, num, i32s), packed(len(i32s), func(dst []byte, i int) []byte {
			return protowire.AppendVarint(dst, protowire.EncodeZigZag(int64(i32s[i])))
		}),
			func(r *record.Reader) any { return record.Ints[int32](r, nil) }, i32s},
		{"uint64s", record.AppendUints(nil, num, uints), packed(len(uints), func(dst []byte, i int) []byte { return protowire.AppendVarint(dst, uints[i]) }),
			func(r *record.Reader) any { return record.Uints[uint64](r, nil) }, uints},
		{"uint32s", record.AppendUints(nil, num, u32s), packed(len(u32s), func(dst []byte, i int) []byte { return protowire.AppendVarint(dst, uint64(u32s[i])) }),
			func(r *record.Reader) any { return record.Uints[uint32](r, nil) }, u32s},
		{"enums", record.AppendEnums(nil, num, enums), packed(len(enums), func(dst []byte, i int) []byte { return protowire.AppendVarint(dst, uint64(int64(enums[i]))) }),
			func(r *record.Reader) any { return record.Enums[status](r, nil) }, enums},
		{"float64s", record.AppendFloat64s(nil, num, floats), packed(len(floats), func(dst []byte, i int) []byte { return protowire.AppendFixed64(dst, math.Float64bits(floats[i])) }),
			func(r *record.Reader) any { return record.Float64s[float64](r, nil) }, floats},
		{"int8", record.AppendInt8(nil, num, int8(i)), varint(protowire.EncodeZigZag(int64(int8(i)))), func(r *record.Reader) any { return r.Int8() }, int8(i)},
		{"int16", record.AppendInt16(nil, num, int16(i)), varint(protowire.EncodeZigZag(int64(int16(i)))), func(r *record.Reader) any { return r.Int16() }, int16(i)},
		{"uint8", record.AppendUint8(nil, num, uint8(u)), varint(uint64(uint8(u))), func(r *record.Reader) any { return r.Uint8() }, uint8(u)},
		{"uint16", record.AppendUint16(nil, num, uint16(u)), varint(uint64(uint16(u))), func(r *record.Reader) any { return r.Uint16() }, uint16(u)},
		{"float32", record.AppendFloat32(nil, num, float32(f)), protowire.AppendFixed32(tag(protowire.Fixed32Type), math.Float32bits(float32(f))), func(r *record.Reader) any { return math.Float32bits(r.Float32()) }, math.Float32bits(float32(f))},
		{"fixed bytes", record.AppendFixed(nil, num, id[:]), protowire.AppendBytes(tag(protowire.BytesType), id[:]), func(r *record.Reader) any { return [16]byte(r.Fixed(16)) }, id},
		{"int8s", record.AppendInts(nil, num, i8s), packed(len(i8s), func(dst []byte, i int) []byte {
			return protowire.AppendVarint(dst, protowire.EncodeZigZag(int64(i8s[i])))
		}), func(r *record.Reader) any { return record.Ints[int8](r, nil) }, i8s},
		{"uint16s", record.AppendUints(nil, num, u16s), packed(len(u16s), func(dst []byte, i int) []byte { return protowire.AppendVarint(dst, uint64(u16s[i])) }),
			func(r *record.Reader) any { return record.Uints[uint16](r, nil) }, u16s},
		{"float32s", record.AppendFloat32s(nil, num, f32s), packed(len(f32s), func(dst []byte, i int) []byte { return protowire.AppendFixed32(dst, math.Float32bits(f32s[i])) }),
			func(r *record.Reader) any { return record.Float32s[float32](r, nil) }, f32s},
		{"date", record.AppendDate(nil, num, dates[0]), varint(protowire.EncodeZigZag(int64(dates[0].UnixDays()))), func(r *record.Reader) any { return r.Date() }, dates[0]},
		{"time of day", record.AppendTimeOfDay(nil, num, clocks[0]), varint(uint64(clocks[0].SinceMidnight())), func(r *record.Reader) any { return r.TimeOfDay() }, clocks[0]},
		{"dates", record.AppendDates(nil, num, dates), packed(len(dates), func(dst []byte, i int) []byte {
			return protowire.AppendVarint(dst, protowire.EncodeZigZag(int64(dates[i].UnixDays())))
		}), func(r *record.Reader) any { return r.Dates(nil) }, dates},
		{"times of day", record.AppendTimesOfDay(nil, num, clocks), packed(len(clocks), func(dst []byte, i int) []byte {
			return protowire.AppendVarint(dst, uint64(clocks[i].SinceMidnight()))
		}), func(r *record.Reader) any { return r.TimesOfDay(nil) }, clocks},
		{"decimal", record.AppendDecimal(nil, num, amount), protowire.AppendString(tag(protowire.BytesType), amount.String()), func(r *record.Reader) any { return r.Decimal() }, amount},
		{"message", record.AppendMessage(nil, num, inner(s)), protowire.AppendBytes(tag(protowire.BytesType), protowire.AppendString(protowire.AppendTag(nil, 1, protowire.BytesType), s)),
			func(r *record.Reader) any {
				m := r.Message()
				if !m.Next() || m.Num() != 1 {
					return m.Err()
				}
				return m.String()
			}, s},
	}
}

// dateAt makes a date of any number.
func dateAt(n int64) civil.Date {
	d, err := civil.FromUnixDays(n % int64(civil.MaxDate.UnixDays()))
	if err != nil {
		panic(err)
	}
	return d
}

// timeOfDayAt makes a time of day of any number.
func timeOfDayAt(n uint64) civil.TimeOfDay {
	v, err := civil.SinceMidnight(time.Duration(n % uint64(24*time.Hour)))
	if err != nil {
		panic(err)
	}
	return v
}

// inner is a message with one field.
type inner string

func (m inner) AppendRecord(dst []byte) []byte { return record.AppendString(dst, 1, string(m)) }

func TestWire(t *testing.T) {
	rapid.Check(t, func(rt *rapid.T) {
		length := rapid.SampledFrom([]int{0, 1, 126, 127, 128, 129, 16381, 16384, 20000}).Draw(rt, "length")
		s := strings.Repeat("x", length) + rapid.StringN(0, 5, 20).Draw(rt, "s")
		var id [16]byte
		copy(id[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(rt, "id"))
		num := rapid.SampledFrom([]int{1, 2, 15, 16, 2047, 2048, 1<<29 - 1}).Draw(rt, "num")
		at := time.Unix(rapid.Int64Range(math.MinInt64, math.MaxInt64-62135596800).Draw(rt, "sec"), rapid.Int64Range(0, 999999999).Draw(rt, "nsec"))
		for _, w := range wires(num, rapid.Int64().Draw(rt, "i"), rapid.Uint64().Draw(rt, "u"), rapid.Float64().Draw(rt, "f"), s, at, id,
			rapid.SliceOfN(rapid.Int64(), 0, 60).Draw(rt, "ints"), rapid.SliceOfN(rapid.Uint64(), 0, 60).Draw(rt, "uints"),
			rapid.SliceOfN(rapid.Float64(), 0, 20).Draw(rt, "floats"), rapid.SliceOfN(rapid.Bool(), 0, 200).Draw(rt, "bools")) {
			if !bytes.Equal(w.got, w.want) {
				rt.Fatalf("%s is written as %x, want %x", w.name, w.got, w.want)
			}
			if len(w.want) == 0 {
				continue // an empty list has no field
			}
			r := record.NewReader(w.want)
			if !r.Next() || r.Num() != num {
				rt.Fatalf("%s: no field %d: %v", w.name, num, r.Err())
			}
			if diff := cmp.Diff(w.value, w.read(&r)); diff != "" || r.Next() || r.Err() != nil {
				rt.Fatalf("%s: %v, or read otherwise (-want +got)\n%s", w.name, r.Err(), diff)
			}
			if raw := r.AppendRaw(nil); !bytes.Equal(raw, w.want) {
				rt.Fatalf("%s: raw is %x, want %x", w.name, raw, w.want)
			}
		}
	})
}

// Lists of numbers that are not packed, and in several fields, are read too.
func TestUnpacked(t *testing.T) {
	b := record.AppendInt64(nil, 1, int64(-3))
	b = record.AppendInts(b, 1, []int64{4, -5})
	b = record.AppendInt64(b, 1, int64(6))
	b = record.AppendFloat64(b, 2, 1.5)
	b = record.AppendFloat64s(b, 2, []float64{2.5})
	b = record.AppendFloat32(b, 3, 1.5)
	b = record.AppendFloat32s(b, 3, []float32{2.5})
	var ints []int64
	var floats []float64
	var shorts []float32
	for r := record.NewReader(b); r.Next(); {
		switch r.Num() {
		case 1:
			ints = record.Ints(&r, ints)
		case 2:
			floats = record.Float64s(&r, floats)
		case 3:
			shorts = record.Float32s(&r, shorts)
		}
	}
	if diff := cmp.Diff([]int64{-3, 4, -5, 6}, ints) + cmp.Diff([]float64{1.5, 2.5}, floats) + cmp.Diff([]float32{1.5, 2.5}, shorts); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestTimeExtremes(t *testing.T) {
	for _, at := range []time.Time{
		{}, time.Unix(0, 0), time.Unix(0, 1), time.Unix(-1, 999999999), time.Unix(math.MinInt64, 0),
		time.Unix(math.MaxInt64-62135596800, 999999999), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC),
		time.Date(2026, 1, 1, 0, 0, 0, 0, time.FixedZone("", 3600)),
	} {
		r := record.NewReader(record.AppendTime(nil, 3, at))
		if got := r.Next() && r.Time().Equal(at); !got {
			t.Errorf("%v is read as %v, %v", at, r.Time(), r.Err())
		}
		if got := r.Time(); got.Location() != time.UTC {
			t.Errorf("%v is in %v", got, got.Location())
		}
	}
}

func TestSortedKeys(t *testing.T) {
	if diff := cmp.Diff([]text{"", "a", "b"}, record.SortedKeys(map[text]int{"b": 1, "": 2, "a": 3})); diff != "" {
		t.Error(diff)
	}
	if got := record.SortedKeys(map[string]int(nil)); got != nil {
		t.Errorf("no map has keys %v", got)
	}
}

// Times of every length of their two numbers are written as the reference does.
func TestTimeLengths(t *testing.T) {
	for shift := range 63 {
		for _, d := range []int64{-1, 0, 1} {
			sec := int64(1)<<shift + d
			for _, nsec := range []int64{0, 1, 127, 128, 1 << 14, 1 << 21, 1<<28 - 1, 1 << 28, 999_999_999} {
				at := time.Unix(sec, nsec)
				if at.Unix() != sec {
					continue // beyond the range of time.Time
				}
				var body []byte
				if sec != 0 {
					body = protowire.AppendVarint(protowire.AppendTag(body, 1, protowire.VarintType), uint64(sec))
				}
				if nsec != 0 {
					body = protowire.AppendVarint(protowire.AppendTag(body, 2, protowire.VarintType), uint64(nsec))
				}
				for _, num := range []protowire.Number{1, 15, 16, 3000} {
					want := protowire.AppendBytes(protowire.AppendTag(nil, num, protowire.BytesType), body)
					if got := record.AppendTime(nil, int(num), at); !bytes.Equal(got, want) {
						t.Fatalf("%d.%09d as field %d: %x, want %x", sec, nsec, num, got, want)
					}
				}
			}
		}
	}
}
