package record

import "bytes"

// Same reports whether two values have the same fields of a set, each as the same bytes and
// all in the same order: they are decoded to the same then. Values that other programs have
// written in another order may be decoded to the same too.
func Same(a, b []byte, of Fields) bool {
	x, y := NewReader(a), NewReader(b)
	for x.NextOf(of) {
		if !y.NextOf(of) || !bytes.Equal(x.raw(), y.raw()) {
			return false
		}
	}
	return !y.NextOf(of) && x.err == nil && y.err == nil
}

// raw is the current field as it stands, tag included.
func (r *Reader) raw() []byte { return r.b[r.start:r.pos] }
