package keys_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"pgregory.net/rapid"
)

// address stands for an array type of the user's.
type address [4]byte

// anyVarint prefers no length of the encoding.
var anyVarint = rapid.Custom(func(t *rapid.T) int64 {
	return rapid.Int64().Draw(t, "v") >> rapid.IntRange(0, 63).Draw(t, "shift")
})

// smallKinds are the kinds of few bytes, and numbers in as few as they need.
func smallKinds() []kind {
	var all []kind
	add := func(k []kind) { all = append(all, k...) }
	add(codec[int8]{
		"int8", keys.AppendInt8, keys.AppendInt8Desc, (*keys.Reader).Int8, (*keys.Reader).Int8Desc,
		cmp.Compare[int8], number[int8], rapid.Int8(),
		[]int8{math.MinInt8, math.MinInt8 + 1, -2, -1, 0, 1, 2, 10, 100, math.MaxInt8},
	}.kinds())
	add(codec[int16]{
		"int16", keys.AppendInt16, keys.AppendInt16Desc, (*keys.Reader).Int16, (*keys.Reader).Int16Desc,
		cmp.Compare[int16], number[int16], rapid.Int16(),
		[]int16{math.MinInt16, math.MinInt16 + 1, -256, -2, -1, 0, 1, 2, 10, 100, 255, 256, math.MaxInt16},
	}.kinds())
	add(codec[uint8]{
		"uint8", keys.AppendUint8, keys.AppendUint8Desc, (*keys.Reader).Uint8, (*keys.Reader).Uint8Desc,
		cmp.Compare[uint8], number[uint8], rapid.Uint8(),
		[]uint8{0, 1, 2, 10, 100, math.MaxInt8, math.MaxInt8 + 1, math.MaxUint8},
	}.kinds())
	add(codec[uint16]{
		"uint16", keys.AppendUint16, keys.AppendUint16Desc, (*keys.Reader).Uint16, (*keys.Reader).Uint16Desc,
		cmp.Compare[uint16], number[uint16], rapid.Uint16(),
		[]uint16{0, 1, 2, 10, 100, 255, 256, math.MaxInt16, math.MaxInt16 + 1, math.MaxUint16},
	}.kinds())
	add(codec[float32]{
		"float32", keys.AppendFloat32, keys.AppendFloat32Desc, (*keys.Reader).Float32, (*keys.Reader).Float32Desc,
		cmp.Compare[float32], number[float32], rapid.OneOf(rapid.Float32(), rapid.Map(rapid.Uint32(), math.Float32frombits)),
		[]float32{
			float32(math.NaN()), math.Float32frombits(0xFFFFFFFF), math.Float32frombits(0x7F800001), float32(math.Inf(-1)),
			-math.MaxFloat32, -1.5, -1, -math.SmallestNonzeroFloat32, float32(math.Copysign(0, -1)), 0, math.SmallestNonzeroFloat32,
			0.1, 1, 1.5, 2, 10, math.MaxFloat32, float32(math.Inf(1)),
		},
	}.kinds())
	add(codec[address]{
		"fixed4",
		func(dst []byte, v address) []byte { return keys.AppendFixed(dst, v[:]) },
		func(dst []byte, v address) []byte { return keys.AppendFixedDesc(dst, v[:]) },
		func(r *keys.Reader) address { return address(r.Fixed(4)) }, func(r *keys.Reader) address { return address(r.FixedDesc(4)) },
		func(a, b address) int { return bytes.Compare(a[:], b[:]) }, func(v address) string { return fmt.Sprintf("0x%x", v[:]) },
		rapid.Map(rapid.Uint32(), func(v uint32) address { return address{byte(v >> 24), byte(v >> 16), byte(v >> 8), byte(v)} }),
		[]address{{}, {3: 1}, {2: 1}, {1, 0, 1}, {1, 0xFF}, {127, 0, 0, 1}, {0xFF, 0xFF, 0xFF, 0xFF}},
	}.kinds())
	add(codec[int64]{
		"varint", keys.AppendVarint, keys.AppendVarintDesc, (*keys.Reader).Varint, (*keys.Reader).VarintDesc,
		cmp.Compare[int64], number[int64], anyVarint,
		[]int64{
			math.MinInt64, math.MinInt64 + 1, -1<<56 - 1, -1 << 56, -1<<48 - 1, -1 << 48, -1<<40 - 1, -1 << 40, -1<<32 - 1, -1 << 32,
			-1<<24 - 1, -1 << 24, -1<<16 - 1, -1 << 16, -1<<8 - 1, -1 << 8, -129, -128, -121, -120, -119, -2, -1, 0, 1, 2, 118, 119, 120, 127,
			128, 1<<8 - 1, 1 << 8, 1<<16 - 1, 1 << 16, 1<<24 - 1, 1 << 24, 1<<32 - 1, 1 << 32, 1<<40 - 1, 1 << 40, 1<<48 - 1, 1 << 48,
			1<<56 - 1, 1 << 56, math.MaxInt64 - 1, math.MaxInt64,
		},
	}.kinds())
	add(codec[int32]{
		"varint32",
		func(dst []byte, v int32) []byte { return keys.AppendVarint(dst, int64(v)) },
		func(dst []byte, v int32) []byte { return keys.AppendVarintDesc(dst, int64(v)) },
		func(r *keys.Reader) int32 { return int32(r.VarintOf(32)) }, func(r *keys.Reader) int32 { return int32(r.VarintOfDesc(32)) },
		cmp.Compare[int32], number[int32], rapid.Map(anyVarint, func(v int64) int32 { return int32(v) }),
		[]int32{math.MinInt32, math.MinInt32 + 1, -121, -120, 0, 119, 120, math.MaxInt32},
	}.kinds())
	add(codec[uint16]{
		"uvarint16",
		func(dst []byte, v uint16) []byte { return keys.AppendUvarint(dst, uint64(v)) },
		func(dst []byte, v uint16) []byte { return keys.AppendUvarintDesc(dst, uint64(v)) },
		func(r *keys.Reader) uint16 { return uint16(r.UvarintOf(16)) }, func(r *keys.Reader) uint16 { return uint16(r.UvarintOfDesc(16)) },
		cmp.Compare[uint16], number[uint16], rapid.Uint16(),
		[]uint16{0, 0xF7, 0xF8, 0xFF, 0x100, math.MaxUint16},
	}.kinds())
	add(codec[civil.Date]{
		"date", keys.AppendDate, keys.AppendDateDesc, (*keys.Reader).Date, (*keys.Reader).DateDesc,
		civil.Date.Compare, civil.Date.String,
		rapid.Map(rapid.Int64Range(int64(civil.MinDate.UnixDays()), int64(civil.MaxDate.UnixDays())), dateAt),
		[]civil.Date{
			civil.MinDate, civil.MustDate(-44, 3, 15), civil.MustDate(-1, 12, 31), civil.MustDate(0, 2, 29), {}, civil.MustDate(1, 1, 2),
			civil.MustDate(1969, 12, 31), civil.MustDate(1970, 1, 1), civil.MustDate(1970, 1, 2), civil.MustDate(2024, 2, 29), civil.MaxDate,
		},
	}.kinds())
	add(codec[civil.TimeOfDay]{
		"time_of_day", keys.AppendTimeOfDay, keys.AppendTimeOfDayDesc, (*keys.Reader).TimeOfDay, (*keys.Reader).TimeOfDayDesc,
		civil.TimeOfDay.Compare, civil.TimeOfDay.String,
		rapid.Map(rapid.Int64Range(0, int64(civil.MaxTimeOfDay.SinceMidnight())), timeOfDayAt),
		[]civil.TimeOfDay{{}, timeOfDayAt(1), timeOfDayAt(1e9), civil.MustTimeOfDay(9, 30, 0, 0), civil.MustTimeOfDay(12, 0, 0, 500_000_000), civil.MaxTimeOfDay},
	}.kinds())
	add(codec[decimal.Decimal]{
		"decimal", keys.AppendDecimal, keys.AppendDecimalDesc, (*keys.Reader).Decimal, (*keys.Reader).DecimalDesc,
		decimal.Decimal.Cmp, decimal.Decimal.String, anyDecimal,
		decimals(
			"-99999999999999999999999999999999999999", "-10000000000000000000000000000000000000", "-1000000", "-100.01", "-100", "-99.99", "-12.35", "-12.345",
			"-12.34", "-12.3", "-12", "-10", "-9.99", "-2", "-1.01", "-1", "-0.99", "-0.1", "-0.01", "-0.00999", "-0.001",
			"-0.00000000000000000000000000000000000002", "-0.00000000000000000000000000000000000001", "0", "0.00000000000000000000000000000000000001",
			"0.00000000000000000000000000000000000011", "0.0000000000000000000000000000000000012", "0.001", "0.00999", "0.01", "0.05", "0.1",
			"0.12345678901234567890123456789012345678", "0.99", "0.99999999999999999999999999999999999999", "1", "1.01", "1.5", "2", "9.99", "10", "12", "12.3",
			"12.34", "12.345", "12.35", "99", "99.99", "100", "100.01", "1000", "1234.56", "1000000", "1234567890123456789.0123456789012345678",
			"18446744073709551615", "18446744073709551616", "10000000000000000000000000000000000000", "12345678901234567890123456789012345678", "99999999999999999999999999999999999999",
		),
	}.kinds())
	return all
}

func dateAt(days int64) civil.Date {
	v, err := civil.FromUnixDays(days)
	if err != nil {
		panic(err)
	}
	return v
}

func timeOfDayAt(ns int64) civil.TimeOfDay {
	v, err := civil.SinceMidnight(time.Duration(ns))
	if err != nil {
		panic(err)
	}
	return v
}

func decimals(texts ...string) []decimal.Decimal {
	var v []decimal.Decimal
	for _, s := range texts {
		v = append(v, decimal.MustParse(s))
	}
	return v
}

// anyDecimal prefers few digits, zeros among them, and numbers near each other.
var anyDecimal = rapid.Custom(func(t *rapid.T) decimal.Decimal {
	n := rapid.OneOf(rapid.IntRange(0, 4), rapid.IntRange(0, decimal.MaxDigits)).Draw(t, "number of digits")
	digits := rapid.SliceOfN(rapid.OneOf(rapid.SampledFrom([]byte("019")), rapid.ByteRange('0', '9')), n, n).Draw(t, "digits")
	scale := rapid.OneOf(rapid.IntRange(0, 3), rapid.IntRange(0, decimal.MaxScale)).Draw(t, "scale")
	v, err := decimal.FromDigits(rapid.Bool().Draw(t, "negative"), digits, scale)
	if err != nil {
		panic(err)
	}
	return v
})
