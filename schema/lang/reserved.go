package lang

import (
	"go/token"
	"maps"
	"slices"
	"strings"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/schema/naming"
)

// Words are the words of conditions and index columns. A field or an enum's value
// with such a name could not be used there.
var Words = setOf("and or not has len true false asc " + strings.Join(append(slices.Clone(catalog.ColumnWords.Before), catalog.ColumnWords.Behind...), " "))

// Predeclared are the predeclared names of Go, which a package of that name would
// hide.
var Predeclared = setOf(`any bool byte comparable complex64 complex128 error float32 float64 int int8 int16 int32 int64
	rune string uint uint8 uint16 uint32 uint64 uintptr true false iota nil append cap clear close complex copy delete
	imag len make max min new panic print println real recover init`)

// ReservedPackages are package names with a special meaning, and that meaning.
var ReservedPackages = map[string]string{
	"internal": "a folder that only its parent may import",
	"vendor":   "the folder of copied dependencies",
	"testdata": "a folder that the go command passes over",
	"main":     "the name of a program",
	"models":   "the package of the named types",

	"documentation": "a package that the go command passes over",
}

// The Go names that generated code uses itself, by scope. A new name in generated
// code is added here.
var (
	// ReservedStructs are the methods of named structs: no field may have that name.
	ReservedStructs = setOf("AppendRecord Check DecodeRecord Equal")
	// ReservedParts are the further methods of a struct that is used in a key.
	ReservedParts = setOf("AppendKey MarshalText String UnmarshalText")
	// ReservedParameters are the methods of the parameters of a family.
	ReservedParameters = setOf("Check String")
	// ReservedTables are the fields and methods of the type of a group.
	ReservedTables = setOf("As Close DB Define In Sweep Tx Update View")
	// ReservedIndexes are the names beside the indexes by which a store is read.
	ReservedIndexes = setOf("Key")
	// ReservedOwnKey are the methods of a generated key struct.
	ReservedOwnKey = setOf("String")
	// ReservedRows are the names in the package of a table.
	ReservedRows = setOf(strings.Join(RowNames, " "))
)

// RowNames are the names in the package of a table, besides the row, the key and the
// indexes.
var RowNames = []string{"Desc", "KeyIndex", "KeyOf", "Load", "Member", "Members", "Open", "Query", "SetKey", "Store"}

// A DerivedName is a name that generated code derives from another.
type DerivedName struct {
	Prefix, Suffix string
	What           string
	Some           bool // derived only for some: enums and structs, or indexes with such entries
}

// TypeNames are derived from the name of a type, in the package of the named types.
var TypeNames = []DerivedName{
	{"New", "", "the function that makes values of", false},
	{"Parse", "", "the function that parses", false},
	{"Decode", "", "the function that decodes", false},
	{"DescOf", "", "the description of", true},
}

// IndexNames are derived from the name of an index, in the package of the table.
var IndexNames = []DerivedName{
	{"", "Index", "the Go type of", false},
	{"", EntrySuffix, "the Go type of an entry of", true},
	{"", ColumnsSuffix, "the Go type of the columns of", true},
}

// What the names end with that only some indexes have.
const (
	EntrySuffix   = "Entry"   // its entries hold more than the keys of rows
	ColumnsSuffix = "Columns" // it is unique, of several columns, and includes fields
)

// oneOfNames returns a pattern that matches the names of a set.
func oneOfNames(set map[string]bool) string {
	return "^(" + strings.Join(slices.Sorted(maps.Keys(set)), "|") + ")$"
}

// oneOfGoNames is oneOfNames for Go names: the pattern matches the names that become
// them.
func oneOfGoNames(set map[string]bool) string {
	names := map[string]bool{}
	for name := range set {
		names[lowerOfGo(name)] = true
	}
	return oneOfNames(names)
}

// lowerOfGo returns the name in a schema that becomes a Go name.
func lowerOfGo(name string) string {
	if strings.ToUpper(name) == name {
		return strings.ToLower(name)
	}
	return naming.AsLower(name)
}

// takenTables returns a pattern that matches the names that no table or group may
// have.
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
