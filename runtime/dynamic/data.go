package dynamic

import (
	"math"
	"slices"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// data is a value of any type: a scalar, a list, a map or a struct.
type data struct {
	set   bool         // it is there; of a field that is not optional always
	value kind.Value   // of a scalar
	bits  uint64       // of a float, as it is stored: a Value has one NaN, and no -0
	elems []data       // of a list or map; the fields of a struct
	keys  []kind.Value // of a map, one for each of elems, in their order
	// unknown is the fields of a struct that the description does not know.
	unknown []byte
}

// row is a row of a table: a value for each field of the description.
type row struct{ fields []data }

// newFields are the values of fields that nobody has set.
func newFields(fields []catalog.Field) []data {
	out := make([]data, len(fields))
	for i := range fields {
		f := &fields[i]
		if !f.Optional {
			out[i] = zero(&f.Type)
		}
	}
	return out
}

// zero is the value of a type that nobody has set.
func zero(t *catalog.Type) data {
	d := data{set: true}
	switch s := kind.Of(t.Kind); {
	case s != nil:
		d.value = zeroValue(s, t)
	case t.Kind == kind.Struct:
		d.elems = newFields(t.Fields)
	}
	return d
}

// zeroValue is the scalar that is not stored where a field is not optional. It is what Go
// has, and not what is shown: of a JSON it is no text at all, where null is shown.
func zeroValue(s *kind.Scalar, t *catalog.Type) kind.Value {
	if isText(t.Kind) {
		return kind.TextOf(t.Kind, "")
	}
	return s.Zero(&t.Params)
}

// isText reports whether values are texts or documents, which may be empty.
func isText(k kind.Kind) bool { return k.Text() || k == kind.JSON }

// fill gives the lists in fields that are arrays in Go all their elements.
func fill(values []data, fields []catalog.Field) {
	for i := range fields {
		values[i].fill(&fields[i].Type)
	}
}

func (d *data) fill(t *catalog.Type) {
	switch {
	case t.Kind == kind.Struct && d.set:
		fill(d.elems, t.Fields)
	case t.Kind == kind.List, t.Kind == kind.Map:
		for len(d.elems) < t.Len {
			d.elems = append(d.elems, zero(t.Elem))
		}
		for i := range d.elems {
			d.elems[i].fill(t.Elem)
		}
	}
}

// arrays reports whether there are any in fields.
func arrays(fields []catalog.Field) bool {
	return slices.ContainsFunc(fields, func(f catalog.Field) bool {
		t := &f.Type
		if t.Len > 0 {
			return true
		}
		if t.Elem != nil {
			t = t.Elem
		}
		return arrays(t.Fields)
	})
}

// byNumber are the positions of fields in the order in which they are written, that of their
// numbers.
func byNumber(fields []catalog.Field) []int {
	out := make([]int, len(fields))
	for i := range out {
		out[i] = i
	}
	slices.SortFunc(out, func(a, b int) int { return fields[a].Number - fields[b].Number })
	return out
}

// isZero reports whether a scalar is the one that is not stored.
func (d *data) isZero(t *catalog.Type) bool {
	s := kind.Of(t.Kind)
	if isFloat(t.Kind) {
		return d.bits == 0
	}
	return d.value.Compare(zeroValue(s, t)) == 0
}

// setValue makes d a scalar.
func (d *data) setValue(v kind.Value) {
	*d = data{set: true, value: v}
	switch v.Kind() {
	case kind.Float32:
		d.bits = uint64(math.Float32bits(float32(v.Float64())))
	case kind.Float64:
		d.bits = math.Float64bits(v.Float64())
	}
}

// setBits makes d a float with these bits.
func (d *data) setBits(k kind.Kind, bits uint64) {
	d.set, d.bits = true, bits
	if k == kind.Float32 {
		d.value = kind.Float32Of(math.Float32frombits(uint32(bits)))
	} else {
		d.value = kind.Float64Of(math.Float64frombits(bits))
	}
}

func isFloat(k kind.Kind) bool { return k == kind.Float32 || k == kind.Float64 }
