package schema

import (
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema/diag"
)

// An EnumValue is one value of an enum.
type EnumValue struct {
	Name   string
	GoName string // the enum's name and the value's: JobStatusRunning
	Doc    string
	Number int32 // from the lock, at least 1: 0 means that no value is set
	Was    []string
	Pos    diag.Pos
}

// A Literal is a value that is written in a schema: a default, or one side of a
// comparison.
type Literal struct {
	// Value is a value that is not one of an enum, and the zero value of the kind where
	// Now or New is set. Stored gives that of an enum too.
	Value kind.Value
	Enum  *EnumValue // of an enum; the lock gives its number after it was read
	Now   bool       // of a timestamp: the time of the write
	New   bool       // of a uuid: a new version 7 UUID
}

// LiteralOf returns the literal of a value that is not one of an enum.
func LiteralOf(v kind.Value) *Literal { return &Literal{Value: v} }

// Stored returns the value as it is stored.
func (l *Literal) Stored() kind.Value {
	if l.Enum != nil {
		return kind.EnumOf(nil, l.Enum.Number)
	}
	return l.Value
}

// Kind is the kind of the value.
func (l *Literal) Kind() Kind { return l.Stored().Kind() }

// String returns the literal as an expression writes it.
func (l *Literal) String() string {
	switch {
	case l.Now:
		return "now"
	case l.New:
		return "new"
	case l.Enum != nil:
		return l.Enum.Name
	}
	return kind.Of(l.Kind()).Written(l.Value)
}
