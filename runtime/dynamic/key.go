package dynamic

import (
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// part is a scalar of a key: a field that is one, or one within a field that is a struct.
type part struct {
	path []int // positions of the field, and of fields within it
	typ  *catalog.Type
	last bool // a text that ends with the key
}

// keyParts are the scalars of a table's key, in their order.
func keyParts(t *catalog.Table) []part {
	parts := partsOf(t.Fields, t.Key)
	if n := len(parts); n > 0 {
		parts[n-1].last = parts[n-1].typ.Kind.Text()
	}
	return parts
}

// memberParts are the scalars that tell a member of a family from others.
func memberParts(t *catalog.Table) []part {
	all := make([]int, len(t.Per))
	for i := range all {
		all[i] = i
	}
	return partsOf(t.Per, all)
}

// partsOf are the scalars of some fields, which are scalars or structs of them.
func partsOf(fields []catalog.Field, which []int) (out []part) {
	var add func(path []int, typ *catalog.Type)
	add = func(path []int, typ *catalog.Type) {
		if typ.Kind != kind.Struct {
			out = append(out, part{path: path, typ: typ})
			return
		}
		for i := range typ.Fields {
			add(append(path[:len(path):len(path)], i), &typ.Fields[i].Type)
		}
	}
	for _, f := range which {
		add([]int{f}, &fields[f].Type)
	}
	return out
}

// of is the scalar of a row.
func (p *part) of(fields []data) *data {
	d := &fields[p.path[0]]
	for _, i := range p.path[1:] {
		d = &d.elems[i]
	}
	return d
}

func (p *part) append(dst []byte, fields []data) []byte {
	v := p.of(fields).value
	if p.last {
		return keys.AppendStringLast(dst, v.Text())
	}
	return kind.Of(p.typ.Kind).AppendKey(dst, v)
}

func (p *part) read(r *keys.Reader, fields []data) {
	var v kind.Value
	if p.last {
		v = kind.TextOf(p.typ.Kind, r.StringLast())
	} else {
		v = kind.Of(p.typ.Kind).ReadKey(r, &p.typ.Params)
	}
	if r.Err() == nil {
		p.of(fields).setValue(v)
	}
}

// text is the scalar as a part of the text of a key: bytes as they stand.
func (p *part) text(fields []data) string {
	v := p.of(fields).value
	if p.typ.Kind.Text() {
		return v.Text()
	}
	return v.String()
}

// joined is the text of a key, or of a member of a family.
func joined(parts []part, fields []data) string {
	texts := make([]string, len(parts))
	for i := range parts {
		texts[i] = parts[i].text(fields)
	}
	return keys.JoinText(texts...)
}
