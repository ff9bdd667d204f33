package schema

import (
	"github.com/storegen/storegen/schema/lang"
)

// A GoType is a Go type of the user, in contrast to generated ones.
type GoType struct {
	Path       string // the import path of its package; "" for a predeclared type
	Package    string // the name of its package
	Name       string
	Form       GoForm
	Zero       string // how the zero value is recognized: "IsZero" for the method, or a value to compare with; "" if it cannot be
	Comparable bool   // Go can compare values, so that they can be keys
	// Order is what orders values in Go, as "its method Compare"; "" if nothing does.
	Order  string
	Under  string // int or uint if that is its underlying type, whose width depends on the machine
	Partly bool   // a struct some of whose fields are not stored
	// Layout holds all fields of such a struct, and of one that embeds structs whose
	// fields are columns, in order; nil if it is not known.
	Layout []GoLayout
}

// A GoLayout is a part of a struct. One of Field, Type, Text, Fields and Len is set, and
// Embedded with Fields.
type GoLayout struct {
	Field  string     // the Go name of a field that is stored
	Type   *GoType    // a type that other packages can name
	Text   string     // a predeclared type, or a pointer or slice of one
	Fields []GoLayout // the fields of a struct that has no name in other packages; for an array, its element
	Len    int64      // the length of an array

	Embedded *GoType // an embedded struct with fields that are stored
}

// String returns the import path, a dot and the name.
func (t *GoType) String() string {
	if t.Path == "" {
		return t.Name
	}
	return t.Path + "." + t.Name
}

// GoForm says how values of a Go type are stored.
type GoForm int

// The forms.
const (
	GoScalar GoForm = iota // as the underlying scalar, or as the fields of a struct
	GoText                 // as the text of encoding.TextMarshaler, a string
	GoBinary               // as the bytes of encoding.BinaryMarshaler
)

// String returns the form as the schema language writes it.
func (f GoForm) String() string {
	if f < 0 || int(f) >= len(lang.GoFormNames) {
		return "invalid"
	}
	return lang.GoFormNames[f]
}
