package dynamic

import (
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// appendField appends a field of a value in the protobuf wire format.
func appendField(dst []byte, f *catalog.Field, x any) []byte {
	if zero(x, f.Optional) {
		return dst
	}
	switch f.Type.Kind {
	case kind.List:
		for _, elem := range x.([]any) {
			dst = appendOne(dst, f.Number, f.Type.Elem, elem)
		}
		return dst
	case kind.Map:
		m := x.(map[string]any)
		for _, k := range sorted(m) {
			entry, at := record.Begin(dst, f.Number)
			entry = appendOne(record.AppendString(entry, 1, k), 2, f.Type.Elem, m[k])
			dst = record.End(entry, at)
		}
		return dst
	}
	return appendOne(dst, f.Number, &f.Type, x)
}

func appendOne(dst []byte, num int, t *catalog.Type, x any) []byte {
	switch t.Kind {
	case kind.Bool:
		return record.AppendBool(dst, num, x.(bool))
	case kind.Int32:
		return record.AppendInt32(dst, num, int32(x.(int64)))
	case kind.Int64:
		return record.AppendInt64(dst, num, x.(int64))
	case kind.String:
		return record.AppendString(dst, num, x.(string))
	case kind.Timestamp:
		return record.AppendTime(dst, num, x.(time.Time))
	case kind.Enum:
		return record.AppendEnum(dst, num, int32(x.(Enum)))
	case kind.Struct:
		s := x.(*Struct)
		dst, at := record.Begin(dst, num)
		for i := range t.Fields {
			if i < len(s.Fields) {
				dst = appendField(dst, &t.Fields[i], s.Fields[i])
			}
		}
		return record.End(append(dst, s.Unknown...), at)
	}
	panic("dynamic: a field of the kind " + t.Kind.String())
}

// readFields reads what appendField wrote, into as many values as there are fields.
func readFields(b []byte, fields []catalog.Field, into []any) (unknown []byte, err error) {
	r := record.NewReader(b)
	for r.Next() {
		i := -1
		for j := range fields {
			if fields[j].Number == r.Num() {
				i = j
			}
		}
		if i < 0 {
			unknown = r.AppendRaw(unknown)
			continue
		}
		t := &fields[i].Type
		switch t.Kind {
		case kind.List:
			list, _ := into[i].([]any)
			into[i] = append(list, readOne(&r, t.Elem))
		case kind.Map:
			m, _ := into[i].(map[string]any)
			if m == nil {
				m = map[string]any{}
			}
			k, v := readEntry(&r, t.Elem)
			m[k], into[i] = v, m
		default:
			into[i] = readOne(&r, t)
		}
	}
	return unknown, r.Err()
}

func readEntry(r *record.Reader, elem *catalog.Type) (key string, v any) {
	entry := r.Message()
	for entry.Next() {
		switch entry.Num() {
		case 1:
			key = entry.String()
		case 2:
			v = readOne(&entry, elem)
		}
	}
	r.Nested(entry.Err())
	return key, v
}

func readOne(r *record.Reader, t *catalog.Type) any {
	switch t.Kind {
	case kind.Bool:
		return r.Bool()
	case kind.Int32:
		return int64(r.Int32())
	case kind.Int64:
		return r.Int64()
	case kind.String:
		return string(append([]byte(nil), r.String()...))
	case kind.Timestamp:
		return r.Time()
	case kind.Enum:
		return Enum(r.Enum())
	case kind.Struct:
		s := &Struct{Fields: make([]any, len(t.Fields))}
		unknown, err := readFields(r.Bytes(), t.Fields, s.Fields)
		r.Nested(err)
		if !t.Sealed {
			s.Unknown = unknown
		}
		return s
	}
	panic("dynamic: a field of the kind " + t.Kind.String())
}

// appendPart appends a part of a key or a column of an index.
func appendPart(dst []byte, t *catalog.Type, x any, last, desc bool) []byte {
	from := len(dst)
	switch t.Kind {
	case kind.Bool:
		v, _ := x.(bool)
		dst = keys.AppendBool(dst, v)
	case kind.Int32:
		v, _ := x.(int64)
		dst = keys.AppendInt32(dst, int32(v))
	case kind.Int64:
		v, _ := x.(int64)
		dst = keys.AppendInt64(dst, v)
	case kind.String:
		v, _ := x.(string)
		if last && !desc {
			return keys.AppendStringLast(dst, v)
		}
		dst = keys.AppendString(dst, v)
	case kind.Timestamp:
		v, _ := x.(time.Time)
		dst = keys.AppendTime(dst, v)
	case kind.Enum:
		v, _ := x.(Enum)
		dst = keys.AppendEnum(dst, int32(v))
	case kind.Struct:
		s, _ := x.(*Struct)
		if s == nil {
			s = &Struct{}
		}
		for i := range t.Fields {
			var v any
			if i < len(s.Fields) {
				v = s.Fields[i]
			}
			dst = appendPart(dst, &t.Fields[i].Type, v, last && i == len(t.Fields)-1, false)
		}
	default:
		panic("dynamic: a key of the kind " + t.Kind.String())
	}
	if desc {
		for i := from; i < len(dst); i++ {
			dst[i] = ^dst[i]
		}
	}
	return dst
}

func readPart(r *keys.Reader, t *catalog.Type, last bool) any {
	switch t.Kind {
	case kind.Bool:
		return r.Bool()
	case kind.Int32:
		return int64(r.Int32())
	case kind.Int64:
		return r.Int64()
	case kind.String:
		if last {
			return r.StringLast()
		}
		return r.String()
	case kind.Timestamp:
		return r.Time()
	case kind.Enum:
		return Enum(r.Enum())
	case kind.Struct:
		s := &Struct{Fields: make([]any, len(t.Fields))}
		for i := range t.Fields {
			s.Fields[i] = readPart(r, &t.Fields[i].Type, last && i == len(t.Fields)-1)
		}
		return s
	}
	panic("dynamic: a key of the kind " + t.Kind.String())
}
