package schema

import (
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/lang"
)

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

// WithGo is a type whose values, or elements, and keys have Go types of their own.
func (t *Type) WithGo(of, key *GoType) *Type {
	if of == nil && key == nil {
		return t
	}
	out := *t
	if t.Kind != List && t.Kind != Map {
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

// Same reports whether two types are one, in the schema and in Go.
func (t *Type) Same(o *Type) bool {
	if t.Kind != o.Kind || t.Name != o.Name || (t.Go == nil) != (o.Go == nil) {
		return false
	}
	return t.Go == nil || t.Go.Path == o.Go.Path && t.Go.Name == o.Go.Name
}

// Called is a type in messages that tell types apart.
func (t *Type) Called() string {
	if t.Go != nil && t.Name == "" {
		return "a " + t.Go.String()
	}
	return diag.Article(t.String())
}

// Marshalled reports whether values are stored in a form that only their own
// methods know.
func (t *Type) Marshalled() bool { return t.Go != nil && t.Go.Form != GoScalar }

// Nilable reports whether a type is a slice in Go, whose nil stands for absent.
func (t *Type) Nilable() bool {
	return t.Kind == JSON || t.Kind == Bytes && !t.Marshalled() && (t.Name == "" || t.Go != nil)
}

// MarshalledBy is the Go type whose methods make what is stored of a type, or of its
// elements, and of the keys of a map; "" where none has a part in it.
func MarshalledBy(t *Type) (of, key string) {
	name := func(t *Type) string {
		if t != nil && t.Marshalled() {
			return t.Go.String()
		}
		return ""
	}
	if t.Kind == List || t.Kind == Map {
		return name(t.Elem), name(t.MapKey)
	}
	return name(t), ""
}
