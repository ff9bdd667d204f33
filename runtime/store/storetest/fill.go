package storetest

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/store"
)

// Fill makes v a random row that the rules of its table allow, the same one for
// the same rng. Strings are short, times lie around Start, and about half of the
// optional fields are absent; now and then a value is at an end of its range. It
// panics where a thousand tries gave no row that the checks of the schema allow:
// set the fields that they are about by hand then.
func Fill[K comparable, V any](rng *rand.Rand, table store.Table[K, V], v *V) {
	const tries = 1000
	var err error
	for range tries {
		var zero V
		*v = zero
		fillStruct(rng, reflect.ValueOf(v).Elem(), table.Desc().Fields)
		if err = table.Check(v); err == nil {
			return
		}
	}
	panic(fmt.Sprintf("storetest: no valid row of %s in %d tries: %v", table.Name(), tries, err))
}

// fillStruct fills the fields of a generated struct, which come in the order of
// their descriptions.
func fillStruct(rng *rand.Rand, v reflect.Value, fields []catalog.Field) {
	for i := range fields {
		f, x := &fields[i], v.Field(i)
		switch {
		case f.Optional && rng.IntN(2) == 0:
			x.SetZero()
		case x.Kind() == reflect.Pointer:
			x.Set(reflect.New(x.Type().Elem()))
			fillValue(rng, x.Elem(), &f.Type)
		default:
			fillValue(rng, x, &f.Type)
		}
	}
}

func fillValue(rng *rand.Rand, v reflect.Value, t *catalog.Type) {
	switch t.Kind {
	case catalog.Bool:
		v.SetBool(rng.IntN(2) == 0)
	case catalog.Int32:
		v.SetInt(pick(rng, math.MinInt32, math.MaxInt32))
	case catalog.Int64, catalog.Duration:
		v.SetInt(pick(rng, math.MinInt64, math.MaxInt64))
	case catalog.Uint32:
		v.SetUint(uint64(pick(rng, 0, math.MaxUint32)))
	case catalog.Uint64:
		v.SetUint(uint64(pick(rng, 0, math.MaxInt64)))
	case catalog.Float64:
		v.SetFloat([]float64{0, 1, -1.5, math.MaxFloat64, math.Inf(-1), rng.NormFloat64()}[rng.IntN(6)])
	case catalog.String:
		v.SetString(word(rng))
	case catalog.Bytes:
		if v.Kind() == reflect.String {
			v.SetString(word(rng))
		} else {
			v.SetBytes([]byte(word(rng)))
		}
	case catalog.JSON:
		b, _ := json.Marshal(map[string]int{word(rng): rng.IntN(10)})
		v.SetBytes(b)
	case catalog.Timestamp:
		v.Set(reflect.ValueOf(Start.Add(time.Duration(rng.IntN(200)-100) * time.Minute)))
	case catalog.UUID:
		for i := range v.Len() {
			v.Index(i).SetUint(uint64(rng.IntN(256)))
		}
	case catalog.Enum:
		v.SetInt(int64(t.Values[rng.IntN(len(t.Values))].Number))
	case catalog.Struct:
		fillStruct(rng, v, t.Fields)
	case catalog.List:
		if n := rng.IntN(4); n > 0 {
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fillValue(rng, v.Index(i), t.Elem)
			}
		}
	case catalog.Map:
		if n := rng.IntN(3); n > 0 {
			v.Set(reflect.MakeMap(v.Type()))
			for range n {
				key := reflect.New(v.Type().Key()).Elem()
				key.SetString(word(rng))
				elem := reflect.New(v.Type().Elem()).Elem()
				fillValue(rng, elem, t.Elem)
				v.SetMapIndex(key, elem)
			}
		}
	}
}

// pick is a small number mostly, so that values meet each other, and sometimes
// one at an end of the range.
func pick(rng *rand.Rand, least, most int64) int64 {
	switch rng.IntN(12) {
	case 0:
		return least
	case 1:
		return most
	case 2:
		return rng.Int64N(most)
	}
	return int64(rng.IntN(20))
}

var words = []string{"a", "b", "ab", "A", "alice", "Alice", "bob", "x-1", "x:2", "ns/t", "\x00", "a\x00b", "\xff", "ä", "Ä", "0"}

// word is a string of a small stock, so that values meet each other, with what
// naive key encodings get wrong.
func word(rng *rand.Rand) string {
	s := words[rng.IntN(len(words))]
	if rng.IntN(3) == 0 {
		s += words[rng.IntN(len(words))]
	}
	return s
}
