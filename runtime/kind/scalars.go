package kind

import (
	"encoding/hex"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/internal/view"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/record"
)

// scalars is the table of scalars, in the order in which they are explained.
var scalars = []Scalar{
	{
		Kind: Bool, Name: "bool", Ident: "Bool", Go: "bool", Proto: "bool",
		Keys: "Bool", KeySize: 1,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendBool(dst, v.Bool()) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendBoolDesc(dst, v.Bool()) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return BoolOf(r.Bool()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return BoolOf(r.BoolDesc()) },
		Record:        "Bool", Packed: "Bools",
		AppendWire: func(dst []byte, num int, v Value) []byte { return record.AppendBool(dst, num, v.Bool()) },
		ReadWire:   func(r *record.Reader, _ *Params) Value { return BoolOf(r.Bool()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]bool
			return each(dst, r.Bools(mem[:0]), BoolOf)
		},
		Zero: zero(Bool), Compare: compareUints,
		Format:     func(v Value) string { return strconv.FormatBool(v.Bool()) },
		Lit:        func(v Value) string { return strconv.FormatBool(v.Bool()) },
		ParseLit:   func(_ *Params, text string) (Value, bool) { return BoolOf(text == "true"), isBool(text) },
		AppendJSON: func(dst []byte, v Value) []byte { return strconv.AppendBool(dst, v.Bool()) },
		ParseJSON: func(_ *Params, plain, _ string, _ bool) (Value, bool) {
			return BoolOf(plain == "true"), isBool(plain)
		},
		WantJSON: want("true or false"),
		Random:   func(rng *rand.Rand, _ *Params) Value { return BoolOf(rng.IntN(2) == 0) },
	},
	{
		Kind: Int32, Name: "int32", Ident: "Int32", Go: "int32", Proto: "sint32", Ordered: true, Bits: 32, Signed: true,
		Keys: "Int32", KeySize: 4,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendInt32(dst, int32(v.num)) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendInt32Desc(dst, int32(v.num)) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return Int32Of(r.Int32()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return Int32Of(r.Int32Desc()) },
		Record:        "Int32", Packed: "Ints",
		AppendWire: appendInt,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return Int32Of(r.Int32()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]int32
			return each(dst, record.Ints(r, mem[:0]), Int32Of)
		},
		Zero: zero(Int32), Compare: compareInts,
		Format: formatInt, Lit: formatInt, ParseLit: parseInt(Int32, 32),
		AppendJSON: appendIntJSON, ParseJSON: parseIntJSON(Int32, 32), WantJSON: wantInt,
		Random: randomInt(Int32, math.MinInt32, math.MaxInt32),
	},
	{
		Kind: Int64, Name: "int64", Ident: "Int64", Go: "int64", Proto: "sint64", Ordered: true, Bits: 64, Signed: true,
		Keys: "Int64", KeySize: 8,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendInt64(dst, int64(v.num)) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendInt64Desc(dst, int64(v.num)) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return Int64Of(r.Int64()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return Int64Of(r.Int64Desc()) },
		Record:        "Int64", Packed: "Ints",
		AppendWire: appendInt,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return Int64Of(r.Int64()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]int64
			return each(dst, record.Ints(r, mem[:0]), Int64Of)
		},
		Zero: zero(Int64), Compare: compareInts,
		Format: formatInt, Lit: formatInt, ParseLit: parseInt(Int64, 64),
		AppendJSON: appendIntJSON, ParseJSON: parseIntJSON(Int64, 64), WantJSON: wantInt,
		Random: randomInt(Int64, math.MinInt64, math.MaxInt64),
	},
	{
		Kind: Uint32, Name: "uint32", Ident: "Uint32", Go: "uint32", Proto: "uint32", Ordered: true, Bits: 32,
		Keys: "Uint32", KeySize: 4,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendUint32(dst, uint32(v.num)) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendUint32Desc(dst, uint32(v.num)) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return Uint32Of(r.Uint32()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return Uint32Of(r.Uint32Desc()) },
		Record:        "Uint32", Packed: "Uints",
		AppendWire: appendUint,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return Uint32Of(r.Uint32()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]uint32
			return each(dst, record.Uints(r, mem[:0]), Uint32Of)
		},
		Zero: zero(Uint32), Compare: compareUints,
		Format: formatUint, Lit: formatUint, ParseLit: parseUint(Uint32, 32),
		AppendJSON: appendUintJSON, ParseJSON: parseUintJSON(Uint32, 32), WantJSON: wantInt,
		Random: randomUint(Uint32, math.MaxUint32),
	},
	{
		Kind: Uint64, Name: "uint64", Ident: "Uint64", Go: "uint64", Proto: "uint64", Ordered: true, Bits: 64,
		Keys: "Uint64", KeySize: 8,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendUint64(dst, v.num) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendUint64Desc(dst, v.num) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return Uint64Of(r.Uint64()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return Uint64Of(r.Uint64Desc()) },
		Record:        "Uint64", Packed: "Uints",
		AppendWire: appendUint,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return Uint64Of(r.Uint64()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]uint64
			return each(dst, record.Uints(r, mem[:0]), Uint64Of)
		},
		Zero: zero(Uint64), Compare: compareUints,
		Format: formatUint, Lit: formatUint, ParseLit: parseUint(Uint64, 64),
		AppendJSON: appendUintJSON, ParseJSON: parseUintJSON(Uint64, 64), WantJSON: wantInt,
		Random: randomUint(Uint64, math.MaxUint64),
	},
	{
		Kind: Float64, Name: "float64", Ident: "Float64", Go: "float64", Proto: "double", Ordered: true, Bits: 64, Signed: true, Float: true,
		Keys: "Float64", KeySize: 8,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendFloat64(dst, v.Float64()) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendFloat64Desc(dst, v.Float64()) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return Float64Of(r.Float64()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return Float64Of(r.Float64Desc()) },
		Record:        "Float64", Packed: "Float64s",
		AppendWire: func(dst []byte, num int, v Value) []byte { return record.AppendFloat64(dst, num, v.Float64()) },
		ReadWire:   func(r *record.Reader, _ *Params) Value { return Float64Of(r.Float64()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]float64
			return each(dst, record.Float64s(r, mem[:0]), Float64Of)
		},
		Zero: zero(Float64), Compare: compareFloats,
		Format: formatFloat, Lit: formatFloat, ParseLit: parseFloat,
		AppendJSON: func(dst []byte, v Value) []byte { return appendFloat(dst, v.Float64(), 64) },
		ParseJSON: func(p *Params, plain, s string, _ bool) (Value, bool) {
			if f, ok := floatNamed(s); ok {
				return Float64Of(f), true
			}
			return parseFloat(p, plain)
		},
		WantJSON: want(`a number, "NaN", "Infinity" or "-Infinity"`),
		Random: func(rng *rand.Rand, _ *Params) Value {
			return Float64Of(oneOf(rng, 0, 1, -1.5, math.MaxFloat64, math.Inf(-1), rng.NormFloat64()))
		},
	},
	{
		Kind: String, Name: "string", Ident: "String", Go: "string", Proto: "string", Ordered: true,
		Keys: "String", KeySize: SizeText,
		AppendKey:     appendText,
		AppendKeyDesc: appendTextDesc,
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return StringOf(r.String()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return StringOf(r.StringDesc()) },
		Record:        "String",
		AppendWire:    appendString,
		ReadWire:      func(r *record.Reader, _ *Params) Value { return StringOf(r.String()) },
		Zero:          zero(String), Compare: compareText,
		Format:     func(v Value) string { return strings.Clone(v.str) },
		Lit:        func(v Value) string { return v.str },
		ParseLit:   func(_ *Params, text string) (Value, bool) { return StringOf(text), true },
		AppendJSON: func(dst []byte, v Value) []byte { return AppendJSONString(dst, v.str) },
		ParseJSON: func(_ *Params, plain, s string, isString bool) (Value, bool) {
			return StringOf(s), isString && IsTextJSON(plain)
		},
		WantJSON: want("a string in UTF-8"),
		Random:   func(rng *rand.Rand, _ *Params) Value { return StringOf(randomWord(rng)) },
	},
	{
		Kind: Bytes, Name: "bytes", Ident: "Bytes", Go: "[]byte", Proto: "bytes", Ordered: true,
		Keys: "String", KeySize: SizeText,
		AppendKey:     appendText,
		AppendKeyDesc: appendTextDesc,
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return textOf(Bytes, r.String()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return textOf(Bytes, r.StringDesc()) },
		Record:        "Bytes",
		AppendWire:    appendString,
		ReadWire:      func(r *record.Reader, _ *Params) Value { return textOf(Bytes, r.String()) },
		Zero:          zero(Bytes), Compare: compareText,
		Format:     func(v Value) string { return "0x" + hex.EncodeToString(v.Bytes()) },
		Lit:        func(v Value) string { return v.str },
		ParseLit:   func(_ *Params, text string) (Value, bool) { return textOf(Bytes, text), true },
		AppendJSON: appendBase64, ParseJSON: parseBase64, WantJSON: want("a string in base64"),
		Random: func(rng *rand.Rand, _ *Params) Value { return textOf(Bytes, randomWord(rng)) },
	},
	{
		Kind: Timestamp, Name: "timestamp", Ident: "Timestamp", Go: "time.Time", Proto: "google.protobuf.Timestamp", Ordered: true, Methods: true,
		Keys: "Time", KeySize: 12,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendTime(dst, v.Time()) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendTimeDesc(dst, v.Time()) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return TimestampOf(r.Time()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return TimestampOf(r.TimeDesc()) },
		Record:        "Time",
		AppendWire:    func(dst []byte, num int, v Value) []byte { return record.AppendTime(dst, num, v.Time()) },
		ReadWire:      func(r *record.Reader, _ *Params) Value { return TimestampOf(r.Time()) },
		Zero:          func(*Params) Value { return TimestampOf(time.Time{}) }, Compare: compareTimes,
		Format:     formatTime,
		Lit:        formatTime,
		ParseLit:   func(_ *Params, text string) (Value, bool) { at, ok := parseTime(text); return TimestampOf(at), ok },
		AppendJSON: func(dst []byte, v Value) []byte { return quoted(dst, formatTime(v)) },
		ParseJSON: func(_ *Params, _, s string, isString bool) (Value, bool) {
			at, ok := parseTime(s)
			return TimestampOf(at), isString && ok
		},
		WantJSON: want("a string by RFC 3339, to the nanosecond, in the years 0 to 9999 of UTC"),
		Random:   randomTime,
	},
	{
		Kind: Duration, Name: "duration", Ident: "Duration", Go: "time.Duration", Proto: "sint64", Ordered: true, Methods: true,
		Keys: "Duration", KeySize: 8,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendInt64(dst, int64(v.num)) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendInt64Desc(dst, int64(v.num)) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return DurationOf(r.Duration()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return DurationOf(r.DurationDesc()) },
		Record:        "Duration", Packed: "Ints",
		AppendWire: appendInt,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return DurationOf(r.Duration()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]time.Duration
			return each(dst, record.Ints(r, mem[:0]), DurationOf)
		},
		Zero: zero(Duration), Compare: compareInts,
		Format: func(v Value) string { return v.Duration().String() },
		Lit:    formatInt, ParseLit: parseInt(Duration, 64), // nanoseconds
		AppendJSON: func(dst []byte, v Value) []byte { return AppendJSONString(dst, v.Duration().String()) },
		ParseJSON: func(_ *Params, _, s string, isString bool) (Value, bool) {
			d, ok := parseDuration(s)
			return DurationOf(d), isString && ok
		},
		WantJSON: want(`a string as "1h2m3s", to the nanosecond`),
		Random:   randomInt(Duration, math.MinInt64, math.MaxInt64),
	},
	{
		Kind: UUID, Name: "uuid", Ident: "UUID", Go: "uuid.UUID", Proto: "bytes", Methods: true,
		Keys: "UUID", KeySize: 16,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendUUID(dst, v.UUID()) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendUUIDDesc(dst, v.UUID()) },
		ReadKey: func(r *keys.Reader, _ *Params) Value {
			before := r.Rest()
			if r.UUID(); r.Err() != nil {
				return Value{}
			}
			return textOf(UUID, view.String(before[:16]))
		},
		ReadKeyDesc: func(r *keys.Reader, _ *Params) Value { return UUIDOf(r.UUIDDesc()) },
		Record:      "UUID",
		AppendWire:  appendString,
		ReadWire: func(r *record.Reader, _ *Params) Value {
			if r.UUID(); r.Err() != nil {
				return Value{}
			}
			return textOf(UUID, r.String())
		},
		Zero: func(*Params) Value { return textOf(UUID, zeroUUID) }, Compare: compareText,
		Format: formatUUID,
		Lit:    formatUUID, ParseLit: func(_ *Params, text string) (Value, bool) { return parseUUID(text) },
		AppendJSON: func(dst []byte, v Value) []byte { return quoted(dst, formatUUID(v)) },
		ParseJSON: func(_ *Params, _, s string, isString bool) (Value, bool) {
			v, ok := parseUUID(s)
			return v, isString && ok
		},
		WantJSON: want("a string as 01234567-89ab-cdef-0123-456789abcdef"),
		Random: func(rng *rand.Rand, _ *Params) Value {
			var id [16]byte
			for i := range id {
				id[i] = byte(rng.IntN(256))
			}
			return UUIDOf(id)
		},
	},
	{
		Kind: JSON, Name: "json", Ident: "JSON", Go: "json.RawMessage", Proto: "string", Methods: true,
		Record:     "Bytes",
		AppendWire: appendString,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return JSONOf(r.String()) },
		Zero:       func(*Params) Value { return JSONOf("null") }, Compare: compareText,
		Format:   func(v Value) string { return strings.Clone(v.str) },
		Lit:      func(v Value) string { return v.str },
		ParseLit: func(_ *Params, text string) (Value, bool) { return JSONOf(text), true },
		AppendJSON: func(dst []byte, v Value) []byte {
			if v.str == "" {
				return append(dst, "null"...)
			}
			return append(dst, v.str...)
		},
		ParseJSON: func(_ *Params, plain, _ string, _ bool) (Value, bool) { return JSONOf(plain), true },
		WantJSON:  want("JSON"),
		Random: func(rng *rand.Rand, _ *Params) Value {
			return JSONOf(`{` + string(AppendJSONString(nil, randomWord(rng))) + `:` + strconv.Itoa(rng.IntN(10)) + `}`)
		},
	},
	{
		Kind: Enum, Name: "enum", Ident: "Enum", Go: "int32", Proto: "enum", Ordered: true,
		Keys: "Enum", KeySize: SizeUvarint,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendEnum(dst, int32(v.num)) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendEnumDesc(dst, int32(v.num)) },
		ReadKey:       func(r *keys.Reader, p *Params) Value { return EnumOf(p, r.Enum()) },
		ReadKeyDesc:   func(r *keys.Reader, p *Params) Value { return EnumOf(p, r.EnumDesc()) },
		Record:        "Enum", Packed: "Enums",
		AppendWire: func(dst []byte, num int, v Value) []byte { return record.AppendEnum(dst, num, int32(v.num)) },
		ReadWire:   func(r *record.Reader, p *Params) Value { return EnumOf(p, r.Enum()) },
		ReadPacked: func(r *record.Reader, p *Params, dst []Value) []Value {
			var mem [32]int32
			return each(dst, record.Enums(r, mem[:0]), func(n int32) Value { return EnumOf(p, n) })
		},
		Zero: func(p *Params) Value { return EnumOf(p, 0) }, Compare: compareEnums,
		Format: formatEnum,
		Lit:    formatInt, // its number
		ParseLit: func(p *Params, text string) (Value, bool) {
			n, err := strconv.ParseInt(text, 10, 32)
			return EnumOf(p, int32(n)), err == nil
		},
		AppendJSON: func(dst []byte, v Value) []byte {
			if v.str == "" {
				return strconv.AppendInt(dst, v.Int64(), 10)
			}
			return AppendJSONString(dst, v.str)
		},
		ParseJSON: func(p *Params, plain, s string, isString bool) (Value, bool) {
			if !isString {
				s = plain
			}
			return EnumText(p, s)
		},
		WantJSON: func(p *Params) string { return p.EnumNames() + " or a number" },
		Random: func(rng *rand.Rand, p *Params) Value {
			if p == nil || len(p.Values) == 0 {
				return EnumOf(p, int32(rng.IntN(4)))
			}
			return EnumOf(p, p.Values[rng.IntN(len(p.Values))].Number)
		},
	},
}
