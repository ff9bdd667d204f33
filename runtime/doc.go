// Package runtime holds no code. The parts that generated packages stand on are
// its folders, each imported by its own name:
//
//   - store: databases, transactions, errors, options, cursors: what users see
//   - store/storetest: a store in memory for tests, with a clock that they move
//   - storeimpl: what only generated code calls
//   - rawstore: tables as bytes, for query engines and tools
//   - dynamic: tables that are opened by the catalog alone, without generated code
//   - admin: verify, repair, sweep, backup and restore
//   - errs, commits, clock: errors; what commits did; time
//   - engine: the interface to a key-value engine, and its conformance suite
//   - record: how a row becomes bytes
//   - catalog: the description of a table, as data
//   - access: roles, and who may read
//   - provider: a table as a query engine sees it
//
// Nothing below this folder imports the schema language or the generator.
package runtime
