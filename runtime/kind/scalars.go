package kind

import (
	"encoding/hex"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/storegen/storegen/internal/view"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/record"
)

// scalars is the table of scalars, in the order in which they are explained.
var scalars = []Scalar{
	{
		Kind: Bool, Name: "bool", Ident: "Bool", Proto: "bool",
		Gen:  Gen{Narrow: true, Type: "bool", Unset: "!$x", Lit: func(v Value) string { return strconv.FormatBool(v.Bool()) }, Untyped: true, Parse: "strconv.ParseBool($text)"},
		Keys: "Bool", KeySize: 1,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendBool(dst, v.Bool()) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendBoolDesc(dst, v.Bool()) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return BoolOf(r.Bool()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return BoolOf(r.BoolDesc()) },
		Record:        "Bool", Packed: "Bools", PackedMethod: true,
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
		Kind: Int8, Name: "int8", Ident: "Int8", Proto: "sint32", Ordered: true, Bits: 8, Signed: true,
		Gen:  Gen{Type: "int8", Unset: "$x == 0", Lit: formatInt, Parse: "strconv.ParseInt($text, 10, 8)", Wide: true},
		Keys: "Int8", KeySize: 1,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendInt8(dst, int8(v.num)) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendInt8Desc(dst, int8(v.num)) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return Int8Of(r.Int8()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return Int8Of(r.Int8Desc()) },
		Record:        "Int8", Packed: "Ints",
		AppendWire: appendInt,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return Int8Of(r.Int8()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]int8
			return each(dst, record.Ints(r, mem[:0]), Int8Of)
		},
		Zero: zero(Int8), Compare: compareInts,
		Format: formatInt, Lit: formatInt, ParseLit: parseInt(Int8, 8),
		AppendJSON: appendIntJSON, ParseJSON: parseIntJSON(Int8, 8), WantJSON: wantInt,
		ToGo: func(v Value) any { return int8(v.num) }, FromGo: func(x any) Value { return Int8Of(x.(int8)) },
		Random:  randomInt(Int8, math.MinInt8, math.MaxInt8),
		Literal: BareLiteral, Example: func(*Params) Value { return Int8Of(100) },
	},
	{
		Kind: Int16, Name: "int16", Ident: "Int16", Proto: "sint32", Ordered: true, Bits: 16, Signed: true,
		Gen:  Gen{Type: "int16", Unset: "$x == 0", Lit: formatInt, Parse: "strconv.ParseInt($text, 10, 16)", Wide: true},
		Keys: "Int16", KeySize: 2,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendInt16(dst, int16(v.num)) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendInt16Desc(dst, int16(v.num)) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return Int16Of(r.Int16()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return Int16Of(r.Int16Desc()) },
		Record:        "Int16", Packed: "Ints",
		AppendWire: appendInt,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return Int16Of(r.Int16()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]int16
			return each(dst, record.Ints(r, mem[:0]), Int16Of)
		},
		Zero: zero(Int16), Compare: compareInts,
		Format: formatInt, Lit: formatInt, ParseLit: parseInt(Int16, 16),
		AppendJSON: appendIntJSON, ParseJSON: parseIntJSON(Int16, 16), WantJSON: wantInt,
		ToGo: func(v Value) any { return int16(v.num) }, FromGo: func(x any) Value { return Int16Of(x.(int16)) },
		Random:  randomInt(Int16, math.MinInt16, math.MaxInt16),
		Literal: BareLiteral, Example: func(*Params) Value { return Int16Of(100) },
	},
	{
		Kind: Int32, Name: "int32", Ident: "Int32", Proto: "sint32", Ordered: true, Bits: 32, Signed: true,
		Gen:  Gen{Narrow: true, Type: "int32", Unset: "$x == 0", Lit: formatInt, Parse: "strconv.ParseInt($text, 10, 32)", Wide: true},
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
		Gen:  Gen{Narrow: true, Type: "int64", Unset: "$x == 0", Lit: formatInt, Parse: "strconv.ParseInt($text, 10, 64)"},
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
		Kind: Uint8, Name: "uint8", Ident: "Uint8", Proto: "uint32", Ordered: true, Bits: 8,
		Gen:  Gen{Type: "uint8", Unset: "$x == 0", Lit: formatUint, Parse: "strconv.ParseUint($text, 10, 8)", Wide: true},
		Keys: "Uint8", KeySize: 1,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendUint8(dst, uint8(v.num)) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendUint8Desc(dst, uint8(v.num)) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return Uint8Of(r.Uint8()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return Uint8Of(r.Uint8Desc()) },
		Record:        "Uint8", Packed: "Uints",
		AppendWire: appendUint,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return Uint8Of(r.Uint8()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]uint8
			return each(dst, record.Uints(r, mem[:0]), Uint8Of)
		},
		Zero: zero(Uint8), Compare: compareUints,
		Format: formatUint, Lit: formatUint, ParseLit: parseUint(Uint8, 8),
		AppendJSON: appendUintJSON, ParseJSON: parseUintJSON(Uint8, 8), WantJSON: wantInt,
		ToGo: func(v Value) any { return uint8(v.num) }, FromGo: func(x any) Value { return Uint8Of(x.(uint8)) },
		Random:  randomUint(Uint8, math.MaxUint8),
		Literal: BareLiteral, Example: func(*Params) Value { return Uint8Of(100) },
	},
	{
		Kind: Uint16, Name: "uint16", Ident: "Uint16", Proto: "uint32", Ordered: true, Bits: 16,
		Gen:  Gen{Type: "uint16", Unset: "$x == 0", Lit: formatUint, Parse: "strconv.ParseUint($text, 10, 16)", Wide: true},
		Keys: "Uint16", KeySize: 2,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendUint16(dst, uint16(v.num)) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendUint16Desc(dst, uint16(v.num)) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return Uint16Of(r.Uint16()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return Uint16Of(r.Uint16Desc()) },
		Record:        "Uint16", Packed: "Uints",
		AppendWire: appendUint,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return Uint16Of(r.Uint16()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]uint16
			return each(dst, record.Uints(r, mem[:0]), Uint16Of)
		},
		Zero: zero(Uint16), Compare: compareUints,
		Format: formatUint, Lit: formatUint, ParseLit: parseUint(Uint16, 16),
		AppendJSON: appendUintJSON, ParseJSON: parseUintJSON(Uint16, 16), WantJSON: wantInt,
		ToGo: func(v Value) any { return uint16(v.num) }, FromGo: func(x any) Value { return Uint16Of(x.(uint16)) },
		Random:  randomUint(Uint16, math.MaxUint16),
		Literal: BareLiteral, Example: func(*Params) Value { return Uint16Of(100) },
	},
	{
		Kind: Uint32, Name: "uint32", Ident: "Uint32", Proto: "uint32", Ordered: true, Bits: 32,
		Gen:  Gen{Narrow: true, Type: "uint32", Unset: "$x == 0", Lit: formatUint, Parse: "strconv.ParseUint($text, 10, 32)", Wide: true},
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
		Gen:  Gen{Narrow: true, Type: "uint64", Unset: "$x == 0", Lit: formatUint, Parse: "strconv.ParseUint($text, 10, 64)"},
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
		Kind: Varint, Name: "varint", Ident: "Varint", Proto: "sint64", Ordered: true, Bits: 64, Signed: true,
		Gen:  Gen{Type: "int64", Unset: "$x == 0", Lit: formatInt, Parse: "strconv.ParseInt($text, 10, 64)"},
		Keys: "Varint", KeyLen: keys.VarintSize,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendVarint(dst, int64(v.num)) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendVarintDesc(dst, int64(v.num)) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return VarintOf(r.Varint()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return VarintOf(r.VarintDesc()) },
		Record:        "Int64", Packed: "Ints",
		AppendWire: appendInt,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return VarintOf(r.Int64()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]int64
			return each(dst, record.Ints(r, mem[:0]), VarintOf)
		},
		Zero: zero(Varint), Compare: compareInts,
		Format: formatInt, Lit: formatInt, ParseLit: parseInt(Varint, 64),
		AppendJSON: appendIntJSON, ParseJSON: parseIntJSON(Varint, 64), WantJSON: wantInt,
		ToGo: func(v Value) any { return int64(v.num) }, FromGo: func(x any) Value { return VarintOf(x.(int64)) },
		Random:  randomInt(Varint, math.MinInt64, math.MaxInt64),
		Literal: BareLiteral, Example: func(*Params) Value { return VarintOf(100) },
	},
	{
		Kind: Uvarint, Name: "uvarint", Ident: "Uvarint", Proto: "uint64", Ordered: true, Bits: 64,
		Gen:  Gen{Type: "uint64", Unset: "$x == 0", Lit: formatUint, Parse: "strconv.ParseUint($text, 10, 64)"},
		Keys: "Uvarint", KeyLen: keys.UvarintSize,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendUvarint(dst, v.num) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendUvarintDesc(dst, v.num) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return UvarintOf(r.Uvarint()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return UvarintOf(r.UvarintDesc()) },
		Record:        "Uint64", Packed: "Uints",
		AppendWire: appendUint,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return UvarintOf(r.Uint64()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]uint64
			return each(dst, record.Uints(r, mem[:0]), UvarintOf)
		},
		Zero: zero(Uvarint), Compare: compareUints,
		Format: formatUint, Lit: formatUint, ParseLit: parseUint(Uvarint, 64),
		AppendJSON: appendUintJSON, ParseJSON: parseUintJSON(Uvarint, 64), WantJSON: wantInt,
		ToGo: func(v Value) any { return v.num }, FromGo: func(x any) Value { return UvarintOf(x.(uint64)) },
		Random:  randomUint(Uvarint, math.MaxUint64),
		Literal: BareLiteral, Example: func(*Params) Value { return UvarintOf(100) },
	},
	{
		Kind: Float32, Name: "float32", Ident: "Float32", Proto: "float", Ordered: true, Bits: 32, Signed: true, Float: true,
		Gen:  Gen{Type: "float32", Compare: "cmp.Compare($x, $y)", Unset: "$x == 0", Lit: goFloat32, Parse: "strconv.ParseFloat($text, 32)", Wide: true},
		Keys: "Float32", KeySize: 4,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendFloat32(dst, float32(v.Float64())) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendFloat32Desc(dst, float32(v.Float64())) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return Float32Of(r.Float32()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return Float32Of(r.Float32Desc()) },
		Record:        "Float32", Packed: "Float32s",
		AppendWire: func(dst []byte, num int, v Value) []byte { return record.AppendFloat32(dst, num, float32(v.Float64())) },
		ReadWire:   func(r *record.Reader, _ *Params) Value { return Float32Of(r.Float32()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]float32
			return each(dst, record.Float32s(r, mem[:0]), Float32Of)
		},
		Zero: zero(Float32), Compare: compareFloats,
		Format: formatFloat32, Lit: formatFloat32, ParseLit: parseFloat32,
		AppendJSON: func(dst []byte, v Value) []byte { return appendFloat(dst, v.Float64(), 32) },
		ParseJSON: func(p *Params, plain, s string, _ bool) (Value, bool) {
			if f, ok := floatNamed(s); ok {
				return Float32Of(float32(f)), true
			}
			v, err := parseFloat32(p, plain)
			return v, err == nil
		},
		WantJSON: want(`a number, "NaN", "Infinity" or "-Infinity"`),
		ToGo:     func(v Value) any { return float32(v.Float64()) }, FromGo: func(x any) Value { return Float32Of(x.(float32)) },
		Random: func(rng *rand.Rand, _ *Params) Value {
			return Float32Of(oneOf(rng, 0, 1, -1.5, math.MaxFloat32, float32(math.Inf(-1)), float32(rng.NormFloat64())))
		},
		Literal: BareLiteral, Example: func(*Params) Value { return Float32Of(1.5) },
	},
	{
		Kind: Float64, Name: "float64", Ident: "Float64", Proto: "double", Ordered: true, Bits: 64, Signed: true, Float: true,
		Gen:  Gen{Narrow: true, Type: "float64", Compare: "cmp.Compare($x, $y)", Unset: "$x == 0", Lit: goFloat, Untyped: true, Parse: "strconv.ParseFloat($text, 64)"},
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
		Kind: Decimal, Name: "decimal", Ident: "Decimal", Proto: "string", ProtoNote: "a decimal number", Ordered: true, Bits: 128, Signed: true, Float: true,
		Form: "decimal($precision,$scale)", FormExample: Params{Precision: 12, Scale: 2},
		CheckForm: func(p *Params) error {
			switch {
			case p.Precision < 1 || p.Precision > decimal.MaxDigits:
				return fmt.Errorf("the precision is from 1 to %d digits, and this is %d", decimal.MaxDigits, p.Precision)
			case p.Scale > p.Precision:
				return fmt.Errorf("%d of %d digits cannot be behind the point", p.Scale, p.Precision)
			}
			return nil
		},
		Narrower: func(was, is *Params) bool {
			return is.Scale < was.Scale || is.Precision-is.Scale < was.Precision-was.Scale
		},
		Valid: func(p *Params, v Value) bool { return v.Decimal().Fits(p.Precision, p.Scale) },
		Check: func(field string, p *Params, v Value) error {
			return record.DecimalFits(field, v.Decimal(), p.Precision, p.Scale)
		},
		Gen: Gen{
			Type: "decimal.Decimal", Methods: true, Compare: "$x.Cmp($y)", Unset: "$x.IsZero()", Format: "$x.String()", Parse: "decimal.Parse($text)",
			Lit:   func(v Value) string { return "decimal.MustParse(" + goQuoted(v) + ")" },
			Check: "record.DecimalFits($name, $x, $precision, $scale)",
		},
		Keys: "Decimal", KeyLen: keys.DecimalSize,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendDecimal(dst, v.Decimal()) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendDecimalDesc(dst, v.Decimal()) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return DecimalOf(r.Decimal()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return DecimalOf(r.DecimalDesc()) },
		Record:        "Decimal",
		AppendWire:    appendString,
		ReadWire:      readDecimal,
		Zero:          func(*Params) Value { return textOf(Decimal, "0") }, Compare: compareDecimals,
		Format: func(v Value) string { return strings.Clone(v.str) },
		Lit:    func(v Value) string { return v.str },
		ParseLit: func(p *Params, text string) (Value, error) {
			d, err := decimal.Parse(text)
			if err == nil && p != nil && !d.Fits(p.Precision, p.Scale) {
				err = strconv.ErrRange
			}
			return DecimalOf(d), err
		},
		AppendJSON: func(dst []byte, v Value) []byte { return quoted(dst, v.str) },
		ParseJSON: func(_ *Params, plain, s string, isString bool) (Value, bool) {
			if !isString {
				s = plain
			}
			d, err := decimal.Parse(s)
			return DecimalOf(d), err == nil
		},
		WantJSON: want(`a number, or a string as "12.50"`),
		ToGo:     func(v Value) any { return v.Decimal() }, FromGo: func(x any) Value { return DecimalOf(x.(decimal.Decimal)) },
		Random:  randomDecimal,
		Literal: BareLiteral, Example: func(p *Params) Value { return DecimalOf(decimal.MustNew(15, min(p.scale(), 1))) },
	},
	{
		Kind: String, Name: "string", Ident: "String", Proto: "string", Ordered: true, Text: true,
		Gen:  Gen{Narrow: true, Type: "string", Unset: `$x == ""`, Lit: goQuoted, Untyped: true, Format: "string($x)"},
		Keys: "String", KeyLen: keys.StringSize,
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
		Kind: Bytes, Name: "bytes", Ident: "Bytes", Proto: "bytes", Ordered: true, Text: true,
		Gen:  Gen{Narrow: true, Type: "[]byte", Slice: true, Compare: "bytes.Compare($x, $y)", Unset: "len($x) == 0", Lit: func(v Value) string { return "[]byte(" + goQuoted(v) + ")" }},
		Keys: "String", KeyLen: keys.StringSize,
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
		Kind: FixedBytes, Name: "bytes[n]", Ident: "FixedBytes", Proto: "bytes", ProtoNote: "$size bytes",
		Form: "bytes[$size]", FormStored: true, FormExample: Params{Size: 32},
		CheckForm: func(p *Params) error {
			if p.Size < 1 || p.Size > 255 {
				return fmt.Errorf("the size is from 1 to 255 bytes, and this is %d", p.Size)
			}
			return nil
		},
		Valid: func(p *Params, v Value) bool { return len(v.str) == p.Size },
		Gen: Gen{
			Type: "[$size]byte", Array: true, Unset: "$x == ($T{})", Lit: goArray,
			Format: "keys.FormatFixed($x[:])", Parse: "keys.ParseFixed($text, $size)", Wide: true,
		},
		Keys:          "Fixed",
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendFixed(dst, v.Bytes()) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendFixedDesc(dst, v.Bytes()) },
		ReadKey:       func(r *keys.Reader, p *Params) Value { return textOf(FixedBytes, view.String(r.Fixed(p.Size))) },
		ReadKeyDesc:   func(r *keys.Reader, p *Params) Value { return textOf(FixedBytes, view.String(r.FixedDesc(p.Size))) },
		Record:        "Fixed",
		AppendWire:    appendString,
		ReadWire:      func(r *record.Reader, p *Params) Value { return textOf(FixedBytes, view.String(r.Fixed(p.Size))) },
		Zero:          func(p *Params) Value { return textOf(FixedBytes, string(make([]byte, p.Size))) }, Compare: compareText,
		Format: formatFixed, Lit: formatFixed,
		ParseLit: func(p *Params, text string) (Value, error) {
			b, err := keys.ParseFixed(text, p.Size)
			return textOf(FixedBytes, string(b)), err
		},
		AppendJSON: func(dst []byte, v Value) []byte { return quoted(dst, formatFixed(v)) },
		ParseJSON: func(p *Params, _, s string, isString bool) (Value, bool) {
			b, err := keys.ParseFixed(s, p.Size)
			return textOf(FixedBytes, string(b)), isString && err == nil
		},
		WantJSON: func(p *Params) string { return fmt.Sprintf("a string of 0x and %d hexadecimal digits", 2*p.Size) },
		ToGo:     func(v Value) any { return v.Bytes() }, FromGo: func(x any) Value { return textOf(FixedBytes, string(x.([]byte))) },
		Random: func(rng *rand.Rand, p *Params) Value {
			b := make([]byte, p.Size)
			for i := range b {
				b[i] = oneOf[byte](rng, 0, 1, 0xFF, byte(rng.IntN(256)))
			}
			return textOf(FixedBytes, string(b))
		},
		Literal: QuotedLiteral, LitPattern: `0x([0-9A-Fa-f]{2})+`, Example: func(p *Params) Value { return textOf(FixedBytes, strings.Repeat("\xAB", p.Size)) },
	},
	{
		Kind: Timestamp, Name: "timestamp", Ident: "Timestamp", Proto: "google.protobuf.Timestamp", Ordered: true,
		Gen:  Gen{Narrow: true, Type: "time.Time", Methods: true, Compare: "$x.Compare($y)", Unset: "$x.IsZero()", Unsent: "time.Unix(0, 0).UTC()", Format: "$x.UTC().Format(time.RFC3339Nano)", Parse: "time.Parse(time.RFC3339Nano, $text)"},
		Keys: "Time", KeySize: 12,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendTime(dst, v.Time()) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendTimeDesc(dst, v.Time()) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return TimestampOf(r.Time()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return TimestampOf(r.TimeDesc()) },
		Record:        "Time",
		AppendWire:    func(dst []byte, num int, v Value) []byte { return record.AppendTime(dst, num, v.Time()) },
		ReadWire:      func(r *record.Reader, _ *Params) Value { return TimestampOf(r.Time()) },
		Zero:          func(*Params) Value { return TimestampOf(time.Time{}) }, Compare: compareTimes,
		Unsent:     func() Value { return TimestampOf(time.Unix(0, 0)) },
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
		Kind: Duration, Name: "duration", Ident: "Duration", Proto: "sint64", ProtoNote: "nanoseconds", Ordered: true,
		Gen:  Gen{Narrow: true, Type: "time.Duration", Methods: true, Unset: "$x == 0", Lit: goDuration, Format: "$x.String()", Parse: "time.ParseDuration($text)"},
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
		Kind: Date, Name: "date", Ident: "Date", Proto: "sint32", ProtoOptional: true, ProtoNote: "days since 1970-01-01", Ordered: true,
		Gen: Gen{
			Type: "civil.Date", Methods: true, Compare: "$x.Compare($y)", Unset: "$x.IsZero()", Unsent: "civil.MustDate(1970, 1, 1)", Format: "$x.String()", Parse: "civil.ParseDate($text)",
			Lit: func(v Value) string {
				y, m, d := v.Date().Date()
				return fmt.Sprintf("civil.MustDate(%d, %d, %d)", y, m, d)
			},
		},
		Keys: "Date", KeySize: 4,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendDate(dst, v.Date()) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendDateDesc(dst, v.Date()) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return DateOf(r.Date()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return DateOf(r.DateDesc()) },
		Record:        "Date", Packed: "Dates", PackedMethod: true,
		AppendWire: func(dst []byte, num int, v Value) []byte { return record.AppendDate(dst, num, v.Date()) },
		ReadWire:   func(r *record.Reader, _ *Params) Value { return DateOf(r.Date()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]civil.Date
			return each(dst, r.Dates(mem[:0]), DateOf)
		},
		Zero: func(*Params) Value { return DateOf(civil.Date{}) }, Compare: compareInts,
		Unsent: func() Value { return DateOf(civil.MustDate(1970, 1, 1)) },
		Format: func(v Value) string { return v.Date().String() },
		Lit:    func(v Value) string { return v.Date().String() },
		ParseLit: func(_ *Params, text string) (Value, error) {
			d, err := civil.ParseDate(text)
			return DateOf(d), err
		},
		AppendJSON: func(dst []byte, v Value) []byte { return quoted(dst, v.Date().String()) },
		ParseJSON: func(_ *Params, _, s string, isString bool) (Value, bool) {
			d, err := civil.ParseDate(s)
			return DateOf(d), isString && err == nil
		},
		WantJSON: want("a string as 2026-01-31"),
		ToGo:     func(v Value) any { return v.Date() }, FromGo: func(x any) Value { return DateOf(x.(civil.Date)) },
		Random: func(rng *rand.Rand, _ *Params) Value {
			return intOf(Date, oneOf(rng, 20454+rng.Int64N(60)-30, 0, int64(civil.MinDate.UnixDays()), int64(civil.MaxDate.UnixDays())))
		},
		Literal: QuotedLiteral, LitPattern: `-?[0-9]{4}-((0[1-9]|1[0-2])-(0[1-9]|1[0-9]|2[0-9])|(0[13-9]|1[0-2])-30|(0[13578]|1[02])-31)`, Example: func(*Params) Value { return DateOf(civil.MustDate(2030, 1, 2)) },
	},
	{
		Kind: TimeOfDay, Name: "time_of_day", Ident: "TimeOfDay", Proto: "uint64", ProtoNote: "nanoseconds since midnight", Ordered: true,
		Gen: Gen{
			Type: "civil.TimeOfDay", Methods: true, Compare: "$x.Compare($y)", Unset: "$x.IsZero()", Format: "$x.String()", Parse: "civil.ParseTimeOfDay($text)",
			Lit: func(v Value) string {
				t := v.TimeOfDay()
				return fmt.Sprintf("civil.MustTimeOfDay(%d, %d, %d, %d)", t.Hour(), t.Minute(), t.Second(), t.Nanosecond())
			},
		},
		Keys: "TimeOfDay", KeySize: 8,
		AppendKey:     func(dst []byte, v Value) []byte { return keys.AppendTimeOfDay(dst, v.TimeOfDay()) },
		AppendKeyDesc: func(dst []byte, v Value) []byte { return keys.AppendTimeOfDayDesc(dst, v.TimeOfDay()) },
		ReadKey:       func(r *keys.Reader, _ *Params) Value { return TimeOfDayOf(r.TimeOfDay()) },
		ReadKeyDesc:   func(r *keys.Reader, _ *Params) Value { return TimeOfDayOf(r.TimeOfDayDesc()) },
		Record:        "TimeOfDay", Packed: "TimesOfDay", PackedMethod: true,
		AppendWire: func(dst []byte, num int, v Value) []byte { return record.AppendTimeOfDay(dst, num, v.TimeOfDay()) },
		ReadWire:   func(r *record.Reader, _ *Params) Value { return TimeOfDayOf(r.TimeOfDay()) },
		ReadPacked: func(r *record.Reader, _ *Params, dst []Value) []Value {
			var mem [32]civil.TimeOfDay
			return each(dst, r.TimesOfDay(mem[:0]), TimeOfDayOf)
		},
		Zero: zero(TimeOfDay), Compare: compareInts,
		Format: func(v Value) string { return v.TimeOfDay().String() },
		Lit:    func(v Value) string { return v.TimeOfDay().String() },
		ParseLit: func(_ *Params, text string) (Value, error) {
			t, err := civil.ParseTimeOfDay(text)
			return TimeOfDayOf(t), err
		},
		AppendJSON: func(dst []byte, v Value) []byte { return quoted(dst, v.TimeOfDay().String()) },
		ParseJSON: func(_ *Params, _, s string, isString bool) (Value, bool) {
			t, err := civil.ParseTimeOfDay(s)
			return TimeOfDayOf(t), isString && err == nil
		},
		WantJSON: want("a string as 15:04:05.123456789"),
		ToGo:     func(v Value) any { return v.TimeOfDay() }, FromGo: func(x any) Value { return TimeOfDayOf(x.(civil.TimeOfDay)) },
		Random: func(rng *rand.Rand, _ *Params) Value {
			return intOf(TimeOfDay, oneOf(rng, rng.Int64N(24)*int64(time.Hour), rng.Int64N(24*int64(time.Hour)), 24*int64(time.Hour)-1))
		},
		Literal: QuotedLiteral, LitPattern: `([01][0-9]|2[0-3]):[0-5][0-9](:[0-5][0-9](\.[0-9]{1,9})?)?`, Example: func(*Params) Value { return TimeOfDayOf(civil.MustTimeOfDay(15, 4, 5, 0)) },
	},
	{
		Kind: UUID, Name: "uuid", Ident: "UUID", Proto: "bytes", ProtoNote: "a UUID",
		Gen:  Gen{Narrow: true, Type: "uuid.UUID", Methods: true, Unset: "$x == uuid.Nil", Format: "$x.String()", Parse: "uuid.Parse($text)"},
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
		Kind: JSON, Name: "json", Ident: "JSON", Proto: "string", ProtoNote: "JSON",
		Gen:        Gen{Type: "json.RawMessage", Methods: true, Slice: true, Unset: "len($x) == 0", Lit: func(v Value) string { return "json.RawMessage(" + goQuoted(v) + ")" }},
		Record:     "Bytes",
		AppendWire: appendString,
		ReadWire:   func(r *record.Reader, _ *Params) Value { return JSONOf(r.String()) },
		Zero:       func(*Params) Value { return JSONOf("null") }, Compare: compareText,
		Check:    func(field string, _ *Params, v Value) error { return record.ValidJSON(field, v.Bytes()) },
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
		Gen:  Gen{Narrow: true, Type: "int32", Unset: "$x == 0"},
		Keys: "Enum", KeyLen: keys.UvarintSize,
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
		Check:  func(field string, _ *Params, v Value) error { return record.EnumSet(field, int32(v.num)) },
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
