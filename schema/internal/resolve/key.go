package resolve

import (
	"fmt"
	"strings"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/rules"
)

// key binds the primary key. t.Key stays nil after a mistake.
func (rs *resolver) key(t *tableScope) {
	var fields []*schema.Field
	words := t.decl.In(lang.WordKey)
	of, typ := words.Nodes(lang.WordOf), words.Node(lang.WordType)
	ok := len(of) > 0
	seen := map[string]*syntax.Node{}
	for _, n := range of {
		if name, word, found := strings.Cut(strings.TrimSpace(n.Text), " "); found && t.byName[name] != nil && (strings.TrimSpace(word) == "desc" || strings.TrimSpace(word) == "asc") {
			rs.Report(rules.KeyPart, n.Pos, "a key is in ascending order, and %q asks for another", n.Text).
				Help("write %s, and read it backwards with Reverse(), or add an index: indexes: {newest: {on: [%s desc]}}", name, name)
			ok = false
			continue
		}
		if first := seen[n.Text]; first != nil {
			rs.Report(rules.ListRepeat, n.Pos, "%s is in the key twice", n.Text).Help("remove one of them").Related(first.Pos, "first here")
			ok = false
			continue
		}
		seen[n.Text] = n
		f := rs.field(t, n.Text, n.Pos)
		if f == nil {
			ok = false
			continue
		}
		fields = append(fields, f)
		f.InKey = true
		ok = rs.keyPart(f, n.Pos, "part of a key") && ok
		rs.textOrder(f, f.Type, n.Pos)
		if f.Hidden {
			rs.Report(rules.FieldHidden, n.Pos, "%s is hidden, and a key is not", f.Name).Help("remove hidden, or key the table by another field").Related(f.Pos, "declared here")
		}
		ok = ok && f.Type.Kind != kind.Invalid
	}
	if typ == nil && words.At(lang.WordType) != nil {
		ok = false
	}
	if !ok {
		return
	}
	k := &schema.Key{Fields: fields, Pos: t.decl.At(lang.WordKey).Pos}
	switch {
	case typ != nil:
		if !rs.keyStruct(k, typ, of) {
			return
		}
	case len(fields) == 1:
		k.Type = fields[0].Type
		k.Named = k.Type.Name
	default:
		k.Local = true
		k.Named = t.Row + "Key"
		k.Type = &schema.Type{
			Name: k.Named, Kind: kind.Struct, UsedInKey: true, Pos: k.Pos,
			Doc: fmt.Sprintf("%s is the key of %s.", k.Named, t.Name),
		}
		for i, f := range fields {
			rs.reserved(lang.ReservedOwnKey, f.GoName, "the part "+f.Name+" of a key", f.Pos)
			k.Type.Fields = append(k.Type.Fields, &schema.Field{Name: f.Name, GoName: f.GoName, Doc: f.Doc, Type: f.Type, InKey: true, Index: i, Pos: f.Pos})
			k.PartNames = append(k.PartNames, f.GoName)
		}
	}
	t.Key = k
}

// keyStruct binds a key whose type is a named struct. Its fields must have the types
// of the key's fields.
func (rs *resolver) keyStruct(k *schema.Key, n *syntax.Node, of []*syntax.Node) bool {
	s := rs.named(n, 0, len(n.Text))
	switch {
	case s.Kind == kind.Invalid:
		return false
	case s.Kind != kind.Struct:
		d := rs.Report(rules.KeyType, n.Pos, "the type of a key with parts is a struct, and %s is %s", s, diag.Article(s.Kind.String()))
		if len(k.Fields) == 1 {
			d.Help("write key: %s; the key has the type of its field", k.Fields[0].Name)
		} else {
			d.Help("declare a struct for it under types:, or leave type out")
		}
		return false
	case len(s.Fields) != len(k.Fields):
		rs.Report(rules.KeyType, n.Pos, "%s has %d parts and the key %d fields", s, len(s.Fields), len(k.Fields)).
			Help("name a field for each part, in their order").Related(s.Pos, "%s is declared here", s)
		return false
	}
	ok := true
	for i, part := range s.Fields {
		f := k.Fields[i]
		k.PartNames = append(k.PartNames, part.GoName)
		switch {
		case part.Type.Kind == kind.Invalid:
			ok = false
		case part.Optional:
			rs.Report(rules.KeyPart, n.Pos, "the part %s of %s may be absent, and part of a key is always there", part.Name, s).
				Help("remove the ? there").Related(part.Pos, "declared here")
			ok = false
		case !part.Type.Same(f.Type):
			rs.Report(rules.KeyType, of[i].Pos, "the field %s is %s, and the part %s of %s %s", f.Name, f.Type.Called(), part.Name, s, part.Type.Called()).
				Help("give both the same type").Related(part.Pos, "the part").Related(f.Pos, "the field")
			ok = false
		}
	}
	if ok {
		k.Type, k.Named = s, s.Name
		rs.useInKey(s)
	}
	return ok
}
