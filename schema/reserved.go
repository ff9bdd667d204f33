package schema

import (
	"go/token"
	"maps"
	"slices"
	"strings"
)

// This file holds the names that a schema may not use, since Go or the emitted
// code gives them a meaning. They are data: what emits code and takes a further
// name adds it here.

// words of the expression and column notation. A field, or an enum's value, with
// such a name could not be written there.
var words = setOf("and or not has len true false each fold asc desc")

// predeclared names of Go, which a package's name would hide.
var predeclared = setOf(`any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64
	rune string uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close complex copy delete
	imag len make max min new panic print println real recover init`)

// reservedPackages are names of packages with a meaning, and the meaning.
var reservedPackages = map[string]string{
	"internal": "a folder that only its parent may import",
	"vendor":   "the folder of copied dependencies",
	"testdata": "a folder that the go command passes over",
	"main":     "the name of a program",
	"models":   "the package of the named types",

	"documentation": "a package that the go command passes over",
}

// Reserved sets: the Go names that emitted code takes in one scope each.
var (
	// reservedStructs: methods of every named struct, which its fields may not have
	// as names.
	reservedStructs = setOf("AppendRecord Check DecodeRecord Equal")
	// reservedParts: methods of a struct that serves as a key, besides.
	reservedParts = setOf("AppendKey MarshalText String UnmarshalText")
	// reservedParameters: methods of the value that holds a family's parameters.
	reservedParameters = setOf("Check String")
	// reservedTables: fields and methods of what ties a group's tables together.
	reservedTables = setOf("As Close DB Define In Sweep Tx Update View")
	// reservedIndexes: what beside the indexes is a way into a store.
	reservedIndexes = setOf("Key")
	// reservedOwnKey: methods of a key struct that belongs to its table.
	reservedOwnKey = setOf("String")
	// reservedRows: what the package of a table holds, which its row and key may
	// not have as names.
	reservedRows = setOf(strings.Join(rowNames, " "))
)

// rowNames are what the package of a table holds beside the row, the key and the
// indexes.
var rowNames = []string{"Desc", "KeyIndex", "KeyOf", "Member", "Members", "Open", "Query", "SetKey", "Store"}

// A derivedName is a name that emitted code makes of another.
type derivedName struct {
	prefix, suffix string
	what           string
	some           bool // not made of all: of enums and structs, of covering indexes
}

// typeNames are made of the name of a type, in the package of the named types.
var typeNames = []derivedName{
	{"New", "", "the function that makes values of", false},
	{"Parse", "", "the function that parses", false},
	{"Decode", "", "the function that decodes", false},
	{"DescOf", "", "the description of", true},
}

// indexNames are made of the name of an index, in the package of the table.
var indexNames = []derivedName{
	{"", "Index", "the Go type of", false},
	{"", "Entries", "the Go type of the entries of", true},
	{"", "Entry", "the Go type of an entry of", true},
}

// oneOfNames is a pattern that matches the names of a set.
func oneOfNames(set map[string]bool) string {
	return "^(" + strings.Join(slices.Sorted(maps.Keys(set)), "|") + ")$"
}

// oneOfGoNames is oneOfNames for names in Go, as a schema writes them.
func oneOfGoNames(set map[string]bool) string {
	names := map[string]bool{}
	for name := range set {
		names[lowerOfGo(name)] = true
	}
	return oneOfNames(names)
}

// lowerOfGo is the name that a schema has for one in Go.
func lowerOfGo(name string) string {
	if strings.ToUpper(name) == name {
		return strings.ToLower(name)
	}
	return suggestLower(name)
}

// takenTables is a pattern that matches the names that no table, or group, may have.
func takenTables() string {
	packages := map[string]bool{}
	for name := range predeclared {
		packages[name] = true
	}
	for name := range reservedPackages {
		packages[name] = true
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		packages[t.String()] = true
	}
	any := strings.Trim(oneOfNames(packages), "^$")
	const devices = "(con|prn|aux|nul|(com|lpt)[1-9])"
	tables := strings.Trim(oneOfGoNames(reservedTables), "^$")
	return `^(.*\.)?(` + any + "|" + devices + "|" + tables + `|.*_test)$|^(` + any + "|" + devices + `|.*_test)\.`
}

func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}
