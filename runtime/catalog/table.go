package catalog

import (
	"time"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/kind"
)

// Table describes a table. It is made once and never changed.
type Table struct {
	Name   string       `json:"name"`             // group.table, or table
	Number int          `json:"number,omitempty"` // in the lock of its schemas
	Doc    string       `json:"doc,omitempty"`
	Row    string       `json:"row,omitempty"` // the value struct's Go name
	Was    []string     `json:"was,omitempty"` // former names
	Access access.Level `json:"access"`
	// Form says how rows are stored, where it is not field by field.
	Form   Form    `json:"form,omitempty"`
	Fields []Field `json:"fields"` // in declared order

	// Key holds positions in Fields: the parts of the key, in order.
	Key     []int  `json:"key"`
	KeyType string `json:"keyType,omitempty"` // the key's Go name

	Indexes []Index `json:"indexes,omitempty"`
	TTL     *TTL    `json:"ttl,omitempty"`
	Checks  []Check `json:"checks,omitempty"` // what every row that is written meets

	// Blind says that a put does not read the row that it replaces, so that fields of it
	// that the program does not know are lost. Such a table has no indexes and no TTL.
	Blind bool `json:"blind,omitempty"`

	// Per is set in a family: what tells its members apart. Parts are not
	// fields of the rows.
	Per []Field `json:"per,omitempty"`
}

// Form is a way to store rows.
type Form string

// The forms. In the usual one a value holds the fields that are not in the key, as
// package record writes them. In others the fields that are described are those that
// keys, indexes and query engines know; only the program's own code reads them from a
// value.
const (
	Fields  Form = ""
	Message Form = "message" // a protobuf message, which holds the key too
	Own     Form = "own"     // as a Go type of the program's own writes itself, with the key
)

// Field describes a field of a row or of a struct.
type Field struct {
	Name     string   `json:"name"`
	Number   int      `json:"number,omitempty"` // on the wire
	Was      []string `json:"was,omitempty"`    // former names
	Doc      string   `json:"doc,omitempty"`
	Type     Type     `json:"type"`
	Optional bool     `json:"optional,omitempty"`
	Hidden   bool     `json:"hidden,omitempty"` // never shown by a provider
	// Wire is how a number of a message is written, where it is not a varint:
	// zigzag32, zigzag64, fixed32 or fixed64.
	Wire    string   `json:"wire,omitempty"`
	Default *Default `json:"default,omitempty"`
}

// Default is what a field of a row has that was written absent or with its zero
// value. One of its fields is set, or none for an empty text.
type Default struct {
	Lit string `json:"lit,omitempty"` // a literal, in the form that Expr has
	Now bool   `json:"now,omitempty"` // of a timestamp: the time of the write
	New bool   `json:"new,omitempty"` // of a uuid: a new version 7 UUID
}

// Check is a rule that every row that is written meets.
type Check struct {
	Expr Expr   `json:"expr"`
	Text string `json:"text,omitempty"` // as it was written
	Doc  string `json:"doc,omitempty"`  // why
}

// Kind is the kind of a type's values; package kind has them.
type Kind = kind.Kind

// Type describes the values of a field.
type Type struct {
	Kind   Kind    `json:"kind"`
	Name   string  `json:"name,omitempty"`   // of a named type
	Elem   *Type   `json:"elem,omitempty"`   // of a list or map
	Fields []Field `json:"fields,omitempty"` // of a struct
	kind.Params
	// Min and Max are the lengths in bytes that a string or bytes may have, the limits of
	// the type and of the field together; 0 is no limit.
	Min int `json:"min,omitempty"`
	Max int `json:"max,omitempty"`
	// MapKey is the type of the keys of a map; nil for any string.
	MapKey *Type `json:"mapKey,omitempty"`
	// Len is the number of elements of a list that is an array in Go: those that are not
	// stored are zero, and more cannot be. It is 0 for other lists.
	Len int `json:"len,omitempty"`
	// Sealed says that values of a struct have no place for fields that the code
	// does not know: they are lost when a value is written again.
	Sealed bool `json:"sealed,omitempty"`
}

// stringKey is the type of the keys of a map that has none.
var stringKey = Type{Kind: kind.String}

// KeyOf is the type of the keys of a map.
func (t *Type) KeyOf() *Type {
	if t.MapKey == nil {
		return &stringKey
	}
	return t.MapKey
}

// KeyKind is the kind of the keys of a map, 0 for what is no map.
func (t *Type) KeyKind() Kind {
	if t.Kind != kind.Map {
		return kind.Invalid
	}
	return t.KeyOf().Kind
}

// EnumValue is a value of an enum.
type EnumValue = kind.EnumValue

// Index describes a secondary index.
type Index struct {
	Name    string   `json:"name"`
	Number  int      `json:"number"` // in keys
	Doc     string   `json:"doc,omitempty"`
	Columns []Column `json:"columns"`
	Unique  bool     `json:"unique,omitempty"`
	// Where is the condition under which a row has an entry, nil for all rows.
	Where *Expr `json:"where,omitempty"`
	// Include holds positions in the table's Fields: what an entry carries
	// beside its columns and the key.
	Include []int `json:"include,omitempty"`
}

// Column is a column of an index. A row has no entry in an index where one of
// the columns is absent.
type Column struct {
	Field int `json:"field"` // position in the table's Fields
	Options
}

// TTL says when a row expires: a time after the timestamp in From.
type TTL struct {
	From      int           `json:"from"`                // position in Fields
	Keep      time.Duration `json:"keep,omitempty"`      // fixed, or
	KeepField int           `json:"keepField,omitempty"` // position in Fields plus 1: seconds, or a duration
}

// Op is what a condition, or one side of a comparison, does.
type Op string

// The operators. A comparison is between Args[0] and Args[1], each of them a
// field, a length or a literal.
const (
	And Op = "and" // all of Args hold
	Or  Op = "or"  // one of Args holds
	Not Op = "not" // Args[0] does not hold

	Has  Op = "has"  // Field is present, or not empty where it is always present
	True Op = "bool" // Field is true

	Eq Op = "=="
	Ne Op = "!="
	Lt Op = "<"
	Le Op = "<="
	Gt Op = ">"
	Ge Op = ">="

	FieldOf Op = "field" // the value of Field
	LenOf   Op = "len"   // the length of Field
	Lit     Op = "lit"   // the literal Lit
)

// Expr is a condition over the fields of a row. A comparison with an absent
// value is false, except "!=", which is true.
type Expr struct {
	Op    Op     `json:"op"`
	Args  []Expr `json:"args,omitempty"`
	Field int    `json:"field,omitempty"` // position in the table's Fields
	Lit   string `json:"lit,omitempty"`   // a literal: text, a decimal number, true, false, an enum's number, nanoseconds
}

// FieldNamed returns the position of a field, or -1.
func (t *Table) FieldNamed(name string) int {
	for i := range t.Fields {
		if t.Fields[i].Name == name {
			return i
		}
	}
	return -1
}

// IsKey reports whether the field at a position is part of the key.
func (t *Table) IsKey(field int) bool {
	for _, k := range t.Key {
		if k == field {
			return true
		}
	}
	return false
}
