// Package resolve checks declarations and binds them into a Set: types to their
// names, keys and indexes to fields, defaults to values.
//
// It reads no files and gives no numbers.
package resolve
