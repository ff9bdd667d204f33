package templates

import "github.com/storegen/storegen/schema"

// kinds says what each kind of the schema's is called elsewhere: as a Go type, in
// package catalog, in the functions of packages keys and record, and in those for a
// list of it that is one packed field.
var kinds = map[schema.Kind]struct{ goType, catalog, keys, record, packed string }{
	schema.Bool:      {"bool", "Bool", "Bool", "Bool", "Bools"},
	schema.Int32:     {"int32", "Int32", "Int32", "Int32", "Ints"},
	schema.Int64:     {"int64", "Int64", "Int64", "Int64", "Ints"},
	schema.Uint32:    {"uint32", "Uint32", "Uint32", "Uint32", "Uints"},
	schema.Uint64:    {"uint64", "Uint64", "Uint64", "Uint64", "Uints"},
	schema.Float64:   {"float64", "Float64", "Float64", "Float64", "Float64s"},
	schema.String:    {"string", "String", "String", "String", ""},
	schema.Bytes:     {"[]byte", "Bytes", "String", "Bytes", ""},
	schema.Timestamp: {"time.Time", "Timestamp", "Time", "Time", ""},
	schema.Duration:  {"time.Duration", "Duration", "Duration", "Duration", "Ints"},
	schema.UUID:      {"uuid.UUID", "UUID", "UUID", "UUID", ""},
	schema.JSON:      {"json.RawMessage", "JSON", "", "Bytes", ""},
	schema.Enum:      {"int32", "Enum", "Enum", "Enum", "Enums"},
	schema.Struct:    {"", "Struct", "", "", ""},
	schema.List:      {"", "List", "", "", ""},
	schema.Map:       {"", "Map", "", "", ""},
}
