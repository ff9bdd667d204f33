package record

import (
	"encoding"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"
)

// This file is about values of types that have a form of their own, as text or as
// bytes, which their methods make and read. What the methods say is no more trusted
// than data: a value without a form is refused when it is written, and a form that
// cannot be read is a malformed value.

// ValidText checks that a value has a text, in UTF-8 and inside the limits; a
// limit of 0 is none.
func ValidText(field string, v encoding.TextMarshaler, min, max int) error {
	b, err := appendText(nil, v)
	switch {
	case err != nil:
		return &InvalidError{Field: field, Rule: "has no text: " + err.Error(), Err: err}
	case !utf8.Valid(b):
		return Invalid(field, "has a text that is not UTF-8")
	}
	return Length(field, len(b), min, max)
}

// ValidBinary checks that a value has a form as bytes, inside the limits.
func ValidBinary(field string, v encoding.BinaryMarshaler, min, max int) error {
	b, err := appendBinary(nil, v)
	if err != nil {
		return &InvalidError{Field: field, Rule: "has no form as bytes: " + err.Error(), Err: err}
	}
	return Length(field, len(b), min, max)
}

// TextPointer is a pointer to a type that has a text.
type TextPointer[T any] interface {
	*T
	encoding.TextMarshaler
}

// ValidTextKeys checks that the keys of a map have texts, each its own.
func ValidTextKeys[K comparable, V any, P TextPointer[K]](field string, m map[K]V, min, max int) error {
	seen := make(map[string]bool, len(m))
	for k := range m {
		if err := ValidText(field, P(&k), min, max); err != nil {
			return err
		}
		text := textOf(P(&k))
		if seen[text] {
			return Invalid(field, fmt.Sprintf("has two keys with the text %q", text))
		}
		seen[text] = true
	}
	return nil
}

// DefaultText makes v the value of a default. One that cannot be read leaves v as it
// is, for ValidDefault to tell.
func DefaultText(v encoding.TextUnmarshaler, text string) { _ = v.UnmarshalText([]byte(text)) }

// ValidDefault checks that the default of a field, which still has its zero value,
// can be read; v is of the field's type.
func ValidDefault(field string, v encoding.TextUnmarshaler, text string) error {
	if err := v.UnmarshalText([]byte(text)); err != nil {
		return &InvalidError{Field: field, Rule: fmt.Sprintf("has the default %q in the schema, which cannot be read: %v", text, err), Err: err}
	}
	return nil
}

// AppendText appends field num as the text of a value. One that has none, which
// ValidText refuses before, is empty.
func AppendText(dst []byte, num int, v encoding.TextMarshaler) []byte {
	dst, at := Begin(dst, num)
	if b, err := appendText(dst, v); err == nil {
		dst = b
	}
	return End(dst, at)
}

func appendText(dst []byte, v encoding.TextMarshaler) ([]byte, error) {
	if a, ok := v.(encoding.TextAppender); ok {
		return a.AppendText(dst)
	}
	b, err := v.MarshalText()
	return append(dst, b...), err
}

// AppendBinary appends field num as the bytes of a value. One that has none, which
// ValidBinary refuses before, is empty.
func AppendBinary(dst []byte, num int, v encoding.BinaryMarshaler) []byte {
	dst, at := Begin(dst, num)
	if b, err := appendBinary(dst, v); err == nil {
		dst = b
	}
	return End(dst, at)
}

func appendBinary(dst []byte, v encoding.BinaryMarshaler) ([]byte, error) {
	if a, ok := v.(encoding.BinaryAppender); ok {
		return a.AppendBinary(dst)
	}
	b, err := v.MarshalBinary()
	return append(dst, b...), err
}

func textOf(v encoding.TextMarshaler) string {
	b, _ := appendText(nil, v)
	return string(b)
}

// SortedTexts returns the keys of a map in the order of their texts, so that a map
// has one encoding.
func SortedTexts[K comparable, V any, P TextPointer[K]](m map[K]V) []K {
	if len(m) == 0 {
		return nil
	}
	type entry struct {
		text string
		key  K
	}
	entries := make([]entry, 0, len(m))
	for k := range m {
		entries = append(entries, entry{textOf(P(&k)), k})
	}
	slices.SortFunc(entries, func(a, b entry) int { return strings.Compare(a.text, b.text) })
	out := make([]K, len(entries))
	for i, e := range entries {
		out[i] = e.key
	}
	return out
}

// Text makes v what the current field holds as text. The text is v's own to keep.
func (r *Reader) Text(v encoding.TextUnmarshaler) {
	if b := r.form("text"); b != nil {
		r.unreadable(v.UnmarshalText(b))
	}
}

// Binary makes v what the current field holds as bytes, which are v's own to keep.
func (r *Reader) Binary(v encoding.BinaryUnmarshaler) {
	if b := r.form("bytes"); b != nil {
		r.unreadable(v.UnmarshalBinary(b))
	}
}

// form is a copy of the current field's bytes, never nil; nil for another kind of
// field.
func (r *Reader) form(want string) []byte {
	if r.wire != wireBytes {
		r.mismatch(want)
		return nil
	}
	return append(make([]byte, 0, len(r.data)), r.data...)
}

func (r *Reader) unreadable(err error) {
	if err != nil && r.err == nil {
		r.err = fmt.Errorf("%w: field %d at byte %d: %w", ErrMalformed, r.num, r.start, err)
	}
}
