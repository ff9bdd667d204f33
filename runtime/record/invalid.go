package record

import (
	"encoding/json"
	"errors"
	"fmt"
	"strconv"
	"strings"

	"github.com/storegen/storegen/runtime/decimal"
)

// ErrInvalid is matched by the errors for rows that break a rule of their
// schema.
var ErrInvalid = errors.New("invalid")

// InvalidError says which rule of its schema a row breaks.
type InvalidError struct {
	Field string // "" where the rule is about several
	Rule  string // what should hold
	Err   error  // what a method of the field's type said; nil where no method has a part in it
}

// Error implements error.
func (e *InvalidError) Error() string {
	if e.Field == "" {
		return "invalid: " + e.Rule
	}
	return "invalid " + e.Field + ": " + e.Rule
}

// Unwrap returns what a method of the field's type said, if one did.
func (e *InvalidError) Unwrap() error { return e.Err }

// Is makes errors.Is(err, ErrInvalid) hold.
func (e *InvalidError) Is(target error) bool { return target == ErrInvalid }

// Invalid returns an InvalidError.
func Invalid(field, rule string) error { return &InvalidError{Field: field, Rule: rule} }

// Length checks that a value of n bytes keeps its limits; a limit of 0 is none.
func Length(field string, n, min, max int) error {
	switch {
	case n < min:
		return Invalid(field, fmt.Sprintf("has %s, the least is %d", count(n, "byte"), min))
	case max > 0 && n > max:
		return Invalid(field, fmt.Sprintf("has %s, the most is %d", count(n, "byte"), max))
	}
	return nil
}

// DecimalFits checks that a decimal(precision, scale) holds a value exactly.
//
//go:noinline
func DecimalFits(field string, v decimal.Decimal, precision, scale int) error {
	switch {
	case v.Fits(precision, scale):
		return nil
	case v.Scale() > scale:
		return Invalid(field, fmt.Sprintf("has %s behind the point, the most is %d", count(v.Scale(), "digit"), scale))
	}
	var buf [decimal.MaxDigits]byte
	return Invalid(field, fmt.Sprintf("has %s before the point, the most is %d", count(len(v.AppendDigits(buf[:0]))-v.Scale(), "digit"), precision-scale))
}

// count is so many things, in words.
func count(n int, thing string) string {
	if n == 1 {
		return "1 " + thing
	}
	return fmt.Sprintf("%d %ss", n, thing)
}

// EnumSet checks that an enum is set. A number that this program's schema does
// not know is no error: a newer program may have written it.
//
//go:noinline
func EnumSet(field string, v int32) error {
	if v <= 0 {
		return Invalid(field, "is not set")
	}
	return nil
}

// PointerSet checks that an element of a list or map, which is a pointer, is there.
//
//go:noinline
func PointerSet(field string, set bool) error {
	if !set {
		return Invalid(field, "holds a pointer that is nil")
	}
	return nil
}

// ValidJSON checks that a value is JSON; an empty one stands for none.
func ValidJSON(field string, v json.RawMessage) error {
	if len(v) > 0 && !json.Valid(v) {
		return Invalid(field, "is not JSON")
	}
	return nil
}

// In names the struct or list that an error of one of its parts was found in.
func In(field string, err error) error {
	var several *InvalidErrors
	var e *InvalidError
	switch {
	case errors.As(err, &several):
		out := &InvalidErrors{Errs: make([]error, len(several.Errs))}
		for i, err := range several.Errs {
			out.Errs[i] = In(field, err)
		}
		return out
	case !errors.As(err, &e):
		return err
	case e.Field != "":
		field += "." + e.Field
	}
	return &InvalidError{Field: field, Rule: e.Rule, Err: e.Err}
}

// Ptr returns a pointer to v, for optional fields.
func Ptr[T any](v T) *T { return &v }

// Message is a struct that can be a field.
type Message interface{ AppendRecord(dst []byte) []byte }

// AppendMessage appends field num as a message.
func AppendMessage[M Message](dst []byte, num int, m M) []byte {
	dst, at := Begin(dst, num)
	return End(m.AppendRecord(dst), at)
}

// ParseEnum reads the text of an enum value that has no name, Type(n); a name it
// does not know is an error.
func ParseEnum(typ, text string) (int32, error) {
	if inner, ok := strings.CutPrefix(text, typ+"("); ok {
		if digits, ok := strings.CutSuffix(inner, ")"); ok {
			if n, err := strconv.ParseInt(digits, 10, 32); err == nil {
				return int32(n), nil
			}
		}
	}
	return 0, fmt.Errorf("%q is no %s", text, typ)
}

// Len is the length of an optional string; an absent one has none.
func Len[T ~string](v *T) int {
	if v == nil {
		return 0
	}
	return len(*v)
}
