package schema

import (
	"github.com/storegen/storegen/schema/diag"
)

// A GoAsk is what a schema wants to know of Go source. Types are named by import
// path and name: example.com/app/model.User.
type GoAsk struct {
	Rows  []string  // structs that are rows
	Types []GoNamed // Go types that named types are over
}

// A GoNamed is a named type of the schema that is over a Go type.
type GoNamed struct {
	Name string // in the schema
	Go   string
	As   string // the form that the schema asks for: text, binary or scalar; "" is the type's own choice
}

// GoSource is what was found of a GoAsk.
type GoSource struct {
	Rows    map[string]*GoDecl // by the names of Go
	Types   map[string]*GoDecl // by the names of the schema
	Structs []*GoDecl          // structs within rows and types that have no name in the schema, each once
	Base    string             // the import path of the generated packages
	// Uses are, of each package that a type is from, the generated packages that it
	// imports, directly or not.
	Uses map[string][]string
	// Inputs are what all of it was read from, as the loader names it; none where it
	// cannot tell.
	Inputs []string
}

// A GoDecl is a Go type, as a row or as a named type.
type GoDecl struct {
	Name     string // in the schema; "" of a row
	Type     GoType
	Scalar   string    // what values are stored as; "" of a struct
	Fields   []GoField // of a struct
	Doc      string
	Pos      diag.Pos
	Source   string      // the line of Pos
	For      string      // the row or type that was asked for and led here
	Problems []GoProblem // why it cannot be stored; where there are any, the rest may be missing
}

// A GoField is a field of such a struct.
type GoField struct {
	Name   string  // the column
	GoName string  // the field
	Type   string  // as the schema language writes it: []string, timestamp?
	Go     *GoType // the Go type of the value, or of the element; nil where it is the one that Type has in Go
	Key    *GoType // the same of the keys of a map
	Hidden bool
	Doc    string
	Pos    diag.Pos
	Source string // the line itself
}

// A GoProblem is a mistake in Go source, or in what is there of it.
type GoProblem struct {
	Pos     diag.Pos // without a file: where the schema names the type
	Source  string
	Message string
	Help    string
}

// A GoLoader finds types in Go source. It is called once for all, and answers
// all.
type GoLoader func(GoAsk) *GoSource
