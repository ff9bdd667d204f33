package provider

import (
	"bytes"
	"unicode/utf8"

	"github.com/storegen/storegen/internal/view"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/catalog"
)

// component is a part of an encoded key or of an index entry's columns.
type component struct {
	column int // position in TableDef.Columns; -1 for one that is not shown
	typ    *catalog.Type
	desc   bool
	fold   bool
	each   bool
	last   bool // of a key: text without an end of its own
}

// appendTo appends a value, which is of the component's kind.
func (c *component) appendTo(dst []byte, v Value) []byte {
	pick := func(asc, desc func([]byte) []byte) []byte {
		if c.desc {
			return desc(dst)
		}
		return asc(dst)
	}
	switch c.typ.Kind {
	case catalog.Bool:
		return pick(func(b []byte) []byte { return keys.AppendBool(b, v.Bool()) },
			func(b []byte) []byte { return keys.AppendBoolDesc(b, v.Bool()) })
	case catalog.Int32:
		return pick(func(b []byte) []byte { return keys.AppendInt32(b, int32(v.num)) },
			func(b []byte) []byte { return keys.AppendInt32Desc(b, int32(v.num)) })
	case catalog.Int64, catalog.Duration:
		return pick(func(b []byte) []byte { return keys.AppendInt64(b, v.Int64()) },
			func(b []byte) []byte { return keys.AppendInt64Desc(b, v.Int64()) })
	case catalog.Uint32:
		return pick(func(b []byte) []byte { return keys.AppendUint32(b, uint32(v.num)) },
			func(b []byte) []byte { return keys.AppendUint32Desc(b, uint32(v.num)) })
	case catalog.Uint64:
		return pick(func(b []byte) []byte { return keys.AppendUint64(b, v.num) },
			func(b []byte) []byte { return keys.AppendUint64Desc(b, v.num) })
	case catalog.Float64:
		return pick(func(b []byte) []byte { return keys.AppendFloat64(b, v.Float64()) },
			func(b []byte) []byte { return keys.AppendFloat64Desc(b, v.Float64()) })
	case catalog.Timestamp:
		return pick(func(b []byte) []byte { return keys.AppendTime(b, v.Time()) },
			func(b []byte) []byte { return keys.AppendTimeDesc(b, v.Time()) })
	case catalog.UUID:
		return pick(func(b []byte) []byte { return keys.AppendUUID(b, v.UUID()) },
			func(b []byte) []byte { return keys.AppendUUIDDesc(b, v.UUID()) })
	case catalog.Enum:
		return pick(func(b []byte) []byte { return keys.AppendEnum(b, int32(v.num)) },
			func(b []byte) []byte { return keys.AppendEnumDesc(b, int32(v.num)) })
	}
	text := v.str
	switch {
	case c.fold:
		text = keys.Fold(text)
	case c.last && !c.desc:
		return keys.AppendStringLast(dst, text)
	}
	return pick(func(b []byte) []byte { return keys.AppendString(b, text) },
		func(b []byte) []byte { return keys.AppendStringDesc(b, text) })
}

// appendPrefix appends what the encodings of all text that begins with v share.
func (c *component) appendPrefix(dst []byte, v Value) []byte {
	text := v.str
	switch {
	case c.fold:
		// A character that is cut short would fold to itself, and the whole one to
		// another.
		text = keys.Fold(wholeRunes(text))
	case c.last && !c.desc:
		return keys.AppendStringLast(dst, text)
	}
	if c.desc {
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
	if c.last && !c.desc && isText(c.typ.Kind) {
		return append(bytes.Clone(b), 0)
	}
	return keys.Successor(b)
}

func isText(k catalog.Kind) bool { return k == catalog.String || k == catalog.Bytes }

// read takes the next component of a key. The value may share memory with it.
func (c *component) read(r *keys.Reader) Value {
	if c.desc {
		return c.readDesc(r)
	}
	switch c.typ.Kind {
	case catalog.Bool:
		return Bool(r.Bool())
	case catalog.Int32:
		return Int32(r.Int32())
	case catalog.Int64:
		return Int64(r.Int64())
	case catalog.Uint32:
		return Uint32(r.Uint32())
	case catalog.Uint64:
		return Uint64(r.Uint64())
	case catalog.Float64:
		return Float64(r.Float64())
	case catalog.Timestamp:
		return Time(r.Time())
	case catalog.Duration:
		return Duration(r.Duration())
	case catalog.UUID:
		before := r.Rest()
		if r.UUID(); r.Err() != nil {
			return Value{}
		}
		return Value{kind: uint8(catalog.UUID), str: view.String(before[:16])}
	case catalog.Enum:
		return Enum(c.typ, r.Enum())
	}
	v := Value{kind: uint8(c.typ.Kind)}
	if c.last {
		v.str = r.StringLast()
	} else {
		v.str = r.String()
	}
	return v
}

func (c *component) readDesc(r *keys.Reader) Value {
	switch c.typ.Kind {
	case catalog.Bool:
		return Bool(r.BoolDesc())
	case catalog.Int32:
		return Int32(r.Int32Desc())
	case catalog.Int64:
		return Int64(r.Int64Desc())
	case catalog.Uint32:
		return Uint32(r.Uint32Desc())
	case catalog.Uint64:
		return Uint64(r.Uint64Desc())
	case catalog.Float64:
		return Float64(r.Float64Desc())
	case catalog.Timestamp:
		return Time(r.TimeDesc())
	case catalog.Duration:
		return Duration(r.DurationDesc())
	case catalog.UUID:
		return UUID(r.UUIDDesc())
	case catalog.Enum:
		return Enum(c.typ, r.EnumDesc())
	}
	return Value{kind: uint8(c.typ.Kind), str: r.StringDesc()}
}
