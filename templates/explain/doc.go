// Package explain shows what a row of a table is in the store: the bytes of its
// key, of each index entry and of its expiry entry, part by part,
// for an example row.
//
// It encodes with package keys, by the kinds of the schema; it knows no Go types of
// tables and opens no database.
package explain
