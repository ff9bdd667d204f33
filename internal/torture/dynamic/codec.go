package dynamic

import (
	"fmt"
	"maps"
	"slices"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"

	"github.com/storegen/storegen/runtime/storeimpl"
	"github.com/storegen/storegen/schema"
)

// A Row has the values of a table's fields, by their places in its description. What
// is absent is nil, and so may be the zero value of a field that is not optional.
// Values are bool, int64 (of all integers), string, time.Time, Enum, *Struct, []any
// and map[string]any.
type Row struct{ Fields []any }

// Enum is the number of an enum's value.
type Enum int32

// A Struct has the values of a struct's fields, and those that its type does not know.
type Struct struct {
	Fields  []any
	Unknown []byte
}

// Codec is a store.TypedCodec. The key of a row goes by as its encoded bytes.
type Codec struct {
	desc  *catalog.Table
	table *schema.Table
}

// New makes the codec of a table.
func New(t *schema.Table) *Codec { return &Codec{desc: Describe(t), table: t} }

var _ storeimpl.TypedCodec[string, Row] = (*Codec)(nil)

// Desc implements store.TypedCodec.
func (c *Codec) Desc() *catalog.Table { return c.desc }

// Key implements store.TypedCodec.
func (c *Codec) Key(v *Row) string {
	var b []byte
	for i, f := range c.desc.Key {
		b = appendPart(b, &c.desc.Fields[f].Type, c.at(v, f), i == len(c.desc.Key)-1, false)
	}
	return string(b)
}

// SetKey implements store.TypedCodec.
func (c *Codec) SetKey(v *Row, k string) {
	r := keys.NewReader([]byte(k))
	c.room(v)
	for i, f := range c.desc.Key {
		v.Fields[f] = readPart(&r, &c.desc.Fields[f].Type, i == len(c.desc.Key)-1)
	}
}

// AppendKey implements store.TypedCodec.
func (c *Codec) AppendKey(dst []byte, k string) []byte { return append(dst, k...) }

// DecodeKey implements store.TypedCodec.
func (c *Codec) DecodeKey(b []byte) (string, error) {
	r := keys.NewReader(b)
	for i, f := range c.desc.Key {
		readPart(&r, &c.desc.Fields[f].Type, i == len(c.desc.Key)-1)
	}
	return string(b), r.Done()
}

// AppendValue implements store.TypedCodec.
func (c *Codec) AppendValue(dst []byte, v *Row) []byte {
	for i := range c.desc.Fields {
		if !c.desc.IsKey(i) {
			dst = appendField(dst, &c.desc.Fields[i], c.at(v, i))
		}
	}
	return dst
}

// DecodeValue implements store.TypedCodec.
func (c *Codec) DecodeValue(b []byte, v *Row) ([]byte, error) {
	c.room(v)
	known := slices.Clone(c.desc.Fields)
	for _, f := range c.desc.Key {
		known[f].Number = 0 // a value does not hold it
	}
	return readFields(b, known, v.Fields)
}

// Default implements store.TypedCodec.
func (c *Codec) Default(v *Row, now time.Time) {
	c.room(v)
	for i, f := range c.table.Fields {
		if f.Default != nil && zero(v.Fields[i], f.Optional) {
			v.Fields[i] = literal(f.Default, now)
		}
	}
}

// Check implements store.TypedCodec.
func (c *Codec) Check(v *Row) error {
	var broken record.Broken
	for i, f := range c.table.Fields {
		x := c.at(v, i)
		if f.Optional && x == nil {
			continue
		}
		switch f.Type.Kind {
		case kind.String:
			text, _ := x.(string)
			broken.Add(record.Length(f.Name, len(text), max(f.Min, f.Type.Min), least(f.Max, f.Type.Max)))
		case kind.Enum:
			n, _ := x.(Enum)
			broken.Add(record.EnumSet(f.Name, int32(n)))
		}
	}
	for _, check := range c.table.Checks {
		if !c.holds(v, exprOf(check.Expr)) {
			broken.Add(record.Invalid("", check.Text))
		}
	}
	return broken.Err()
}

func exprOf(x schema.Expr) *catalog.Expr {
	e := describedExpr(x)
	return &e
}

func least(a, b int) int {
	if a == 0 || b > 0 && b < a {
		return b
	}
	return a
}

// Expires implements store.TypedCodec.
func (c *Codec) Expires(v *Row, _ time.Duration) (time.Time, bool) {
	if c.desc.TTL == nil {
		return time.Time{}, false
	}
	from, ok := c.at(v, c.desc.TTL.From).(time.Time)
	return from.Add(c.desc.TTL.Keep), ok && !from.IsZero()
}

// Entries implements store.TypedCodec.
func (c *Codec) Entries(e *storeimpl.Entries, v *Row) {
	for i := range c.desc.Indexes {
		ix := &c.desc.Indexes[i]
		if ix.Where == nil || c.holds(v, ix.Where) {
			c.entries(e, v, i, ix.Columns, nil)
		}
	}
}

// entries adds the entries of one index, column after column.
func (c *Codec) entries(e *storeimpl.Entries, v *Row, index int, rest []catalog.Column, key []byte) {
	if len(rest) == 0 {
		b := append(e.Begin(index), key...)
		if include := c.desc.Indexes[index].Include; len(include) > 0 {
			b = e.Include(b)
			for _, f := range include {
				b = appendField(b, &c.desc.Fields[f], c.at(v, f))
			}
		}
		e.End(b)
		return
	}
	col := rest[0]
	f := &c.desc.Fields[col.Field]
	x := c.at(v, col.Field)
	if x == nil && f.Optional {
		return
	}
	elems, typ := []any{x}, &f.Type
	if col.Each {
		elems, _ = x.([]any)
		typ = f.Type.Elem
	}
	for _, x := range elems {
		if text, ok := x.(string); ok && col.Fold {
			x = keys.Fold(text)
		}
		c.entries(e, v, index, rest[1:], appendPart(slices.Clone(key), typ, x, false, col.Desc))
	}
}

func (c *Codec) at(v *Row, field int) any {
	if field >= len(v.Fields) {
		return nil
	}
	return v.Fields[field]
}

func (c *Codec) room(v *Row) {
	for len(v.Fields) < len(c.desc.Fields) {
		v.Fields = append(v.Fields, nil)
	}
}

// holds tells whether a condition holds for a row.
func (c *Codec) holds(v *Row, e *catalog.Expr) bool {
	switch e.Op {
	case catalog.And:
		return !slices.ContainsFunc(e.Args, func(a catalog.Expr) bool { return !c.holds(v, &a) })
	case catalog.Or:
		return slices.ContainsFunc(e.Args, func(a catalog.Expr) bool { return c.holds(v, &a) })
	case catalog.Not:
		return !c.holds(v, &e.Args[0])
	case catalog.Has:
		return !zero(c.at(v, e.Field), c.desc.Fields[e.Field].Optional)
	case catalog.True:
		b, _ := c.at(v, e.Field).(bool)
		return b
	case catalog.Eq, catalog.Ne, catalog.Lt, catalog.Le, catalog.Gt, catalog.Ge:
		return compare(e.Op, c.operand(v, &e.Args[0]), c.operand(v, &e.Args[1]))
	}
	panic("dynamic: unknown condition " + string(e.Op))
}

// operand is a side of a comparison as a number or text; nil is absent.
func (c *Codec) operand(v *Row, e *catalog.Expr) any {
	switch e.Op {
	case catalog.Lit:
		return e.Lit
	case catalog.LenOf:
		switch x := c.at(v, e.Field).(type) {
		case nil:
			return int64(0)
		case string:
			return int64(len(x))
		case []any:
			return int64(len(x))
		}
	case catalog.FieldOf:
		f := &c.desc.Fields[e.Field]
		switch x := c.at(v, e.Field).(type) {
		case nil:
			if f.Optional {
				return nil
			}
			if f.Type.Kind == kind.String {
				return ""
			}
			return int64(0)
		case Enum:
			return int64(x)
		case int64, string:
			return x
		}
	}
	panic("dynamic: unknown operand " + e.Op)
}

func compare(op catalog.Op, a, b any) bool {
	if a == nil || b == nil {
		return op == catalog.Ne
	}
	order := 0
	if n, ok := a.(int64); ok {
		var m int64
		if text, ok := b.(string); ok {
			fmt.Sscan(text, &m)
		} else {
			m = b.(int64)
		}
		order = int(max(-1, min(1, n-m)))
	} else {
		order = map[bool]int{true: -1, false: 1}[a.(string) < b.(string)]
		if a == b {
			order = 0
		}
	}
	return map[catalog.Op]bool{
		catalog.Eq: order == 0, catalog.Ne: order != 0, catalog.Lt: order < 0, catalog.Le: order <= 0, catalog.Gt: order > 0, catalog.Ge: order >= 0,
	}[op]
}

func zero(x any, optional bool) bool {
	switch x := x.(type) {
	case nil:
		return true
	case bool:
		return !optional && !x
	case int64:
		return !optional && x == 0
	case string:
		return !optional && x == ""
	case Enum:
		return !optional && x == 0
	case time.Time:
		return !optional && x.IsZero()
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	return false
}

func literal(l *schema.Literal, now time.Time) any {
	switch k := l.Kind(); {
	case l.Now:
		return now
	case l.Enum != nil:
		return Enum(l.Enum.Number)
	case k == kind.Bool:
		return l.Value.Bool()
	case k.Integer():
		return l.Value.Int64()
	case k == kind.String:
		return l.Value.Text()
	}
	panic("dynamic: a default of the kind " + l.Kind().String())
}

func sorted(m map[string]any) []string { return slices.Sorted(maps.Keys(m)) }
