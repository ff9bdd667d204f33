// Package store keeps typed rows in a key-value engine: tables, secondary
// indexes, expiry, transactions.
//
// This package is what users of tables see: databases, transactions, errors, options,
// cursors. A DB is opened over an engine, and the generated packages open their tables
// in it. EntityStore is what all generated stores have in common. Table and Query are the
// types for code that takes any table.
//
// What generated code calls is in package storeimpl, what query engines and tools need in
// rawstore, and verifying, repair, sweeping and backups in admin. Under all of them rows
// go by as bytes or without their types, in packages that only this module imports, so
// that a program with a thousand tables holds that code once, and the compiler builds it
// once.
//
// # Basics
//
// Reads and writes on a store that was opened over a DB each commit alone.
// DB.Update runs a function in a serializable transaction over any number of
// tables, DB.View reads one snapshot. A store's In ties it to a transaction.
//
//	err := db.Update(ctx, func(tx *store.Tx) error {
//		return users.In(tx).Insert(ctx, &u)
//	})
//
// A row, its index entries and its expiry entry are one commit, always.
//
// # Caveats
//
//   - The functions given to Update may run more than once: a transaction that
//     lost against another one is run again. They must have no effect outside of
//     the transaction.
//   - A transaction and all that is made from it belong to one goroutine and end
//     with its function.
//   - Inside of such a function, only tables that are tied to the transaction are
//     part of it. A table of the DB commits alone, is not undone with it, and may
//     have to wait for it without end.
//   - Rows that a scan returns share memory in blocks of some kilobytes: keeping
//     one of them for long keeps its block.
//   - Strings and byte slices of a row point into memory shared with that row
//     only; they may be kept, and changing a []byte in place changes that row.
//
// The package imports engines only through package engine, and knows nothing of
// schemas in YAML, of the generator, or of query engines.
package store
