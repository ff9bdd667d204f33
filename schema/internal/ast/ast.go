package ast

import (
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/syntax"
)

// This file takes YAML nodes apart into declarations. A declaration holds the
// nodes themselves, so that the resolver can point at them; a nil node is one
// that was not written, or whose mistake is reported.

type Type struct {
	File     *diag.Text
	Name     *syntax.Node
	Doc      string
	Is       *syntax.Node // the scalar of a named scalar
	Fields   []*Field
	Values   []*Value
	Kind     schema.Kind // Enum or Struct; Invalid for a named scalar
	Max, Min *syntax.Node
	Was      []*syntax.Node
	Broken   bool           // what it is could not be read
	GoName   *syntax.Node   // of go: path.Type
	As       *syntax.Node   // of a Go type, its form
	Go       *schema.GoDecl // what was found of it
}

type Value struct {
	Name *syntax.Node
	Doc  string
	Was  []*syntax.Node
}

type Field struct {
	Name       *syntax.Node
	Type       *syntax.Node
	Doc        string
	Optional   bool
	Hidden     *syntax.Node // the word true
	Default    *syntax.Node
	DefaultHex bool // def is bytes, which were written as {hex: 00ff}
	Max, Min   *syntax.Node
	Was        []*syntax.Node
	GoName     string // of the field of a struct that is there already; "" is made of name
	GoType     *schema.GoType
	GoKey      *schema.GoType // of the keys of a map
	Options    *syntax.Node   // the name in the schema, of a field of a Go row that has options there
}

type Table struct {
	File    *diag.Text
	Name    *syntax.Node
	Doc     string
	Row     *syntax.Node
	GoRow   *syntax.Node // of row: {go: path.Type}
	GoType  *schema.GoType
	Access  *syntax.Node
	Owner   *syntax.Node // of access: {owner: field}
	Key     *syntax.Node // the whole of it
	KeyType *syntax.Node
	KeyOf   []*syntax.Node
	Fields  []*Field
	Options []*Field // fields that stand beside a Go row, without types
	Per     []*Field
	Indexes []*Index
	TTL     *syntax.Node // the whole of it
	TTLFrom *syntax.Node
	TTLKeep *syntax.Node
	Checks  []*Check
	Was     []*syntax.Node
	// hasFields is false when the fields could not be read, so that no reference
	// to a field can be judged.
	HasFields bool
}

type Index struct {
	Name    *syntax.Node
	Doc     string
	On      []*syntax.Node
	Unique  bool
	Where   *syntax.Node
	Include []*syntax.Node
	Was     []*syntax.Node
}

type Check struct {
	Rule *syntax.Node
	Doc  string
}
