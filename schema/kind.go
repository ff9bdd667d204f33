package schema

import "github.com/storegen/storegen/schema/lang"

// Kind says what a type is made of.
type Kind int

// The kinds. A named type has the kind of its underlying type.
const (
	Invalid Kind = iota // a type with a mistake; never in a loaded Set
	Bool
	Int32
	Int64
	Uint32
	Uint64
	Float64
	String
	Bytes
	Timestamp // a point in time, UTC, to the nanosecond
	Duration  // a length of time, to the nanosecond
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

// Integer reports whether k is one of the four integer kinds.
func (k Kind) Integer() bool { return k >= Int32 && k <= Uint64 }

// Scalar reports whether a value of kind k is one value rather than a struct, a
// list or a map. An enum is a scalar.
func (k Kind) Scalar() bool { return k >= Bool && k <= Enum }

// Ordered reports whether <, <=, > and >= are defined between values of kind k.
// Enum values are ordered by their numbers: in order of declaration, as long as no
// value was inserted between others.
func (k Kind) Ordered() bool {
	switch k {
	case Int32, Int64, Uint32, Uint64, Float64, String, Bytes, Timestamp, Duration, Enum:
		return true
	}
	return false
}
