// Package reference has the tests that compare package proto with the reference
// implementation of protobuf. They are in a folder of their own so that nobody who uses
// storegen has to fetch that.
package reference
