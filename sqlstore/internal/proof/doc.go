// Package proof holds SQL over stores against SQLite's own tables: random tables are filled
// with random rows, the rows are copied into native tables of the same columns, and random
// statements have to give the same answers on both. A statement that does not is shrunk, and
// reported with the seed that makes it again.
package proof
