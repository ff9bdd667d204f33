package schema

import (
	"github.com/storegen/storegen/schema/diag"
)

// A GoAsk asks for types in Go source. Types are named by import
// path and name: example.com/app/model.User.
type GoAsk struct {
	Rows []string // structs that are rows
	// Own are types that make their bytes themselves, with the columns of their tables.
	Own []GoOwn
	// Messages are structs of protobuf messages that are rows.
	Messages []string
	Types    []GoNamed // Go types of the named types
}

// A GoNamed is a named type of the schema whose values have a Go type.
type GoNamed struct {
	Name string // in the schema
	Go   string
	As   string // the form that the schema asks for: text, binary or scalar; "" if it asks for none
}

// A GoOwn asks for a type that makes its bytes itself.
type GoOwn struct {
	Go   string
	Gets []GoGet
}

// A GoGet names what gives the value of a column: a method or field of the type, or a
// function of its package that takes it.
type GoGet struct{ Column, Get string }

// Key is by what the answer holds it: the same type may be asked for by two tables.
func (o GoOwn) Key() string {
	key := o.Go
	for _, g := range o.Gets {
		key += " " + g.Column + "=" + g.Get
	}
	return key
}

// GoSource is the answer to a GoAsk.
type GoSource struct {
	Rows    map[string]*GoDecl // structs and messages that are rows, by their names in Go, and GoOwn by Key
	Types   map[string]*GoDecl // by their names in the schema
	Structs []*GoDecl          // structs within rows and types that have no name in the schema, each once
	Package string             // the import path of the generated packages
	// Uses are the generated packages that a package with one of the types imports,
	// directly or not, by its import path.
	Uses map[string][]string
	// Inputs are the files that the answer depends on; none if the loader does not
	// know them.
	Inputs []string
}

// A GoDecl is a Go type that is a row or a named type.
type GoDecl struct {
	Name   string // in the schema; "" of a row
	Type   GoType
	Scalar string    // the scalar that values are stored as; "" for a struct
	Fields []GoField // of a struct
	Doc    string
	Pos    diag.Pos
	Source string // the source line at Pos
	For    string // the row or type in the GoAsk that needs this one
	// Left are the fields of a message that no column can be, and the columns that a type
	// of one's own does not give, by name.
	Left     map[string]GoProblem
	Codec    *Codec      // of a message
	Problems []GoProblem // why it cannot be stored; with problems, other fields may be missing
}

// A GoField is a field of a Go struct.
type GoField struct {
	Name   string  // in the schema
	GoName string  // in Go
	Type   string  // as the schema language writes it: []string, timestamp?
	Go     *GoType // the Go type of the value or the element; nil for the usual one of Type
	Key    *GoType // the Go type of the keys of a map; nil for the usual one
	// Pointers says that the elements of a list or map are pointers in Go.
	Pointers bool
	Array    *GoArray     // of a list that is an array in Go
	From     *FieldSource // of a message
	Hidden   bool
	Doc      string
	Pos      diag.Pos
	Source   string // the line itself
}

// A GoProblem is a reason why a Go type cannot be stored.
type GoProblem struct {
	Pos     diag.Pos // without a file, the position of the type's name in the schema is meant
	Source  string
	Message string
	Help    string
}

// A GoLoader finds types in Go source. It is called once for all types.
type GoLoader func(GoAsk) *GoSource
