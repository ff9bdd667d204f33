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
		Kind: Bool, Name: "bool", Ident: "Bool", Proto: "bool",
		Gen:  Gen{Type: "bool", Unset: "!$x", Lit: func(v Value) string { return strconv.FormatBool(v.Bool()) }, Untyped: true, Parse: "strconv.ParseBool($s)"},
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
		ParseLit:   func(_ *Params, text string) (Value, error) { return parsed(BoolOf(text == "true"), isBool(text)) },
		AppendJSON: func(dst []byte, v Value) []byte { return strconv.AppendBool(dst, v.Bool()) },
		ParseJSON: func(_ *Params, plain, _ string, _ bool) (Value, bool) {
			return BoolOf(plain == "true"), isBool(plain)
		},
		WantJSON: want("true or false"),
		ToGo:     func(v Value) any { return v.Bool() }, FromGo: func(x any) Value { return BoolOf(x.(bool)) },
		Random:  func(rng *rand.Rand, _ *Params) Value { return BoolOf(rng.IntN(2) == 0) },
		Literal: BareLiteral, Example: func(*Params) Value { return BoolOf(true) },
	},
	{
		Kind: Int32, Name: "int32", Ident: "Int32", Proto: "sint32", Ordered: true, Bits: 32, Signed: true,
		Gen:  Gen{Type: "int32", Unset: "$x == 0", Lit: formatInt, Parse: "strconv.ParseInt($s, 10, 32)", Wide: true},
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
		ToGo: func(v Value) any { return int32(v.num) }, FromGo: func(x any) Value { return Int32Of(x.(int32)) },
		Random:  randomInt(Int32, math.MinInt32, math.MaxInt32),
		Literal: BareLiteral, Example: func(*Params) Value { return Int32Of(100) },
	},
	{
		Kind: Int64, Name: "int64", Ident: "Int64", Proto: "sint64", Ordered: true, Bits: 64, Signed: true,
		Gen:  Gen{Type: "int64", Unset: "$x == 0", Lit: formatInt, Parse: "strconv.ParseInt($s, 10, 64)"},
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
		ToGo: func(v Value) any { return int64(v.num) }, FromGo: func(x any) Value { return Int64Of(x.(int64)) },
		Random:  randomInt(Int64, math.MinInt64, math.MaxInt64),
		Literal: BareLiteral, Example: func(*Params) Value { return Int64Of(100) },
	},
	{
		Kind: Uint32, Name: "uint32", Ident: "Uint32", Proto: "uint32", Ordered: true, Bits: 32,
		Gen:  Gen{Type: "uint32", Unset: "$x == 0", Lit: formatUint, Parse: "strconv.ParseUint($s, 10, 32)", Wide: true},
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
		ToGo: func(v Value) any { return uint32(v.num) }, FromGo: func(x any) Value { return Uint32Of(x.(uint32)) },
		Random:  randomUint(Uint32, math.MaxUint32),
		Literal: BareLiteral, Example: func(*Params) Value { return Uint32Of(100) },
	},
	{
		Kind: Uint64, Name: "uint64", Ident: "Uint64", Proto: "uint64", Ordered: true, Bits: 64,
		Gen:  Gen{Type: "uint64", Unset: "$x == 0", Lit: formatUint, Parse: "strconv.ParseUint($s, 10, 64)"},
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
		ToGo: func(v Value) any { return v.num }, FromGo: func(x any) Value { return Uint64Of(x.(uint64)) },
		Random:  randomUint(Uint64, math.MaxUint64),
		Literal: BareLiteral, Example: func(*Params) Value { return Uint64Of(100) },
	},
	{
		Kind: Float64, Name: "float64", Ident: "Float64", Proto: "double", Ordered: true, Bits: 64, Signed: true, Float: true,
		Gen:  Gen{Type: "float64", Compare: "cmp.Compare($x, $y)", Unset: "$x == 0", Lit: goFloat, Untyped: true, Parse: "strconv.ParseFloat($s, 64)"},
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
			v, err := parseFloat(p, plain)
			return v, err == nil
		},
		WantJSON: want(`a number, "NaN", "Infinity" or "-Infinity"`),
		ToGo:     func(v Value) any { return v.Float64() }, FromGo: func(x any) Value { return Float64Of(x.(float64)) },
		Random: func(rng *rand.Rand, _ *Params) Value {
			return Float64Of(oneOf(rng, 0, 1, -1.5, math.MaxFloat64, math.Inf(-1), rng.NormFloat64()))
		},
		Literal: BareLiteral, Example: func(*Params) Value { return Float64Of(1.5) },
	},
	{
		Kind: String, Name: "string", Ident: "String", Proto: "string", Ordered: true,
		Gen:  Gen{Type: "string", Unset: `$x == ""`, Lit: goQuoted, Untyped: true, Format: "string($x)"},
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
		Quote:      true,
		Lit:        func(v Value) string { return v.str },
		ParseLit:   func(_ *Params, text string) (Value, error) { return StringOf(text), nil },
		AppendJSON: func(dst []byte, v Value) []byte { return AppendJSONString(dst, v.str) },
		ParseJSON: func(_ *Params, plain, s string, isString bool) (Value, bool) {
			return StringOf(s), isString && IsTextJSON(plain)
		},
		WantJSON: want("a string in UTF-8"),
		ToGo:     func(v Value) any { return v.str }, FromGo: func(x any) Value { return StringOf(x.(string)) },
		Random:  func(rng *rand.Rand, _ *Params) Value { return StringOf(randomWord(rng)) },
		Literal: TextLiteral, Example: func(*Params) Value { return StringOf("abc") },
	},
	{
		Kind: Bytes, Name: "bytes", Ident: "Bytes", Proto: "bytes", Ordered: true,
		Gen:  Gen{Type: "[]byte", Slice: true, Compare: "bytes.Compare($x, $y)", Unset: "len($x) == 0", Lit: func(v Value) string { return "[]byte(" + goQuoted(v) + ")" }},
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
		ParseLit:   func(_ *Params, text string) (Value, error) { return textOf(Bytes, text), nil },
		AppendJSON: appendBase64, ParseJSON: parseBase64, WantJSON: want("a string in base64"),
		ToGo: func(v Value) any { return []byte(v.str) }, FromGo: func(x any) Value { return BytesOf(x.([]byte)) },
		Random:  func(rng *rand.Rand, _ *Params) Value { return textOf(Bytes, randomWord(rng)) },
		Literal: TextLiteral, Example: func(*Params) Value { return BytesOf([]byte("abc")) },
	},
	{
		Kind: Timestamp, Name: "timestamp", Ident: "Timestamp", Proto: "google.protobuf.Timestamp", Ordered: true,
		Gen:  Gen{Type: "time.Time", Methods: true, Compare: "$x.Compare($y)", Unset: "$x.IsZero()", Format: "$x.UTC().Format(time.RFC3339Nano)", Parse: "time.Parse(time.RFC3339Nano, $s)"},
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
		ParseLit:   func(_ *Params, text string) (Value, error) { return parsed(timestamp(text)) },
		AppendJSON: func(dst []byte, v Value) []byte { return quoted(dst, formatTime(v)) },
		ParseJSON: func(_ *Params, _, s string, isString bool) (Value, bool) {
			at, ok := parseTime(s)
			return TimestampOf(at), isString && ok
		},
		WantJSON: want("a string by RFC 3339, to the nanosecond, in the years 0 to 9999 of UTC"),
		ToGo:     func(v Value) any { return v.Time() }, FromGo: func(x any) Value { return TimestampOf(x.(time.Time)) },
		Random:  randomTime,
		Literal: NoLiteral, Example: func(*Params) Value { return TimestampOf(time.Date(2030, 1, 2, 3, 4, 5, 6, time.UTC)) },
	},
	{
		Kind: Duration, Name: "duration", Ident: "Duration", Proto: "sint64", Ordered: true,
		Gen:  Gen{Type: "time.Duration", Methods: true, Unset: "$x == 0", Lit: goDuration, Format: "$x.String()", Parse: "time.ParseDuration($s)"},
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
		ToGo:     func(v Value) any { return v.Duration() }, FromGo: func(x any) Value { return DurationOf(x.(time.Duration)) },
		Random:  randomInt(Duration, math.MinInt64, math.MaxInt64),
		Literal: DurationLiteral, Example: func(*Params) Value { return DurationOf(time.Hour) },
	},
	{
		Kind: UUID, Name: "uuid", Ident: "UUID", Proto: "bytes",
		Gen:  Gen{Type: "uuid.UUID", Methods: true, Unset: "$x == uuid.Nil", Format: "$x.String()", Parse: "uuid.Parse($s)"},
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
		Lit:    formatUUID, ParseLit: func(_ *Params, text string) (Value, error) { return parsed(parseUUID(text)) },
		AppendJSON: func(dst []byte, v Value) []byte { return quoted(dst, formatUUID(v)) },
		ParseJSON: func(_ *Params, _, s string, isString bool) (Value, bool) {
			v, ok := parseUUID(s)
			return v, isString && ok
		},
		WantJSON: want("a string as 01234567-89ab-cdef-0123-456789abcdef"),
		ToGo:     func(v Value) any { return v.UUID() }, FromGo: func(x any) Value { return UUIDOf(x.([16]byte)) },
		Random: func(rng *rand.Rand, _ *Params) Value {
			var id [16]byte
			for i := range id {
				id[i] = byte(rng.IntN(256))
			}
			return UUIDOf(id)
		},
		Literal: NoLiteral, Example: func(*Params) Value {
			return UUIDOf([16]byte{0x01, 0x92, 0x5e, 0x2a, 0x6b, 0x00, 0x70, 0x00, 0x80, 15: 0x01})
		},
	},
	{
		Kind: JSON, Name: "json", Ident: "JSON", Proto: "string",
		Gen:        Gen{Type: "json.RawMessage", Methods: true, Slice: true, Unset: "len($x) == 0", Lit: func(v Value) string { return "json.RawMessage(" + goQuoted(v) + ")" }},
		Record:     "Bytes",
		AppendWire: appendString,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return JSONOf(r.String()) },
		Zero:       func(*Params) Value { return JSONOf("null") }, Compare: compareText,
		Format:   func(v Value) string { return strings.Clone(v.str) },
		Quote:    true,
		Lit:      func(v Value) string { return v.str },
		ParseLit: func(_ *Params, text string) (Value, error) { return JSONOf(text), nil },
		AppendJSON: func(dst []byte, v Value) []byte {
			if v.str == "" {
				return append(dst, "null"...)
			}
			return append(dst, v.str...)
		},
		ParseJSON: func(_ *Params, plain, _ string, _ bool) (Value, bool) { return JSONOf(plain), true },
		WantJSON:  want("JSON"),
		ToGo:      func(v Value) any { return []byte(v.str) }, FromGo: func(x any) Value { return JSONOf(string(x.([]byte))) },
		Random: func(rng *rand.Rand, _ *Params) Value {
			return JSONOf(`{` + string(AppendJSONString(nil, randomWord(rng))) + `:` + strconv.Itoa(rng.IntN(10)) + `}`)
		},
		Literal: JSONLiteral, Example: func(*Params) Value { return JSONOf("{}") },
	},
	{
		Kind: Enum, Name: "enum", Ident: "Enum", Proto: "enum", Ordered: true,
		Gen:  Gen{Type: "int32", Unset: "$x == 0"},
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
		ParseLit: func(p *Params, text string) (Value, error) {
			n, err := strconv.ParseInt(text, 10, 32)
			return EnumOf(p, int32(n)), err
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
		ToGo:     func(v Value) any { return int32(v.num) }, FromGo: func(x any) Value { return EnumOf(nil, x.(int32)) },
		Random: func(rng *rand.Rand, p *Params) Value {
			if p == nil || len(p.Values) == 0 {
				return EnumOf(p, int32(rng.IntN(4)))
			}
			return EnumOf(p, p.Values[rng.IntN(len(p.Values))].Number)
		},
		Literal: NameLiteral, Example: func(p *Params) Value {
			if p == nil || len(p.Values) == 0 {
				return EnumOf(p, 0)
			}
			return EnumOf(p, p.Values[0].Number)
		},
	},
}
