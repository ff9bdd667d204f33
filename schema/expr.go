package schema

// An Expr is a condition over the fields of a row: And, Or, Not, Compare, Has or
// BoolField. Its value is true or false, never unknown: see Compare for absent
// fields. Package describe writes it as text.
type Expr interface{ expr() }

// And holds where both sides do.
type And struct{ L, R Expr }

// Or holds where one side does, or both.
type Or struct{ L, R Expr }

// Not holds where X does not.
type Not struct{ X Expr }

// The operators of a comparison.
const (
	Equal          = "=="
	NotEqual       = "!="
	Less           = "<"
	LessOrEqual    = "<="
	Greater        = ">"
	GreaterOrEqual = ">="
)

// Compare holds where the two sides compare as Op says. The sides have one type
// or one order (see Type.ComparesWith), or are numbers where Left is a length. Left is always a field or a length.
//
// A comparison with a field that is absent is false, except != which is true,
// also where both sides are absent. The length of an absent field is 0.
type Compare struct {
	Op    string // Equal and the like
	Left  Operand
	Right Operand
}

// Has holds where an optional field is present, or where a string, bytes, json,
// list or map that is not optional is not empty.
type Has struct{ Field *Field }

// BoolField holds where a bool field is present and true.
type BoolField struct{ Field *Field }

// An Operand is one side of a comparison: a field, the length of a field, or a
// literal.
type Operand struct {
	Field *Field   // nil for a literal
	Len   bool     // the field's length: bytes of a string or bytes, elements of a list or map
	Lit   *Literal // nil for a field
}

func (And) expr()       {}
func (Or) expr()        {}
func (Not) expr()       {}
func (Compare) expr()   {}
func (Has) expr()       {}
func (BoolField) expr() {}

// conditionFields calls f for every field that a condition names.
func conditionFields(x Expr, f func(*Field)) {
	switch x := x.(type) {
	case And:
		conditionFields(x.L, f)
		conditionFields(x.R, f)
	case Or:
		conditionFields(x.L, f)
		conditionFields(x.R, f)
	case Not:
		conditionFields(x.X, f)
	case Compare:
		for _, o := range []Operand{x.Left, x.Right} {
			if o.Field != nil {
				f(o.Field)
			}
		}
	case Has:
		f(x.Field)
	case BoolField:
		f(x.Field)
	}
}

// ExprFields returns the fields that a condition names, each once, in the order
// in which they are first named. A nil condition names none.
func ExprFields(x Expr) []*Field {
	var out []*Field
	seen := map[*Field]bool{}
	conditionFields(x, func(f *Field) {
		if !seen[f] {
			seen[f] = true
			out = append(out, f)
		}
	})
	return out
}
