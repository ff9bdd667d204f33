// Package parquetstore writes the rows of tables as Parquet files, and reads such files into
// tables.
//
//	n, err := parquetstore.Export(ctx, file, users.Provider(), &provider.ScanRequest{}, nil)
//	n, err := parquetstore.Import(ctx, db, users.Provider(), file)
//
// What is exported and imported again is the same rows, with the exceptions of package
// arrowstore, which has the types too: a file says them as Arrow, and as Parquet's own logical
// types for programs that do not know Arrow. A duration is an int64 of nanoseconds.
// Columns are compressed by snappy, and rows are in groups of 65,536, for which there has to be
// memory. A file that other programs have written may have columns of other types where no
// value is lost, but none that are nested or encrypted.
//
// The package is a module of its own, as Parquet takes more code than Arrow does.
package parquetstore
