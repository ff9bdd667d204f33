package provider

import (
	"bytes"
	"encoding/json"
	"fmt"
	"slices"
	"strconv"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

func invalid(where, format string, args ...any) error {
	return record.Invalid(where, fmt.Sprintf(format, args...))
}

// appendField appends a value of a column as the field num in the wire format.
// Null is the absence of the field, and appends nothing.
func (c *Column) appendField(dst []byte, num int, v Value) ([]byte, error) {
	v, err := c.convert(v)
	switch {
	case err != nil || v.IsNull():
		return dst, err
	case c.fixed:
		return dst, invalid(c.Name, "cannot be written as a document, since parts of it are hidden")
	case c.Document():
		if !json.Valid([]byte(v.Text())) {
			return dst, invalid(c.Name, "is not JSON")
		}
		return parseField(dst, num, c.Type, json.RawMessage(v.Text()), c.Name)
	}
	return appendScalar(dst, num, v), nil
}

// appendScalar appends a value as the field num.
func appendScalar(dst []byte, num int, v Value) []byte {
	return kind.Of(v.Kind()).AppendWire(dst, num, v)
}

// parseField appends a document of a type as the field num.
func parseField(dst []byte, num int, t *catalog.Type, text json.RawMessage, where string) ([]byte, error) {
	switch t.Kind {
	case kind.List:
		var elems []json.RawMessage
		if err := json.Unmarshal(text, &elems); err != nil {
			return dst, invalid(where, "want an array of %s: %v", typeName(t.Elem), err)
		}
		if t.Len > 0 && len(elems) > t.Len {
			return dst, invalid(where, "has %d elements, and an array of %d in Go", len(elems), t.Len)
		}
		for i, e := range elems {
			var err error
			if dst, err = parseField(dst, num, t.Elem, e, where+"["+strconv.Itoa(i)+"]"); err != nil {
				return dst, err
			}
		}
		return dst, nil
	case kind.Map:
		entries, _, err := parseObject(text)
		if err != nil {
			return dst, invalid(where, "want an object of %s: %v", typeName(t.Elem), err)
		}
		keys, err := parseKeys(t.KeyOf(), entries, where)
		if err != nil {
			return dst, err
		}
		for _, key := range keys {
			var at int
			dst, at = record.Begin(dst, num)
			dst = appendScalar(dst, 1, key)
			text := keyText(key)
			if dst, err = parseField(dst, 2, t.Elem, entries[text], where+"."+text); err != nil {
				return dst, err
			}
			dst = record.End(dst, at)
		}
		return dst, nil
	case kind.Struct:
		return parseStruct(dst, num, t, text, where)
	}
	v, err := parseScalar(t, text, where)
	if err != nil {
		return dst, err
	}
	return appendScalar(dst, num, v), nil
}

// parseKeys reads the keys of a map, and sorts them by value. A number has one text, so
// that no two keys are one.
func parseKeys(t *catalog.Type, entries map[string]json.RawMessage, where string) ([]Value, error) {
	var out []Value
	for _, text := range record.SortedKeys(entries) {
		if t.Kind == kind.String {
			out = append(out, String(text))
			continue
		}
		key, err := kind.Of(t.Kind).ParseLit(&t.Params, text)
		if err != nil || keyText(key) != text {
			return nil, invalid(where, "the key %q is no %s: want digits alone, in its range", text, typeName(t))
		}
		out = append(out, key)
	}
	slices.SortFunc(out, Value.Compare)
	return out, nil
}

func parseStruct(dst []byte, num int, t *catalog.Type, text json.RawMessage, where string) ([]byte, error) {
	members, ok, err := parseObject(text)
	if err != nil {
		return dst, invalid(where, "want an object of the fields of %s: %v", typeName(t), err)
	}
	if !ok {
		return dst, invalid(where, "want an object of the fields of %s, and it is null", typeName(t))
	}
	dst, at := record.Begin(dst, num)
	known := 0
	for i := range t.Fields {
		f := &t.Fields[i]
		member, ok := members[f.Name]
		if !ok {
			continue
		}
		known++
		if f.Type.Kind != kind.JSON && string(bytes.TrimSpace(member)) == "null" {
			if f.Optional {
				continue
			}
			return dst, invalid(where+"."+f.Name, "may not be null")
		}
		var err error
		if dst, err = parseField(dst, f.Number, &f.Type, member, where+"."+f.Name); err != nil {
			return dst, err
		}
	}
	if known < len(members) {
		for _, name := range record.SortedKeys(members) {
			if !slices.ContainsFunc(t.Fields, func(f catalog.Field) bool { return f.Name == name }) {
				return dst, invalid(where, "%s has no field %q", typeName(t), name)
			}
		}
	}
	return record.End(dst, at), nil
}

func typeName(t *catalog.Type) string {
	if t.Name != "" {
		return t.Name
	}
	return kind.TypeText(t.Kind, &t.Params)
}

// parseScalar reads a scalar in the form in which documents hold it.
func parseScalar(t *catalog.Type, text json.RawMessage, where string) (Value, error) {
	v, ok := kind.ParseJSON(t.Kind, &t.Params, text)
	if !ok {
		return Value{}, invalid(where, "%s is no %s: want %s", text, typeName(t), kind.Of(t.Kind).WantJSON(&t.Params))
	}
	return v, nil
}
