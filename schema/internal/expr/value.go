package expr

import (
	"errors"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/civil"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/rules"
)

// unquote returns the text of a string literal, with the escapes of Go.
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

// Number reads a value of a type that is written as a number, and reports one that no
// field of the type can hold; the literal is nil then. The error is that of a text which
// is no number.
func Number(r *diag.Reporter, t *schema.Type, text string, pos diag.Pos) (*schema.Literal, error) {
	row := kind.Of(t.Kind)
	if row.Float && strings.ContainsAny(text, "xXpP_iInN") {
		return nil, strconv.ErrSyntax
	}
	v, err := row.ParseLit(nil, text)
	switch {
	case errors.Is(err, strconv.ErrRange):
		outOfRange(r, pos, text, t.Kind)
	case err != nil:
		return nil, err
	case row.Float && v.Compare(row.Zero(nil)) == 0 && strings.ContainsAny(mantissa(text), "123456789"):
		r.Report(rules.Literal, pos, "%s is nearer to 0 than any %s, and would be 0", text, t.Kind).Help("write 0, or a number that can be told from it")
	case row.Valid != nil && !row.Valid(t.Params(), v):
		r.Report(rules.Literal, pos, "%s has more digits than %s", text, diag.Article(t.String())).Help("write fewer digits, or use a type with more")
	default:
		return schema.LiteralOf(v), nil
	}
	return nil, nil
}

// mantissa returns a number without its exponent.
func mantissa(text string) string {
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		return text[:i]
	}
	return text
}

// NumberHelp says how a number is written in place of a text that is none.
func NumberHelp(row *kind.Scalar, quoted bool) string {
	switch {
	case quoted:
		return "write a number, without quotes"
	case row.Float:
		return "write a number, as 12, -1.5 or 1e3"
	}
	return "write a whole number, in decimal digits"
}

// Reason is what is wrong with a text that is no value, for a note; "" where the help
// says it.
func Reason(err error) string {
	if errors.Is(err, civil.ErrSyntax) {
		return ""
	}
	return strings.TrimPrefix(err.Error(), "civil: ")
}

// outOfRange reports a number that does not fit in its type.
func outOfRange(r *diag.Reporter, pos diag.Pos, text string, k schema.Kind) {
	d := r.Report(rules.Literal, pos, "%s does not fit in %s", text, k).Help("use a smaller number, or a wider type")
	switch {
	case strings.HasPrefix(text, "-") && !kind.Of(k).Signed:
		d.Help("use 0 or more, or a type with negative numbers: int64")
	case strings.HasPrefix(text, "-"):
		d.Help("use a number nearer to 0, or a wider type")
	}
}

// EnumValue finds an enum's value by name.
func EnumValue(r *diag.Reporter, t *schema.Type, text string, pos diag.Pos) *schema.Literal {
	names := make([]string, 0, len(t.Values))
	for _, v := range t.Values {
		if v.Name == text {
			return &schema.Literal{Enum: v}
		}
		names = append(names, v.Name)
	}
	if len(t.Values) > 0 { // without values, the mistake in the enum is reported
		r.Report(rules.Literal, pos, "%q is no value of %s", text, t).Suggest(text, names)
	}
	return nil
}
