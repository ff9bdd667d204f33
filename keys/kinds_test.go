package keys_test

import (
	"bytes"
	"cmp"
	"fmt"
	"math"
	"strings"
	"time"

	"github.com/storegen/storegen/keys"
	"pgregory.net/rapid"
)

// color stands for a generated enum, userID for a generated named string.
type (
	color  int32
	userID string
)

// kind is one kind of component in one direction, with its type erased so that one test serves all.
type kind struct {
	name     string
	desc     bool
	last     bool // not self-delimiting: only at the end of a key
	append   func(dst []byte, v any) []byte
	read     func(r *keys.Reader) any
	compare  func(a, b any) int // the order that the bytes must have
	format   func(v any) string // for goldens
	gen      *rapid.Generator[any]
	examples []any // in ascending order of value, equal ones side by side
}

// codec is the typed form of a kind, both directions.
type codec[T any] struct {
	name       string
	append     func([]byte, T) []byte
	appendDesc func([]byte, T) []byte
	read       func(*keys.Reader) T
	readDesc   func(*keys.Reader) T
	compare    func(a, b T) int
	format     func(T) string
	gen        *rapid.Generator[T]
	examples   []T
}

func (c codec[T]) kinds() []kind {
	examples := make([]any, len(c.examples))
	for i, v := range c.examples {
		examples[i] = v
	}
	asc := kind{
		name:     c.name,
		last:     c.appendDesc == nil,
		append:   func(dst []byte, v any) []byte { return c.append(dst, v.(T)) },
		read:     func(r *keys.Reader) any { return c.read(r) },
		compare:  func(a, b any) int { return c.compare(a.(T), b.(T)) },
		format:   func(v any) string { return c.format(v.(T)) },
		gen:      rapid.OneOf(rapid.SampledFrom(c.examples), c.gen).AsAny(),
		examples: examples,
	}
	if asc.last {
		return []kind{asc}
	}
	desc := asc
	desc.name, desc.desc = c.name+"_desc", true
	desc.append = func(dst []byte, v any) []byte { return c.appendDesc(dst, v.(T)) }
	desc.read = func(r *keys.Reader) any { return c.readDesc(r) }
	desc.compare = func(a, b any) int { return asc.compare(b, a) }
	return []kind{asc, desc}
}

func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

func number[T any](v T) string { return fmt.Sprint(v) }

// quote writes any bytes in one line of ASCII.
func quote[S ~string](s S) string {
	var b strings.Builder
	for _, c := range []byte(s) {
		if ' ' <= c && c <= '~' && c != '"' && c != '\\' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, `\x%02x`, c)
		}
	}
	return `"` + b.String() + `"`
}

// unixOfYearOne is the Unix time of the zero time.Time.
var unixOfYearOne = time.Time{}.Unix()

// sinceYearOne gives an instant by its seconds since 0001-01-01T00:00:00Z, over the whole range of int64.
func sinceYearOne(sec, nsec int64) time.Time { return time.Unix(sec+unixOfYearOne, nsec).UTC() }

func formatTime(t time.Time) string {
	sec := t.Unix() - unixOfYearOne
	if t = t.UTC(); -1<<39 < sec && sec < 1<<39 && t.Year() <= 9999 {
		return t.Format(time.RFC3339Nano)
	}
	return fmt.Sprintf("%ds+%dns", sec, t.Nanosecond())
}

// anyString prefers the bytes that mean something to the encoding.
var anyString = rapid.Map(rapid.SliceOfN(rapid.OneOf(
	rapid.SampledFrom([]byte{0x00, 0x01, 0x02, 'a', 'b', 0xFE, 0xFF}), rapid.Byte()), 0, 12),
	func(b []byte) string { return string(b) })

var stringExamples = []string{
	"", "\x00", "\x00\x00", "\x00\x00\x01", "\x00\x01", "\x00\x02", "\x00\xff", "\x01", "\x01\x00", "a", "a\x00", "a\x00\x01",
	"a\x00a", "a\x00\xff", "a\x01", "a b", "aa", "alice", "alice-1", "alice/1", "alice:1", "b", "é", "\xfe", "\xff", "\xff\x00", "\xff\xff",
}

func examplesOf[T any](convert func(string) T) []T {
	var v []T
	for _, s := range stringExamples {
		v = append(v, convert(s))
	}
	return v
}

// kinds is every kind in every direction: a kind that is missing here is not tested.
var kinds = func() []kind {
	asIs := func(s string) string { return s }
	asUser := func(s string) userID { return userID(s) }
	asBytes := func(s string) []byte { return []byte(s) }
	quoteBytes := func(b []byte) string { return quote(string(b)) }
	var all []kind
	add := func(k []kind) { all = append(all, k...) }
	add(codec[bool]{
		"bool", keys.AppendBool, keys.AppendBoolDesc, (*keys.Reader).Bool, (*keys.Reader).BoolDesc,
		compareBool, number[bool], rapid.Bool(),
		[]bool{false, true},
	}.kinds())
	add(codec[int32]{
		"int32", keys.AppendInt32, keys.AppendInt32Desc, (*keys.Reader).Int32, (*keys.Reader).Int32Desc,
		cmp.Compare[int32], number[int32], rapid.Int32(),
		[]int32{math.MinInt32, math.MinInt32 + 1, -65536, -256, -2, -1, 0, 1, 2, 10, 100, 255, 256, math.MaxInt32},
	}.kinds())
	add(codec[int64]{
		"int64", keys.AppendInt64, keys.AppendInt64Desc, (*keys.Reader).Int64, (*keys.Reader).Int64Desc,
		cmp.Compare[int64], number[int64], rapid.Int64(),
		[]int64{math.MinInt64, math.MinInt64 + 1, math.MinInt32, -256, -2, -1, 0, 1, 2, 10, 100, 256, math.MaxUint32, math.MaxInt64},
	}.kinds())
	add(codec[uint32]{
		"uint32", keys.AppendUint32, keys.AppendUint32Desc, (*keys.Reader).Uint32, (*keys.Reader).Uint32Desc,
		cmp.Compare[uint32], number[uint32], rapid.Uint32(),
		[]uint32{0, 1, 2, 10, 100, 255, 256, math.MaxInt32, math.MaxInt32 + 1, math.MaxUint32},
	}.kinds())
	add(codec[uint64]{
		"uint64", keys.AppendUint64, keys.AppendUint64Desc, (*keys.Reader).Uint64, (*keys.Reader).Uint64Desc,
		cmp.Compare[uint64], number[uint64], rapid.Uint64(),
		[]uint64{0, 1, 2, 10, 100, 255, 256, math.MaxUint32, math.MaxInt64, math.MaxInt64 + 1, math.MaxUint64},
	}.kinds())
	add(codec[float64]{
		"float64", keys.AppendFloat64, keys.AppendFloat64Desc, (*keys.Reader).Float64, (*keys.Reader).Float64Desc,
		cmp.Compare[float64], number[float64], rapid.OneOf(rapid.Float64(), rapid.Map(rapid.Uint64(), math.Float64frombits)),
		[]float64{
			math.NaN(), math.Float64frombits(0xFFFFFFFFFFFFFFFF), math.Float64frombits(0x7FF0000000000001), math.Inf(-1),
			-math.MaxFloat64, -1.5, -1, -math.SmallestNonzeroFloat64, math.Copysign(0, -1), 0, math.SmallestNonzeroFloat64,
			0.1, 1, 1.5, 2, 10, math.MaxFloat64, math.Inf(1),
		},
	}.kinds())
	add(codec[string]{
		"string", keys.AppendString, keys.AppendStringDesc, (*keys.Reader).String, (*keys.Reader).StringDesc,
		cmp.Compare[string], quote[string], anyString, examplesOf(asIs),
	}.kinds())
	add(codec[[]byte]{
		"bytes", keys.AppendBytes, keys.AppendBytesDesc, (*keys.Reader).Bytes, (*keys.Reader).BytesDesc,
		bytes.Compare, quoteBytes, rapid.Map(anyString, asBytes), append([][]byte{nil}, examplesOf(asBytes)...),
	}.kinds())
	add(codec[userID]{
		name: "string_last", append: func(dst []byte, v userID) []byte { return keys.AppendStringLast(dst, string(v)) },
		read:    func(r *keys.Reader) userID { return userID(r.StringLast()) },
		compare: cmp.Compare[userID], format: quote[userID], gen: rapid.Map(anyString, asUser), examples: examplesOf(asUser),
	}.kinds())
	add(codec[[]byte]{
		name: "bytes_last", append: keys.AppendBytesLast, read: (*keys.Reader).BytesLast,
		compare: bytes.Compare, format: quoteBytes, gen: rapid.Map(anyString, asBytes),
		examples: append([][]byte{nil}, examplesOf(asBytes)...),
	}.kinds())
	add(codec[time.Time]{
		"time", keys.AppendTime, keys.AppendTimeDesc, (*keys.Reader).Time, (*keys.Reader).TimeDesc,
		time.Time.Compare, formatTime,
		rapid.Custom(func(t *rapid.T) time.Time {
			at := time.Unix(rapid.Int64().Draw(t, "sec"), rapid.Int64Range(0, 999_999_999).Draw(t, "nsec"))
			return at.In(time.FixedZone("", rapid.IntRange(-12*3600, 14*3600).Draw(t, "zone")))
		}),
		[]time.Time{
			sinceYearOne(math.MinInt64, 0), sinceYearOne(math.MinInt64, 999_999_999), sinceYearOne(math.MinInt64+1, 0),
			time.Unix(math.MaxInt64, 0), time.Unix(math.MinInt64, 0), // neighbours: package time wraps around here
			time.Date(-9000, 1, 1, 0, 0, 0, 0, time.UTC),
			sinceYearOne(-1, 999_999_999), {}, sinceYearOne(0, 1), sinceYearOne(1, 0),
			time.Unix(-1, 999_999_999), time.Unix(0, 0), time.Unix(0, 1), time.Unix(1, 0),
			time.Date(2024, 2, 29, 23, 59, 59, 123456789, time.UTC),
			time.Date(2024, 3, 1, 1, 59, 59, 123456789, time.FixedZone("", 7200)),
			time.Date(9999, 12, 31, 23, 59, 59, 999_999_999, time.UTC),
			sinceYearOne(math.MaxInt64, 0), sinceYearOne(math.MaxInt64, 999_999_999),
		},
	}.kinds())
	add(codec[time.Duration]{
		"duration", keys.AppendDuration, keys.AppendDurationDesc, (*keys.Reader).Duration, (*keys.Reader).DurationDesc,
		cmp.Compare[time.Duration], number[time.Duration], rapid.Map(rapid.Int64(), func(v int64) time.Duration { return time.Duration(v) }),
		[]time.Duration{math.MinInt64, -time.Second, -1, 0, 1, time.Second, 30 * 24 * time.Hour, math.MaxInt64},
	}.kinds())
	add(codec[[16]byte]{
		"uuid", keys.AppendUUID, keys.AppendUUIDDesc, (*keys.Reader).UUID, (*keys.Reader).UUIDDesc,
		func(a, b [16]byte) int { return bytes.Compare(a[:], b[:]) },
		func(v [16]byte) string { return fmt.Sprintf("%x-%x-%x-%x-%x", v[:4], v[4:6], v[6:8], v[8:10], v[10:]) },
		rapid.Custom(func(t *rapid.T) (v [16]byte) {
			copy(v[:], rapid.SliceOfN(rapid.Byte(), 16, 16).Draw(t, "uuid"))
			return v
		}),
		[][16]byte{
			{}, {15: 1}, {0x01, 0x8f, 0x3c, 0x2a, 0x7b, 0x10, 0x70, 0, 0x80, 0, 0, 0, 0, 0, 0, 0x2a},
			{0x6b, 0xa7, 0xb8, 0x10, 0x9d, 0xad, 0x11, 0xd1, 0x80, 0xb4, 0x00, 0xc0, 0x4f, 0xd4, 0x30, 0xc8},
			{0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff},
		},
	}.kinds())
	add(codec[uint64]{
		"uvarint", keys.AppendUvarint, keys.AppendUvarintDesc, (*keys.Reader).Uvarint, (*keys.Reader).UvarintDesc,
		cmp.Compare[uint64], number[uint64],
		rapid.Custom(func(t *rapid.T) uint64 { return rapid.Uint64().Draw(t, "v") >> rapid.IntRange(0, 63).Draw(t, "shift") }),
		[]uint64{
			0, 1, 2, 0x7F, 0x80, 0xF7, 0xF8, 0xFF, 0x100, 0xFFFF, 0x10000, 0xFFFFFF, 0x1000000, 0xFFFFFFFF, 0x100000000,
			0xFFFFFFFFFF, 0x10000000000, 0xFFFFFFFFFFFF, 0x1000000000000, 0xFFFFFFFFFFFFFF, 0x100000000000000, math.MaxUint64,
		},
	}.kinds())
	add(codec[color]{
		"enum",
		func(dst []byte, v color) []byte { return keys.AppendEnum(dst, int32(v)) },
		func(dst []byte, v color) []byte { return keys.AppendEnumDesc(dst, int32(v)) },
		func(r *keys.Reader) color { return color(r.Enum()) }, func(r *keys.Reader) color { return color(r.EnumDesc()) },
		func(a, b color) int { return cmp.Compare(uint32(a), uint32(b)) }, number[color],
		rapid.Map(rapid.Int32(), func(v int32) color { return color(v) }),
		[]color{0, 1, 2, 0xF7, 0xF8, 0xFF, 0x100, math.MaxInt32, math.MinInt32, -2, -1},
	}.kinds())
	add(smallKinds())
	return all
}()

// inOrder gives the examples in the order of their bytes.
func (k kind) inOrder() []any {
	if !k.desc {
		return k.examples
	}
	v := make([]any, 0, len(k.examples))
	for i := len(k.examples) - 1; i >= 0; i-- {
		v = append(v, k.examples[i])
	}
	return v
}
