// Package owned tests what is generated for types and rows that a program has in Go
// already: every way in which one can be stored, in every place.
package owned

//go:generate go run github.com/storegen/storegen/cmd/storegen generate
