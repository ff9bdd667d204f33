// Package syntax reads YAML into nodes with positions, and explains what is wrong
// with a file that is not valid YAML. Only this package reads with the YAML library;
// package format writes with it.
//
// It does not know what a node means in a schema.
package syntax
