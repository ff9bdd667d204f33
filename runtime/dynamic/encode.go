package dynamic

import (
	"math"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// appendField appends a field of a row or struct, unless it is absent or, where it is not
// optional, has the value that is not stored.
func (d *data) appendField(dst []byte, f *catalog.Field) []byte {
	t := &f.Type
	switch {
	case f.Optional && !d.set:
		return dst
	case kind.Of(t.Kind) != nil && !f.Optional && d.isZero(t):
		return dst
	}
	return d.append(dst, f.Number, t)
}

// append appends a value as the field num, of a list or map as many as there are.
func (d *data) append(dst []byte, num int, t *catalog.Type) []byte {
	switch {
	case t.Kind == kind.List && packed(t.Elem):
		return d.appendPacked(dst, num, t)
	case t.Kind == kind.List:
		for i := range d.elems {
			dst = d.elems[i].append(dst, num, t.Elem)
		}
		return dst
	case t.Kind == kind.Map:
		for i := range d.elems {
			var at int
			dst, at = record.Begin(dst, num)
			dst = appendScalar(dst, 1, d.keys[i])
			dst = d.elems[i].append(dst, 2, t.Elem)
			dst = record.End(dst, at)
		}
		return dst
	case t.Kind == kind.Struct:
		dst, at := record.Begin(dst, num)
		for _, i := range byNumber(t.Fields) {
			dst = d.elems[i].appendField(dst, &t.Fields[i])
		}
		return record.End(append(dst, d.unknown...), at)
	}
	switch t.Kind {
	case kind.Float32:
		return record.AppendFloat32(dst, num, math.Float32frombits(uint32(d.bits)))
	case kind.Float64:
		return record.AppendFloat64(dst, num, math.Float64frombits(d.bits))
	}
	return appendScalar(dst, num, d.value)
}

func appendScalar(dst []byte, num int, v kind.Value) []byte {
	return kind.Of(v.Kind()).AppendWire(dst, num, v)
}

// appendPacked appends the elements of a list as one field: each without its tag.
func (d *data) appendPacked(dst []byte, num int, t *catalog.Type) []byte {
	if len(d.elems) == 0 {
		return dst
	}
	dst, at := record.Begin(dst, num)
	for i := range d.elems {
		start := len(dst)
		dst = d.elems[i].append(dst, 1, t.Elem) // a tag of one byte
		dst = append(dst[:start], dst[start+1:]...)
	}
	return record.End(dst, at)
}
