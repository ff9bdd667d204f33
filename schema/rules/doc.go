// Package rules lists the rules that a schema, a lock or a configuration must
// meet. A message says by its id which rule was broken.
//
// It does not know how a rule is checked.
package rules
