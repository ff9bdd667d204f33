// Package validate has the tests that compare the JSON Schemas of package jsonschema with
// the loader, by a validator. They are in a folder of their own so that nobody who uses
// storegen has to fetch that.
package validate
