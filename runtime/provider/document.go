package provider

import (
	"encoding/base64"
	"math"
	"slices"
	"strconv"
	"time"
	"unicode/utf8"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/record"
)

// scratch is memory for packed lists, for use again.
type scratch struct {
	bools  []bool
	ints32 []int32
	ints64 []int64
	uint32 []uint32
	uint64 []uint64
	floats []float64
	doc    []byte
}

// field appends the document of the field num of a value in the wire format, in
// the form that Column.Kind describes. present tells whether the field is there.
func (s *scratch) field(dst, body []byte, num int, t *catalog.Type) (out []byte, present bool, err error) {
	switch t.Kind {
	case catalog.List:
		return s.list(dst, body, num, t.Elem)
	case catalog.Map:
		return s.entries(dst, body, num, t.Elem)
	}
	start := len(dst)
	r := record.NewReader(body)
	for r.Next() {
		if r.Num() != num {
			continue
		}
		present = true
		dst = s.element(dst[:start], &r, t) // the last one counts
	}
	if !present {
		dst, err = s.absent(dst, t)
		return dst, false, firstError(err, r.Err())
	}
	return dst, present, r.Err()
}

// absent appends what stands for a field that is not there.
func (s *scratch) absent(dst []byte, t *catalog.Type) ([]byte, error) {
	if t.Kind == catalog.Struct {
		return s.structure(dst, nil, t)
	}
	return appendJSON(dst, zeroOf(t)), nil
}

func firstError(errs ...error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}

// element appends the current field of r as one value.
func (s *scratch) element(dst []byte, r *record.Reader, t *catalog.Type) []byte {
	if t.Kind != catalog.Struct {
		return appendJSON(dst, readScalar(r, t))
	}
	out, err := s.structure(dst, r.Bytes(), t)
	r.Nested(err)
	return out
}

func (s *scratch) structure(dst, body []byte, t *catalog.Type) ([]byte, error) {
	dst = append(dst, '{')
	first := true
	for i := range t.Fields {
		f := &t.Fields[i]
		if f.Hidden {
			continue
		}
		start := len(dst)
		if !first {
			dst = append(dst, ',')
		}
		dst = append(appendText(dst, f.Name), ':')
		out, present, err := s.field(dst, body, f.Number, &f.Type)
		if err != nil {
			return out, err
		}
		if f.Optional && !present {
			dst = out[:start]
			continue
		}
		dst, first = out, false
	}
	return append(dst, '}'), nil
}

func (s *scratch) list(dst, body []byte, num int, elem *catalog.Type) ([]byte, bool, error) {
	dst = append(dst, '[')
	start := len(dst)
	r := record.NewReader(body)
	for r.Next() {
		if r.Num() != num {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		before := len(dst)
		dst, _ = s.elements(dst, &r, elem, nil)
		if len(dst) == before && before > start {
			dst = dst[:before-1] // an empty run of packed elements
		}
	}
	return append(dst, ']'), len(dst) > start, r.Err()
}

// elements appends the current field's elements: one, or a packed run of them. With
// a value to look for it appends nothing, and tells whether one of them equals that.
func (s *scratch) elements(dst []byte, r *record.Reader, t *catalog.Type, want *Value) (out []byte, found bool) {
	switch t.Kind {
	case catalog.Bool:
		s.bools = r.Bools(s.bools[:0])
		return run(dst, s.bools, Bool, want)
	case catalog.Int32:
		s.ints32 = record.Ints(r, s.ints32[:0])
		return run(dst, s.ints32, Int32, want)
	case catalog.Int64:
		s.ints64 = record.Ints(r, s.ints64[:0])
		return run(dst, s.ints64, Int64, want)
	case catalog.Duration:
		s.ints64 = record.Ints(r, s.ints64[:0])
		return run(dst, s.ints64, func(v int64) Value { return Duration(time.Duration(v)) }, want)
	case catalog.Uint32:
		s.uint32 = record.Uints(r, s.uint32[:0])
		return run(dst, s.uint32, Uint32, want)
	case catalog.Uint64:
		s.uint64 = record.Uints(r, s.uint64[:0])
		return run(dst, s.uint64, Uint64, want)
	case catalog.Float64:
		s.floats = record.Float64s(r, s.floats[:0])
		return run(dst, s.floats, Float64, want)
	case catalog.Enum:
		s.ints32 = record.Enums(r, s.ints32[:0])
		return run(dst, s.ints32, func(v int32) Value { return Enum(t, v) }, want)
	case catalog.JSON, catalog.List, catalog.Map, catalog.Struct:
		if want == nil {
			return s.element(dst, r, t), false
		}
		// Compared as documents: what has another kind may have the same text.
		s.doc = s.element(s.doc[:0], r, t)
		return dst, want.Kind() == catalog.JSON && string(s.doc) == want.JSON()
	}
	if want == nil {
		return s.element(dst, r, t), false
	}
	return dst, readScalar(r, t).Compare(*want) == 0
}

func run[T any](dst []byte, elems []T, value func(T) Value, want *Value) (out []byte, found bool) {
	if want != nil {
		return dst, slices.ContainsFunc(elems, func(v T) bool { return value(v).Compare(*want) == 0 })
	}
	for i, v := range elems {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = appendJSON(dst, value(v))
	}
	return dst, false
}

// contains looks for a value among the elements of the list that is the field num
// of a value in the wire format. Nothing equals a value of another kind, or null.
func (s *scratch) contains(body []byte, num int, elem *catalog.Type, want Value) bool {
	r := record.NewReader(body)
	for r.Next() {
		if r.Num() != num {
			continue
		}
		if _, found := s.elements(nil, &r, elem, &want); found {
			return true
		}
	}
	return false
}

// entries appends a map, whose entries are messages of a key and a value.
func (s *scratch) entries(dst, body []byte, num int, elem *catalog.Type) ([]byte, bool, error) {
	dst = append(dst, '{')
	start := len(dst)
	r := record.NewReader(body)
	for r.Next() {
		if r.Num() != num {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		var key string
		entry := r.Message()
		for entry.Next() {
			if entry.Num() == 1 {
				key = entry.String()
			}
		}
		r.Nested(entry.Err())
		dst = append(appendText(dst, key), ':')
		out, _, err := s.field(dst, r.Bytes(), 2, elem)
		r.Nested(err)
		dst = out
	}
	return append(dst, '}'), len(dst) > start, r.Err()
}

// appendJSON appends a scalar as it is in a document.
func appendJSON(dst []byte, v Value) []byte {
	switch v.Kind() {
	case 0:
		return append(dst, "null"...)
	case catalog.Bool:
		return strconv.AppendBool(dst, v.Bool())
	case catalog.Int32, catalog.Int64:
		return strconv.AppendInt(dst, v.Int64(), 10)
	case catalog.Uint32, catalog.Uint64:
		return strconv.AppendUint(dst, v.num, 10)
	case catalog.Float64:
		return appendFloat(dst, v.Float64())
	case catalog.Bytes:
		dst = append(dst, '"')
		dst = base64.StdEncoding.AppendEncode(dst, v.Bytes())
		return append(dst, '"')
	case catalog.Timestamp:
		dst = append(dst, '"')
		dst = v.Time().AppendFormat(dst, time.RFC3339Nano)
		return append(dst, '"')
	case catalog.Duration:
		return appendText(dst, v.Duration().String())
	case catalog.UUID:
		dst = append(dst, '"')
		dst = appendUUIDText(dst, v.UUID())
		return append(dst, '"')
	case catalog.JSON:
		if v.str == "" {
			return append(dst, "null"...)
		}
		return append(dst, v.str...)
	case catalog.Enum:
		if v.str == "" {
			return strconv.AppendInt(dst, v.Int64(), 10)
		}
	}
	return appendText(dst, v.str)
}

func appendFloat(dst []byte, f float64) []byte {
	switch {
	case f != f:
		return append(dst, `"NaN"`...)
	case math.IsInf(f, 1):
		return append(dst, `"Infinity"`...)
	case math.IsInf(f, -1):
		return append(dst, `"-Infinity"`...)
	}
	return strconv.AppendFloat(dst, f, 'g', -1, 64)
}

// appendText appends a JSON string.
func appendText(dst []byte, s string) []byte {
	const hex = "0123456789abcdef"
	dst = append(dst, '"')
	for i := 0; i < len(s); {
		c := s[i]
		switch {
		case c == '"' || c == '\\':
			dst = append(dst, '\\', c)
			i++
		case c == '\n':
			dst = append(dst, '\\', 'n')
			i++
		case c == '\t':
			dst = append(dst, '\\', 't')
			i++
		case c < ' ' || c == 0x7F:
			dst = append(dst, '\\', 'u', '0', '0', hex[c>>4], hex[c&0xF])
			i++
		case c < utf8.RuneSelf:
			dst = append(dst, c)
			i++
		default:
			r, n := utf8.DecodeRuneInString(s[i:])
			dst = utf8.AppendRune(dst, r) // U+FFFD for what is not UTF-8
			i += n
		}
	}
	return append(dst, '"')
}

// JSON is the value as documents hold it.
func (v Value) JSON() string { return string(appendJSON(nil, v)) }
