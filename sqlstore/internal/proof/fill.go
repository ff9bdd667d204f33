package proof

import (
	"context"
	"errors"
	"math"
	"math/rand/v2"
	"strings"
	"time"

	"github.com/storegen/storegen/internal/madeup"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

// special are values that have to come, beside random ones: those at the ends of a kind's
// range, and those that a naive conversion or comparison gets wrong.
var special = map[catalog.Kind][]kind.Value{
	kind.Int8:    {kind.Int8Of(-1), kind.Int8Of(math.MinInt8), kind.Int8Of(math.MaxInt8)},
	kind.Int16:   {kind.Int16Of(-1), kind.Int16Of(math.MinInt16), kind.Int16Of(math.MaxInt16)},
	kind.Int32:   {kind.Int32Of(-1), kind.Int32Of(math.MinInt32), kind.Int32Of(math.MaxInt32)},
	kind.Int64:   {kind.Int64Of(-1), kind.Int64Of(math.MinInt64), kind.Int64Of(math.MaxInt64), kind.Int64Of(1 << 53), kind.Int64Of(1<<53 + 1), kind.Int64Of(1<<53 - 1), kind.Int64Of(math.MaxInt64 - 1), kind.Int64Of(1 << 62)},
	kind.Varint:  {kind.VarintOf(-1), kind.VarintOf(math.MinInt64), kind.VarintOf(math.MaxInt64), kind.VarintOf(1<<53 + 1)},
	kind.Uint8:   {kind.Uint8Of(math.MaxUint8)},
	kind.Uint16:  {kind.Uint16Of(math.MaxUint16)},
	kind.Uint32:  {kind.Uint32Of(math.MaxUint32)},
	kind.Uint64:  {kind.Uint64Of(math.MaxUint64), kind.Uint64Of(1 << 63), kind.Uint64Of(1<<63 - 1), kind.Uint64Of(1<<63 + 1025), kind.Uint64Of(1<<53 + 1)},
	kind.Uvarint: {kind.UvarintOf(math.MaxUint64), kind.UvarintOf(1 << 63), kind.UvarintOf(1<<63 - 1)},
	kind.Float32: {kind.Float32Of(float32(math.NaN())), kind.Float32Of(float32(math.Inf(1))), kind.Float32Of(float32(math.Inf(-1))), kind.Float32Of(0.5), kind.Float32Of(0.1), kind.Float32Of(1 << 24)},
	kind.Float64: {kind.Float64Of(math.NaN()), kind.Float64Of(math.Inf(-1)), kind.Float64Of(math.Inf(1)), kind.Float64Of(0.5), kind.Float64Of(math.Copysign(0, -1)), kind.Float64Of(1 << 53), kind.Float64Of(1 << 63), kind.Float64Of(-1 << 63), kind.Float64Of(1e308), kind.Float64Of(5e-324), kind.Float64Of(2)},
	kind.String:  texts(kind.String, "", "\x00", "a", "A", "a\x00", "ab", "aB", "AB", "é", "É", "\ufffd", "\xff", "\xff\xff", "5", "5.0", " 5", "1e1", "a%", "a_b", "a*", "[a]", "ä\xff", "ab "),
	kind.Bytes:   texts(kind.Bytes, "", "\x00", "a", "ab", "\xff", "\xff\xff", "5"),
	kind.Timestamp: {kind.TimestampOf(time.Unix(-1, 5)), kind.TimestampOf(time.Unix(0, 0)), kind.TimestampOf(start), kind.TimestampOf(start.Add(time.Hour)), kind.TimestampOf(start.Truncate(time.Second)),
		kind.TimestampOf(start.Truncate(24 * time.Hour)), kind.TimestampOf(time.Date(1, 1, 1, 0, 0, 0, 0, time.UTC)), kind.TimestampOf(time.Date(1969, 12, 31, 23, 59, 59, 999, time.UTC)),
		kind.TimestampOf(time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC))},
	kind.Duration:  {kind.DurationOf(math.MinInt64), kind.DurationOf(math.MaxInt64), kind.DurationOf(-1), kind.DurationOf(90 * time.Minute)},
	kind.Date:      {kind.DateOf(civil.MustDate(1969, 12, 31)), kind.DateOf(civil.MustDate(1900, 2, 28)), kind.DateOf(civil.MustDate(2026, 1, 2))},
	kind.UUID:      {kind.UUIDOf([16]byte{1}), kind.UUIDOf([16]byte{0xFF}), kind.UUIDOf([16]byte{15: 1})},
	kind.JSON:      texts(kind.JSON, `{"a": 1}`, `{"a":1}`, `[]`, `"a"`, `5`, `null`, `[1,2,"x"]`),
	kind.Enum:      {kind.EnumOf(&madeup.Grade.Params, 17), kind.EnumOf(&madeup.Grade.Params, -1), kind.EnumOf(&madeup.Grade.Params, 1), kind.EnumOf(&madeup.Grade.Params, 3)},
	kind.Bool:      nil,
	kind.Decimal:   nil,
	kind.TimeOfDay: nil,
}

func texts(k catalog.Kind, of ...string) []kind.Value {
	var out []kind.Value
	for _, text := range of {
		out = append(out, kind.TextOf(k, text))
	}
	return out
}

// makeValue is one of a few values of a scalar type, so that they meet each other.
func makeValue(rng *rand.Rand, t *catalog.Type) kind.Value {
	row, few := kind.Of(t.Kind), special[t.Kind]
	switch n := rng.IntN(len(few) + 8); {
	case n < len(few):
		return few[n]
	case n == len(few):
		return row.Zero(&t.Params)
	default:
		return row.Random(rand.New(rand.NewPCG(uint64(n-len(few)), 0)), &t.Params)
	}
}

// makeColumn is a value of a column, as a provider takes it.
func makeColumn(rng *rand.Rand, c *provider.Column) kind.Value {
	if c.Type.Kind == kind.List {
		var b []byte
		for range rng.IntN(4) {
			b = append(b, ',')
			v := makeValue(rng, c.Type.Elem)
			if v.Kind() == kind.JSON {
				b = append(b, v.Text()...)
			} else {
				b = kind.Of(v.Kind()).AppendJSON(b, v)
			}
		}
		if len(b) > 0 {
			b = b[1:]
		}
		return kind.JSONOf("[" + strings.ToValidUTF8(string(b), "\ufffd") + "]")
	}
	if c.Nullable && chance(rng, 4) {
		return kind.Value{}
	}
	return makeValue(rng, c.Type)
}

// Fill inserts some rows into a table. What the rules of the table refuse is left out.
func Fill(ctx context.Context, rng *rand.Rand, t provider.Mutable, n int) ([][]kind.Value, error) {
	return fill(ctx, rng, t, n, func([]kind.Value) {})
}

func fill(ctx context.Context, rng *rand.Rand, t provider.Mutable, n int, change func(row []kind.Value)) (rows [][]kind.Value, err error) {
	def := t.Def()
	for range n {
		row := make([]kind.Value, len(def.Columns))
		for i := range row {
			row[i] = makeColumn(rng, &def.Columns[i])
		}
		change(row)
		_, err := t.Insert(ctx, provider.Scope{}, row)
		switch {
		case errors.Is(err, store.ErrExists), errors.Is(err, store.ErrUnique), errors.Is(err, store.ErrInvalid):
		case err != nil:
			return nil, err
		default:
			rows = append(rows, row)
		}
	}
	return rows, nil
}
