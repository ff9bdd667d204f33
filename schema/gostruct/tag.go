package gostruct

import (
	"go/ast"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"unicode"

	"github.com/storegen/storegen/schema"
)

// A fieldTag is what a field says of its column.
type fieldTag struct {
	column string
	named  bool // by a tag
	hidden bool
	skip   bool
	as     string // text, binary or scalar; "" is the type's own choice
}

// tagOf reads a field's tags. The column has the name in its tag storegen, or else
// in its tag json, or else the name in Go in the way of columns.
func tagOf(f *ast.Field, name string) fieldTag {
	var tag reflect.StructTag
	if f.Tag != nil {
		text, err := strconv.Unquote(f.Tag.Value)
		if err == nil { // the parser has seen to it
			tag = reflect.StructTag(text)
		}
	}
	own, has := tag.Lookup("storegen")
	column, rest, _ := strings.Cut(own, ",")
	if column == "-" {
		return fieldTag{skip: true}
	}
	if column == "" {
		json, _, _ := strings.Cut(tag.Get("json"), ",")
		if json == "-" && !has {
			return fieldTag{skip: true}
		}
		column = json
	}
	named := column != "" && column != "-"
	if !named {
		column = snake(name)
	}
	options := optionsOf(rest)
	out := fieldTag{column: column, named: named, hidden: slices.Contains(options, "hidden")}
	for _, as := range []string{"text", "binary", "scalar"} {
		if slices.Contains(options, as) {
			out.as = as
		}
	}
	for _, o := range options {
		if t := schema.Scalar(o); t != nil {
			out.as = t.String()
		}
	}
	return out
}

// optionsOf splits at commas that are not in parentheses, as in decimal(12,2).
func optionsOf(text string) []string {
	depth := 0
	return strings.FieldsFunc(text, func(r rune) bool {
		switch r {
		case '(':
			depth++
		case ')':
			depth--
		}
		return r == ',' && depth == 0
	})
}

// snake makes user_id of UserID.
func snake(name string) string {
	var b strings.Builder
	rs := []rune(name)
	for i, c := range rs {
		if unicode.IsUpper(c) && i > 0 && (unicode.IsLower(rs[i-1]) || unicode.IsDigit(rs[i-1]) || i+1 < len(rs) && unicode.IsLower(rs[i+1])) {
			b.WriteByte('_')
		}
		b.WriteRune(unicode.ToLower(c))
	}
	return b.String()
}
