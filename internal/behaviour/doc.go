// Package behaviour is a language for tests of what a store does: a file of commands, each
// with what it printed behind it. What the commands cost is in the output too, as keys and
// pairs that were read and as commits, so that an optimisation that is lost, or a rule that
// is changed, shows as a difference of a file. Each file runs on each engine, and says the
// same there.
//
//	go test ./internal/behaviour               runs the files in testdata
//	go test ./internal/behaviour -rewrite      writes what is printed now; read the difference
//
// A file is commands with their input, a line of dashes, and the output, in the form of
// github.com/cockroachdb/datadriven. The commands are in commands.go. The tables are those
// of a schema in the file, with rows of package dynamic: nothing is generated.
//
// It knows the public API of the store, and nothing of what is behind that.
package behaviour
