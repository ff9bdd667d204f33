// Package schematest has what tests of several packages of the schema use: cases in
// files, golden files, a Set as text, and Go types that are not there.
//
// Only tests import it.
package schematest
