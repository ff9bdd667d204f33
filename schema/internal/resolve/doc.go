// Package resolve checks declarations and turns them into a Set: it replaces names by
// the types and fields that they refer to.
//
// It reads no files and gives no numbers.
package resolve
