package ast

import (
	"encoding/hex"

	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/rules"
)

// field makes a field of its words.
func (d *Decoder) field(v *Value) *Field {
	f := &Field{Name: v.Key, Words: v.Words, Type: v.Words.Node(lang.WordType), Get: v.Words.Node(lang.WordGet)}
	if f.Get != nil && !goNameForm.MatchString(f.Get.Text) {
		d.Report(rules.GoRow, f.Get.Pos, "%q is no exported name in Go", f.Get.Text).Help("write the name of a method, a field or a function: Email")
	}
	f.Default = v.Words.Node(lang.WordDefault)
	if digits := v.Words.In(lang.WordDefault).Node(lang.WordHex); digits != nil {
		f.Default, f.DefaultHex = d.hexBytes(digits)
	}
	return f
}

// hexBytes returns a text of the bytes that are written as hexadecimal digits.
func (d *Decoder) hexBytes(digits *syntax.Node) (text *syntax.Node, ok bool) {
	b, err := hex.DecodeString(digits.Text)
	if err != nil {
		d.Report(rules.Literal, digits.Pos, "%q is no hexadecimal text: %v", digits.Text, err).Help("write two digits for each byte: {hex: 00ff}")
		return nil, false
	}
	out := *digits
	out.Text = string(b)
	return &out, true
}
