package kind

import (
	"math/rand/v2"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/record"
)

// Scalar is all there is to know of a scalar kind. Functions that take a Value want
// one of this kind.
type Scalar struct {
	Kind Kind
	Name string // in schemas
	// Ident is the name of the constant of this package.
	Ident string

	// Form is how a schema writes a type of the kind that has numbers, "bytes[$size]", with
	// the names of the numbers in Params; "" for a kind that is written by its name.
	Form string
	// FormStored says that stored bytes depend on the numbers.
	FormStored bool
	// FormExample has numbers for messages.
	FormExample Params
	// CheckForm tells whether the numbers are possible; nil without a Form.
	CheckForm func(p *Params) error
	// Valid reports whether a value is one of the type with these numbers; nil where each
	// is. A kind with FormStored has it.
	Valid func(p *Params, v Value) bool
	// Check is the rule that Gen.Check generates, and those that each enum and each JSON
	// keeps: an error of package record that names the field; nil where there is no rule.
	Check func(field string, p *Params, v Value) error
	// Narrower reports whether values of a type may be none of the type that it becomes;
	// nil where they are all, or where FormStored tells.
	Narrower func(was, is *Params) bool

	// Gen is what the generator writes into Go code.
	Gen Gen
	// Proto is the protobuf type of fields; that of a message has a dot in its name.
	Proto string
	// ProtoOptional says that the zero value is not that of the protobuf type, so that
	// fields are declared as optional there.
	ProtoOptional bool
	// ProtoNote says what a value of the protobuf type means, "" where that type tells;
	// $size is that of Params.
	ProtoNote string

	// Ordered says that conditions may ask for more and less, not only for equality.
	Ordered bool
	// Text says that values are of any length, and have prefixes.
	Text bool
	// Bits is the width of a number, 0 for what is no number.
	Bits int
	// Signed says that there are numbers below 0.
	Signed bool
	// Float says that a number need not be whole.
	Float bool
	// Keys is what package keys calls the kind, as in AppendInt32 and Reader.Int32; ""
	// for a kind that is never in a key.
	Keys string
	// KeySize is the length of the encoding in a key, in bytes: 0 for that of Params, or
	// where KeyLen tells it by the first bytes of a key. See KeySizeOf.
	KeySize                  int
	KeyLen                   func(b []byte, desc bool) int
	AppendKey, AppendKeyDesc func(dst []byte, v Value) []byte
	// ReadKey and ReadKeyDesc read the next component of a key. The value may share
	// memory with it. p is that of the type.
	ReadKey, ReadKeyDesc func(r *keys.Reader, p *Params) Value

	// Record is what package record calls the kind, as in AppendInt32, AddInt32 and
	// Reader.Int32.
	Record string
	// Packed is the function of package record that reads a list which is one packed
	// field, as in AppendInts; "" where a list is a field for each element.
	Packed string
	// PackedMethod says that the function is a method of a Reader.
	PackedMethod bool
	// AppendWire appends a value as the field num in the wire format.
	AppendWire func(dst []byte, num int, v Value) []byte
	// ReadWire reads the current field. The value shares memory with the input.
	ReadWire func(r *record.Reader, p *Params) Value
	// ReadPacked appends to dst the elements of a list in the current field, which is
	// one of them or a packed run; nil where there is no Packed.
	ReadPacked func(r *record.Reader, p *Params, dst []Value) []Value

	// Zero is the value of a field that is not optional and not there.
	Zero func(p *Params) Value
	// Unsent is the value that an entry of a map has in which there is none: that of
	// protobuf, since other writers leave it out; nil where it is Zero.
	Unsent  func() Value
	Compare func(v, w Value) int

	// Format is the text of a value for people.
	Format func(v Value) string
	// Quote says that this may be any text, which is quoted where others stand beside it.
	Quote bool
	// Lit is the text of a value in the conditions of the catalog, and ParseLit its
	// inverse. The error is strconv.ErrRange for a number that does not fit.
	Lit      func(v Value) string
	ParseLit func(p *Params, text string) (Value, error)
	// LitPattern is a regular expression that the texts of a QuotedLiteral match, for
	// editors; "" for any text. ParseLit may take fewer: it knows the leap years.
	LitPattern string
	// Literal says how a schema writes values, as defaults and in conditions.
	Literal Literal
	// Example is the value that explanations show.
	Example func(p *Params) Value

	// AppendJSON appends a value as documents hold it.
	AppendJSON func(dst []byte, v Value) []byte
	// ParseJSON is its inverse: plain is the text of a JSON value, and s what it says if
	// it is a string. ok is false for what is no value.
	ParseJSON func(p *Params, plain, s string, isString bool) (v Value, ok bool)
	// WantJSON says what ParseJSON reads, for messages.
	WantJSON func(p *Params) string

	// ToGo is a value as Gen.Type, or as the plain type that is under it; FromGo is its
	// inverse.
	ToGo   func(v Value) any
	FromGo func(x any) Value

	// Random returns a value for tests: mostly one of a few that are near each other, and
	// now and then one at an end of the range.
	Random func(rng *rand.Rand, p *Params) Value
}

// Literal is a way to write values in a schema. Where it is not said otherwise, ParseLit
// reads what is written.
type Literal int

// The ways.
const (
	NoLiteral       Literal = iota // values are not written, except by a word such as now
	BareLiteral                    // true, 12, 1.5
	QuotedLiteral                  // "2026-01-31"
	TextLiteral                    // "any text", with escapes
	DurationLiteral                // 30d, which ParseDuration reads
	NameLiteral                    // the name of an enum's value
	JSONLiteral                    // '{"a": 1}', only as a default
)

// Gen is what the generator writes into Go code that works with values of a kind. In an
// expression, $x and $y stand for values, $text for a text, $T for the type, and $size,
// $precision and $scale for its numbers.
type Gen struct {
	// Type is the Go type, as "time.Time": a package that is in the imports of generated
	// code, a dot and the name.
	Type string
	// Methods says that the Go type has methods of its own, so that a named type in a
	// schema is another name for it, and not a type defined over it.
	Methods bool
	// Array says that the Go type is an array of bytes, which functions take as a slice.
	Array bool
	// Narrow says that package storeimpl has a method for bounds of the kind.
	Narrow bool
	// Check is the rule that values of the type keep, "" if they all do; $name is the
	// field's name.
	Check string
	// Slice says that the Go type is a slice, whose nil stands for absent.
	Slice bool
	// Compare compares two values as cmp.Compare does; "" where Go's operators do.
	Compare string
	// Unset is the condition that a value is the zero one.
	Unset string
	// Unsent is Unsent of the row as a Go expression.
	Unsent string
	// Lit is a value as a Go expression; nil for a kind whose values are not written so.
	Lit func(v Value) string
	// Untyped says that Lit gives a constant that Go takes for this type without more.
	Untyped bool
	// Format is a value as text, "" for fmt.Sprint; Parse is its inverse, which gives a
	// value and an error.
	Format, Parse string
	// Wide says that Parse gives a value of a wider type, to be converted.
	Wide bool
}

// KeySizeOf is the length of the encodings of a type's values in keys, 0 if it is not
// always the same.
func (s *Scalar) KeySizeOf(p *Params) int {
	if s.FormStored && s.KeyLen == nil && s.KeySize == 0 {
		return p.Size
	}
	return s.KeySize
}

// Takes reports whether a value can stand where one of a type of the kind k, with its
// numbers in p, belongs: it has the same form in keys and rows. Whether it is in the
// range of the type is another question, which Valid answers.
func Takes(k Kind, p *Params, v Value) bool {
	s := Of(k)
	return v.Kind() == k && (s == nil || !s.FormStored || s.Valid(p, v))
}

// rows is the table by kind; filled from scalars.
var rows [64]*Scalar

func init() {
	for i := range scalars {
		s := &scalars[i]
		if rows[s.Kind] != nil {
			panic("kind: two scalars have the number of " + s.Name)
		}
		rows[s.Kind] = s
		forms[s.Kind] = makeForm(s.Form)
	}
}

// Of returns the row of a scalar kind, nil for any other kind.
func Of(k Kind) *Scalar {
	if k < 0 || int(k) >= len(rows) {
		return nil
	}
	return rows[k]
}

// Named returns the row of the scalar with a name, nil if there is none.
func Named(name string) *Scalar {
	for i := range scalars {
		if scalars[i].Name == name {
			return &scalars[i]
		}
	}
	return nil
}

// Scalars returns all scalars, in the order in which they are explained.
func Scalars() []*Scalar {
	out := make([]*Scalar, len(scalars))
	for i := range scalars {
		out[i] = &scalars[i]
	}
	return out
}
