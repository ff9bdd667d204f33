package queries

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"time"

	"github.com/storegen/storegen/internal/torture/dynamic"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

// ends are values that have to come, beside random ones: those at the ends of a kind's
// range, and those that a naive encoding or comparison gets wrong.
var ends = map[catalog.Kind][]kind.Value{
	kind.Int32:   {kind.Int32Of(-1), kind.Int32Of(math.MinInt32), kind.Int32Of(math.MaxInt32)},
	kind.Int64:   {kind.Int64Of(-1), kind.Int64Of(math.MinInt64), kind.Int64Of(math.MaxInt64)},
	kind.Uint32:  {kind.Uint32Of(math.MaxUint32)},
	kind.Uint64:  {kind.Uint64Of(math.MaxUint64)},
	kind.Float64: {kind.Float64Of(math.NaN()), kind.Float64Of(math.Inf(-1)), kind.Float64Of(math.Inf(1)), kind.Float64Of(0.5)},
	kind.String:  texts(kind.String, "", "\x00", "a", "A", "a\x00", "ab", "é", "É", "\ufffd", "\xff", "\xff\xff"),
	kind.Bytes:   texts(kind.Bytes, "", "\x00", "a", "ab", "\xff", "\xff\xff"),
	kind.Timestamp: {kind.TimestampOf(time.Unix(-1, 5)), kind.TimestampOf(time.Unix(0, 0)), kind.TimestampOf(start), kind.TimestampOf(start.Add(time.Hour)),
		kind.TimestampOf(start.Add(3 * time.Hour)), kind.TimestampOf(time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC))},
	kind.Duration: {kind.DurationOf(math.MinInt64), kind.DurationOf(math.MaxInt64)},
	kind.UUID:     {kind.UUIDOf([16]byte{1}), kind.UUIDOf([16]byte{0xFF}), kind.UUIDOf([16]byte{15: 1})},
	kind.JSON:     texts(kind.JSON, `{"a": 1}`, `{"a":1}`, `[]`, `"a"`),
	kind.Enum:     {kind.EnumOf(nil, 17), kind.EnumOf(nil, -1)},
}

func texts(k catalog.Kind, of ...string) []kind.Value {
	var out []kind.Value
	for _, text := range of {
		out = append(out, kind.TextOf(k, text))
	}
	return out
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// chance is true once in n times.
func chance(rng *rand.Rand, n int) bool { return rng.IntN(n) == 0 }

// anyOf is a value of a type, as dynamic.Row has it.
func anyOf(rng *rand.Rand, t *catalog.Type) any {
	switch t.Kind {
	case kind.List:
		var l []any
		for range rng.IntN(4) {
			l = append(l, anyOf(rng, t.Elem))
		}
		return l
	case kind.Struct:
		s := new(dynamic.Struct)
		for i := range t.Fields {
			s.Fields = append(s.Fields, anyOf(rng, &t.Fields[i].Type))
		}
		return s
	}
	return scalar(rng, t)
}

// scalar is one of a few values of a scalar type, so that they meet each other.
func scalar(rng *rand.Rand, t *catalog.Type) kind.Value {
	row, special := kind.Of(t.Kind), ends[t.Kind]
	switch n := rng.IntN(len(special) + 6); {
	case n < len(special):
		return special[n]
	case n == len(special):
		return row.Zero(&t.Params)
	default:
		return row.Random(rand.New(rand.NewPCG(uint64(n), 0)), &t.Params)
	}
}

// compare is the order of values of one kind, which the tests of package kind hold to
// that of their keys.
func compare(a, b any) int { return a.(kind.Value).Compare(b.(kind.Value)) }

// ordered is compare with null first.
func ordered(a, b any) int {
	switch {
	case a == nil && b == nil:
		return 0
	case a == nil:
		return -1
	case b == nil:
		return 1
	}
	return compare(a, b)
}

// fromValue is a value that stays, nil for null. A document of a list stays one.
func fromValue(v provider.Value) any {
	if v.IsNull() {
		return nil
	}
	return v.Clone()
}

// elementsOf reads the document of a list.
func elementsOf(t *catalog.Type, text string) ([]any, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, err
	}
	var out []any
	for _, r := range raw {
		k := t.Kind
		if !k.Scalar() {
			k = kind.JSON
		}
		v, ok := kind.ParseJSON(k, &t.Params, r)
		if !ok {
			return nil, fmt.Errorf("element %s of %s is no %s", r, text, k)
		}
		out = append(out, v)
	}
	return out, nil
}
