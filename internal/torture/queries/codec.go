package queries

import (
	"fmt"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"

	"github.com/storegen/storegen/runtime/storeimpl"
)

// row is a row of a table that was made up, with a value for each field. A float is
// kept as it was given, so that rows have a -0.
type row struct {
	fields []any
}

// codec is the codec of any description. The type of keys is their encoding.
type codec struct {
	t *catalog.Table
}

var _ storeimpl.TypedCodec[string, row] = codec{}

// Desc implements store.TypedCodec.
func (c codec) Desc() *catalog.Table { return c.t }

// Key implements store.TypedCodec.
func (c codec) Key(r *row) string {
	var b []byte
	for i, f := range c.t.Key {
		last := i == len(c.t.Key)-1
		if p, ok := r.fields[f].(parts); ok {
			for j := range p {
				b = appendKey(b, p[j], false, last && j == len(p)-1)
			}
			continue
		}
		b = appendKey(b, r.fields[f], false, last)
	}
	return string(b)
}

// SetKey implements store.TypedCodec.
func (c codec) SetKey(r *row, k string) {
	r.fields = make([]any, len(c.t.Fields))
	for i := range c.t.Fields {
		if f := &c.t.Fields[i]; !f.Optional && f.Type.Kind != kind.Struct {
			r.fields[i] = zeroOf(&f.Type)
		}
	}
	rd := keys.NewReader([]byte(k))
	for i, f := range c.t.Key {
		last := i == len(c.t.Key)-1
		t := &c.t.Fields[f].Type
		if t.Kind != kind.Struct {
			r.fields[f] = readKey(&rd, t.Kind, last)
			continue
		}
		var p parts
		for j := range t.Fields {
			p = append(p, readKey(&rd, t.Fields[j].Type.Kind, last && j == len(t.Fields)-1))
		}
		r.fields[f] = p
	}
}

// AppendKey implements store.TypedCodec.
func (c codec) AppendKey(dst []byte, k string) []byte { return append(dst, k...) }

// DecodeKey implements store.TypedCodec.
func (c codec) DecodeKey(b []byte) (string, error) { return string(b), nil }

// AppendValue implements store.TypedCodec.
func (c codec) AppendValue(dst []byte, r *row) []byte {
	for i := range c.t.Fields {
		if !c.t.IsKey(i) {
			dst = c.appendField(dst, r, i)
		}
	}
	return dst
}

func (c codec) appendField(dst []byte, r *row, i int) []byte {
	f := &c.t.Fields[i]
	switch v := r.fields[i].(type) {
	case nil:
	case list:
		for _, e := range v {
			dst = appendWire(dst, f.Number, e)
		}
	default:
		if f.Optional || compare(v, zeroOf(&f.Type)) != 0 {
			dst = appendWire(dst, f.Number, v)
		}
	}
	return dst
}

// DecodeValue implements store.TypedCodec.
func (c codec) DecodeValue(b []byte, r *row) (unknown []byte, err error) {
	rd := record.NewReader(b)
	for rd.Next() {
		i := rd.Num() - 1
		if i < 0 || i >= len(c.t.Fields) || c.t.IsKey(i) {
			unknown = rd.AppendRaw(unknown)
			continue
		}
		f := &c.t.Fields[i]
		if f.Type.Kind == kind.List {
			l, _ := r.fields[i].(list)
			r.fields[i] = append(l, readWire(&rd, f.Type.Elem.Kind))
			continue
		}
		r.fields[i] = readWire(&rd, f.Type.Kind)
	}
	return unknown, rd.Err()
}

// Default implements store.TypedCodec.
func (c codec) Default(*row, time.Time) {}

// Check implements store.TypedCodec.
func (c codec) Check(*row) error { return nil }

// Expires implements store.TypedCodec.
func (c codec) Expires(r *row, _ time.Duration) (time.Time, bool) {
	if c.t.TTL == nil {
		return time.Time{}, false
	}
	from, ok := r.fields[c.t.TTL.From].(time.Time)
	return from.Add(c.t.TTL.Keep), ok
}

// Entries implements store.TypedCodec.
func (c codec) Entries(e *storeimpl.Entries, r *row) {
	for i := range c.t.Indexes {
		if ix := &c.t.Indexes[i]; ix.Where == nil || meets(c.t, r, ix.Where) {
			c.entries(e, i, ix, r)
		}
	}
}

func (c codec) entries(e *storeimpl.Entries, i int, ix *catalog.Index, r *row) {
	elems := list{nil}
	for _, col := range ix.Columns {
		if col.Each {
			elems = r.fields[col.Field].(list)
		}
		if r.fields[col.Field] == nil {
			return
		}
	}
	for _, elem := range elems {
		b := e.Begin(i)
		for _, col := range ix.Columns {
			v := r.fields[col.Field]
			if col.Each {
				v = elem
			}
			if col.Fold {
				v = keys.Fold(v.(string))
			}
			b = appendKey(b, v, col.Desc, false)
		}
		b = e.Include(b)
		for _, f := range ix.Include {
			b = c.appendField(b, r, f)
		}
		e.End(b)
	}
}

func appendKey(b []byte, v any, desc, last bool) []byte {
	switch v := v.(type) {
	case bool:
		return either(b, v, desc, keys.AppendBool, keys.AppendBoolDesc)
	case int32:
		return either(b, v, desc, keys.AppendInt32, keys.AppendInt32Desc)
	case int64:
		return either(b, v, desc, keys.AppendInt64, keys.AppendInt64Desc)
	case uint32:
		return either(b, v, desc, keys.AppendUint32, keys.AppendUint32Desc)
	case uint64:
		return either(b, v, desc, keys.AppendUint64, keys.AppendUint64Desc)
	case float64:
		return either(b, v, desc, keys.AppendFloat64, keys.AppendFloat64Desc)
	case time.Time:
		return either(b, v, desc, keys.AppendTime, keys.AppendTimeDesc)
	case time.Duration:
		return either(b, v, desc, keys.AppendDuration, keys.AppendDurationDesc)
	case [16]byte:
		return either(b, v, desc, keys.AppendUUID, keys.AppendUUIDDesc)
	case number:
		return either(b, int32(v), desc, keys.AppendEnum, keys.AppendEnumDesc)
	case blob:
		return appendKey(b, string(v), desc, last)
	case string:
		if last && !desc {
			return keys.AppendStringLast(b, v)
		}
		return either(b, v, desc, keys.AppendString, keys.AppendStringDesc)
	}
	panic(fmt.Sprintf("no key of %T", v))
}

func either[T any](b []byte, v T, desc bool, up, down func([]byte, T) []byte) []byte {
	if desc {
		return down(b, v)
	}
	return up(b, v)
}

func readKey(r *keys.Reader, k catalog.Kind, last bool) any {
	switch k {
	case kind.Bool:
		return r.Bool()
	case kind.Int32:
		return r.Int32()
	case kind.Int64:
		return r.Int64()
	case kind.Uint32:
		return r.Uint32()
	case kind.Uint64:
		return r.Uint64()
	case kind.Float64:
		return r.Float64()
	case kind.Timestamp:
		return r.Time()
	case kind.Duration:
		return r.Duration()
	case kind.UUID:
		return r.UUID()
	case kind.Enum:
		return number(r.Enum())
	}
	var text string
	if last {
		text = r.StringLast()
	} else {
		text = r.String()
	}
	if k == kind.Bytes {
		return blob(text)
	}
	return text
}

func appendWire(dst []byte, num int, v any) []byte {
	switch v := v.(type) {
	case bool:
		return record.AppendBool(dst, num, v)
	case int32:
		return record.AppendInt32(dst, num, v)
	case int64:
		return record.AppendInt64(dst, num, v)
	case uint32:
		return record.AppendUint32(dst, num, v)
	case uint64:
		return record.AppendUint64(dst, num, v)
	case float64:
		return record.AppendFloat64(dst, num, v)
	case time.Time:
		return record.AppendTime(dst, num, v)
	case time.Duration:
		return record.AppendDuration(dst, num, v)
	case [16]byte:
		return record.AppendUUID(dst, num, v)
	case number:
		return record.AppendEnum(dst, num, int32(v))
	case blob:
		return record.AppendString(dst, num, string(v))
	case doc:
		return record.AppendString(dst, num, string(v))
	case string:
		return record.AppendString(dst, num, v)
	}
	panic(fmt.Sprintf("no field of %T", v))
}

func readWire(r *record.Reader, k catalog.Kind) any {
	switch k {
	case kind.Bool:
		return r.Bool()
	case kind.Int32:
		return r.Int32()
	case kind.Int64:
		return r.Int64()
	case kind.Uint32:
		return r.Uint32()
	case kind.Uint64:
		return r.Uint64()
	case kind.Float64:
		return r.Float64()
	case kind.Timestamp:
		return r.Time()
	case kind.Duration:
		return r.Duration()
	case kind.UUID:
		return r.UUID()
	case kind.Enum:
		return number(r.Enum())
	case kind.Bytes:
		return blob(r.String())
	case kind.JSON:
		return doc(r.String())
	}
	return r.String()
}
