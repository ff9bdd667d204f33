// Package schematest helps tests of schemas: cases in files, golden files, a Set as
// text, and a loader of Go types.
//
// Only tests import it.
package schematest
