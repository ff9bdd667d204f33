package schema

import (
	"slices"
	"time"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lang"
)

// A Table is one table, or the pattern of a family of them.
type Table struct {
	Name   string  // system.users
	Group  string  // system; "" when the table is in no group
	Pkg    string  // users: the Go package, and the last part of the name
	GoName string  // Users
	Row    string  // the Go name of the value struct
	Go     *GoType // the value struct where it is the user's own; nil where it is generated
	Doc    string
	File   string // the file that declares it, relative to the schema folder, with slashes

	Access  Access
	Owner   *Field   // of an Owned table: the leading key field, which names the user a row belongs to
	Fields  []*Field // in declared order
	Key     *Key
	Indexes []*Index // in declared order
	TTL     *TTL     // nil is none
	Per     []*Field // the parameters of a family, in declared order; empty for a single table
	Checks  []*Check // in declared order
	Number  int      // from the lock
	Was     []string
	Pos     diag.Pos
}

// Field returns the row's field of that name, or nil.
func (t *Table) Field(name string) *Field {
	for _, f := range t.Fields {
		if f.Name == name {
			return f
		}
	}
	return nil
}

// Index returns the table's index of that name, or nil.
func (t *Table) Index(name string) *Index {
	for _, ix := range t.Indexes {
		if ix.Name == name {
			return ix
		}
	}
	return nil
}

// Access says who may read a table. The zero Access is none and never in a
// loaded Set.
type Access int

// The kinds of access.
const (
	System     Access = iota + 1 // the roles dba and system
	Public                       // everyone
	Private                      // nobody, but the program itself
	Restricted                   // the roles service, dba and system
	Owned                        // a user sees the rows of its own
)

// String returns the access as the schema language writes it; an Owned table's
// is "owner".
func (a Access) String() string {
	switch {
	case a >= System && a < Owned:
		return lang.AccessNames[a-System]
	case a == Owned:
		return lang.OwnerAccess
	}
	return "invalid"
}

// AccessOf returns the access that the schema language writes so; 0 where there
// is none.
func AccessOf(text string) Access {
	if text == lang.OwnerAccess {
		return Owned
	}
	if i := slices.Index(lang.AccessNames, text); i >= 0 {
		return System + Access(i)
	}
	return 0
}

// A Key is a table's primary key.
type Key struct {
	// Type is the type of the whole key: of a single field its type; of several,
	// the named struct, or a struct type made up for this table (see Local).
	Type *Type
	// Named is the Go name of the key's type: the named type's, or "" for an
	// unnamed scalar.
	Named string
	// Fields are the row's fields that make up the key, in the key's order.
	Fields []*Field
	// Local says that Type was made up for this table, belongs in its package and
	// is not in the Set's Types.
	Local bool
	// PartNames holds the Go names of the struct's parts, in the order of Fields.
	// It is empty where the key is the one field's own value, with no struct
	// around it.
	PartNames []string
	Pos       diag.Pos
}

// An Index is a secondary index. A row has an entry only if each of the indexed
// fields is present and Where holds for it.
type Index struct {
	Name    string
	GoName  string // Username
	Doc     string
	Columns []*Column
	Unique  bool
	Where   Expr     // nil is every row
	Include []*Field // further fields that an entry holds
	Number  int      // from the lock
	Was     []string
	Pos     diag.Pos
}

// A Column is one column of an index.
type Column struct {
	Field *Field
	Desc  bool // sorted from the greatest to the smallest
	Each  bool // an entry for every element of the field, a list
	Fold  bool // letter case does not count
	Pos   diag.Pos
}

// Type returns the type of the column's values: the field's, or its element's
// where the column is over each of them.
func (c *Column) Type() *Type {
	if c.Each && c.Field.Type.Kind == List {
		return c.Field.Type.Elem
	}
	return c.Field.Type
}

// A TTL says when a row expires: Keep, or what KeepField holds, after From. A
// row whose From is absent never expires. Where KeepField is absent, the store's
// default counts, and without one the row never expires.
type TTL struct {
	From      *Field        // a timestamp
	Keep      time.Duration // more than 0; 0 where KeepField says it
	KeepField *Field        // an integer, in seconds, or a duration; nil where Keep says it
	Pos       diag.Pos
}

// A Check is a rule that every row written must meet.
type Check struct {
	Expr Expr
	Text string // as it was written
	Doc  string
	Pos  diag.Pos
}
