// Package bench compares the generated store with what a person could write or
// pick instead, doing the same work on the same rows in one run. It is a module
// of its own, so that nobody who uses storegen gets the contestants with it.
//
// What counts is the processor time of the process, compaction and garbage
// collection included, as a ratio to the hand-written twin. The twin runs twice,
// under two names: how far the two are apart is the noise.
package bench
