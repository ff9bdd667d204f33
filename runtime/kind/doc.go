// Package kind describes the kinds of values that a field can have. Each scalar is
// one row of a table (scalars.go): its name, how it is laid out in keys and in
// records, its text, its JSON, its Go and protobuf types, its order and its literals.
// Whoever works with values of any kind, without generated code, goes by the row
// and does not switch on the kind: the catalog, providers, planning, index entries,
// tests, and the generator with its .proto files and pages. A new scalar is a new
// row, with its functions in packages keys and record.
//
// Generated code does not use this package to read and write rows: it calls keys and
// record itself, by the names that the row has for them. Package kindtest tests that
// the parts of a row agree.
//
// The package knows neither tables nor fields; package catalog does.
package kind
