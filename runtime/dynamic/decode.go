package dynamic

import (
	"fmt"
	"math"
	"slices"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// What is decoded points into the bytes that it is decoded from.

// read reads the current field into d, which holds what fields of its number before it have
// left.
func (d *data) read(r *record.Reader, t *catalog.Type, optional bool) {
	switch s := kind.Of(t.Kind); {
	case s != nil:
		d.readScalar(r, t)
	case t.Kind == kind.List:
		d.readElems(r, t)
	case t.Kind == kind.Map:
		d.readEntry(r, t)
	case t.Kind == kind.Struct:
		if optional {
			*d = zero(t)
		}
		r.Nested(d.readStruct(r.Bytes(), t))
	default:
		r.Nested(fmt.Errorf("a field of the kind %v, which this program does not know", t.Kind))
	}
}

func (d *data) readScalar(r *record.Reader, t *catalog.Type) {
	s := kind.Of(t.Kind)
	d.set = true
	switch {
	case t.Kind == kind.Float32:
		d.setBits(t.Kind, uint64(math.Float32bits(r.Float32())))
	case t.Kind == kind.Float64:
		d.setBits(t.Kind, math.Float64bits(r.Float64()))
	case t.Kind.Text():
		d.value = kind.TextOf(t.Kind, r.String())
	default:
		d.value = s.ReadWire(r, &t.Params)
	}
}

// packed reports whether the elements of a list are one field. Those of a named type over bool
// are not, as package record has no function for lists of such.
func packed(elem *catalog.Type) bool {
	s := kind.Of(elem.Kind)
	return s != nil && s.Packed != "" && !(s.PackedMethod && elem.Name != "" && !s.Gen.Methods)
}

// readElems appends the element, or the elements, in the current field.
func (d *data) readElems(r *record.Reader, t *catalog.Type) {
	s := kind.Of(t.Elem.Kind)
	switch {
	case !packed(t.Elem):
		elem := zero(t.Elem)
		elem.read(r, t.Elem, false)
		d.elems = append(d.elems, elem)
	case t.Elem.Kind == kind.Float32:
		for _, f := range record.Float32s(r, []float32(nil)) {
			var elem data
			elem.setBits(t.Elem.Kind, uint64(math.Float32bits(f)))
			d.elems = append(d.elems, elem)
		}
	case t.Elem.Kind == kind.Float64:
		for _, f := range record.Float64s(r, []float64(nil)) {
			var elem data
			elem.setBits(t.Elem.Kind, math.Float64bits(f))
			d.elems = append(d.elems, elem)
		}
	default:
		for _, v := range s.ReadPacked(r, &t.Elem.Params, nil) {
			d.elems = append(d.elems, data{set: true, value: v})
		}
	}
	if d.set = true; t.Len > 0 && len(d.elems) > t.Len {
		r.Nested(fmt.Errorf("has %d elements, and an array of %d in Go", len(d.elems), t.Len))
	}
}

// readEntry puts the entry of a map in the current field in its place, or in the place of
// one that has its key.
func (d *data) readEntry(r *record.Reader, t *catalog.Type) {
	kt := t.KeyOf()
	key, elem := zero(kt), zero(t.Elem)
	if s := kind.Of(t.Elem.Kind); s != nil && s.Unsent != nil {
		elem.value = s.Unsent()
	}
	e := r.Message()
	for e.Next() {
		switch e.Num() {
		case 1:
			key.read(&e, kt, false)
		case 2:
			elem.read(&e, t.Elem, false)
		}
	}
	r.Nested(e.Err())
	i, there := slices.BinarySearchFunc(d.keys, key.value, kind.Value.Compare)
	if !there {
		d.keys = slices.Insert(d.keys, i, key.value)
		d.elems = slices.Insert(d.elems, i, data{})
	}
	d.set, d.elems[i] = true, elem
}

// readStruct reads fields into those of a struct.
func (d *data) readStruct(b []byte, t *catalog.Type) error {
	d.set = true
	r := record.NewReader(b)
	for r.Next() {
		if i := numbered(t.Fields, r.Num()); i >= 0 {
			f := &t.Fields[i]
			d.elems[i].read(&r, &f.Type, f.Optional)
		} else if !t.Sealed {
			d.unknown = r.AppendRaw(d.unknown)
		}
	}
	return r.Err()
}

// numbered is the position of the field with a number, -1 if there is none.
func numbered(fields []catalog.Field, num int) int {
	for i := range fields {
		if fields[i].Number == num {
			return i
		}
	}
	return -1
}
