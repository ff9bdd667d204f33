// Package schema is a checked schema as data: tables, their fields, keys and
// indexes, named types, and conditions, with every name bound to what it means,
// every default filled in and every number given.
//
// [github.com/storegen/storegen/schema/load] reads schema files and makes a [Set]
// of them. What emits code, prints a description or compares versions works on a
// Set and never on YAML.
//
// The packages around it stand on floors, and each imports only those below it:
//
//	load                             schema files become a Set
//	internal/resolve, numbering      names are bound; things get their numbers
//	internal/ast, internal/expr      declarations and conditions, as written
//	schema                           a checked schema as data
//	lock, internal/syntax            the lock's text; YAML with places
//	lang                             the words that the language has
//	diag, naming, rules              messages; names; the rules that messages name
//
// Beside load stand evolve (what a change means for stored data), format (the
// canonical form of a file) and jsonschema (the language for editors).
//
// The package knows nothing of the Go code that is emitted beyond the names it
// will have, and nothing of YAML, files and databases.
//
// A Set is not changed once it is loaded and may then be read by many goroutines.
package schema
