package provider

import (
	"cmp"
	"slices"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// scratch is memory for lists and documents, for use again.
type scratch struct {
	packed  []Value
	doc     []byte
	readers []*record.Reader
	open    int // how many of them are in use: one for each level of what is read
}

// reader returns a reader, for use until close is called. What is called by way of a
// kind's row would otherwise cost memory for each one.
func (s *scratch) reader(body []byte) *record.Reader {
	if s.open == len(s.readers) {
		s.readers = append(s.readers, new(record.Reader))
	}
	r := s.readers[s.open]
	s.open++
	*r = record.NewReader(body)
	return r
}

// close gives the last reader back.
func (s *scratch) close() { s.open-- }

// field appends the document of the field num of a value in the wire format, in
// the form that Column.Kind describes. present tells whether the field is there.
func (s *scratch) field(dst, body []byte, num int, t *catalog.Type) (out []byte, present bool, err error) {
	switch t.Kind {
	case kind.List:
		return s.list(dst, body, num, t)
	case kind.Map:
		return s.entries(dst, body, num, t)
	}
	start := len(dst)
	r := s.reader(body)
	defer s.close()
	for r.Next() {
		if r.Num() != num {
			continue
		}
		present = true
		dst = s.element(dst[:start], r, t) // the last one counts
	}
	if !present {
		dst, err = s.absent(dst, t)
		return dst, false, firstError(err, r.Err())
	}
	return dst, present, r.Err()
}

// absent appends what stands for a field that is not there.
func (s *scratch) absent(dst []byte, t *catalog.Type) ([]byte, error) {
	if t.Kind == kind.Struct {
		return s.structure(dst, nil, t)
	}
	return kind.AppendJSON(dst, zeroOf(t)), nil
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
	if t.Kind != kind.Struct {
		return kind.AppendJSON(dst, readScalar(r, t))
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
		dst = append(kind.AppendJSONString(dst, f.Name), ':')
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

// list appends a list. One that is an array in Go has all its elements, also where not all
// are stored.
func (s *scratch) list(dst, body []byte, num int, t *catalog.Type) ([]byte, bool, error) {
	dst = append(dst, '[')
	start, n := len(dst), 0
	r := s.reader(body)
	defer s.close()
	for r.Next() {
		if r.Num() != num {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		before := len(dst)
		var read int
		dst, read, _ = s.elements(dst, r, t.Elem, nil)
		if len(dst) == before && before > start {
			dst = dst[:before-1] // an empty run of packed elements
		}
		n += read
		r.AtMost(n, cmp.Or(t.Len, n))
	}
	if err := r.Err(); err != nil {
		return dst, false, err
	}
	for ; n < t.Len; n++ {
		if n > 0 {
			dst = append(dst, ',')
		}
		var err error
		if dst, err = s.absent(dst, t.Elem); err != nil {
			return dst, false, err
		}
	}
	return append(dst, ']'), len(dst) > start, nil
}

// elements appends the current field's elements: one, or a packed run of them. With
// a value to look for it appends nothing, and tells whether one of them equals that. n is
// how many there were.
func (s *scratch) elements(dst []byte, r *record.Reader, t *catalog.Type, want *Value) (out []byte, n int, found bool) {
	row := kind.Of(t.Kind)
	switch {
	case row == nil || t.Kind == kind.JSON:
		if want == nil {
			return s.element(dst, r, t), 1, false
		}
		// Compared as documents: what has another kind may have the same text.
		s.doc = s.element(s.doc[:0], r, t)
		return dst, 1, want.Kind() == kind.JSON && string(s.doc) == want.JSON()
	case row.ReadPacked != nil:
		s.packed = row.ReadPacked(r, &t.Params, s.packed[:0])
	default:
		s.packed = append(s.packed[:0], row.ReadWire(r, &t.Params))
	}
	if want != nil {
		return dst, len(s.packed), slices.ContainsFunc(s.packed, func(v Value) bool { return v.Compare(*want) == 0 })
	}
	for i, v := range s.packed {
		if i > 0 {
			dst = append(dst, ',')
		}
		dst = row.AppendJSON(dst, v)
	}
	return dst, len(s.packed), false
}

// contains looks for a value among the elements of the list that is the field num
// of a value in the wire format. Nothing equals a value of another kind, or null.
func (s *scratch) contains(body []byte, num int, t *catalog.Type, want Value) bool {
	r := s.reader(body)
	defer s.close()
	n := 0
	for r.Next() {
		if r.Num() != num {
			continue
		}
		_, read, found := s.elements(nil, r, t.Elem, &want)
		if found {
			return true
		}
		n += read
	}
	if n >= t.Len {
		return false
	}
	if t.Elem.Kind.Scalar() && t.Elem.Kind != kind.JSON {
		return want.Compare(zeroOf(t.Elem)) == 0
	}
	var err error // a document
	s.doc, err = s.absent(s.doc[:0], t.Elem)
	return err == nil && want.Kind() == kind.JSON && string(s.doc) == want.JSON()
}

// entries appends a map, whose entries are messages of a key and a value. A key that is a
// number is its digits. Entries are written in the order of their keys; other writers
// may have another order, or a key twice, of which the last one counts.
func (s *scratch) entries(dst, body []byte, num int, t *catalog.Type) ([]byte, bool, error) {
	dst = append(dst, '{')
	start := len(dst)
	r := s.reader(body)
	defer s.close()
	var last Value
	for r.Next() {
		if r.Num() != num {
			continue
		}
		key := s.entryKey(r, t)
		if len(dst) > start {
			if key.Compare(last) <= 0 {
				return s.sortedEntries(dst[:start], body, num, t)
			}
			dst = append(dst, ',')
		}
		last = key
		dst = s.entry(dst, r, t, key)
	}
	return append(dst, '}'), len(dst) > start, r.Err()
}

// sortedEntries is entries for those that are in another order than that of their keys.
func (s *scratch) sortedEntries(dst, body []byte, num int, t *catalog.Type) ([]byte, bool, error) {
	type entry struct {
		key Value
		doc []byte
	}
	var entries []entry
	r := s.reader(body)
	defer s.close()
	for r.Next() {
		if r.Num() != num {
			continue
		}
		key := s.entryKey(r, t)
		entries = append(entries, entry{key, s.entry(nil, r, t, key)})
	}
	slices.SortStableFunc(entries, func(a, b entry) int { return a.key.Compare(b.key) })
	start := len(dst)
	for i, e := range entries {
		if i+1 < len(entries) && entries[i+1].key.Equal(e.key) {
			continue
		}
		if len(dst) > start {
			dst = append(dst, ',')
		}
		dst = append(dst, e.doc...)
	}
	return append(dst, '}'), true, r.Err()
}

// entryKey is the key of the entry that is the current field of r.
func (s *scratch) entryKey(r *record.Reader, t *catalog.Type) Value {
	key := zeroOf(t.KeyOf())
	entry := s.reader(r.Bytes())
	defer s.close()
	for entry.Next() {
		if entry.Num() == 1 {
			key = readScalar(entry, t.KeyOf())
		}
	}
	r.Nested(entry.Err())
	return key
}

// entry appends the entry that is the current field of r.
func (s *scratch) entry(dst []byte, r *record.Reader, t *catalog.Type, key Value) []byte {
	dst = append(kind.AppendJSONString(dst, keyText(key)), ':')
	out, present, err := s.field(dst, r.Bytes(), 2, t.Elem)
	r.Nested(err)
	if row := kind.Of(t.Elem.Kind); !present && row != nil && row.Unsent != nil {
		return row.AppendJSON(dst, row.Unsent())
	}
	return out
}

// keyText is the key of a map as the name of a member.
func keyText(key Value) string {
	if key.Kind() == kind.String {
		return key.Text()
	}
	return kind.Of(key.Kind()).Lit(key)
}
