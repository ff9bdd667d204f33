// Package evolve compares a lock with a schema and says what each change means for
// data that is stored: nothing, an index to build, rows to rewrite, or bytes that
// cannot be read any more.
//
// It opens no database: what one does about a change is for the runtime.
package evolve
