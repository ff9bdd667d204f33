// Package dynamic opens the tables of a database without generated code: by a codec that is
// made from the description in the catalog. Tools and query engines use it for databases
// whose schemas they do not have.
//
//	tables, err := db.Tables(ctx)
//	…
//	t, err := dynamic.Open(ctx, db, tables[0].Table)
//	p := provider.New(t) // reads and writes by columns
//
// The codec reads and writes the same bytes as generated code does: rows, index entries,
// expiry, defaults, limits and checks. Rows that only code of the program's own can read,
// messages and those with a codec of their own, are refused.
//
// It knows nothing of Go types of rows, nor of schemas and the generator.
package dynamic
