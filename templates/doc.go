// Package templates turns a checked schema into Go source, with
// github.com/dave/jennifer. There is one file for each thing that is emitted;
// each function has the Go that it emits in its comment.
//
// What it emits is thin: types, the straight-line encoding of them, and calls
// into the runtime. The same schema gives the same bytes, whatever the machine.
//
// It reads schemas only through package schema, writes no files, and never
// imports the runtime, which its output does.
package templates
