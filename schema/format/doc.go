// Package format writes schema files in their canonical form. Comments and meaning
// stay.
//
// It knows the order of the words in a mapping, and nothing of what they mean.
package format
