// Package reference has the tests that hold package record against the reference
// implementation of protobuf. They are in a folder of their own so that nobody who uses
// record has to fetch that.
package reference
