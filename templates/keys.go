package templates

import (
	"github.com/dave/jennifer/jen"
	"github.com/storegen/storegen/schema"
)

// keyFuncs are the names of the kinds in package keys.
var keyFuncs = map[schema.Kind]string{
	schema.Bool: "Bool", schema.Int32: "Int32", schema.Int64: "Int64", schema.Uint32: "Uint32", schema.Uint64: "Uint64",
	schema.Float64: "Float64", schema.String: "String", schema.Bytes: "String", schema.Timestamp: "Time",
	schema.Duration: "Duration", schema.UUID: "UUID", schema.Enum: "Enum",
}

// leaf is a scalar part of a key, with how to get at it.
type leaf struct {
	at    *jen.Statement // k.Namespace
	typ   *schema.Type
	desc  bool
	last  bool // nothing follows it in the key
	plain bool // at has the plain type already
}

// leaves takes a key type apart into scalars, in order.
func leaves(at *jen.Statement, t *schema.Type) []leaf {
	if t.Kind != schema.Struct {
		return []leaf{{at: at, typ: t}}
	}
	var out []leaf
	for _, f := range t.Fields {
		out = append(out, leaves(at.Clone().Dot(f.GoName), f.Type)...)
	}
	return out
}

// keyLeaves are the scalars of a whole key; its last one needs no terminator.
func keyLeaves(at *jen.Statement, t *schema.Type) []leaf {
	out := leaves(at, t)
	out[len(out)-1].last = true
	return out
}

func (l leaf) suffix() string {
	switch {
	case l.desc:
		return "Desc"
	case l.last && (l.typ.Kind == schema.String || l.typ.Kind == schema.Bytes):
		return "Last"
	}
	return ""
}

// keys.AppendString(dst, string(k.Namespace))
func (g *generator) appendLeaf(dst jen.Code, l leaf) *jen.Statement {
	x := l.at.Clone()
	switch {
	case l.plain:
	case l.typ.Marshalled():
		x = jen.Qual(pathKeys, "Text").Call(jen.Op("&").Add(x))
	default:
		x = g.plain(l.typ, x)
	}
	if l.typ.Kind == schema.Bytes && !heldInString(l.typ) {
		return jen.Qual(pathKeys, "AppendBytes"+l.suffix()).Call(dst, x)
	}
	return jen.Qual(pathKeys, "Append"+keyFuncs[l.typ.Kind]+l.suffix()).Call(dst, x)
}

// models.NamespaceID(r.String())
func (g *generator) readLeaf(l leaf) *jen.Statement {
	x := id("r").Dot(readFunc(l.typ, keyFuncs[l.typ.Kind]) + l.suffix()).Call()
	if l.typ.Kind == schema.Bytes && !heldInString(l.typ) {
		return id("r").Dot("Bytes" + l.suffix()).Call()
	}
	return g.convert(l.typ, x)
}

// k.Namespace = models.NamespaceID(r.String())
// r.Text(r.String(), &k.Addr)
func (g *generator) setLeaf(l leaf) jen.Code {
	if l.typ.Marshalled() {
		return id("r").Dot("Text").Call(id("r").Dot(keyFuncs[l.typ.Kind]+l.suffix()).Call(), jen.Op("&").Add(l.at.Clone()))
	}
	return l.at.Clone().Op("=").Add(g.readLeaf(l))
}

// dst = keys.AppendString(dst, string(k.Namespace))
// return keys.AppendStringLast(dst, string(k.Table))
func (g *generator) appendKeyBody(k *jen.Statement, t *schema.Type) []jen.Code {
	var body []jen.Code
	parts := keyLeaves(k, t)
	for i, l := range parts {
		if i == len(parts)-1 {
			body = append(body, jen.Return(g.appendLeaf(id("dst"), l)))
			continue
		}
		body = append(body, id("dst").Op("=").Add(g.appendLeaf(id("dst"), l)))
	}
	return body
}

// r := keys.NewReader(b)
// k.Namespace = models.NamespaceID(r.String())
// k.Table = models.TableName(r.StringLast())
// return k, r.Done()
func (g *generator) decodeKeyBody(k *jen.Statement, t *schema.Type) []jen.Code {
	return append(g.readKey(k, t), jen.Return(k.Clone(), id("r").Dot("Done").Call()))
}

// readKey is decodeKeyBody up to its return.
func (g *generator) readKey(k *jen.Statement, t *schema.Type) []jen.Code {
	body := []jen.Code{id("r").Op(":=").Qual(pathKeys, "NewReader").Call(id("b"))}
	for _, l := range keyLeaves(k, t) {
		body = append(body, g.setLeaf(l))
	}
	return body
}

// ownKey reports whether the type of a key has methods of its own for its
// encoding.
func ownKey(k *schema.Key) bool {
	return !k.Local && k.Type.Go == nil && isConverted(k.Type)
}
