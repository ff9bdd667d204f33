// Package numbering gives the things of a Set their numbers from a lock, brings the
// lock up to date with the Set, and joins the two sides of a lock that a merge left
// in conflict.
//
// It reads no schema files.
package numbering
