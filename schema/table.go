package schema

import (
	"slices"
	"time"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lang"
)

// A Table is one table, or a family of tables with the same fields.
type Table struct {
	Name   string  // system.users
	Group  string  // system; "" when the table is in no group
	Pkg    string  // users: the Go package, and the last part of the name
	GoName string  // Users
	Row    string  // the Go name of the value struct
	Go     *GoType // the value struct if it is a Go type of the user; nil if it is generated
	// Codec makes the bytes of the rows, which hold the key; nil for a table whose rows
	// are stored field by field.
	Codec *Codec
	Doc   string
	File  string // the file that declares it, relative to the schema folder, with slashes

	Access  Access
	Owner   *Field   // for an Owned table: the first field of the key, which names the user that owns a row
	Fields  []*Field // in declared order
	Key     *Key
	Indexes []*Index // in declared order
	TTL     *TTL     // nil if rows do not expire
	Per     []*Field // the parameters of a family, in declared order; empty for a single table
	Checks  []*Check // in declared order
	Blind   bool     // a put does not read the row that it replaces
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

// Access says who may read a table. The zero value is not valid.
type Access int

// The kinds of access.
const (
	System     Access = iota + 1 // the roles dba and system
	Public                       // everyone
	Private                      // nobody but the program itself
	Restricted                   // the roles service, dba and system
	Owned                        // a user sees only rows that belong to it
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

// AccessOf returns the access with that name in the schema language, or 0.
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
	// Type is the type of the whole key: the type of the one field, or a struct, which
	// may be generated for this table (see Local).
	Type *Type
	// Named is the Go name of the key's type; "" for a scalar without a name.
	Named string
	// Fields are the row's fields that make up the key, in the key's order.
	Fields []*Field
	// Local says that Type is generated for this table, in its package. It is not in
	// the Set's Types.
	Local bool
	// PartNames holds the Go names of the struct's parts, in the order of Fields.
	// It is empty if the key is the value of one field, without a struct.
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
	Where   Expr     // nil means every row
	Include []*Field // further fields that an entry holds
	Number  int      // from the lock
	Was     []string
	Pos     diag.Pos
}

// EntriesTell reports whether the entries of an index of the table hold more than the key
// of their row: a column as it stands in the row, or included fields.
func (t *Table) EntriesTell(ix *Index) bool {
	for _, c := range ix.Columns {
		if !c.Mapped() && !c.Field.InKey {
			return true
		}
	}
	return len(ix.Include) > 0
}

// AnswersOne reports whether one entry of the index answers for one value of its columns
// without the row: it is unique, and holds more than the key of the row.
func (ix *Index) AnswersOne() bool { return ix.Unique && len(ix.Include) > 0 }

// A Column is one column of an index.
type Column struct {
	Field *Field
	catalog.Options
	Pos diag.Pos
}

// Type returns the type of the column's values: the field's type, or with Each the
// type of its elements.
func (c *Column) Type() *Type {
	if c.Each && c.Field.Type.Kind == kind.List {
		return c.Field.Type.Elem
	}
	return c.Field.Type
}

// A TTL says when a row expires: the duration Keep, or the value of KeepField, after
// From. A row without a value of From never expires. A row without a value of
// KeepField expires by the store's default, if there is one.
type TTL struct {
	From      *Field        // a timestamp
	Keep      time.Duration // greater than 0; 0 if there is a KeepField
	KeepField *Field        // an integer of seconds, or a duration; nil if Keep is set
	Pos       diag.Pos
}

// A Check is a rule that every row written must meet.
type Check struct {
	Expr Expr
	Text string // as it was written
	Doc  string
	Pos  diag.Pos
}
