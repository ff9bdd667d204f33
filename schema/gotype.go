package schema

import (
	"github.com/storegen/storegen/schema/lang"
)

// A GoType is a Go type that is there already, in a package of the user's.
type GoType struct {
	Path       string // the import path of its package; "" of a predeclared type
	Package    string // the name of its package
	Name       string
	Form       GoForm
	Zero       string // how its zero value is told: IsZero, a method, or what it is compared with; "" is not at all
	Comparable bool   // Go compares values, so that they can be keys
	Under      string // int or uint where it is over one of these, whose width depends on the machine
	Partly     bool   // a struct some of whose fields are not stored
	// Layout holds all fields of a struct some of which are not stored, in order; nil where
	// it is not known.
	Layout []GoLayout
}

// A GoLayout is what takes room in a struct: one of what it holds is set.
type GoLayout struct {
	Field  string     // the Go name of a field that is stored
	Type   *GoType    // a type that other packages can name
	Text   string     // a predeclared type, or a pointer or slice of one
	Fields []GoLayout // of a struct without a name elsewhere; of an array, its element
	Len    int64      // of an array; 0 is none
}

// String returns the import path, a dot and the name.
func (t *GoType) String() string {
	if t.Path == "" {
		return t.Name
	}
	return t.Path + "." + t.Name
}

// GoForm says as what values of a Go type are stored.
type GoForm int

// The forms.
const (
	GoScalar GoForm = iota // the scalar that the type is over, or the fields of a struct
	GoText                 // the text of encoding.TextMarshaler, a string
	GoBinary               // the bytes of encoding.BinaryMarshaler
)

// String returns the form as the schema language writes it.
func (f GoForm) String() string {
	if f < 0 || int(f) >= len(lang.GoFormNames) {
		return "invalid"
	}
	return lang.GoFormNames[f]
}
