package provider

import (
	"bytes"
	"fmt"
	"slices"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/rawstore"
)

// KeyRange is a run of a path: equality on any number of its leading columns, then
// a bound on each side of the next, or a prefix of it. The zero KeyRange is the
// whole path. A null anywhere in it matches nothing.
//
// On a column whose case is folded, values of Equal and Prefix are folded before
// use, so that more rows may come than match, and there are no bounds.
type KeyRange struct {
	Equal     []Value
	Low, High Bound
	// Prefix keeps text that begins with a value, where it is set, and excludes
	// bounds.
	Prefix Bound
}

// Bound is one side of a range; the zero Bound is none.
type Bound struct {
	Value Value
	Set   bool
	Open  bool // the value itself is not in the range
}

// From is a bound at a value, which is in the range.
func From(v Value) Bound { return Bound{Value: v, Set: true} }

// Beyond is a bound at a value, which is not in the range.
func Beyond(v Value) Bound { return Bound{Value: v, Set: true, Open: true} }

// span is a range as bytes, up to but not including its end. What has no end says
// so: the encoding of an empty text that ends a key is no bytes, and a bound like
// any other.
type span struct {
	start, end []byte
	endless    bool
}

// upTo is the span from one encoding up to another; nil, as keys.Successor gives
// it, is behind all there is.
func upTo(start, behind []byte) span {
	return span{start: start, end: behind, endless: behind == nil}
}

func (s span) empty() bool { return !s.endless && bytes.Compare(s.start, s.end) >= 0 }

// before reports whether the span ends before an encoding, with a gap between.
func (s span) before(start []byte) bool { return !s.endless && bytes.Compare(s.end, start) < 0 }

// join takes in a span that begins in this one or right behind it.
func (s *span) join(o span) {
	if s.endless || !o.endless && bytes.Compare(o.end, s.end) <= 0 {
		return
	}
	s.end, s.endless = o.end, o.endless
}

// bounds are the ends, for a walk in which nil is no bound, of a span that is not
// empty.
func (s span) bounds() (start, end []byte) {
	if s.endless {
		return s.start, nil
	}
	return s.start, s.end
}

// spans encodes ranges, in the order of the path and without overlap, so that no
// entry lies in two of them.
func (d *TableDef) spans(p *Path, ranges []KeyRange) ([]span, error) {
	if len(ranges) == 0 {
		return []span{{endless: true}}, nil
	}
	out := make([]span, 0, len(ranges))
	for i := range ranges {
		s, ok, err := d.span(p, &ranges[i])
		if err != nil {
			return nil, rangeError(p, i, err)
		}
		if ok && !s.empty() {
			out = append(out, s)
		}
	}
	slices.SortFunc(out, func(a, b span) int { return bytes.Compare(a.start, b.start) })
	merged := out[:0]
	for _, s := range out {
		if n := len(merged); n > 0 && !merged[n-1].before(s.start) {
			merged[n-1].join(s)
			continue
		}
		merged = append(merged, s)
	}
	return merged, nil
}

// runs are the spans of ranges, and whether each of them is a point: one key, or one
// entry of a unique index, which can be looked up.
func (d *TableDef) runs(p *Path, ranges []KeyRange) (spans []span, points bool, err error) {
	if len(ranges) == 0 {
		return []span{{endless: true}}, false, nil
	}
	for i := range ranges {
		r := &ranges[i]
		if !p.Unique || len(r.Equal) != len(p.parts) || r.Low.Set || r.High.Set || r.Prefix.Set {
			spans, err := d.spans(p, ranges)
			return spans, false, err
		}
	}
	if len(ranges) > rawstore.MostPoints {
		// Keys that are next to each other are better walked over.
		spans, err := d.spans(p, ranges)
		if err != nil || p.Index >= 0 || 2*len(spans) <= len(ranges) {
			return spans, false, err
		}
	}
	for i := range ranges {
		null, err := d.checkRange(p, &ranges[i])
		if err != nil {
			return nil, false, rangeError(p, i, err)
		}
		if null {
			continue
		}
		var b []byte
		for j, v := range ranges[i].Equal {
			b = p.parts[j].appendTo(b, v)
		}
		spans = append(spans, span{start: b})
	}
	slices.SortFunc(spans, func(a, b span) int { return bytes.Compare(a.start, b.start) })
	return slices.CompactFunc(spans, func(a, b span) bool { return bytes.Equal(a.start, b.start) }), true, nil
}

func rangeError(p *Path, i int, err error) error {
	return fmt.Errorf("range %d of path %s: %w", i, p.Name, err)
}

// checkRange makes sure that a range can be one of a path. null reports whether it
// has a null, and so matches nothing.
func (d *TableDef) checkRange(p *Path, r *KeyRange) (null bool, err error) {
	if len(r.Equal) > len(p.parts) {
		return false, fmt.Errorf("%d values for equality, and there are %d columns", len(r.Equal), len(p.parts))
	}
	for i, v := range r.Equal {
		if err := d.fits(&p.parts[i], v); err != nil {
			return false, err
		}
		null = null || v.IsNull()
	}
	if !r.Low.Set && !r.High.Set && !r.Prefix.Set {
		return null, nil
	}
	if len(r.Equal) == len(p.parts) {
		return false, fmt.Errorf("a bound behind the last column")
	}
	c := &p.parts[len(r.Equal)]
	switch {
	case r.Prefix.Set && (r.Low.Set || r.High.Set):
		return false, fmt.Errorf("both a prefix and bounds")
	case r.Prefix.Set && !c.typ.Kind.Text():
		return false, fmt.Errorf("%s is %s, which has no prefixes", d.Columns[c.column].Name, c.typ.Kind)
	case !r.Prefix.Set && c.Mapped():
		return false, fmt.Errorf("%s has no order there, since its case is folded", d.Columns[c.column].Name)
	}
	for _, bound := range []Bound{r.Low, r.High, r.Prefix} {
		if err := d.fits(c, bound.Value); err != nil && bound.Set {
			return false, err
		}
		null = null || bound.Set && bound.Value.IsNull()
	}
	return null, nil
}

// span encodes a range. ok is false where it matches nothing.
func (d *TableDef) span(p *Path, r *KeyRange) (s span, ok bool, err error) {
	if null, err := d.checkRange(p, r); err != nil || null {
		return s, false, err
	}
	var b []byte
	for i, v := range r.Equal {
		b = p.parts[i].appendTo(b, v)
	}
	switch bounded := r.Low.Set || r.High.Set || r.Prefix.Set; {
	case !bounded && len(r.Equal) == 0:
		return span{endless: true}, true, nil
	case !bounded:
		return upTo(b, p.parts[len(r.Equal)-1].behind(b)), true, nil
	}
	c := &p.parts[len(r.Equal)]
	if r.Prefix.Set {
		start := c.appendPrefix(bytes.Clone(b), r.Prefix.Value)
		return upTo(start, keys.Successor(start)), true, nil
	}
	from, to := r.Low, r.High
	if c.Desc {
		from, to = to, from
	}
	s = upTo(b, keys.Successor(b))
	if from.Set {
		s.start = c.appendTo(bytes.Clone(b), from.Value)
		if from.Open {
			if s.start = c.behind(s.start); s.start == nil {
				return s, false, nil // nothing can lie behind
			}
		}
	}
	if to.Set {
		end := c.appendTo(bytes.Clone(b), to.Value)
		if s.end, s.endless = end, false; !to.Open {
			s = upTo(s.start, c.behind(end))
		}
	}
	return s, true, nil
}

// mayRepeat reports whether a row can have several entries in some ranges of a
// path: over the elements of a list, unless one element is fixed.
func (p *Path) mayRepeat(ranges []KeyRange) bool {
	each := slices.IndexFunc(p.parts, func(c component) bool { return c.Each })
	return each >= 0 && !(len(ranges) == 1 && len(ranges[0].Equal) > each)
}

// EncodeKey appends the encoded key of a row, given the values of the key's
// columns in the order of TableDef.Key.
func (d *TableDef) EncodeKey(dst []byte, values ...Value) ([]byte, error) {
	if len(values) != len(d.key) {
		return nil, fmt.Errorf("the key of %s has %d columns, not %d", d.Name, len(d.key), len(values))
	}
	for i, v := range values {
		v, err := d.Columns[d.key[i].column].convert(v)
		if err != nil {
			return nil, err
		}
		if v.IsNull() {
			return nil, fmt.Errorf("%s is part of the key and may not be null", d.Columns[d.key[i].column].Name)
		}
		dst = d.key[i].appendTo(dst, v)
	}
	return dst, nil
}

// convert makes a value one of the column's kind: text becomes an enum's value or
// a document. Other kinds must be right.
func (c *Column) convert(v Value) (Value, error) {
	switch {
	case v.IsNull() || c.Kind != kind.Enum && kind.Takes(c.Kind, &c.Type.Params, v):
		return v, nil
	case c.Kind == kind.Enum && v.Kind() == kind.Enum:
		return Enum(c.Type, int32(v.Int64())), nil
	case c.Kind == kind.Enum && v.Kind() == kind.String:
		if e, ok := EnumText(c.Type, v.Text()); ok {
			return e, nil
		}
		return v, invalid(c.Name, "%q is no value of %s: want %s", v.Text(), c.Type.Name, kind.Of(kind.Enum).WantJSON(&c.Type.Params))
	case c.Kind == kind.JSON && v.Kind() == kind.String:
		return JSON(v.Text()), nil
	}
	return v, invalid(c.Name, "the value %s is %s and the column %s: convert it first", v, v.TypeText(), kind.TypeText(c.Kind, &c.Type.Params))
}
