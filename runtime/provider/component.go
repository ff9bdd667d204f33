package provider

import (
	"bytes"
	"unicode/utf8"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// component is a part of an encoded key or of an index entry's columns.
type component struct {
	column int // position in TableDef.Columns; -1 for one that is not shown
	typ    *catalog.Type
	catalog.Options
	mapped bool // as Options.Mapped says
	last   bool // of a key: text without an end of its own
	// next reads it, but for a text without an end.
	next func(r *keys.Reader, p *kind.Params) Value
}

// newComponent returns the component of a column that has a type and options.
func newComponent(column int, t *catalog.Type, o catalog.Options) component {
	row := kind.Of(t.Kind)
	c := component{column: column, typ: t, Options: o, mapped: o.Mapped(), next: row.ReadKey}
	if o.Desc {
		c.next = row.ReadKeyDesc
	}
	return c
}

// endless reports whether the component is text that goes to the end of the key.
func (c *component) endless() bool { return c.last && !c.Desc && c.typ.Kind.Text() }

// appendTo appends a value, which is of the component's kind.
func (c *component) appendTo(dst []byte, v Value) []byte {
	switch {
	case c.mapped:
		v = kind.StringOf(c.Map(v.Text()))
	case c.endless():
		return keys.AppendStringLast(dst, v.Text())
	}
	row := kind.Of(c.typ.Kind)
	if c.Desc {
		return row.AppendKeyDesc(dst, v)
	}
	return row.AppendKey(dst, v)
}

// appendPrefix appends what the encodings of all text that begins with v share.
func (c *component) appendPrefix(dst []byte, v Value) []byte {
	text := v.Text()
	switch {
	case c.mapped:
		// A character that is cut short would fold to itself, and the whole one to
		// another.
		text = c.Map(wholeRunes(text))
	case c.endless():
		return keys.AppendStringLast(dst, text)
	}
	if c.Desc {
		return keys.AppendStringPrefixDesc(dst, text)
	}
	return keys.AppendStringPrefix(dst, text)
}

// wholeRunes is s without the beginning of a character at its end.
func wholeRunes(s string) string {
	for n := 1; n < utf8.UTFMax && n <= len(s); n++ {
		if c := s[len(s)-n]; utf8.RuneStart(c) {
			if c >= utf8.RuneSelf && !utf8.FullRuneInString(s[len(s)-n:]) {
				return s[:len(s)-n]
			}
			break
		}
	}
	return s
}

// behind is the first encoding after all that begin with the component that b
// ends with; nil where there is none.
func (c *component) behind(b []byte) []byte {
	if c.endless() {
		return append(bytes.Clone(b), 0)
	}
	return keys.Successor(b)
}

// read takes the next component of a key. The value may share memory with it.
func (c *component) read(r *keys.Reader) Value {
	if c.endless() {
		return kind.TextOf(c.typ.Kind, r.StringLast())
	}
	return c.next(r, &c.typ.Params)
}
