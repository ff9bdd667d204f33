package lang

import (
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/storegen/storegen/schema/naming"
)

// This file holds the names that a schema may not use, since Go or the emitted
// code gives them a meaning. They are data: what emits code and takes a further
// name adds it here.

// Words of the expression and column notation. A field, or an enum's value, with
// such a name could not be written there.
var Words = setOf("and or not has len true false each fold asc desc")

// Predeclared names of Go, which a package's name would hide.
var Predeclared = setOf(`any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64
	rune string uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close complex copy delete
	imag len make max min new panic print println real recover init`)

// ReservedPackages are names of packages with a meaning, and the meaning.
var ReservedPackages = map[string]string{
	"internal": "a folder that only its parent may import",
	"vendor":   "the folder of copied dependencies",
	"testdata": "a folder that the go command passes over",
	"main":     "the name of a program",
	"models":   "the package of the named types",

	"documentation": "a package that the go command passes over",
}

// Reserved sets: the Go names that emitted code takes in one scope each.
var (
	// ReservedStructs: methods of every named struct, which its fields may not have
	// as names.
	ReservedStructs = setOf("AppendRecord Check DecodeRecord Equal")
	// ReservedParts: methods of a struct that serves as a key, besides.
	ReservedParts = setOf("AppendKey MarshalText String UnmarshalText")
	// ReservedParameters: methods of the value that holds a family's parameters.
	ReservedParameters = setOf("Check String")
	// ReservedTables: fields and methods of what ties a group's tables together.
	ReservedTables = setOf("As Close DB Define In Sweep Tx Update View")
	// ReservedIndexes: what beside the indexes is a way into a store.
	ReservedIndexes = setOf("Key")
	// ReservedOwnKey: methods of a key struct that belongs to its table.
	ReservedOwnKey = setOf("String")
	// ReservedRows: what the package of a table holds, which its row and key may
	// not have as names.
	ReservedRows = setOf(strings.Join(RowNames, " "))
)

// RowNames are what the package of a table holds beside the row, the key and the
// indexes.
var RowNames = []string{"Desc", "KeyIndex", "KeyOf", "Member", "Members", "Open", "Query", "SetKey", "Store"}

// A DerivedName is a name that emitted code makes of another.
type DerivedName struct {
	Prefix, Suffix string
	What           string
	Some           bool // not made of all: of enums and structs, of covering indexes
}

// TypeNames are made of the name of a type, in the package of the named types.
var TypeNames = []DerivedName{
	{"New", "", "the function that makes values of", false},
	{"Parse", "", "the function that parses", false},
	{"Decode", "", "the function that decodes", false},
	{"DescOf", "", "the description of", true},
}

// IndexNames are made of the name of an index, in the package of the table.
var IndexNames = []DerivedName{
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
	return naming.AsLower(name)
}

// takenTables is a pattern that matches the names that no table, or group, may have.
func takenTables() string {
	packages := map[string]bool{}
	for name := range Predeclared {
		packages[name] = true
	}
	for name := range ReservedPackages {
		packages[name] = true
	}
	for t := token.BREAK; t <= token.VAR; t++ {
		packages[t.String()] = true
	}
	any := strings.Trim(oneOfNames(packages), "^$")
	const devices = "(con|prn|aux|nul|(com|lpt)[1-9])"
	tables := strings.Trim(oneOfGoNames(ReservedTables), "^$")
	return `^(.*\.)?(` + any + "|" + devices + "|" + tables + `|.*_test)$|^(` + any + "|" + devices + `|.*_test)\.`
}

func setOf(list string) map[string]bool {
	set := map[string]bool{}
	for word := range strings.FieldsSeq(list) {
		set[word] = true
	}
	return set
}
