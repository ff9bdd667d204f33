package kitchen

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"reflect"
	"time"

	"github.com/google/uuid"

	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// maker makes values at random.
type maker struct {
	*rand.Rand
	narrow bool // few different values, so that they meet, and some that break limits
	nans   bool // among them floats that are no numbers, which are no keys of Go's maps
}

func newMaker(seed uint64, narrow bool) *maker {
	return &maker{Rand: rand.New(rand.NewPCG(seed, 7)), narrow: narrow}
}

// fill gives all fields values.
func (m *maker) fill(fields []*schema.Field, v reflect.Value) {
	for _, f := range fields {
		x := v.FieldByName(f.GoName)
		if f.Optional {
			if m.IntN(3) == 0 {
				x.SetZero()
				continue
			}
			if x.Kind() == reflect.Pointer {
				x.Set(reflect.New(x.Type().Elem()))
				x = x.Elem()
			}
		}
		m.value(f.Type, x, f.Min, f.Max)
		if f.Optional && x.Kind() == reflect.Slice && x.IsNil() {
			x.Set(reflect.MakeSlice(x.Type(), 0, 0)) // there, and empty
		}
	}
}

var edges = []int64{0, 1, -1, 5, 6, 7, 13, 127, 128, -128, 1 << 20, math.MaxInt32, math.MinInt32, math.MaxInt64, math.MinInt64}

func (m *maker) integer() int64 {
	switch {
	case m.narrow:
		return edges[m.IntN(7)]
	case m.IntN(2) == 0:
		return edges[m.IntN(len(edges))]
	}
	return int64(m.Uint64()) >> m.IntN(64)
}

func (m *maker) value(t *schema.Type, x reflect.Value, least, most int) {
	if t.Kind.Scalar() {
		m.scalar(t, x, least, most)
		return
	}
	switch t.Kind {
	case kind.Struct:
		m.fill(t.Fields, x)
	case kind.List:
		x.SetZero()
		for range m.IntN(4) {
			e := reflect.New(x.Type().Elem()).Elem()
			m.value(t.Elem, e, 0, 0)
			if e.Kind() == reflect.Slice && e.IsNil() {
				e.Set(reflect.MakeSlice(e.Type(), 0, 0))
			}
			x.Set(reflect.Append(x, e))
		}
	case kind.Map:
		x.SetZero()
		for range m.IntN(3) {
			if x.IsNil() {
				x.Set(reflect.MakeMap(x.Type()))
			}
			k, e := reflect.New(x.Type().Key()).Elem(), reflect.New(x.Type().Elem()).Elem()
			m.value(t.MapKey, k, 0, 0)
			m.value(t.Elem, e, 0, 0)
			if e.Kind() == reflect.Slice && e.IsNil() {
				e.Set(reflect.MakeSlice(e.Type(), 0, 0))
			}
			x.SetMapIndex(k, e)
		}
	default:
		panic("no values of kind " + t.Kind.String())
	}
}

// scalar gives a value of a scalar type: of numbers, text and times such as tell mistakes
// apart, and of other kinds what their row has.
func (m *maker) scalar(t *schema.Type, x reflect.Value, least, most int) {
	switch row := kind.Of(t.Kind); {
	case t.Kind.Integer() && row.Signed:
		x.SetInt(m.integer() << (64 - row.Bits) >> (64 - row.Bits))
	case t.Kind.Integer():
		x.SetUint(uint64(m.integer()) << (64 - row.Bits) >> (64 - row.Bits))
	case t.Kind == kind.Float32 || t.Kind == kind.Float64:
		x.SetFloat(m.float())
	case t.Kind == kind.Duration && m.narrow:
		x.SetInt([]int64{0, int64(1500 * time.Microsecond), int64(1000 * time.Hour), -1}[m.IntN(4)])
	case t.Kind == kind.Duration:
		x.SetInt(m.integer())
	case t.Kind == kind.Timestamp:
		x.Set(reflect.ValueOf(m.time()))
	case t.Kind == kind.UUID:
		x.Set(reflect.ValueOf(m.uuid()))
	case t.Kind == kind.Enum && m.narrow && m.IntN(200) == 0:
		x.SetInt(0)
	case t.Kind.Text():
		s := m.text(max(t.Min, least), max(t.Max, most))
		if x.Kind() == reflect.String {
			x.SetString(s)
		} else if s != "" {
			x.SetBytes([]byte(s))
		} else {
			x.SetZero()
		}
	case t.Kind == kind.JSON:
		x.SetBytes(m.json())
	case t.Kind == kind.Decimal && !m.narrow:
		x.Set(reflect.ValueOf(m.decimal(t.Args.Precision, t.Args.Scale)))
	default:
		v := reflect.ValueOf(row.ToGo(row.Random(m.Rand, t.Params())))
		if !v.CanConvert(x.Type()) {
			panic(fmt.Sprintf("a %s, which is %s in Go, cannot be %s", row.Name, v.Type(), x.Type()))
		}
		x.Set(v.Convert(x.Type()))
	}
}

func (m *maker) float() float64 {
	if m.narrow {
		if m.nans && m.IntN(6) == 0 {
			return math.NaN()
		}
		return []float64{-1.5, 0, 1e9, 2, math.Inf(1)}[m.IntN(5)]
	}
	if m.IntN(2) == 0 {
		return []float64{0, 1, -1, math.MaxFloat64, math.SmallestNonzeroFloat64, math.Inf(1), math.Inf(-1), 1e-3}[m.IntN(8)]
	}
	return m.NormFloat64() * 1e6
}

func (m *maker) time() time.Time {
	if m.narrow {
		return start.Add(time.Duration(m.IntN(3)) * time.Second)
	}
	if m.IntN(4) == 0 {
		return []time.Time{{}, time.Unix(0, 0).UTC(), time.Unix(-1, 999999999).UTC(), time.Date(9999, 12, 31, 23, 59, 59, 999999999, time.UTC)}[m.IntN(4)]
	}
	return time.Unix(m.Int64N(1<<34), m.Int64N(1e9)).UTC()
}

func (m *maker) uuid() (id uuid.UUID) {
	if m.narrow {
		id[m.IntN(2)] = 1
		return id
	}
	for i := range id {
		id[i] = byte(m.Uint32())
	}
	return id
}

var words = []string{"a", "A", "bad", "full", "abc", "ABC", "ß", "Ab", "z", "\x00", "a\x00", "\xff", "日本"}

// text is mostly within limits.
func (m *maker) text(least, most int) string {
	s := ""
	for m.IntN(3) > 0 {
		if m.narrow {
			s += words[m.IntN(8)]
		} else {
			s += words[m.IntN(len(words))]
		}
	}
	if m.narrow && m.IntN(50) == 0 {
		return s
	}
	for len(s) < least {
		s += "x"
	}
	if most > 0 && len(s) > most {
		s = s[:most]
	}
	return s
}

// decimal has any number of digits that a type has room for.
func (m *maker) decimal(precision, scale int) decimal.Decimal {
	digits := make([]byte, m.IntN(precision+1))
	for i := range digits {
		digits[i] = "0123456789"[m.IntN(10)]
	}
	if len(digits) == 0 {
		return decimal.Decimal{}
	}
	return must(decimal.FromDigits(m.IntN(2) == 0, digits, scale))
}

func (m *maker) json() json.RawMessage {
	switch m.IntN(4) {
	case 0:
		return json.RawMessage(fmt.Sprint(m.integer()))
	case 1:
		if m.narrow && m.IntN(50) == 0 {
			return json.RawMessage(`{"a"`)
		}
		return json.RawMessage(`{"a":[1,2,null]}`)
	case 2:
		return json.RawMessage(`"x"`)
	}
	return json.RawMessage("null")
}
