// Package kitchen tests generated code by what it does: its schema has every
// kind of field in every place, and its tests run what is generated of it, below
// db. It holds nothing that a program imports.
package kitchen

//go:generate go run github.com/storegen/storegen/cmd/storegen generate
