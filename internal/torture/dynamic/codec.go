package dynamic

import (
	"slices"
	"time"

	"github.com/google/uuid"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/storeimpl"
)

// A Row has the values of a table's fields, by their places in its description. What
// is absent is nil, and so may be the zero value of a field that is not optional.
// Values are kind.Value of all scalars, *Struct, []any and map[string]any.
type Row struct{ Fields []any }

// A Struct has the values of a struct's fields, and those that its type does not know.
type Struct struct {
	Fields  []any
	Unknown []byte
}

// Codec is a store.TypedCodec. The key of a row goes by as its encoded bytes.
type Codec struct{ desc *catalog.Table }

// New makes the codec of a table.
func New(t *catalog.Table) *Codec { return &Codec{t} }

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
	for i := range c.desc.Fields {
		if f := &c.desc.Fields[i]; f.Default != nil && zero(v.Fields[i], f) {
			v.Fields[i] = defaultOf(f, now)
		}
	}
}

func defaultOf(f *catalog.Field, now time.Time) kind.Value {
	switch d := f.Default; {
	case d.Now:
		return kind.TimestampOf(now)
	case d.New:
		return kind.UUIDOf(uuid.Must(uuid.NewV7()))
	default:
		return literal(&f.Type, d.Lit)
	}
}

// Check implements store.TypedCodec.
func (c *Codec) Check(v *Row) error {
	var broken record.Broken
	for i := range c.desc.Fields {
		f, x := &c.desc.Fields[i], c.at(v, i)
		if f.Optional && x == nil || !f.Type.Kind.Scalar() {
			continue
		}
		value := scalar(&f.Type, x)
		if f.Type.Kind.Text() {
			broken.Add(record.Length(f.Name, len(value.Text()), f.Type.Min, f.Type.Max))
		}
		if f.Type.Kind == kind.Enum {
			broken.Add(record.EnumSet(f.Name, int32(value.Int64())))
		}
	}
	for i := range c.desc.Checks {
		if check := &c.desc.Checks[i]; !c.holds(v, &check.Expr) {
			broken.Add(record.Invalid("", check.Text))
		}
	}
	return broken.Err()
}

// Expires implements store.TypedCodec.
func (c *Codec) Expires(v *Row, keep time.Duration) (time.Time, bool) {
	ttl := c.desc.TTL
	if ttl == nil {
		return time.Time{}, false
	}
	since, x := &c.desc.Fields[ttl.From], c.at(v, ttl.From)
	if since.Optional && x == nil {
		return time.Time{}, false
	}
	from := scalar(&since.Type, x).Time()
	if ttl.KeepField == 0 {
		return from.Add(ttl.Keep), true
	}
	f := &c.desc.Fields[ttl.KeepField-1]
	x = c.at(v, ttl.KeepField-1)
	if f.Optional && x == nil {
		return from.Add(keep), keep > 0
	}
	switch own := scalar(&f.Type, x); {
	case f.Type.Kind == kind.Duration:
		return from.Add(own.Duration()), true
	case kind.Of(f.Type.Kind).Signed:
		return storeimpl.LivesFor(from, own.Int64()), true
	default:
		return storeimpl.LivesFor(from, own.Uint64()), true
	}
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
		if col.Mapped() {
			x = kind.StringOf(col.Map(scalar(typ, x).Text()))
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
