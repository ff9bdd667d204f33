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
	{Access, "Access is one of the kinds, and an owner is the first field of the key and a string."},
	{ConfigLayout, "Tables go to a package each, or to one that has a name."},
	{ConfigPackage, "The import path of the generated packages is given or can be derived from a go.mod."},
	{ConfigPath, "The configuration and the folders that it names can be read."},
	{DefaultKind, "A default belongs to a field whose type can have one."},
	{ExprPresence, "has asks for what can be absent or empty."},
	{ExprSyntax, "An expression can be read."},
	{ExprType, "What an expression compares has one type, and an order where it is asked for."},
	{FieldHidden, "A key is not hidden."},
	{FieldUnknown, "A field that is named is declared."},
	{FileEmpty, "A file holds something."},
	{FileKind, "A file declares one table, or types, and not both."},
	{FileName, "A schema file's name ends in .yaml."},
	{FileRead, "A file can be read."},
	{GoRow, "A row that is a Go struct can be found, and each of its fields has a type that a column can have."},
	{GoType, "A Go type that a named type is over can be found, and its values can be stored."},
	{IndexColumn, "An index column is written [each] [fold] field [asc|desc]."},
	{IndexEach, "each is for lists, one in an index."},
	{IndexFold, "fold is for strings."},
	{IndexInclude, "A covering index includes only what its entries do not hold already."},
	{IndexKind, "An index is over scalars and enums."},
	{IndexRedundant, "An index serves something that the key and the other indexes do not."},
	{KeyPart, "What is part of a key is always present, can be compared and has an order."},
	{KeyType, "The parts of a key's type are the key's fields, in number, order and type."},
	{KeyUnknown, "Every key of a mapping has a meaning where it stands."},
	{LimitKind, "max and min belong to string and bytes."},
	{LimitRange, "max and min are positive numbers, and min is not more than max."},
	{ListRepeat, "A list of fields names each once."},
	{Literal, "A value is one of its type, inside the limits."},
	{LockConflict, "The lock holds no marks of a merge conflict."},
	{LockDuplicate, "In the lock, a name has one number and a number one name."},
	{LockFull, "There are numbers left."},
	{LockNumber, "A number in the lock is one that can be given."},
	{LockRetired, "The name of a removed thing is not used again."},
	{LockSyntax, "A line of the lock is: kind name number, and retired for a removed thing."},
	{NameClash, "Different names are different as Go names."},
	{NameDuplicate, "A name is declared once."},
	{NamePattern, "Types and rows begin with a capital; all other names are lower-case with underscores."},
	{NameReserved, "A name has no other meaning in Go, in the generated code or in expressions."},
	{SetEmpty, "The schema folder holds schema files."},
	{TableGroup, "A table and a group have different names."},
	{TTLFrom, "A row's time to live runs from a timestamp."},
	{TTLKeep, "A row's time to live is a positive duration, or a field that holds one."},
	{TypeIs, "A named type is over a scalar."},
	{TypeKind, "A type says once what it is: is, struct, enum or go."},
	{TypeMapKey, "A map's keys are strings."},
	{TypeNested, "A list or map holds no lists or maps."},
	{TypeOptional, "A list or map is not optional."},
	{TypeRecursive, "A struct does not hold itself."},
	{TypeSyntax, "A type can be read."},
	{TypeUnknown, "A type that is named is declared."},
	{ValueBool, "A switch is true or false."},
	{ValueMissing, "What is needed is there, and what is there is not empty."},
	{ValueShape, "A value is text, a list or a mapping, as its place asks."},
	{Was, "A former name is the lock's, of one thing, and not in use."},
	{YAMLAlias, "There are no anchors, aliases or merge keys."},
	{YAMLCharacter, "A file is UTF-8 without control characters."},
	{YAMLDepth, "Nothing is nested needlessly deep."},
	{YAMLDocuments, "A file holds one YAML document."},
	{YAMLDuplicate, "A mapping has each key once."},
	{YAMLSyntax, "A file is YAML."},
	{YAMLTag, "There are no YAML tags."},
}

// All returns all rules, by id.
func All() []Rule { return slices.Clone(rules) }
