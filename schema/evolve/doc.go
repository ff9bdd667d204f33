// Package evolve compares a lock with a schema, and says what each change means for
// stored data: nothing, an index to build, rows to rewrite, or bytes that cannot be
// read any more.
//
// It opens no database: acting on a change is for the runtime.
package evolve
