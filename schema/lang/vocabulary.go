package lang

import (
	"strings"

	"github.com/storegen/storegen/runtime/kind"
)

// ScalarNames are the scalars that a field's type may be, as they are written, and
// ScalarPatterns the regular expressions that they match.
var ScalarNames, ScalarPatterns = func() (names, patterns []string) {
	for _, s := range kind.Scalars() {
		if s.Kind != kind.Enum { // which has a name of its own
			names, patterns = append(names, s.Usage()), append(patterns, s.Pattern())
		}
	}
	return names, patterns
}()

// NoList is the scalar of which there are no lists: in Go one would be bytes, and package
// json writes it as it writes bytes.
const NoList = kind.Uint8

// mapKeyWords are the scalars that may be the keys of maps, as a pattern.
var mapKeyWords = func() string {
	var names []string
	for _, s := range kind.Scalars() {
		if s.Kind.KeysMaps() {
			names = append(names, s.Name)
		}
	}
	return strings.Join(names, "|")
}()

// IsScalar reports whether a text is a scalar type.
func IsScalar(text string) bool {
	s, _, err := kind.ParseType(text)
	return s != nil && err == nil && s.Kind != kind.Enum
}

// AccessNames are the kinds of access, except the one by owner.
var AccessNames = []string{"system", "public", "private", "restricted"}

// OwnerAccess is the name of the access to a table whose rows belong to users.
const OwnerAccess = "owner"

// OwnCodec is the codec of rows that make their bytes themselves, and TextOrder the order
// of the text of a Go type, where that is meant.
const (
	OwnCodec  = "own"
	TextOrder = "text"
)

// GoFormNames are the names of the forms in which values of a Go type are stored.
var GoFormNames = []string{"scalar", "text", "binary"}

// Layouts are the ways to put tables into packages: one for each, or one for all.
var Layouts = []string{"tables", "one"}

// TypeAliases are the names of scalars in other languages.
var TypeAliases = map[string]string{
	"boolean": "bool", "int": "int64", "integer": "int64", "smallint": "int16", "tinyint": "int8", "long": "int64", "short": "int16",
	"uint": "uint64", "float": "float64", "double": "float64", "single": "float32",
	"number": "float64", "real": "float64", "str": "string",
	"byte": "bytes", "time": "timestamp", "datetime": "timestamp", "interval": "duration",
	"guid": "uuid", "object": "json", "any": "json", "i8": "int8", "i16": "int16", "i32": "int32", "i64": "int64",
	"u8": "uint8", "u16": "uint16", "u32": "uint32", "u64": "uint64", "f32": "float32", "f64": "float64",
	"localdate": "date", "LocalDate": "date", "localtime": "time_of_day", "LocalTime": "time_of_day", "timeofday": "time_of_day",
	"time.Time": "timestamp", "time.Duration": "duration", "civil.Date": "date", "civil.TimeOfDay": "time_of_day",
}

// TypeHelp says what to use instead of types of other languages, by their names in
// lower case and without a size.
var TypeHelp = map[string]string{
	"numeric":   `use decimal with its digits and those behind the point: "decimal(12,2)"`,
	"money":     `use "decimal(12,2)", or int64 and count in the smallest unit (cents)`,
	"bigint":    `use int64`,
	"varchar":   `use string, with a limit in bytes where there is one: {type: string, max: 80}`,
	"char":      `use string, with its limits in bytes: {type: string, min: 2, max: 2}`,
	"nvarchar":  `use string, with a limit in bytes where there is one: {type: string, max: 80}`,
	"text":      `use string`,
	"blob":      `use bytes`,
	"binary":    `use bytes, or bytes of one length: "bytes[16]"`,
	"varbinary": `use bytes, with a limit where there is one: {type: bytes, max: 80}`,
	"serial":    `there is none: use {type: uuid, default: new}, whose values sort by time, or give the numbers in the program`,
	"bigserial": `there is none: use {type: uuid, default: new}, whose values sort by time, or give the numbers in the program`,
	"array":     `write the type of its elements: "[]string"`,
	"list":      `write the type of its elements: "[]string"`,
	"map":       `write the type of its values: "map[string]int64"`,
	"enum":      `declare it in a file of types: types: {Status: {enum: [open, closed]}}, and use its name`,
	"struct":    `declare it in a file of types: types: {Place: {struct: {x: int32}}}, and use its name`,
}
