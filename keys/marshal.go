package keys

import (
	"encoding"
	"unicode/utf8"
)

// noText is what a value without a text is in a key: no text is it, since it is not
// UTF-8, and it sorts behind all that are.
const noText = "\xff"

// Text is the text of a value, for AppendString. Rows whose keys would hold a value
// without one are refused when they are written, so that looking for one finds
// nothing.
func Text(v encoding.TextMarshaler) string {
	b, err := v.MarshalText()
	if err != nil || !utf8.Valid(b) {
		return noText
	}
	return string(b)
}

// Text makes v the value of a text that was read before.
//
//	r.Text(r.String(), &k.Addr)
func (r *Reader) Text(s string, v encoding.TextUnmarshaler) {
	if r.err != nil {
		return
	}
	if err := v.UnmarshalText([]byte(s)); err != nil {
		r.fail("text", "%v", err)
	}
}
