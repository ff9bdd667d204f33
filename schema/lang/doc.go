// Package lang is the vocabulary of the schema language: which keys a mapping may
// have and what they hold ([Grammar]), the scalars, the words and names that have
// another meaning, and the words of other languages for the same things ([Synonyms]).
// The loader refuses what is not here, the formatter uses its order, and the JSON
// Schema is made from it.
//
// All of it is data. It knows nothing of YAML or of a particular schema.
package lang
