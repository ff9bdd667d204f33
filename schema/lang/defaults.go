package lang

import (
	"math/big"

	"github.com/storegen/storegen/runtime/kind"
)

// MadeDefaults are the defaults that are no values, but words for a value that is made
// when a row is.
var MadeDefaults = map[kind.Kind]string{kind.Timestamp: "now", kind.UUID: "new"}

// AnyText is the pattern of texts that may be empty, if they have quotes.
const AnyText = "^"

var (
	hexForm       = &Form{Words: &Grammar{What: "a default", Words: []Word{{Name: WordHex, Needed: true, Missing: "default names no bytes", Help: "write {hex: 00ff}", Doc: "The bytes, two hexadecimal digits each.", Holds: &Form{Text: hexText}}}}}
	durationShape = "^" + kind.DurationPattern() + "$"
)

// DefaultForm is how a default of a scalar is written, as far as a form can say it: not
// how many digits a decimal has, how many bytes a bytes[n], which days a February, and
// what is too near to 0 for a float. An enum's values have names of their own: nil.
func DefaultForm(s *kind.Scalar) *Form {
	switch s.Literal {
	case kind.BareLiteral:
		if s.Kind == kind.Bool {
			return &Form{Flag: true}
		}
		return &Form{Number: numbersOf(s)}
	case kind.QuotedLiteral:
		f := &Form{Text: "^(" + s.LitPattern + ")$"}
		if s.LitPattern == "" {
			f.Text, f.Loose = AnyText, true
		}
		if s.Kind == kind.FixedBytes { // YAML takes 0x00ff without quotes for a number
			f.Number, f.Words = &Range{Whole: true, Least: "0"}, hexForm.Words
		}
		return f
	case kind.TextLiteral:
		f := &Form{Text: AnyText, Loose: true}
		if s.Kind == kind.Bytes {
			f.Words = hexForm.Words
		}
		return f
	case kind.JSONLiteral:
		return &Form{Text: someText, Loose: true}
	case kind.DurationLiteral:
		return &Form{Text: durationShape, Taken: `^-?$`}
	case kind.NoLiteral:
		return &Form{Values: []string{MadeDefaults[s.Kind]}}
	}
	return nil
}

// numbersOf are the numbers that a kind holds.
func numbersOf(s *kind.Scalar) *Range {
	switch {
	case s.Kind == kind.Decimal: // its digits are limited, and not its size
		return &Range{}
	case s.Float && s.Bits == 32: // what is rounded to the greatest, too
		return &Range{Least: "-3.4028235677973364e+38", Most: "3.4028235677973364e+38"}
	case s.Float:
		return &Range{Least: "-1.7976931348623158e+308", Most: "1.7976931348623158e+308"}
	}
	one := big.NewInt(1)
	least, most := new(big.Int), new(big.Int).Lsh(one, uint(s.Bits))
	if s.Signed {
		most.Rsh(most, 1)
		least.Neg(most)
	}
	return &Range{Whole: true, Least: least.String(), Most: most.Sub(most, one).String()}
}
