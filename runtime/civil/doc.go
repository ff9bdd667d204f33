// Package civil has dates and times of day without a time zone: a birthday, a due
// date, an hour of opening. [time.Time] is for instants.
//
// Both types are small comparable values, fit for == and for keys of maps, and
// every value of them that a function of this package returns is valid. Days are
// those of the proleptic Gregorian calendar, as in package time: a year 0 comes
// before year 1, and is written 0000.
//
// # Why not cloud.google.com/go/civil
//
// Its Date is a struct of three ints, of which any may be out of range, so that it
// has values that are no date, takes 24 bytes and cannot be counted in days without
// a calculation. It is a package of a module with a heavy go.mod, and its text has
// no years before 1.
package civil
