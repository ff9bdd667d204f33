package resolve

import (
	"encoding/json"

	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/expr"
	"github.com/storegen/storegen/schema/internal/syntax"
	"github.com/storegen/storegen/schema/lang"
	"github.com/storegen/storegen/schema/rules"
)

// yamlNull reports whether a text without quotes means null in YAML.
func yamlNull(text string) bool {
	switch text {
	case "null", "Null", "NULL", "~":
		return true
	}
	return false
}

// defaultLiteral returns the value of a default, and reports what is wrong with it.
func (rs *resolver) defaultLiteral(f *schema.Field, n *syntax.Node) *schema.Literal {
	t := f.Type
	bad := func(help string) *schema.Literal {
		rs.Report(rules.Literal, n.Pos, "%q is no %s", n.Text, t).Help("%s", help)
		return nil
	}
	text := n.Text
	switch {
	case t.Kind == kind.Invalid:
		return nil
	case t.Marshalled() && t.Go.Form == schema.GoBinary:
		rs.Report(rules.DefaultKind, n.Pos, "%s is stored as bytes that only the Go type itself knows, and has no default", f.Name).
			Help("remove the default, or store the type as text")
		return nil
	case t.Marshalled() && t.Go.Zero == "" && !f.Optional:
		rs.Report(rules.DefaultKind, n.Pos, "%s has no default: Go cannot tell its zero value", f.Name).
			Help("make it optional, or give the Go type a method IsZero")
		return nil
	case !t.Kind.Scalar():
		rs.Report(rules.DefaultKind, n.Pos, "%s has no default", diag.Article(t.Kind.String())).Help("remove the default: an absent %s is empty", t.Kind)
		return nil
	}
	row := kind.Of(t.Kind)
	switch row.Literal {
	case kind.BareLiteral:
		if t.Kind != kind.Bool {
			return rs.defaultNumber(t, n, bad)
		}
		if n.Quoting == syntax.Plain && (text == "true" || text == "false") {
			return schema.LiteralOf(kind.BoolOf(text == "true"))
		}
		return bad("write true or false")
	case kind.TextLiteral:
		if n.Quoting == syntax.Plain && yamlNull(text) {
			rs.Report(rules.Literal, n.Pos, "%s is no default of type %s: it would be the text %q", text, t, text).
				Help("remove the default; a field that may be absent has a ? behind its type: %s: %s?; and the text itself needs quotes", f.Name, t)
			return nil
		}
		for _, limit := range []struct {
			max, min int
			of       string
		}{{t.Max, t.Min, "the type " + t.String()}, {f.Max, f.Min, "the field"}} {
			if limit.max > 0 && len(text) > limit.max || len(text) < limit.min {
				rs.Report(rules.Literal, n.Pos, "the default has %s, outside the limits of %s", diag.Count(len(text), "byte"), limit.of).Help("change the default or the limits")
				return nil
			}
		}
	case kind.JSONLiteral:
		if !json.Valid([]byte(text)) {
			return bad(`write JSON in quotes: '{"a": 1}'`)
		}
	case kind.DurationLiteral:
		d, err := kind.ParseDuration(text)
		if err != nil {
			return bad(lang.DurationHelp(err, text))
		}
		return schema.LiteralOf(kind.DurationOf(d))
	case kind.NameLiteral:
		return expr.EnumValue(rs.Reporter, t, text, n.Pos)
	case kind.NoLiteral:
		return rs.defaultWord(t, n, bad)
	}
	v, err := row.ParseLit(t.Params(), text)
	if err != nil {
		d := rs.Report(rules.Literal, n.Pos, "%q is no %s", text, t).Help("write it as %s", row.Lit(row.Example(t.Params())))
		if why := expr.Reason(err); why != "" {
			d.Note("%s", why)
		}
		if civilNow[text] && (t.Kind == kind.Date || t.Kind == kind.TimeOfDay) {
			d.Help("set it in the program, which knows the time zone: civil.%sOf(time.Now()); a timestamp has the default now", t.Kind.Ident())
		}
		return nil
	}
	return schema.LiteralOf(v)
}

// civilNow are the words for the present day or time in other languages.
var civilNow = map[string]bool{"now": true, "today": true, "current_date": true, "current_time": true}

// defaultNumber reads a number.
func (rs *resolver) defaultNumber(t *schema.Type, n *syntax.Node, bad func(help string) *schema.Literal) *schema.Literal {
	if n.Quoting != syntax.Plain {
		return bad(expr.NumberHelp(kind.Of(t.Kind), true))
	}
	lit, err := expr.Number(rs.Reporter, t, n.Text, n.Pos)
	if err != nil {
		return bad(expr.NumberHelp(kind.Of(t.Kind), false))
	}
	return lit
}

// defaultWord reads the default of a kind whose values are not written: the word for a
// value that is made when a row is.
func (rs *resolver) defaultWord(t *schema.Type, n *syntax.Node, bad func(help string) *schema.Literal) *schema.Literal {
	zero := kind.Of(t.Kind).Zero(t.Params())
	word := lang.MadeDefaults[t.Kind]
	switch {
	case t.Kind == kind.Timestamp && n.Text == word:
		return &schema.Literal{Value: zero, Now: true}
	case t.Kind == kind.Timestamp:
		return bad("the default of a timestamp can only be " + word + ", the time of the write")
	case t.Kind == kind.UUID && n.Text == word:
		return &schema.Literal{Value: zero, New: true}
	case t.Kind == kind.UUID:
		return bad("the default of a uuid can only be " + word + ", a new one for each row")
	}
	rs.Report(rules.DefaultKind, n.Pos, "%s has no default", diag.Article(t.Kind.String())).Help("remove the default")
	return nil
}
