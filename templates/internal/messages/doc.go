// Package messages tests tables whose rows are protobuf messages. It is in a folder of
// its own, with the code that protoc-gen-go makes of pb/invoice.proto, so that nobody
// who uses storegen has to fetch protobuf.
package messages

//go:generate go run github.com/storegen/storegen/cmd/storegen generate
