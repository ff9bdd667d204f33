// Package catalog is the description of a table as data: its fields, key,
// indexes, expiry and access. Generated code carries one for each table, a
// database keeps them beside its rows, and whoever has no Go types reads rows
// with them: query engines and tools.
//
// Compare says whether code and a database agree. The package knows nothing of
// engines or of how rows are stored; package store keeps the descriptions.
package catalog
