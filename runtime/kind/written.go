package kind

import "strconv"

// Written is a value of the kind as a schema writes it, in conditions and as a default:
// 12, "text", 30d, the name of an enum's value.
func (s *Scalar) Written(v Value) string {
	switch s.Literal {
	case DurationLiteral:
		return FormatDuration(v.Duration())
	case NameLiteral:
		return s.Format(v)
	case TextLiteral, QuotedLiteral, JSONLiteral:
		return strconv.Quote(s.Lit(v))
	}
	return s.Lit(v)
}
