package kind

// Kind is the kind of a type's values.
type Kind int

// The kinds. Their numbers are stored in databases: never change one, and never use
// one again. 0 is no kind.
const (
	Invalid   Kind = 0
	Bool      Kind = 1
	Int32     Kind = 2
	Int64     Kind = 3
	Uint32    Kind = 4
	Uint64    Kind = 5
	Float64   Kind = 6
	String    Kind = 7
	Bytes     Kind = 8
	Timestamp Kind = 9  // a point in time, UTC, to the nanosecond
	Duration  Kind = 10 // a length of time, to the nanosecond
	UUID      Kind = 11
	JSON      Kind = 12
	Enum      Kind = 13
	Struct    Kind = 14
	List      Kind = 15
	Map       Kind = 16

	Date       Kind = 17 // a day, without a time zone
	TimeOfDay  Kind = 18 // to the nanosecond, without a time zone
	Decimal    Kind = 19 // an exact number of up to 38 digits
	FixedBytes Kind = 20 // bytes[n]
	Int8       Kind = 21
	Int16      Kind = 22
	Uint8      Kind = 23
	Uint16     Kind = 24
	Float32    Kind = 25
	Varint     Kind = 26 // an int64 that takes less room in keys if it is near 0
	Uvarint    Kind = 27 // a uint64 that takes less room in keys if it is small
)

// composites are the kinds whose values have parts: their names in a schema, and those
// of their constants.
var composites = map[Kind]struct{ name, ident string }{
	Struct: {"struct", "Struct"},
	List:   {"list", "List"},
	Map:    {"map", "Map"},
}

// String returns the kind's name in a schema, "invalid" for none.
func (k Kind) String() string {
	if s := Of(k); s != nil {
		return s.Name
	}
	if c, ok := composites[k]; ok {
		return c.name
	}
	return "invalid"
}

// Ident returns the name of the kind's constant in this package, "Invalid" for none.
func (k Kind) Ident() string {
	if s := Of(k); s != nil {
		return s.Ident
	}
	if c, ok := composites[k]; ok {
		return c.ident
	}
	return "Invalid"
}

// Known reports whether k is one of the kinds of this version of the package.
func (k Kind) Known() bool { return Of(k) != nil || composites[k].name != "" }

// Scalar reports whether a value of kind k is one value rather than a struct, a
// list or a map. An enum is a scalar.
func (k Kind) Scalar() bool { return Of(k) != nil }

// Integer reports whether k is one of the integer kinds.
func (k Kind) Integer() bool {
	s := Of(k)
	return s != nil && s.Bits > 0 && !s.Float
}

// Number reports whether k is one of the integers, or of the numbers that need not be
// whole.
func (k Kind) Number() bool {
	s := Of(k)
	return s != nil && s.Bits > 0
}

// ComparesWith reports whether values of two kinds have one order: they are one kind, or
// integers that are both signed or both unsigned, whatever their widths.
func (k Kind) ComparesWith(o Kind) bool {
	return k == o || k.Integer() && o.Integer() && Of(k).Signed == Of(o).Signed
}

// Ordered reports whether <, <=, > and >= are defined between values of kind k.
// Enum values are ordered by their numbers: in order of declaration, as long as no
// value was inserted between others.
func (k Kind) Ordered() bool {
	s := Of(k)
	return s != nil && s.Ordered
}

// Text reports whether values of kind k are of any length and ordered bytewise, so
// that they have prefixes: string and bytes.
func (k Kind) Text() bool {
	s := Of(k)
	return s != nil && s.Text
}

// InKeys reports whether values of the scalar kind k may be parts of keys.
func (k Kind) InKeys() bool {
	s := Of(k)
	return s != nil && s.AppendKey != nil
}

// KeysMaps reports whether values of kind k may be the keys of maps, as in protobuf:
// strings and integers.
func (k Kind) KeysMaps() bool { return k == String || k.Integer() }

// Params is what there is to know of a type beside its kind, to work with its values.
type Params struct {
	Values    []EnumValue `json:"values,omitempty"`    // of an enum
	Size      int         `json:"size,omitempty"`      // in bytes, of bytes[n]
	Precision int         `json:"precision,omitempty"` // digits of a decimal
	Scale     int         `json:"scale,omitempty"`     // those of them that are behind the point
}

// EnumValue is a value of an enum.
type EnumValue struct {
	Name   string   `json:"name"`
	Number int32    `json:"number"`
	Was    []string `json:"was,omitempty"` // former names
}

// NameOf is the name of an enum's value, "" for a number that the type does not know.
// p may be nil.
func (p *Params) NameOf(n int32) string {
	if p == nil {
		return ""
	}
	// Numbers mostly count from 1, without gaps.
	if i := int(n) - 1; i >= 0 && i < len(p.Values) && p.Values[i].Number == n {
		return p.Values[i].Name
	}
	for i := range p.Values {
		if p.Values[i].Number == n {
			return p.Values[i].Name
		}
	}
	return ""
}
