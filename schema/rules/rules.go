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
	RuleAccess         = "access"
	RuleConfigLayout   = "config-layout"
	RuleConfigPackage  = "config-package"
	RuleConfigPath     = "config-path"
	RuleDefaultKind    = "default-kind"
	RuleExprPresence   = "expr-presence"
	RuleExprSyntax     = "expr-syntax"
	RuleExprType       = "expr-type"
	RuleFieldHidden    = "field-hidden"
	RuleFieldUnknown   = "field-unknown"
	RuleFileEmpty      = "file-empty"
	RuleFileKind       = "file-kind"
	RuleFileName       = "file-name"
	RuleFileRead       = "file-read"
	RuleGoRow          = "go-row"
	RuleGoType         = "go-type"
	RuleIndexColumn    = "index-column"
	RuleIndexEach      = "index-each"
	RuleIndexFold      = "index-fold"
	RuleIndexInclude   = "index-include"
	RuleIndexKind      = "index-kind"
	RuleIndexRedundant = "index-redundant"
	RuleKeyPart        = "key-part"
	RuleKeyType        = "key-type"
	RuleKeyUnknown     = "key-unknown"
	RuleLimitKind      = "limit-kind"
	RuleLimitRange     = "limit-range"
	RuleListRepeat     = "list-repeat"
	RuleLiteral        = "literal"
	RuleLockConflict   = "lock-conflict"
	RuleLockDuplicate  = "lock-duplicate"
	RuleLockFull       = "lock-full"
	RuleLockNumber     = "lock-number"
	RuleLockRetired    = "lock-retired"
	RuleLockSyntax     = "lock-syntax"
	RuleNameClash      = "name-clash"
	RuleNameDuplicate  = "name-duplicate"
	RuleNamePattern    = "name-pattern"
	RuleNameReserved   = "name-reserved"
	RuleSetEmpty       = "set-empty"
	RuleTTLFrom        = "ttl-from"
	RuleTTLKeep        = "ttl-keep"
	RuleTableGroup     = "table-group"
	RuleTypeIs         = "type-is"
	RuleTypeKind       = "type-kind"
	RuleTypeMapKey     = "type-map-key"
	RuleTypeNested     = "type-nested"
	RuleTypeOptional   = "type-optional"
	RuleTypeRecursive  = "type-recursive"
	RuleTypeSyntax     = "type-syntax"
	RuleTypeUnknown    = "type-unknown"
	RuleValueBool      = "value-bool"
	RuleValueMissing   = "value-missing"
	RuleValueShape     = "value-shape"
	RuleWas            = "was"
	RuleYAMLAlias      = "yaml-alias"
	RuleYAMLCharacter  = "yaml-character"
	RuleYAMLDepth      = "yaml-depth"
	RuleYAMLDocuments  = "yaml-documents"
	RuleYAMLDuplicate  = "yaml-duplicate"
	RuleYAMLSyntax     = "yaml-syntax"
	RuleYAMLTag        = "yaml-tag"
)

var rules = []Rule{
	{RuleAccess, "Access is one of the kinds, and an owner is the first field of the key and a string."},
	{RuleConfigLayout, "Tables go to a package each, or to one that has a name."},
	{RuleConfigPackage, "The import path of the generated packages is given or can be derived from a go.mod."},
	{RuleConfigPath, "The configuration and the folders that it names can be read."},
	{RuleDefaultKind, "A default belongs to a field whose type can have one."},
	{RuleExprPresence, "has asks for what can be absent or empty."},
	{RuleExprSyntax, "An expression can be read."},
	{RuleExprType, "What an expression compares has one type, and an order where it is asked for."},
	{RuleFieldHidden, "A key is not hidden."},
	{RuleFieldUnknown, "A field that is named is declared."},
	{RuleFileEmpty, "A file holds something."},
	{RuleFileKind, "A file declares one table, or types, and not both."},
	{RuleFileName, "A schema file's name ends in .yaml."},
	{RuleFileRead, "A file can be read."},
	{RuleGoRow, "A row that is a Go struct can be found, and each of its fields has a type that a column can have."},
	{RuleGoType, "A Go type that a named type is over can be found, and its values can be stored."},
	{RuleIndexColumn, "An index column is written [each] [fold] field [asc|desc]."},
	{RuleIndexEach, "each is for lists, one in an index."},
	{RuleIndexFold, "fold is for strings."},
	{RuleIndexInclude, "A covering index includes only what its entries do not hold already."},
	{RuleIndexKind, "An index is over scalars and enums."},
	{RuleIndexRedundant, "An index serves something that the key and the other indexes do not."},
	{RuleKeyPart, "What is part of a key is always present, can be compared and has an order."},
	{RuleKeyType, "The parts of a key's type are the key's fields, in number, order and type."},
	{RuleKeyUnknown, "Every key of a mapping has a meaning where it stands."},
	{RuleLimitKind, "max and min belong to string and bytes."},
	{RuleLimitRange, "max and min are positive numbers, and min is not more than max."},
	{RuleListRepeat, "A list of fields names each once."},
	{RuleLiteral, "A value is one of its type, inside the limits."},
	{RuleLockConflict, "The lock holds no marks of a merge conflict."},
	{RuleLockDuplicate, "In the lock, a name has one number and a number one name."},
	{RuleLockFull, "There are numbers left."},
	{RuleLockNumber, "A number in the lock is one that can be given."},
	{RuleLockRetired, "The name of a removed thing is not used again."},
	{RuleLockSyntax, "A line of the lock is: kind name number, and retired for a removed thing."},
	{RuleNameClash, "Different names are different as Go names."},
	{RuleNameDuplicate, "A name is declared once."},
	{RuleNamePattern, "Types and rows begin with a capital; all other names are lower-case with underscores."},
	{RuleNameReserved, "A name has no other meaning in Go, in the generated code or in expressions."},
	{RuleSetEmpty, "The schema folder holds schema files."},
	{RuleTableGroup, "A table and a group have different names."},
	{RuleTTLFrom, "A row's time to live runs from a timestamp."},
	{RuleTTLKeep, "A row's time to live is a positive duration, or a field that holds one."},
	{RuleTypeIs, "A named type is over a scalar."},
	{RuleTypeKind, "A type says once what it is: is, struct, enum or go."},
	{RuleTypeMapKey, "A map's keys are strings."},
	{RuleTypeNested, "A list or map holds no lists or maps."},
	{RuleTypeOptional, "A list or map is not optional."},
	{RuleTypeRecursive, "A struct does not hold itself."},
	{RuleTypeSyntax, "A type can be read."},
	{RuleTypeUnknown, "A type that is named is declared."},
	{RuleValueBool, "A switch is true or false."},
	{RuleValueMissing, "What is needed is there, and what is there is not empty."},
	{RuleValueShape, "A value is text, a list or a mapping, as its place asks."},
	{RuleWas, "A former name is the lock's, of one thing, and not in use."},
	{RuleYAMLAlias, "There are no anchors, aliases or merge keys."},
	{RuleYAMLCharacter, "A file is UTF-8 without control characters."},
	{RuleYAMLDepth, "Nothing is nested needlessly deep."},
	{RuleYAMLDocuments, "A file holds one YAML document."},
	{RuleYAMLDuplicate, "A mapping has each key once."},
	{RuleYAMLSyntax, "A file is YAML."},
	{RuleYAMLTag, "There are no YAML tags."},
}

// All returns all rules, by id.
func All() []Rule { return slices.Clone(rules) }
