package ast

import (
	"encoding/hex"
	"slices"
	"strings"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/rules"
)

// field reads a field in its short form, or in its long form with the allowed
// keys.
func (d *Decoder) field(name, n *syntax.Node, what string, allowed []string) *Field {
	f := &Field{Name: name, Words: Words{}}
	switch n.Kind {
	case syntax.ScalarNode:
		f.Type = d.Text(n, what)
		return f
	case syntax.ListNode:
		d.Report(rules.ValueShape, n.Pos, "%s must be a type, and this is a list", what).Help(`write a list's type in quotes: "[]string"`)
		return f
	}
	help := "write its type: " + name.Text + ": string"
	if !slices.Contains(allowed, "type") {
		help = "write {doc: what it is}, or remove it"
	}
	if !d.Mapping(n, what, help) {
		return f
	}
	for _, p := range n.Pairs {
		if !slices.Contains(allowed, p.Key.Text) {
			e := d.Report(rules.KeyUnknown, p.Key.Pos, "unknown key %q in %s", p.Key.Text, what)
			switch help, ok := lang.FieldHelp[diag.Squash(p.Key.Text)]; {
			case slices.Contains(lang.FieldKeys, p.Key.Text):
				e.Help("remove it; %s can have %s", what, strings.Join(allowed, ", "))
			case ok:
				e.Help("%s", strings.ReplaceAll(help, "FIELD", name.Text))
			default:
				e.Suggest(p.Key.Text, allowed)
			}
			continue
		}
		switch p.Key.Text {
		case "type":
			f.Type = d.Text(p.Value, "type")
		case "get":
			f.Get = d.Text(p.Value, "get")
			if f.Get != nil && !goNameForm.MatchString(f.Get.Text) {
				d.Report(rules.GoRow, f.Get.Pos, "%q is no exported name in Go", f.Get.Text).Help("write the name of a method, a field or a function: Email")
			}
		case "default":
			f.Default, f.DefaultHex = d.defaultValue(p.Value)
		default:
			d.word(f.Words, lang.FieldGrammar.Word(p.Key.Text), p.Value)
		}
	}
	if slices.Contains(allowed, "type") && slices.Contains(allowed, "optional") && Missing(n, "type", nil, allowed) {
		d.Report(rules.ValueMissing, name.Pos, "%s has no type", what).Help("add type: string, or what it is")
	}
	return f
}

// goField reads the options of a field of a Go row, or of a message, which may have a
// named type.
func (d *Decoder) goField(name, n, row *syntax.Node) *Field {
	what := "the field " + name.Text
	switch {
	case row.Get("proto") != nil:
		return d.field(name, n, what, lang.MessageFieldKeys)
	case row.Get("codec") != nil && n.Kind != syntax.MapNode:
		d.Report(rules.GoRow, n.Pos, "%s does not say what gives its value", what).Help("write {get: Method}")
		return nil
	case row.Get("codec") != nil:
		f := d.field(name, n, what, lang.OwnFieldKeys)
		if f.Get == nil && Missing(n, "get", nil, lang.OwnFieldKeys) {
			d.Report(rules.ValueMissing, name.Pos, "%s does not say what gives its value", what).Help("add get: and the name of a method in Go")
		}
		return f
	}
	decides := func(at *syntax.Node) {
		d.Report(rules.GoRow, at.Pos, "the struct in Go decides the type of %s", name.Text).
			Help("remove the type; a field can have %s here", strings.Join(lang.GoFieldKeys, ", "))
	}
	if n.Kind == syntax.ScalarNode {
		decides(n)
		return nil
	}
	if n.Kind == syntax.MapNode {
		if typ := n.Get("type"); typ != nil {
			decides(typ)
			return nil
		}
	}
	// The struct decides the type.
	return d.field(name, n, what, lang.GoFieldKeys)
}

// defaultValue returns the node of a default. A quoted empty text is a value too.
// Bytes may be written as {hex: 00ff}.
func (d *Decoder) defaultValue(n *syntax.Node) (def *syntax.Node, inHex bool) {
	if n.Kind == syntax.ScalarNode && n.Quoting != syntax.Plain {
		return n, false
	}
	if n.Kind != syntax.MapNode || len(n.Pairs) != 1 || n.Pairs[0].Key.Text != "hex" {
		return d.Text(n, "default"), false
	}
	digits := d.Text(n.Pairs[0].Value, "hex")
	if digits == nil {
		return nil, false
	}
	b, err := hex.DecodeString(digits.Text)
	if err != nil {
		d.Report(rules.Literal, digits.Pos, "%q is no hexadecimal text: %v", digits.Text, err).Help("write two digits for each byte: {hex: 00ff}")
		return nil, false
	}
	def = new(syntax.Node)
	*def = *digits
	def.Text = string(b)
	return def, true
}
