// Package lock reads and writes storegen.lock: the numbers that stored bytes depend
// on, and what each numbered thing is, as far as they depend on it.
//
// It knows nothing of a Set: which thing gets which number is for package
// numbering, and what a change means is for package evolve.
package lock
