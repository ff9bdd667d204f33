// Package templates turns a checked schema into Go source. An emitter is Go text
// with holes, so that a line of generated code is found here by a search for
// itself; a name behind a $ is a hole. The names of other packages in it become those
// of github.com/dave/jennifer, which makes the imports. There is one file for each
// file that is emitted, query.go for users_query.go, and one for each part of
// these, as checks.go for the rules of rows.
//
// What it emits is thin: types, the straight-line encoding of them, and calls
// into the runtime. The same schema gives the same bytes, whatever the machine.
//
// It reads schemas only through package schema, writes no files, and never
// imports the runtime, which its output does.
package templates
