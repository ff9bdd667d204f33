// Package reference has the tests that compare package record with the reference
// implementation of protobuf. They are in a folder of their own so that nobody who uses
// record has to fetch that.
package reference
