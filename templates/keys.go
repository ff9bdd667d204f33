package templates

import (
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
)

// leaf is a scalar part of a key, with how to get at it.
type leaf struct {
	at    string // k.Namespace
	typ   *schema.Type
	desc  bool
	last  bool // nothing follows it in the key
	plain bool // at has the plain type already
}

// leaves takes a key type apart into scalars, in order.
func leaves(at string, t *schema.Type) []leaf {
	if t.Kind != kind.Struct {
		return []leaf{{at: at, typ: t}}
	}
	var out []leaf
	for _, f := range t.Fields {
		out = append(out, leaves(at+"."+f.GoName, f.Type)...)
	}
	return out
}

// keyLeaves are the scalars of a whole key; its last one needs no terminator.
func keyLeaves(at string, t *schema.Type) []leaf {
	out := leaves(at, t)
	out[len(out)-1].last = true
	return out
}

// kind is what package keys calls the kind of a leaf.
func (l leaf) kind() string {
	if l.typ.Kind == kind.Bytes && !heldInString(l.typ) {
		return "Bytes"
	}
	return rowOf(l.typ).Keys
}

func (l leaf) suffix() string {
	switch {
	case l.desc:
		return "Desc"
	case l.last && l.typ.Kind.Text():
		return "Last"
	}
	return ""
}

// plainLeaf is a leaf as a value of its plain type.
func (g *generator) plainLeaf(l leaf) string {
	switch {
	case l.plain:
		return l.at
	case l.typ.Marshalled():
		return call("keys.Text", "&"+l.at)
	}
	return g.plain(l.typ, l.at)
}

func (g *generator) appendLeaf(dst string, l leaf) string {
	return call("keys.Append"+l.kind()+l.suffix(), dst, g.plainLeaf(l))
}

// read is the call that reads a leaf.
func (l leaf) read() string {
	return call("r."+readFunc(l.typ, rowOf(l.typ).Keys)+l.suffix(), sizeOf(l.typ)...)
}

// setLeaf reads a leaf.
func (g *generator) setLeaf(l leaf) string {
	x := l.read()
	switch {
	case l.typ.Marshalled():
		return call("r.Text", x, "&"+l.at)
	case l.typ.Kind == kind.Bytes && !heldInString(l.typ):
		return l.at + " = " + call("r."+l.kind()+l.suffix())
	}
	return l.at + " = " + g.convert(l.typ, x)
}

// appendKey appends a whole key to dst, and returns.
func (g *generator) appendKey(k string, t *schema.Type) []string {
	var out []string
	parts := keyLeaves(k, t)
	for i, l := range parts {
		x := g.appendLeaf("dst", l)
		if i < len(parts)-1 {
			out = append(out, "dst = "+x)
		} else {
			out = append(out, "return "+x)
		}
	}
	return out
}

// readKey reads a whole key.
func (g *generator) readKey(k string, t *schema.Type) string {
	out := []string{"r := keys.NewReader(b)"}
	for _, l := range keyLeaves(k, t) {
		out = append(out, g.setLeaf(l))
	}
	return lines(out...)
}

// ownKey reports whether the type of a key has methods of its own for its
// encoding.
func ownKey(k *schema.Key) bool {
	return !k.Local && k.Type.Go == nil && isConverted(k.Type)
}
