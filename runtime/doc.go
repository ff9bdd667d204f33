// Package runtime holds no code. The parts that generated packages stand on are
// its folders, each imported by its own name:
//
//   - store: databases, transactions, tables, indexes, cursors, expiry
//   - engine: the interface to a key-value engine, and its conformance suite
//   - record: how a row becomes bytes
//   - catalog: the description of a table, as data
//   - access: roles, and who may read
//   - provider: a table as a query engine sees it
//
// Nothing below this folder imports the schema language or the generator.
package runtime
