// Package naming is about names: which forms they have in a schema, what they
// become in Go, and what to write instead of one that cannot be.
//
// It knows nothing of what bears a name.
package naming
