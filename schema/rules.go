package schema

import "slices"

// A Rule is what a schema, a lock or a configuration must meet. Its id stays the
// same over versions, so that tools can name it.
type Rule struct {
	ID      string
	Purpose string
}

// The ids of the rules.
const (
	ruleAccess         = "access"
	ruleConfigLayout   = "config-layout"
	ruleConfigPackage  = "config-package"
	ruleConfigPath     = "config-path"
	ruleDefaultKind    = "default-kind"
	ruleExprPresence   = "expr-presence"
	ruleExprSyntax     = "expr-syntax"
	ruleExprType       = "expr-type"
	ruleFieldHidden    = "field-hidden"
	ruleFieldUnknown   = "field-unknown"
	ruleFileEmpty      = "file-empty"
	ruleFileKind       = "file-kind"
	ruleFileName       = "file-name"
	ruleFileRead       = "file-read"
	ruleGoRow          = "go-row"
	ruleGoType         = "go-type"
	ruleIndexColumn    = "index-column"
	ruleIndexEach      = "index-each"
	ruleIndexFold      = "index-fold"
	ruleIndexInclude   = "index-include"
	ruleIndexKind      = "index-kind"
	ruleIndexRedundant = "index-redundant"
	ruleKeyPart        = "key-part"
	ruleKeyType        = "key-type"
	ruleKeyUnknown     = "key-unknown"
	ruleLimitKind      = "limit-kind"
	ruleLimitRange     = "limit-range"
	ruleListRepeat     = "list-repeat"
	ruleLiteral        = "literal"
	ruleLockConflict   = "lock-conflict"
	ruleLockDuplicate  = "lock-duplicate"
	ruleLockFull       = "lock-full"
	ruleLockNumber     = "lock-number"
	ruleLockRetired    = "lock-retired"
	ruleLockSyntax     = "lock-syntax"
	ruleNameClash      = "name-clash"
	ruleNameDuplicate  = "name-duplicate"
	ruleNamePattern    = "name-pattern"
	ruleNameReserved   = "name-reserved"
	ruleSetEmpty       = "set-empty"
	ruleTTLFrom        = "ttl-from"
	ruleTTLKeep        = "ttl-keep"
	ruleTableGroup     = "table-group"
	ruleTypeIs         = "type-is"
	ruleTypeKind       = "type-kind"
	ruleTypeMapKey     = "type-map-key"
	ruleTypeNested     = "type-nested"
	ruleTypeOptional   = "type-optional"
	ruleTypeRecursive  = "type-recursive"
	ruleTypeSyntax     = "type-syntax"
	ruleTypeUnknown    = "type-unknown"
	ruleValueBool      = "value-bool"
	ruleValueMissing   = "value-missing"
	ruleValueShape     = "value-shape"
	ruleWas            = "was"
	ruleYAMLAlias      = "yaml-alias"
	ruleYAMLCharacter  = "yaml-character"
	ruleYAMLDepth      = "yaml-depth"
	ruleYAMLDocuments  = "yaml-documents"
	ruleYAMLDuplicate  = "yaml-duplicate"
	ruleYAMLSyntax     = "yaml-syntax"
	ruleYAMLTag        = "yaml-tag"
)

var rules = []Rule{
	{ruleAccess, "Access is one of the kinds, and an owner is the first field of the key and a string."},
	{ruleConfigLayout, "Tables go to a package each, or to one that has a name."},
	{ruleConfigPackage, "The import path of the generated packages is given or can be derived from a go.mod."},
	{ruleConfigPath, "The configuration and the folders that it names can be read."},
	{ruleDefaultKind, "A default belongs to a field whose type can have one."},
	{ruleExprPresence, "has asks for what can be absent or empty."},
	{ruleExprSyntax, "An expression can be read."},
	{ruleExprType, "What an expression compares has one type, and an order where it is asked for."},
	{ruleFieldHidden, "A key is not hidden."},
	{ruleFieldUnknown, "A field that is named is declared."},
	{ruleFileEmpty, "A file holds something."},
	{ruleFileKind, "A file declares one table, or types, and not both."},
	{ruleFileName, "A schema file's name ends in .yaml."},
	{ruleFileRead, "A file can be read."},
	{ruleGoRow, "A row that is a Go struct can be found, and each of its fields has a type that a column can have."},
	{ruleGoType, "A Go type that a named type is over can be found, and its values can be stored."},
	{ruleIndexColumn, "An index column is written [each] [fold] field [asc|desc]."},
	{ruleIndexEach, "each is for lists, one in an index."},
	{ruleIndexFold, "fold is for strings."},
	{ruleIndexInclude, "A covering index includes only what its entries do not hold already."},
	{ruleIndexKind, "An index is over scalars and enums."},
	{ruleIndexRedundant, "An index serves something that the key and the other indexes do not."},
	{ruleKeyPart, "What is part of a key is always present, can be compared and has an order."},
	{ruleKeyType, "The parts of a key's type are the key's fields, in number, order and type."},
	{ruleKeyUnknown, "Every key of a mapping has a meaning where it stands."},
	{ruleLimitKind, "max and min belong to string and bytes."},
	{ruleLimitRange, "max and min are positive numbers, and min is not more than max."},
	{ruleListRepeat, "A list of fields names each once."},
	{ruleLiteral, "A value is one of its type, inside the limits."},
	{ruleLockConflict, "The lock holds no marks of a merge conflict."},
	{ruleLockDuplicate, "In the lock, a name has one number and a number one name."},
	{ruleLockFull, "There are numbers left."},
	{ruleLockNumber, "A number in the lock is one that can be given."},
	{ruleLockRetired, "The name of a removed thing is not used again."},
	{ruleLockSyntax, "A line of the lock is: kind name number, and retired for a removed thing."},
	{ruleNameClash, "Different names are different as Go names."},
	{ruleNameDuplicate, "A name is declared once."},
	{ruleNamePattern, "Types and rows begin with a capital; all other names are lower-case with underscores."},
	{ruleNameReserved, "A name has no other meaning in Go, in the generated code or in expressions."},
	{ruleSetEmpty, "The schema folder holds schema files."},
	{ruleTableGroup, "A table and a group have different names."},
	{ruleTTLFrom, "A row's time to live runs from a timestamp."},
	{ruleTTLKeep, "A row's time to live is a positive duration, or a field that holds one."},
	{ruleTypeIs, "A named type is over a scalar."},
	{ruleTypeKind, "A type says once what it is: is, struct, enum or go."},
	{ruleTypeMapKey, "A map's keys are strings."},
	{ruleTypeNested, "A list or map holds no lists or maps."},
	{ruleTypeOptional, "A list or map is not optional."},
	{ruleTypeRecursive, "A struct does not hold itself."},
	{ruleTypeSyntax, "A type can be read."},
	{ruleTypeUnknown, "A type that is named is declared."},
	{ruleValueBool, "A switch is true or false."},
	{ruleValueMissing, "What is needed is there, and what is there is not empty."},
	{ruleValueShape, "A value is text, a list or a mapping, as its place asks."},
	{ruleWas, "A former name is the lock's, of one thing, and not in use."},
	{ruleYAMLAlias, "There are no anchors, aliases or merge keys."},
	{ruleYAMLCharacter, "A file is UTF-8 without control characters."},
	{ruleYAMLDepth, "Nothing is nested needlessly deep."},
	{ruleYAMLDocuments, "A file holds one YAML document."},
	{ruleYAMLDuplicate, "A mapping has each key once."},
	{ruleYAMLSyntax, "A file is YAML."},
	{ruleYAMLTag, "There are no YAML tags."},
}

// Rules returns all rules, by id.
func Rules() []Rule { return slices.Clone(rules) }
