// Package jsonschema makes JSON Schemas of the vocabulary of the schema language,
// for editors that complete and check while one types.
//
// It knows no schema and reads no files.
package jsonschema
