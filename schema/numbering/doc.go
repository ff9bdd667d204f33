// Package numbering gives the things of a Set their numbers from a lock, updates the
// lock, and resolves a lock that a merge left in conflict.
//
// It reads no schema files.
package numbering
