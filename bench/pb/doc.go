// Package pb is the row of the benchmarks in protocol buffers, by protoc-gen-go and
// by vtprotobuf, to compare the generated codec with.
package pb

//go:generate go run ./gen users.proto
