package kitchen

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"math"
	"math/big"
	"reflect"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/uuid"
	"google.golang.org/protobuf/encoding/protowire"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/decimal"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/load"
)

// The tests compare generated code with what this file says of a schema, by
// reflection over the values and without anything of the generator.

// kitchen is the schema.
var kitchen = sync.OnceValues(func() (*schema.Set, error) {
	c, err := load.ReadConfig("storegen.yaml")
	if err != nil {
		return nil, err
	}
	return load.Schemas(c)
})

func table(t testing.TB, name string) *schema.Table {
	t.Helper()
	set, err := kitchen()
	if err != nil {
		t.Fatal(err)
	}
	if found := set.Table(name); found != nil {
		return found
	}
	t.Fatalf("the schema has no table %s", name)
	return nil
}

var start = time.Date(2026, 3, 1, 9, 0, 0, 0, time.UTC)

// open opens a database in memory, whose clock stands at start.
func open(t testing.TB) (*store.DB, *store.ManualClock) {
	t.Helper()
	clock := store.NewManualClock(start)
	db, err := store.Open(context.Background(), memory.New(), store.WithClock(clock))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := db.Close(); err != nil {
			t.Error(err)
		}
	})
	return db, clock
}

// must is a value that came without an error.
func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

// deref is a field's value, and whether it is there.
func deref(v reflect.Value, f *schema.Field) (reflect.Value, bool) {
	if !f.Optional {
		return v, true
	}
	if v.IsNil() {
		return v, false
	}
	if v.Kind() == reflect.Pointer {
		return v.Elem(), true
	}
	return v, true
}

// text is the bytes of a string, or of a slice or array of bytes.
func text(v reflect.Value) []byte {
	switch v.Kind() {
	case reflect.String:
		return []byte(v.String())
	case reflect.Array:
		b := make([]byte, v.Len())
		reflect.Copy(reflect.ValueOf(b), v)
		return b
	}
	return v.Bytes()
}

// encode is the message of a struct, written as the protobuf documentation has
// it.
func encode(fields []*schema.Field, v reflect.Value) []byte {
	fields = slices.DeleteFunc(slices.Clone(fields), func(f *schema.Field) bool { return f.InKey })
	slices.SortFunc(fields, func(a, b *schema.Field) int { return cmp.Compare(a.Number, b.Number) })
	var b []byte
	for _, f := range fields {
		x, there := deref(v.FieldByName(f.GoName), f)
		if !there {
			continue
		}
		num := protowire.Number(f.Number)
		switch f.Type.Kind {
		case kind.List:
			b = encodeList(b, num, f.Type.Elem, x)
		case kind.Map:
			names := x.MapKeys()
			slices.SortFunc(names, func(a, b reflect.Value) int { return compare(f.Type.MapKey, a, b) })
			for _, name := range names {
				entry := appendValue(appendTag(nil, 1, f.Type.MapKey), f.Type.MapKey, name)
				entry = appendValue(appendTag(entry, 2, f.Type.Elem), f.Type.Elem, x.MapIndex(name))
				b = protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), entry)
			}
		default:
			if f.Optional || f.Type.Kind == kind.Struct || !isZero(f.Type, x) {
				b = appendValue(appendTag(b, num, f.Type), f.Type, x)
			}
		}
	}
	return b
}

func isZero(t *schema.Type, x reflect.Value) bool {
	switch t.Kind {
	case kind.Bytes, kind.JSON:
		return x.Len() == 0
	case kind.Timestamp:
		return x.Interface().(time.Time).IsZero()
	case kind.Bool, kind.Int8, kind.Int16, kind.Int32, kind.Int64, kind.Varint, kind.Uint8, kind.Uint16, kind.Uint32, kind.Uint64, kind.Uvarint,
		kind.Float32, kind.Float64, kind.Duration, kind.Enum, kind.String, kind.FixedBytes, kind.UUID, kind.Decimal, kind.Date, kind.TimeOfDay:
		return x.IsZero()
	}
	panic("no zero value of kind " + t.Kind.String())
}

// encodeList packs numbers; a list of bools that have a name of their own is not
// packed, which readers must take too.
func encodeList(b []byte, num protowire.Number, t *schema.Type, x reflect.Value) []byte {
	if wireType(t) == protowire.BytesType || t.Kind == kind.Bool && t.Name != "" {
		for i := range x.Len() {
			b = appendValue(appendTag(b, num, t), t, x.Index(i))
		}
		return b
	}
	if x.Len() == 0 {
		return b
	}
	var packed []byte
	for i := range x.Len() {
		packed = appendValue(packed, t, x.Index(i))
	}
	return protowire.AppendBytes(protowire.AppendTag(b, num, protowire.BytesType), packed)
}

func wireType(t *schema.Type) protowire.Type {
	switch t.Kind {
	case kind.String, kind.Bytes, kind.FixedBytes, kind.JSON, kind.Decimal, kind.Timestamp, kind.UUID, kind.Struct:
		return protowire.BytesType
	case kind.Float32:
		return protowire.Fixed32Type
	case kind.Float64:
		return protowire.Fixed64Type
	case kind.Bool, kind.Int8, kind.Int16, kind.Int32, kind.Int64, kind.Varint, kind.Uint8, kind.Uint16, kind.Uint32, kind.Uint64, kind.Uvarint,
		kind.Duration, kind.Enum, kind.Date, kind.TimeOfDay:
		return protowire.VarintType
	}
	panic("no wire type of kind " + t.Kind.String())
}

func appendTag(b []byte, num protowire.Number, t *schema.Type) []byte {
	return protowire.AppendTag(b, num, wireType(t))
}

// appendValue appends a value without its tag.
func appendValue(b []byte, t *schema.Type, x reflect.Value) []byte {
	switch t.Kind {
	case kind.Bool:
		return protowire.AppendVarint(b, protowire.EncodeBool(x.Bool()))
	case kind.Int8, kind.Int16, kind.Int32, kind.Int64, kind.Varint, kind.Duration:
		return protowire.AppendVarint(b, protowire.EncodeZigZag(x.Int()))
	case kind.Uint8, kind.Uint16, kind.Uint32, kind.Uint64, kind.Uvarint:
		return protowire.AppendVarint(b, x.Uint())
	case kind.Date:
		days := date(x).Unix() / (24 * 60 * 60) // from 1970-01-01
		return protowire.AppendVarint(b, protowire.EncodeZigZag(days))
	case kind.TimeOfDay:
		return protowire.AppendVarint(b, uint64(timeOfDay(x)))
	case kind.Decimal:
		return protowire.AppendString(b, decimalText(x))
	case kind.Float32:
		return protowire.AppendFixed32(b, math.Float32bits(float32(x.Float())))
	case kind.Enum:
		return protowire.AppendVarint(b, uint64(x.Int()))
	case kind.Float64:
		return protowire.AppendFixed64(b, math.Float64bits(x.Float()))
	case kind.String, kind.Bytes, kind.FixedBytes, kind.JSON:
		return protowire.AppendBytes(b, text(x))
	case kind.UUID:
		id := x.Interface().(uuid.UUID)
		return protowire.AppendBytes(b, id[:])
	case kind.Timestamp:
		at := x.Interface().(time.Time)
		var m []byte
		if s := at.Unix(); s != 0 {
			m = protowire.AppendVarint(protowire.AppendTag(m, 1, protowire.VarintType), uint64(s))
		}
		if n := at.Nanosecond(); n != 0 {
			m = protowire.AppendVarint(protowire.AppendTag(m, 2, protowire.VarintType), uint64(n))
		}
		return protowire.AppendBytes(b, m)
	case kind.Struct:
		return protowire.AppendBytes(b, encode(t.Fields, x))
	}
	panic("no value of kind " + t.Kind.String())
}

// date is the midnight with which a date begins, and timeOfDay the time since then.
func date(x reflect.Value) time.Time {
	d := x.Interface().(civil.Date)
	return time.Date(d.Year(), d.Month(), d.Day(), 0, 0, 0, 0, time.UTC)
}

func timeOfDay(x reflect.Value) time.Duration {
	d := x.Interface().(civil.TimeOfDay)
	return time.Duration(d.Hour())*time.Hour + time.Duration(d.Minute())*time.Minute + time.Duration(d.Second())*time.Second + time.Duration(d.Nanosecond())
}

// rat is the number that a decimal is, and decimalText its shortest text.
func rat(x reflect.Value) *big.Rat {
	r, ok := new(big.Rat).SetString(x.Interface().(decimal.Decimal).String())
	if !ok {
		panic("a decimal's text is no number")
	}
	return r
}

func decimalText(x reflect.Value) string {
	s := rat(x).FloatString(38)
	return strings.TrimSuffix(strings.TrimRight(s, "0"), ".")
}

// compare is the order of two values of a type.
func compare(t *schema.Type, a, b reflect.Value) int {
	switch t.Kind {
	case kind.Bool:
		x, y := 0, 0
		if a.Bool() {
			x = 1
		}
		if b.Bool() {
			y = 1
		}
		return cmp.Compare(x, y)
	case kind.Int8, kind.Int16, kind.Int32, kind.Int64, kind.Varint, kind.Duration, kind.Enum:
		return cmp.Compare(a.Int(), b.Int())
	case kind.Uint8, kind.Uint16, kind.Uint32, kind.Uint64, kind.Uvarint:
		return cmp.Compare(a.Uint(), b.Uint())
	case kind.Float32, kind.Float64:
		return cmp.Compare(a.Float(), b.Float())
	case kind.Date:
		return date(a).Compare(date(b))
	case kind.TimeOfDay:
		return cmp.Compare(timeOfDay(a), timeOfDay(b))
	case kind.Decimal:
		return rat(a).Cmp(rat(b))
	case kind.String, kind.Bytes, kind.FixedBytes:
		return bytes.Compare(text(a), text(b))
	case kind.Timestamp:
		return a.Interface().(time.Time).Compare(b.Interface().(time.Time))
	case kind.UUID:
		x, y := a.Interface().(uuid.UUID), b.Interface().(uuid.UUID)
		return bytes.Compare(x[:], y[:])
	case kind.Struct:
		for _, f := range t.Fields {
			if c := compare(f.Type, a.FieldByName(f.GoName), b.FieldByName(f.GoName)); c != 0 {
				return c
			}
		}
		return 0
	}
	panic("no order of kind " + t.Kind.String())
}

// compareKeys is the order of the keys of two rows.
func compareKeys(t *schema.Table, a, b reflect.Value) int {
	for _, f := range t.Key.Fields {
		if c := compare(f.Type, a.FieldByName(f.GoName), b.FieldByName(f.GoName)); c != 0 {
			return c
		}
	}
	return 0
}

// holds is whether an expression holds for a row.
func holds(e schema.Expr, row reflect.Value) bool {
	switch e := e.(type) {
	case schema.And:
		return holds(e.L, row) && holds(e.R, row)
	case schema.Or:
		return holds(e.L, row) || holds(e.R, row)
	case schema.Not:
		return !holds(e.X, row)
	case schema.Has:
		x := row.FieldByName(e.Field.GoName)
		if e.Field.Optional {
			return !x.IsNil()
		}
		return x.Len() > 0
	case schema.BoolField:
		x, there := deref(row.FieldByName(e.Field.GoName), e.Field)
		return there && x.Bool()
	case schema.Compare:
		return holdsCompare(e, row)
	}
	panic("unknown expression")
}

func holdsCompare(e schema.Compare, row reflect.Value) bool {
	c := 0
	if e.Left.Len {
		c = cmp.Compare(length(e.Left, row), length(e.Right, row))
	} else {
		var sides [2]reflect.Value
		for i, o := range []schema.Operand{e.Left, e.Right} {
			if o.Lit != nil {
				sides[i] = literal(o.Lit)
				continue
			}
			x, there := deref(row.FieldByName(o.Field.GoName), o.Field)
			if !there {
				return e.Op == "!="
			}
			sides[i] = x
		}
		c = compare(e.Left.Field.Type, sides[0], sides[1])
	}
	switch e.Op {
	case "==":
		return c == 0
	case "!=":
		return c != 0
	case "<":
		return c < 0
	case "<=":
		return c <= 0
	case ">":
		return c > 0
	}
	return c >= 0
}

// length is an operand of a comparison of lengths.
func length(o schema.Operand, row reflect.Value) int64 {
	if o.Lit != nil {
		return o.Lit.Value.Int64()
	}
	x, there := deref(row.FieldByName(o.Field.GoName), o.Field)
	if !there {
		return 0
	}
	return int64(x.Len())
}

// literal is the value of a literal.
func literal(l *schema.Literal) reflect.Value {
	v := l.Stored()
	return reflect.ValueOf(kind.Of(v.Kind()).ToGo(v))
}

// keeps is whether a value keeps the limits of its type and those of its field.
func keeps(t *schema.Type, x reflect.Value, least, most int) bool {
	switch t.Kind {
	case kind.String, kind.Bytes:
		n := x.Len()
		return n >= max(t.Min, least) && (t.Max == 0 || n <= t.Max) && (most == 0 || n <= most)
	case kind.Enum:
		return x.Int() > 0
	case kind.JSON:
		return x.Len() == 0 || json.Valid(x.Bytes())
	case kind.Struct:
		return keepAll(t.Fields, x)
	case kind.List:
		for i := range x.Len() {
			if !keeps(t.Elem, x.Index(i), 0, 0) {
				return false
			}
		}
	case kind.Map:
		for _, k := range x.MapKeys() {
			if !keeps(t.MapKey, k, 0, 0) || !keeps(t.Elem, x.MapIndex(k), 0, 0) {
				return false
			}
		}
	case kind.Decimal:
		d := rat(x)
		scaled := new(big.Rat).Mul(d, pow10(t.Args.Scale))
		return scaled.IsInt() && scaled.Abs(scaled).Cmp(pow10(t.Args.Precision)) < 0
	case kind.Bool, kind.Int8, kind.Int16, kind.Int32, kind.Int64, kind.Varint, kind.Uint8, kind.Uint16, kind.Uint32, kind.Uint64, kind.Uvarint,
		kind.Float32, kind.Float64, kind.Duration, kind.Timestamp, kind.Date, kind.TimeOfDay, kind.FixedBytes, kind.UUID: // any will do
	default:
		panic("no limits of kind " + t.Kind.String())
	}
	return true
}

func pow10(n int) *big.Rat {
	return new(big.Rat).SetInt(new(big.Int).Exp(big.NewInt(10), big.NewInt(int64(n)), nil))
}

func keepAll(fields []*schema.Field, v reflect.Value) bool {
	for _, f := range fields {
		if x, there := deref(v.FieldByName(f.GoName), f); there && !keeps(f.Type, x, f.Min, f.Max) {
			return false
		}
	}
	return true
}

// column is a row's value in a column, as an index has it.
func column(c *schema.Column, x reflect.Value) reflect.Value {
	if c.Fold {
		return reflect.ValueOf(keys.Fold(x.String()))
	}
	return x
}

// stored is the bytes of a row, without the header that says when it expires: it
// is the only value that the engine holds under a key that the table has it.
func stored(t testing.TB, db *store.DB, desc string, header int, n int) []byte {
	t.Helper()
	it := db.Engine().Iterate(context.Background(), engine.Range{Start: []byte{8}})
	defer it.Close()
	var all [][]byte
	for it.Next() {
		all = append(all, bytes.Clone(it.Value()))
	}
	if err := it.Err(); err != nil {
		t.Fatal(err)
	}
	if len(all) != n {
		t.Fatalf("the engine holds %d values of %s, not %d", len(all), desc, n)
	}
	return all[0][header:]
}
