package schema

import (
	"fmt"
	"strings"
)

// key binds the primary key. t.Key stays nil when it holds a mistake.
func (rs *resolver) key(t *tableScope) {
	var fields []*Field
	ok := len(t.decl.keyOf) > 0
	seen := map[string]*node{}
	for _, n := range t.decl.keyOf {
		if name, word, found := strings.Cut(strings.TrimSpace(n.text), " "); found && t.byName[name] != nil && (strings.TrimSpace(word) == "desc" || strings.TrimSpace(word) == "asc") {
			rs.report(ruleKeyPart, n.pos, "a key is in ascending order, and %q asks for another", n.text).
				mend("write %s, and read it backwards with Reverse(), or add an index: indexes: {newest: {on: [%s desc]}}", name, name)
			ok = false
			continue
		}
		if first := seen[n.text]; first != nil {
			rs.report(ruleListRepeat, n.pos, "%s is in the key twice", n.text).mend("remove one of them").related(first.pos, "first here")
			ok = false
			continue
		}
		seen[n.text] = n
		f := rs.field(t, n.text, n.pos)
		if f == nil {
			ok = false
			continue
		}
		fields = append(fields, f)
		f.InKey = true
		ok = rs.keyPart(f, n.pos, "part of a key") && ok
		if f.Hidden {
			rs.report(ruleFieldHidden, n.pos, "%s is hidden, and a key is not", f.Name).mend("remove hidden, or key the table by another field").related(f.Pos, "declared here")
		}
		ok = ok && f.Type.Kind != Invalid
	}
	if t.decl.key != nil && t.decl.key.kind == mapNode && t.decl.keyType == nil && t.decl.key.get("type") != nil {
		ok = false
	}
	if !ok {
		return
	}
	k := &Key{Fields: fields, Pos: t.decl.key.pos}
	switch {
	case t.decl.keyType != nil:
		if !rs.keyStruct(t, k) {
			return
		}
	case len(fields) == 1:
		k.Type = fields[0].Type
		k.Named = k.Type.Name
	default:
		k.Local = true
		k.Named = t.Row + "Key"
		k.Type = &Type{
			Name: k.Named, Kind: Struct, UsedInKey: true, Pos: k.Pos,
			Doc: fmt.Sprintf("%s is the key of %s.", k.Named, t.Name),
		}
		for i, f := range fields {
			rs.reserved(reservedOwnKey, f.GoName, "the part "+f.Name+" of a key", f.Pos)
			k.Type.Fields = append(k.Type.Fields, &Field{Name: f.Name, GoName: f.GoName, Doc: f.Doc, Type: f.Type, InKey: true, Index: i, Pos: f.Pos})
			k.PartNames = append(k.PartNames, f.GoName)
		}
	}
	t.Key = k
}

// keyStruct binds a key with a named struct type, whose parts must be the fields
// in number and types.
func (rs *resolver) keyStruct(t *tableScope, k *Key) bool {
	n := t.decl.keyType
	s := rs.named(n, 0, len(n.text))
	switch {
	case s.Kind == Invalid:
		return false
	case s.Kind != Struct:
		d := rs.report(ruleKeyType, n.pos, "the type of a key with parts is a struct, and %s is %s", s, article(s.Kind.String()))
		if len(k.Fields) == 1 {
			d.mend("write key: %s; the key has the type of its field", k.Fields[0].Name)
		} else {
			d.mend("declare a struct for it under types:, or leave type out")
		}
		return false
	case len(s.Fields) != len(k.Fields):
		rs.report(ruleKeyType, n.pos, "%s has %d parts and the key %d fields", s, len(s.Fields), len(k.Fields)).
			mend("name a field for each part, in their order").related(s.Pos, "%s is declared here", s)
		return false
	}
	ok := true
	for i, part := range s.Fields {
		f := k.Fields[i]
		k.PartNames = append(k.PartNames, part.GoName)
		switch {
		case part.Type.Kind == Invalid:
			ok = false
		case part.Optional:
			rs.report(ruleKeyPart, n.pos, "the part %s of %s may be absent, and part of a key is always there", part.Name, s).
				mend("remove the ? there").related(part.Pos, "declared here")
			ok = false
		case !part.Type.same(f.Type):
			rs.report(ruleKeyType, t.decl.keyOf[i].pos, "the field %s is %s, and the part %s of %s %s", f.Name, f.Type.called(), part.Name, s, part.Type.called()).
				mend("give both the same type").related(part.Pos, "the part").related(f.Pos, "the field")
			ok = false
		}
	}
	if ok {
		k.Type, k.Named = s, s.Name
		rs.useInKey(s)
	}
	return ok
}
