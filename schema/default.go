package schema

import (
	"encoding/json"
	"errors"
	"strconv"
)

// yamlNull reports whether YAML takes a text without quotes for nothing.
func yamlNull(text string) bool {
	switch text {
	case "null", "Null", "NULL", "~":
		return true
	}
	return false
}

// defaultLiteral makes a default's value, reporting what is wrong with it.
func (rs *resolver) defaultLiteral(f *Field, n *node) *Literal {
	t := f.Type
	bad := func(mend string) *Literal {
		rs.report(ruleLiteral, n.pos, "%q is no %s", n.text, t).mend("%s", mend)
		return nil
	}
	text := n.text
	switch {
	case t.Kind == Invalid:
		return nil
	case t.Marshalled() && t.Go.Form == GoBinary:
		rs.report(ruleDefaultKind, n.pos, "%s is stored as bytes that only the Go type itself knows, and has no default", f.Name).
			mend("remove the default, or store the type as text")
		return nil
	case t.Marshalled() && t.Go.Zero == "" && !f.Optional:
		rs.report(ruleDefaultKind, n.pos, "%s has no default: Go cannot tell its zero value", f.Name).
			mend("make it optional, or give the Go type a method IsZero")
		return nil
	case t.Kind == Bool:
		if n.quoting == plain && (text == "true" || text == "false") {
			return &Literal{Kind: Bool, Bool: text == "true"}
		}
		return bad("write true or false")
	case t.Kind.Integer() || t.Kind == Float64:
		lit, err := parseNumber(t.Kind, text)
		if errors.Is(err, strconv.ErrRange) {
			outOfRange(rs.reporter, n.pos, text, t.Kind)
			return nil
		}
		if errors.Is(err, errTooSmall) {
			rs.report(ruleLiteral, n.pos, "%s is nearer to 0 than any %s, and would be 0", text, t.Kind).mend("write 0, or a number that can be told from it")
			return nil
		}
		if err != nil || n.quoting != plain {
			return bad("write a number, without quotes")
		}
		return lit
	case (t.Kind == String || t.Kind == Bytes) && n.quoting == plain && yamlNull(text):
		rs.report(ruleLiteral, n.pos, "%s is no default of type %s: it would be the text %q", text, t, text).
			mend("remove the default; a field that may be absent has a ? behind its type: %s: %s?; and the text itself needs quotes", f.Name, t)
		return nil
	case t.Kind == String, t.Kind == Bytes:
		for _, limit := range []struct {
			max, min int
			of       string
		}{{t.Max, t.Min, "the type " + t.String()}, {f.Max, f.Min, "the field"}} {
			if limit.max > 0 && len(text) > limit.max || len(text) < limit.min {
				rs.report(ruleLiteral, n.pos, "the default has %d bytes, outside the limits of %s", len(text), limit.of).mend("change the default or the limits")
				return nil
			}
		}
		return &Literal{Kind: t.Kind, Str: text}
	case t.Kind == JSON:
		if !json.Valid([]byte(text)) {
			return bad(`write JSON in quotes: '{"a": 1}'`)
		}
		return &Literal{Kind: JSON, Str: text}
	case t.Kind == Timestamp:
		if text != "now" {
			return bad("the default of a timestamp can only be now, the time of the write")
		}
		return &Literal{Kind: Timestamp, Now: true}
	case t.Kind == UUID:
		if text != "new" {
			return bad("the default of a uuid can only be new, a new one for each row")
		}
		return &Literal{Kind: UUID, New: true}
	case t.Kind == Duration:
		d, err := parseDuration(text)
		if err != nil {
			return bad(durationMend(err, text))
		}
		return &Literal{Kind: Duration, Dur: d}
	case t.Kind == Enum:
		return enumLiteral(rs.reporter, t, text, n.pos)
	}
	rs.report(ruleDefaultKind, n.pos, "%s has no default", article(t.Kind.String())).mend("remove the default: an absent %s is empty", t.Kind)
	return nil
}
