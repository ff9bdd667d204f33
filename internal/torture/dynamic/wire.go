package dynamic

import (
	"encoding/binary"
	"fmt"
	"slices"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// unknown is what to say of a kind which the place that meets it does not know.
func unknown(what string, k catalog.Kind) string {
	return fmt.Sprintf("dynamic: %s of the kind %d (%s)", what, int(k), k)
}

// scalar is a value of a type; nil stands for the zero value.
func scalar(t *catalog.Type, x any) kind.Value {
	row := kind.Of(t.Kind)
	if row == nil {
		panic(unknown("a value", t.Kind))
	}
	if x == nil {
		return row.Zero(&t.Params)
	}
	v := x.(kind.Value)
	if v.Kind() != t.Kind {
		panic(fmt.Sprintf("dynamic: the value %s, which is %s, is to be %s", v, v.Kind(), t.Kind))
	}
	return v
}

// zero tells whether a field is not stored.
func zero(x any, f *catalog.Field) bool {
	switch x := x.(type) {
	case nil:
		return true
	case kind.Value:
		return !f.Optional && x.Equal(scalar(&f.Type, nil))
	case []any:
		return len(x) == 0
	case map[string]any:
		return len(x) == 0
	}
	return false
}

// appendField appends a field of a value in the protobuf wire format.
func appendField(dst []byte, f *catalog.Field, x any) []byte {
	if f.Type.Len > 0 {
		x = full(&f.Type, x)
	}
	if zero(x, f) {
		return dst
	}
	switch f.Type.Kind {
	case kind.List:
		return appendList(dst, f.Number, f.Type.Elem, x.([]any))
	case kind.Map:
		m := x.(map[string]any)
		for _, k := range mapKeys(f.Type.KeyOf(), m) {
			entry, at := record.Begin(dst, f.Number)
			entry = appendOne(appendOne(entry, 1, f.Type.KeyOf(), k), 2, f.Type.Elem, m[keyText(k)])
			dst = record.End(entry, at)
		}
		return dst
	}
	return appendOne(dst, f.Number, &f.Type, x)
}

// full is an array with all its elements.
func full(t *catalog.Type, x any) []any {
	list, _ := x.([]any)
	for len(list) < t.Len {
		if row := kind.Of(t.Elem.Kind); row != nil {
			list = append(list, row.Zero(&t.Elem.Params))
			continue
		}
		s := &Struct{Fields: make([]any, len(t.Elem.Fields))}
		fill(t.Elem.Fields, s.Fields)
		list = append(list, s)
	}
	return list
}

// fill gives arrays the elements that were not stored.
func fill(fields []catalog.Field, into []any) {
	for i := range fields {
		if t := &fields[i].Type; t.Len > 0 && i < len(into) {
			into[i] = full(t, into[i])
		}
	}
}

// appendList appends a list: a field for each element, or a packed one of them all.
func appendList(dst []byte, num int, t *catalog.Type, list []any) []byte {
	if row := kind.Of(t.Kind); row != nil && row.Packed != "" {
		var packed []byte
		for _, elem := range list {
			one := row.AppendWire(nil, num, scalar(t, elem))
			_, tag := binary.Uvarint(one)
			packed = append(packed, one[tag:]...)
		}
		return record.AppendBytes(dst, num, packed)
	}
	for _, elem := range list {
		dst = appendOne(dst, num, t, elem)
	}
	return dst
}

// mapKeys are the keys of a map, which are kept as texts, in the order of their values.
func mapKeys(t *catalog.Type, m map[string]any) []kind.Value {
	var out []kind.Value
	for text := range m {
		if t.Kind == kind.String {
			out = append(out, kind.StringOf(text))
			continue
		}
		k, err := kind.Of(t.Kind).ParseLit(&t.Params, text)
		if err != nil {
			panic(fmt.Sprintf("dynamic: the key %q is no %s: %v", text, t.Kind, err))
		}
		out = append(out, k)
	}
	slices.SortFunc(out, kind.Value.Compare)
	return out
}

// keyText is the text of a key, by which a map keeps it.
func keyText(k kind.Value) string {
	if k.Kind() == kind.String {
		return k.Text()
	}
	return kind.Of(k.Kind()).Lit(k)
}

func appendOne(dst []byte, num int, t *catalog.Type, x any) []byte {
	if row := kind.Of(t.Kind); row != nil {
		return row.AppendWire(dst, num, scalar(t, x))
	}
	if t.Kind != kind.Struct {
		panic(unknown("a field", t.Kind))
	}
	s := x.(*Struct)
	dst, at := record.Begin(dst, num)
	for i := range t.Fields {
		if i < len(s.Fields) {
			dst = appendField(dst, &t.Fields[i], s.Fields[i])
		}
	}
	return record.End(append(dst, s.Unknown...), at)
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
			list = readElems(&r, t.Elem, list)
			if into[i] = list; t.Len > 0 {
				r.AtMost(len(list), t.Len)
			}
		case kind.Map:
			m, _ := into[i].(map[string]any)
			if m == nil {
				m = map[string]any{}
			}
			k, v := readEntry(&r, t)
			m[k], into[i] = v, m
		default:
			into[i] = readOne(&r, t)
		}
	}
	fill(fields, into)
	return unknown, r.Err()
}

// readElems reads elements of a list: one, or a packed run of them.
func readElems(r *record.Reader, t *catalog.Type, list []any) []any {
	row := kind.Of(t.Kind)
	if row == nil || row.ReadPacked == nil {
		return append(list, readOne(r, t))
	}
	for _, v := range row.ReadPacked(r, &t.Params, nil) {
		list = append(list, v.Clone())
	}
	return list
}

func readEntry(r *record.Reader, t *catalog.Type) (key string, v any) {
	key = keyText(kind.Of(t.KeyKind()).Zero(&t.KeyOf().Params))
	entry := r.Message()
	for entry.Next() {
		switch entry.Num() {
		case 1:
			key = keyText(kind.Of(t.KeyKind()).ReadWire(&entry, &t.KeyOf().Params).Clone())
		case 2:
			v = readOne(&entry, t.Elem)
		}
	}
	r.Nested(entry.Err())
	return key, v
}

func readOne(r *record.Reader, t *catalog.Type) any {
	if row := kind.Of(t.Kind); row != nil {
		return row.ReadWire(r, &t.Params).Clone()
	}
	if t.Kind != kind.Struct {
		panic(unknown("a field", t.Kind))
	}
	s := &Struct{Fields: make([]any, len(t.Fields))}
	rest, err := readFields(r.Bytes(), t.Fields, s.Fields)
	r.Nested(err)
	if !t.Sealed {
		s.Unknown = rest
	}
	return s
}

// appendPart appends a part of a key or a column of an index.
func appendPart(dst []byte, t *catalog.Type, x any, last, desc bool) []byte {
	if row := kind.Of(t.Kind); row != nil && row.AppendKey != nil {
		v := scalar(t, x)
		switch {
		case desc:
			return row.AppendKeyDesc(dst, v)
		case last && t.Kind.Text():
			return keys.AppendStringLast(dst, v.Text())
		}
		return row.AppendKey(dst, v)
	}
	if t.Kind != kind.Struct {
		panic(unknown("a key", t.Kind))
	}
	s, _ := x.(*Struct)
	for i := range t.Fields {
		var v any
		if s != nil && i < len(s.Fields) {
			v = s.Fields[i]
		}
		dst = appendPart(dst, &t.Fields[i].Type, v, last && i == len(t.Fields)-1, desc)
	}
	return dst
}

func readPart(r *keys.Reader, t *catalog.Type, last bool) any {
	if row := kind.Of(t.Kind); row != nil && row.ReadKey != nil {
		if last && t.Kind.Text() {
			return kind.TextOf(t.Kind, r.StringLast())
		}
		return row.ReadKey(r, &t.Params)
	}
	if t.Kind != kind.Struct {
		panic(unknown("a key", t.Kind))
	}
	s := &Struct{Fields: make([]any, len(t.Fields))}
	for i := range t.Fields {
		s.Fields[i] = readPart(r, &t.Fields[i].Type, last && i == len(t.Fields)-1)
	}
	return s
}
