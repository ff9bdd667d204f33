package rules

import (
	"slices"
)

// A Rule is what a schema, a lock or a configuration must meet. Its id stays the
// same over versions, so that tools can name it.
type Rule struct {
	ID      string
	Purpose string
}

// The ids of the rules.
const (
	Access         = "access"
	Blind          = "blind"
	ConfigLayout   = "config-layout"
	ConfigPackage  = "config-package"
	ConfigPath     = "config-path"
	DefaultKind    = "default-kind"
	ExprPresence   = "expr-presence"
	ExprSyntax     = "expr-syntax"
	ExprType       = "expr-type"
	FieldHidden    = "field-hidden"
	FieldUnknown   = "field-unknown"
	FileEmpty      = "file-empty"
	FileKind       = "file-kind"
	FileName       = "file-name"
	FileRead       = "file-read"
	GoRow          = "go-row"
	GoType         = "go-type"
	IndexColumn    = "index-column"
	IndexEach      = "index-each"
	IndexFold      = "index-fold"
	IndexInclude   = "index-include"
	IndexKind      = "index-kind"
	IndexRedundant = "index-redundant"
	KeyPart        = "key-part"
	KeyType        = "key-type"
	KeyUnknown     = "key-unknown"
	LimitKind      = "limit-kind"
	LimitRange     = "limit-range"
	ListRepeat     = "list-repeat"
	Literal        = "literal"
	LockConflict   = "lock-conflict"
	LockDuplicate  = "lock-duplicate"
	LockFull       = "lock-full"
	LockNumber     = "lock-number"
	LockRetired    = "lock-retired"
	LockSyntax     = "lock-syntax"
	NameClash      = "name-clash"
	NameDuplicate  = "name-duplicate"
	NamePattern    = "name-pattern"
	NameReserved   = "name-reserved"
	SetEmpty       = "set-empty"
	TTLFrom        = "ttl-from"
	TTLKeep        = "ttl-keep"
	TableGroup     = "table-group"
	TypeIs         = "type-is"
	TypeKind       = "type-kind"
	TypeMapKey     = "type-map-key"
	TypeNested     = "type-nested"
	TypeOptional   = "type-optional"
	TypeRecursive  = "type-recursive"
	TypeSyntax     = "type-syntax"
	TypeUnknown    = "type-unknown"
	ValueBool      = "value-bool"
	ValueMissing   = "value-missing"
	ValueShape     = "value-shape"
	Was            = "was"
	YAMLAlias      = "yaml-alias"
	YAMLCharacter  = "yaml-character"
	YAMLDepth      = "yaml-depth"
	YAMLDocuments  = "yaml-documents"
	YAMLDuplicate  = "yaml-duplicate"
	YAMLSyntax     = "yaml-syntax"
	YAMLTag        = "yaml-tag"
)

var rules = []Rule{
	{Access, "Access is one of the known kinds; an owner is a string, and the first field of the key."},
	{Blind, "A table that is written blind has no indexes and no ttl."},
	{ConfigLayout, "The layout is tables or one; the package of all tables has a valid name."},
	{ConfigPackage, "The import path of the generated packages is given or can be derived from a go.mod."},
	{ConfigPath, "The configuration and the folders that it names can be read."},
	{DefaultKind, "A default belongs to a field whose type can have one."},
	{ExprPresence, "has is for fields that can be absent or empty."},
	{ExprSyntax, "A condition has valid syntax."},
	{ExprType, "The sides of a comparison have the same type, which has an order for < and >."},
	{FieldHidden, "A field of the key is not hidden."},
	{FieldUnknown, "A field that is used is declared."},
	{FileEmpty, "A file is not empty."},
	{FileKind, "A file declares one table, or types, and not both."},
	{FileName, "A schema file's name ends in .yaml."},
	{FileRead, "A file can be read."},
	{GoRow, "A row that is a Go struct can be found, and each of its fields has a type that can be stored."},
	{GoType, "The Go type of a named type can be found, and its values can be stored."},
	{IndexColumn, "An index column is written [each] [fold] field [asc|desc]."},
	{IndexEach, "each is for lists, one in an index."},
	{IndexFold, "fold is for strings."},
	{IndexInclude, "A covering index includes only fields that its entries do not hold already."},
	{IndexKind, "An index is over scalars and enums."},
	{IndexRedundant, "An index is not the same as the key or another index."},
	{KeyPart, "A field of a key is always present, and its values can be compared and ordered."},
	{KeyType, "The fields of a key's struct have the number, the order and the types of the key's fields."},
	{KeyUnknown, "Every key of a mapping is known."},
	{LimitKind, "max and min belong to string and bytes."},
	{LimitRange, "max and min are positive numbers, and min is not more than max."},
	{ListRepeat, "A list of fields names each field once."},
	{Literal, "A value fits its type and its limits."},
	{LockConflict, "The lock holds no markers of a merge conflict."},
	{LockDuplicate, "In the lock, each name has one number and each number one name."},
	{LockFull, "There is a free number for each new thing."},
	{LockNumber, "A number in the lock is valid for its kind."},
	{LockRetired, "The name of a removed thing is not used again."},
	{LockSyntax, "A line of the lock is: kind, name, number, and what the thing is, or retired."},
	{NameClash, "Different names do not become the same Go name."},
	{NameDuplicate, "A name is declared once."},
	{NamePattern, "Types and rows begin with a capital; all other names are lower-case with underscores."},
	{NameReserved, "A name has no other meaning in Go, in generated code or in conditions."},
	{SetEmpty, "The schema folder holds at least one schema file."},
	{TableGroup, "A table and a group have different names."},
	{TTLFrom, "from of ttl is a timestamp."},
	{TTLKeep, "keep of ttl is a positive duration, or a field that holds one."},
	{TypeIs, "is names a scalar, but not json."},
	{TypeKind, "A type has exactly one of is, struct, enum and go."},
	{TypeMapKey, "The keys of a map are strings or integers."},
	{TypeNested, "The elements of a list or map are not lists or maps, and those of a list not uint8: such a list is bytes."},
	{TypeOptional, "A list or map is not optional."},
	{TypeRecursive, "A struct does not contain itself."},
	{TypeSyntax, "A type has valid syntax."},
	{TypeUnknown, "A type that is used is declared."},
	{ValueBool, "A boolean is true or false."},
	{ValueMissing, "Required keys are there, and values are not empty."},
	{ValueShape, "A value is a text, a list or a mapping, as its key needs."},
	{Was, "A former name is in the lock, belongs to one thing, and is not in use."},
	{YAMLAlias, "There are no anchors, aliases or merge keys."},
	{YAMLCharacter, "A file is UTF-8 without control characters."},
	{YAMLDepth, "Nothing is nested too deep."},
	{YAMLDocuments, "A file holds one YAML document."},
	{YAMLDuplicate, "A mapping has each key once."},
	{YAMLSyntax, "A file is valid YAML."},
	{YAMLTag, "There are no YAML tags."},
}

// All returns all rules, by id.
func All() []Rule { return slices.Clone(rules) }
