// Package schema loads, checks and resolves the storegen schema language: the
// YAML in which a program's tables and named types are declared.
//
// [Load] reads every *.yaml below the schema folder of a [Config], checks all of
// it, gives every table, field, index and enum value its number from
// storegen.lock, and returns a [Set]: the declared things with every name bound,
// every default filled in and every expression parsed. What emits code, prints a
// description or compares versions works on a Set and never on YAML.
//
// All mistakes of a run are reported together, as [Diagnostics]: each with file,
// line and column, the line itself, what is wrong and how to mend it, and the id
// of the rule it broke (see [Rules]).
//
// The work is done in three steps. The YAML is read into nodes with positions
// (yaml.go, the only file that knows the YAML library), nodes are taken apart
// into declarations (decl.go), and declarations are checked and bound
// (resolve.go and its neighbours).
//
// The package knows nothing of the Go code that is emitted beyond the names it
// will have, and nothing of databases: it imports neither the emitters nor the
// runtime.
//
// Functions are safe for concurrent use. A Set is not changed once it is loaded
// and may then be read by many goroutines.
package schema
