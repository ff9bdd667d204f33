// Package proto says in the language of protocol buffers what stored values are:
// a message for each table and struct, an enum for each enum, with the numbers of
// storegen.lock, so that any language can read a row.
//
// [FromSet] makes a [File], a small model of a .proto, of a schema, and
// [File.String] writes it out. The model is there for tests and tools that want
// more than text. The package knows nothing of Go code, keys or databases.
package proto
