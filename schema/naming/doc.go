// Package naming knows which names a schema may have, which Go names they become, and
// what to suggest instead of an invalid one.
//
// It does not know what has a name.
package naming
