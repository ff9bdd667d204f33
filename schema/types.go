package schema

import (
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/schema/diag"
)

// scalars are the unnamed types of the scalars, by the name of the scalar.
var scalars = func() map[string]*Type {
	out := map[string]*Type{}
	for _, s := range kind.Scalars() {
		if s.Kind != kind.Enum && s.Form == "" { // which have a name or numbers
			out[s.Name] = &Type{Kind: s.Kind}
		}
	}
	return out
}()

// Scalar returns the unnamed type of a scalar, nil for a text that is none.
func Scalar(text string) *Type {
	t, err := ParseScalar(text)
	if err != nil {
		return nil
	}
	return t
}

// ParseScalar returns the unnamed type of a scalar, nil for a text that is none. The error
// tells what is wrong with the numbers of one that has some, as in bytes[32].
func ParseScalar(text string) (*Type, error) {
	if t := scalars[text]; t != nil {
		return t, nil
	}
	row, args, err := kind.ParseType(text)
	if row == nil || row.Kind == kind.Enum {
		return nil, nil
	}
	return &Type{Kind: row.Kind, Args: args}, err
}

// A Type is a scalar, a list, a map, or a named type. Types with a name are
// shared: every use of a name points to the same Type.
type Type struct {
	Name string  // "" for a type without a name, such as []string
	Go   *GoType // the Go type of its values if it is one of the user; nil for the usual one of the kind
	Kind Kind
	Doc  string
	File string      // the file that declares a named type, relative to the schema folder, with slashes
	Args kind.Params // the numbers of a scalar that has some, as bytes[32]
	Max  int         // longest value in bytes, of a named string or bytes; 0 is no limit
	Min  int         // shortest value in bytes, of a named string or bytes; 0 is no limit

	Elem   *Type // of a List: its element; of a kind.Map: its value
	MapKey *Type // of a Map: a string or integer, or a named type over one
	// Pointers says that the elements of a List or Map, which are structs, are pointers
	// in a Go struct of the user.
	Pointers bool
	// Array says that a List is an array in a Go struct of the user; nil where it is a slice.
	Array *GoArray

	Fields []*Field     // of a Struct, in declared order
	Values []*EnumValue // of an Enum, in declared order

	// UsedInKey says that a Struct is part of a key or of a family's parameters, so
	// that its values must be comparable and can be encoded as keys.
	UsedInKey bool

	// InModels says that a Go struct of the user is used in a struct of the schema, so
	// that its encoding is generated in the package of the named types.
	InModels bool

	Was []string // former names
	Pos diag.Pos
}

// A GoArray is an array in a Go struct of the user.
type GoArray struct {
	Len int     // how many elements it has
	Go  *GoType // its type, if that has a name
}

// Len is the number of elements of a list that is an array in Go, 0 of any other type.
func (t *Type) Len() int {
	if t.Array == nil {
		return 0
	}
	return t.Array.Len
}

// String returns the type as the schema language writes it.
func (t *Type) String() string {
	switch {
	case t == nil:
		return "invalid"
	case t.Name != "":
		return t.Name
	case t.Kind == kind.List:
		return "[]" + t.Elem.String()
	case t.Kind == kind.Map:
		return "map[" + t.MapKey.String() + "]" + t.Elem.String()
	}
	return kind.TypeText(t.Kind, &t.Args)
}

// Params returns what package kind has to know of the type to work with its values.
func (t *Type) Params() *kind.Params {
	p := t.Args
	for _, v := range t.Values {
		p.Values = append(p.Values, kind.EnumValue{Name: v.Name, Number: v.Number, Was: v.Was})
	}
	return &p
}

// ElemOrSelf returns the type of the elements of a list or map, or the type itself.
func (t *Type) ElemOrSelf() *Type {
	if t.Kind == kind.List || t.Kind == kind.Map {
		return t.Elem
	}
	return t
}

// A Field is a field of a table's row or of a struct.
type Field struct {
	Name     string
	GoName   string
	Doc      string
	Type     *Type
	Optional bool
	Hidden   bool         // not visible to providers; only for a field of a table
	Default  *Literal     // nil if there is none; only for a field of a table
	Max      int          // longest value in bytes, besides the limit of its type; 0 is no limit
	Min      int          // shortest value in bytes, besides the limit of its type; 0 is no limit
	Number   int          // from the lock; 0 for a family's parameters, which are not stored in rows
	Keyed    bool         // its values are part of keys: of rows, of index entries, or of families
	InKey    bool         // part of the key, so not stored in the value
	From     *FieldSource // where it is in a row that is stored whole; nil for other tables
	Index    int          // position in the table or the struct, from 0
	Was      []string
	Pos      diag.Pos
}

// WithGo returns the type with other Go types for its values or elements, and for the
// keys of a map; nil leaves one as it is.
func (t *Type) WithGo(of, key *GoType) *Type {
	if of == nil && key == nil {
		return t
	}
	out := *t
	if t.Kind != kind.List && t.Kind != kind.Map {
		out.Go = of
		return &out
	}
	if of != nil {
		elem := *t.Elem
		elem.Go = of
		out.Elem = &elem
	}
	if key != nil {
		k := *t.MapKey
		k.Go = key
		out.MapKey = &k
	}
	return &out
}

// Same reports whether two types are the same in the schema and in Go.
func (t *Type) Same(o *Type) bool {
	if t.Kind != o.Kind || t.String() != o.String() || t.Pointers != o.Pointers || t.Len() != o.Len() || (t.Go == nil) != (o.Go == nil) {
		return false
	}
	return t.Go == nil || t.Go.Path == o.Go.Path && t.Go.Name == o.Go.Name
}

// ComparesWith reports whether a condition may compare values of two types: they are
// one, or have no name and one order. That of decimals does not depend on their digits,
// nor that of integers on their width.
func (t *Type) ComparesWith(o *Type) bool {
	plain := t.Name == "" && o.Name == "" && t.Go == nil && o.Go == nil
	return t.Same(o) || plain && (t.Kind == kind.Decimal || t.Kind.Integer()) && t.Kind.ComparesWith(o.Kind)
}

// Called returns the type for messages, with "a" or "an", so that it can be told
// from others.
func (t *Type) Called() string {
	if t.Go != nil && t.Name == "" {
		return "a " + t.Go.String()
	}
	return diag.Article(t.String())
}

// Marshalled reports whether methods of the Go type make the bytes that are stored.
func (t *Type) Marshalled() bool { return t.Go != nil && t.Go.Form != GoScalar }

// Nilable reports whether values are slices in Go, for which nil means absent.
func (t *Type) Nilable() bool {
	return t.Kind == kind.JSON || t.Kind == kind.Bytes && !t.Marshalled() && (t.Name == "" || t.Go != nil)
}

// MarshalledBy returns the Go type whose methods make the stored bytes of a value or
// element, and the one for the keys of a map; "" if there is none.
func MarshalledBy(t *Type) (of, key string) {
	name := func(t *Type) string {
		if t != nil && t.Marshalled() {
			return t.Go.String()
		}
		return ""
	}
	if t.Kind == kind.List || t.Kind == kind.Map {
		return name(t.Elem), name(t.MapKey)
	}
	return name(t), ""
}
