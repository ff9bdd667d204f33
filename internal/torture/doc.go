// Package torture breaks databases on purpose: it kills the writing process,
// tears, fails and forgets writes below the engine, and checks that what was
// promised is there afterwards. It has tests only; docs/reliability.md says what
// they found.
package torture
