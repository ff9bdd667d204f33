// Package storetest helps tests of code that uses generated stores: a database
// in memory with a clock that stands still, in one line, and valid random rows
// for any table.
//
// The database is no mock: it keeps every rule that one on disk keeps.
package storetest
