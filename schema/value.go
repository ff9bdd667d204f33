package schema

import (
	"errors"
	"strconv"
	"strings"
)

// unquote takes the quotes off a string literal, with the escapes of Go.
func unquote(text string) (string, bool) {
	quote := text[0]
	rest := text[1 : len(text)-1]
	var b strings.Builder
	for rest != "" {
		r, multibyte, tail, err := strconv.UnquoteChar(rest, quote)
		if err != nil {
			return "", false
		}
		if multibyte {
			b.WriteRune(r)
		} else {
			b.WriteByte(byte(r))
		}
		rest = tail
	}
	return b.String(), true
}

// parseNumber reads text as a value of a numeric kind.
func parseNumber(kind Kind, text string) (*Literal, error) {
	lit := &Literal{Kind: kind}
	bits := 64
	if kind == Int32 || kind == Uint32 {
		bits = 32
	}
	var err error
	switch kind {
	case Int32, Int64:
		lit.Int, err = strconv.ParseInt(text, 10, bits)
	case Uint32, Uint64:
		lit.Uint, err = strconv.ParseUint(text, 10, bits)
		if strings.HasPrefix(text, "-") {
			err = strconv.ErrRange
		}
	case Float64:
		if strings.ContainsAny(text, "xXpP_iInN") {
			return nil, strconv.ErrSyntax
		}
		lit.Float, err = strconv.ParseFloat(text, 64)
		if err == nil && lit.Float == 0 && strings.ContainsAny(mantissa(text), "123456789") {
			err = errTooSmall
		}
	}
	if err != nil {
		return nil, err
	}
	return lit, nil
}

// errTooSmall: a number that is not 0 and would be stored as 0.
var errTooSmall = errors.New("too near to 0")

// mantissa is a number without its exponent.
func mantissa(text string) string {
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		return text[:i]
	}
	return text
}

// outOfRange reports a number that its type cannot hold.
func outOfRange(r *reporter, pos Pos, text string, kind Kind) {
	d := r.report(ruleLiteral, pos, "%s does not fit in %s", text, kind).mend("use a smaller number, or a wider type")
	switch {
	case strings.HasPrefix(text, "-") && (kind == Uint32 || kind == Uint64):
		d.mend("use 0 or more, or a type with negative numbers: int64")
	case strings.HasPrefix(text, "-"):
		d.mend("use a number nearer to 0, or a wider type")
	}
}

// enumLiteral finds an enum's value by name.
func enumLiteral(r *reporter, t *Type, text string, pos Pos) *Literal {
	names := make([]string, 0, len(t.Values))
	for _, v := range t.Values {
		if v.Name == text {
			return &Literal{Kind: Enum, Enum: v}
		}
		names = append(names, v.Name)
	}
	if len(t.Values) > 0 { // an enum whose values could not be read says nothing
		r.report(ruleLiteral, pos, "%q is no value of %s", text, t).meant(text, names)
	}
	return nil
}
