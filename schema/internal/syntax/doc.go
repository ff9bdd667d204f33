// Package syntax reads YAML into nodes with positions, and says what is wrong
// with a text that is no YAML. It is the only package that knows how the YAML
// library reads; format knows how it writes.
//
// It does not know what a node means.
package syntax
