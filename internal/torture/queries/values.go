package queries

import (
	"bytes"
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"strconv"
	"strings"
	"time"

	"github.com/google/uuid"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
)

// Values of rows are Go's: nil for what is absent, int32 and so on for scalars, and
// these for what Go has no type of its own for.
type (
	blob   string // bytes
	doc    string // JSON
	number int32  // an enum
	list   []any
	parts  []any // a struct in a key
)

var start = time.Date(2026, 1, 2, 3, 4, 5, 6, time.UTC)

// few are the values of each kind, few enough to meet each other, with the empty
// one and those at the ends.
var few = map[catalog.Kind][]any{
	kind.Bool:    {false, true},
	kind.Int32:   {int32(0), int32(1), int32(-1), int32(math.MinInt32), int32(math.MaxInt32)},
	kind.Int64:   {int64(0), int64(1), int64(-1), int64(math.MinInt64), int64(math.MaxInt64)},
	kind.Uint32:  {uint32(0), uint32(1), uint32(math.MaxUint32)},
	kind.Uint64:  {uint64(0), uint64(1), uint64(math.MaxUint64)},
	kind.Float64: {0.0, math.Copysign(0, -1), math.NaN(), math.Inf(-1), -1.5, 0.5, 2.0, math.Inf(1)},
	kind.String:  {"", "\x00", "a", "A", "a\x00", "ab", "b", "é", "É", "\ufffd", "\xff", "\xff\xff"},
	kind.Bytes:   {blob(""), blob("\x00"), blob("a"), blob("ab"), blob("\xff"), blob("\xff\xff")},
	kind.Timestamp: {time.Time{}, time.Unix(-1, 5).UTC(), time.Unix(0, 0).UTC(), start.Add(-time.Hour), start, start.Add(time.Hour),
		start.Add(3 * time.Hour), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)},
	kind.Duration: {time.Duration(0), time.Duration(1), -time.Second, time.Hour, time.Duration(math.MinInt64), time.Duration(math.MaxInt64)},
	kind.UUID:     {[16]byte{}, [16]byte{1}, [16]byte{0xFF}, [16]byte{15: 1}},
	kind.JSON:     {doc(`{"a": 1}`), doc(`{"a":1}`), doc(`[]`), doc(`"a"`), doc("null")},
	kind.Enum:     {number(1), number(2), number(3), number(17)},
}

func pick[T any](rng *rand.Rand, from []T) T { return from[rng.IntN(len(from))] }

// chance is true once in n times.
func chance(rng *rand.Rand, n int) bool { return rng.IntN(n) == 0 }

// anyOf is a value of a type.
func anyOf(rng *rand.Rand, t *catalog.Type) any {
	switch t.Kind {
	case kind.List:
		var l list
		for range rng.IntN(4) {
			l = append(l, anyOf(rng, t.Elem))
		}
		return l
	case kind.Struct:
		var p parts
		for i := range t.Fields {
			p = append(p, anyOf(rng, &t.Fields[i].Type))
		}
		return p
	}
	return pick(rng, few[t.Kind])
}

// zeroOf is what a field that cannot be absent has where it is not stored.
func zeroOf(t *catalog.Type) any {
	switch t.Kind {
	case kind.List:
		return list(nil)
	case kind.JSON:
		return doc("null")
	case kind.Enum:
		return number(0)
	}
	return few[t.Kind][0]
}

// compare is the one order of values of a kind. It knows nothing of how package
// provider has it.
func compare(a, b any) int {
	switch a := a.(type) {
	case nil:
		if b == nil {
			return 0
		}
		return -1
	case bool:
		return cmp.Compare(bit(a), bit(b.(bool)))
	case int32:
		return cmp.Compare(a, b.(int32))
	case int64:
		return cmp.Compare(a, b.(int64))
	case uint32:
		return cmp.Compare(a, b.(uint32))
	case uint64:
		return cmp.Compare(a, b.(uint64))
	case float64:
		return cmp.Compare(a, b.(float64))
	case string:
		return strings.Compare(a, b.(string))
	case blob:
		return cmp.Compare(a, b.(blob))
	case doc:
		return cmp.Compare(a, b.(doc))
	case time.Time:
		return a.Compare(b.(time.Time))
	case time.Duration:
		return cmp.Compare(a, b.(time.Duration))
	case number:
		return cmp.Compare(a, b.(number))
	case [16]byte:
		x := b.([16]byte)
		return bytes.Compare(a[:], x[:])
	}
	panic(fmt.Sprintf("no order of %T", a))
}

// ordered is compare with null first.
func ordered(a, b any) int {
	if a != nil && b == nil {
		return 1
	}
	return compare(a, b)
}

func bit(b bool) int {
	if b {
		return 1
	}
	return 0
}

// toValue is a value as providers have it.
func toValue(t *catalog.Type, v any) provider.Value {
	switch v := v.(type) {
	case bool:
		return provider.Bool(v)
	case int32:
		return provider.Int32(v)
	case int64:
		return provider.Int64(v)
	case uint32:
		return provider.Uint32(v)
	case uint64:
		return provider.Uint64(v)
	case float64:
		return provider.Float64(v)
	case string:
		return provider.String(v)
	case blob:
		return provider.Bytes([]byte(v))
	case doc:
		return provider.JSON(string(v))
	case time.Time:
		return provider.Time(v)
	case time.Duration:
		return provider.Duration(v)
	case number:
		return provider.Enum(t, int32(v))
	case [16]byte:
		return provider.UUID(v)
	}
	return provider.Value{}
}

// fromValue is the opposite of toValue. A document of a list stays one.
func fromValue(v provider.Value) any {
	switch v.Kind() {
	case kind.Bool:
		return v.Bool()
	case kind.Int32:
		return int32(v.Int64())
	case kind.Int64:
		return v.Int64()
	case kind.Uint32:
		return uint32(v.Uint64())
	case kind.Uint64:
		return v.Uint64()
	case kind.Float64:
		return v.Float64()
	case kind.String:
		return strings.Clone(v.Text())
	case kind.Bytes:
		return blob(v.Bytes())
	case kind.JSON:
		return doc(v.Bytes())
	case kind.Timestamp:
		return v.Time()
	case kind.Duration:
		return v.Duration()
	case kind.Enum:
		return number(v.Int64())
	case kind.UUID:
		return v.UUID()
	}
	return nil
}

// elementsOf reads the document of a list.
func elementsOf(t *catalog.Type, text string) (list, error) {
	var raw []json.RawMessage
	if err := json.Unmarshal([]byte(text), &raw); err != nil {
		return nil, err
	}
	var out list
	for _, r := range raw {
		v, err := elementOf(t, r)
		if err != nil {
			return nil, fmt.Errorf("element %s of %s: %w", r, text, err)
		}
		out = append(out, v)
	}
	return out, nil
}

func elementOf(t *catalog.Type, raw json.RawMessage) (v any, err error) {
	plain := string(raw)
	text := plain
	if strings.HasPrefix(plain, `"`) {
		if err := json.Unmarshal(raw, &text); err != nil {
			return nil, err
		}
	}
	var i int64
	var u uint64
	switch t.Kind {
	case kind.Bool:
		return strconv.ParseBool(plain)
	case kind.Int32:
		i, err = strconv.ParseInt(plain, 10, 32)
		return int32(i), err
	case kind.Int64:
		return strconv.ParseInt(plain, 10, 64)
	case kind.Uint32:
		u, err = strconv.ParseUint(plain, 10, 32)
		return uint32(u), err
	case kind.Uint64:
		return strconv.ParseUint(plain, 10, 64)
	case kind.Float64:
		return strconv.ParseFloat(text, 64)
	case kind.String:
		return text, nil
	case kind.Bytes:
		b, err := base64.StdEncoding.DecodeString(text)
		return blob(b), err
	case kind.Timestamp:
		return time.Parse(time.RFC3339Nano, text)
	case kind.Duration:
		return time.ParseDuration(text)
	case kind.UUID:
		id, err := uuid.Parse(text)
		return [16]byte(id), err
	case kind.Enum:
		for _, e := range t.Values {
			if e.Name == text {
				return number(e.Number), nil
			}
		}
		i, err = strconv.ParseInt(plain, 10, 32)
		return number(i), err
	}
	return doc(plain), nil
}
