// Package expr parses conditions and values, and binds conditions to fields.
//
// Of a table it knows only the fields that a condition may name.
package expr
