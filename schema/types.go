package schema

import (
	"time"

	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/internal/lang"
)

// Kind says what a type is made of.
type Kind int

// The kinds. A named type has the kind of what it names.
const (
	Invalid Kind = iota // no kind: only in values that hold a mistake, never in a loaded Set
	Bool
	Int32
	Int64
	Uint32
	Uint64
	Float64
	String
	Bytes
	Timestamp // a point in time, UTC, to the nanosecond
	Duration  // a span of time, to the nanosecond
	UUID
	JSON
	Enum
	Struct
	List
	Map
)

// String returns the kind's name in the schema language.
func (k Kind) String() string {
	switch {
	case k >= Bool && k <= JSON:
		return lang.ScalarNames[k-Bool]
	case k == Enum:
		return "enum"
	case k == Struct:
		return "struct"
	case k == List:
		return "list"
	case k == Map:
		return "map"
	}
	return "invalid"
}

// scalars are the types of the scalars, by name.
var scalars = func() map[string]*Type {
	out := map[string]*Type{}
	for i, name := range lang.ScalarNames {
		out[name] = &Type{Kind: Bool + Kind(i)}
	}
	return out
}()

// Scalar returns the type of a scalar without a name of its own, or nil.
func Scalar(name string) *Type { return scalars[name] }

// Integer reports whether k is one of the four integer kinds.
func (k Kind) Integer() bool { return k >= Int32 && k <= Uint64 }

// Scalar reports whether a value of kind k is one value rather than a struct, a
// list or a map. An enum is a scalar.
func (k Kind) Scalar() bool { return k >= Bool && k <= Enum }

// Ordered reports whether <, <=, > and >= are defined between values of kind k.
// Enum values are ordered by their numbers, which is the order of declaration
// for an enum that was never changed in its middle.
func (k Kind) Ordered() bool {
	switch k {
	case Int32, Int64, Uint32, Uint64, Float64, String, Bytes, Timestamp, Duration, Enum:
		return true
	}
	return false
}

// A Type is a scalar, a list, a map, or a named type. Types with a name are
// shared: every use of a name points to the same Type.
type Type struct {
	Name string  // of a named type; "" for a type that is written out in place
	Go   *GoType // the Go type of its values where that is the user's own; nil is the one that goes with the kind
	Kind Kind
	Doc  string
	File string // the file that declares a named type, relative to the schema folder, with slashes
	Max  int    // longest value in bytes, of a named string or bytes; 0 is no limit
	Min  int    // shortest value in bytes, of a named string or bytes; 0 is no limit

	Elem   *Type // of a List: its element; of a Map: its value
	MapKey *Type // of a Map: String, or a named type over it

	Fields []*Field     // of a Struct, in declared order
	Values []*EnumValue // of an Enum, in declared order

	// UsedInKey says that a Struct is the key of a table or a part of one, or of
	// a family's parameters, so that its values must be comparable and encode as
	// keys.
	UsedInKey bool

	// InModels says that a struct of the user's is within one of the schema, whose
	// package then has its encoding.
	InModels bool

	Was []string // former names
	Pos diag.Pos
}

// String returns the type as the schema language writes it.
func (t *Type) String() string {
	switch {
	case t == nil:
		return "invalid"
	case t.Name != "":
		return t.Name
	case t.Kind == List:
		return "[]" + t.Elem.String()
	case t.Kind == Map:
		return "map[" + t.MapKey.String() + "]" + t.Elem.String()
	}
	return t.Kind.String()
}

// ElemOrSelf returns the type of the elements of a list or map, or the type itself.
func (t *Type) ElemOrSelf() *Type {
	if t.Kind == List || t.Kind == Map {
		return t.Elem
	}
	return t
}

// An EnumValue is one value of an enum.
type EnumValue struct {
	Name   string
	GoName string // the enum's name and the value's: JobStatusRunning
	Doc    string
	Number int32 // from the lock; at least 1, since 0 is the unset value
	Was    []string
	Pos    diag.Pos
}

// A Field is a field of a table's row or of a struct.
type Field struct {
	Name     string
	GoName   string
	Doc      string
	Type     *Type
	Optional bool
	Hidden   bool     // kept from providers; of a table's field only
	Default  *Literal // nil is none; of a table's field only
	Max      int      // longest value in bytes, of a string or bytes, beside its type's; 0 is no limit
	Min      int      // shortest value in bytes, of a string or bytes, beside its type's; 0 is no limit
	Number   int      // from the lock; 0 for the parts of a family's parameters, which are not stored in values
	Keyed    bool     // its values are in keys: of rows, of entries of an index, or of families
	InKey    bool     // read back from the key, not stored in the value
	Index    int      // position in the table or the struct, from 0
	Was      []string
	Pos      diag.Pos
}

// A Literal is a value that is written in a schema: a default, or one side of a
// comparison. Kind says which of the other fields holds it.
type Literal struct {
	Kind  Kind
	Bool  bool
	Int   int64         // Int32, Int64; also the number that a len(...) is compared with
	Uint  uint64        // Uint32, Uint64
	Float float64       // Float64
	Str   string        // String, Bytes, JSON
	Dur   time.Duration // Duration
	Enum  *EnumValue    // Enum
	Now   bool          // Timestamp: the time of the write
	New   bool          // UUID: a new version 7 UUID
}
