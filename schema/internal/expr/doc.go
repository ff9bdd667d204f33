// Package expr reads conditions, and the values in them, and binds the fields that
// they name.
//
// It knows of a table only the fields that a condition may name.
package expr
