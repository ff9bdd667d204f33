// Package format writes schema files in their canonical form, with the comments and
// the meaning that they have.
//
// It knows which words a mapping has and in which order, and nothing of what they
// mean.
package format
