// Package jsonschema makes JSON Schemas from the vocabulary of the schema language,
// for editors that complete and check.
//
// It knows no schema and reads no files.
package jsonschema
