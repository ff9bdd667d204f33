// Package load reads a configuration and the schema files that it names, checks all
// of them, gives everything its number from the lock, and returns a
// [github.com/storegen/storegen/schema.Set].
//
// All mistakes of a run are reported together, as
// [github.com/storegen/storegen/schema/diag.Diagnostics]: each with file, line and
// column, the line itself, what is wrong and what to do about it, and the id of the
// rule that it broke.
//
// Nothing is written, and nothing is generated here. Functions are safe for
// concurrent use.
package load
