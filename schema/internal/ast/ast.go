package ast

import (
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
)

// A nil node in a declaration was not written, or its mistake is reported.

// A Type is the declaration of a named type, with the words of lang.TypeGrammar.
type Type struct {
	File *diag.Text
	Name *syntax.Node
	Doc  string // written, or that of a Go type
	Words
	Fields []*Field
	Values []*Value       // of an enum, with the words of lang.EnumValueGrammar
	Kind   schema.Kind    // Enum or Struct; Invalid for a named scalar
	Broken bool           // its kind could not be read
	GoName *syntax.Node   // of go: path.Type
	As     *syntax.Node   // of a Go type: its form
	Go     *schema.GoDecl // of a Go type: what the loader found
}

// A Field is the declaration of a field or a parameter.
type Field struct {
	Name       *syntax.Node
	Type       *syntax.Node
	Words      // those of lang.FieldGrammar and the like
	Default    *syntax.Node
	DefaultHex bool   // Default holds bytes, written as {hex: 00ff}
	GoName     string // of a field of a Go struct; "" if it follows from Name
	GoType     *schema.GoType
	GoKey      *schema.GoType      // of a Go struct: the type of a map's keys
	GoPointers bool                // of a Go struct: the elements of a list or map are pointers
	GoArray    *schema.GoArray     // of a Go struct: the list is an array
	From       *schema.FieldSource // of a field of a message
	Get        *syntax.Node        // what gives the value, of a row that makes its bytes itself
	As         *syntax.Node        // the named type that the schema gives it
	Options    *syntax.Node        // of a field of a Go row: its name where the schema has options for it
}

// A Table is the declaration of a table, with the words of lang.TableGrammar.
type Table struct {
	File *diag.Text
	Name *syntax.Node
	Words
	GoRow   *syntax.Node // of row: {go: path.Type}, or {proto: path.Type}
	Message bool         // it is a protobuf message
	Own     bool         // it makes its bytes itself
	GoType  *schema.GoType
	Codec   *schema.Codec               // of a message
	Left    map[string]schema.GoProblem // fields of a message that are no columns, by name
	Fields  []*Field
	Options []*Field // options for the fields of a Go row, without types
	Per     []*Field
	Indexes []*Index
	Checks  []Words // of lang.CheckGrammar
	// HasFields is false if the fields could not be read, so that no reference
	// to a field can be judged.
	HasFields bool
}

// An Index is the declaration of an index, with the words of lang.IndexGrammar.
type Index struct {
	Name *syntax.Node
	Words
}
