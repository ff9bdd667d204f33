// Package record is the encoding of a row's value: the protobuf wire format
// (https://protobuf.dev/programming-guides/encoding/), so that any language can
// read a stored row with the .proto of its table.
//
// It offers one append function and one read method for each kind of field.
// Generated code calls them in a straight line; the package knows nothing of
// tables, keys or indexes.
//
// How the kinds map to the wire:
//
//	bool                 varint 0 or 1              bool
//	int8 to int64        varint, zigzag             sint32, sint64
//	uint8 to uint64      varint                     uint32, uint64
//	enum                 varint, two's complement   enum
//	float32, float64     4, 8 bytes, little endian  float, double
//	string, json         length, bytes              string
//	decimal              its shortest text          string
//	bytes, bytes[n], uuid  length, bytes            bytes
//	timestamp            a message {int64 seconds = 1; int32 nanos = 2} since 1970, the form of google.protobuf.Timestamp
//	duration             varint, zigzag nanoseconds sint64
//	date                 varint, zigzag days since 1970-01-01; absent is 0001-01-01  sint32
//	time of day          varint, nanoseconds since midnight  uint64
//	struct               length, fields             message
//	list of numbers      packed                     repeated
//	other lists          one field an element       repeated
//	map                  one message an entry, keys in order
//
// # Ownership
//
// A Reader does not copy: the strings and byte slices that it returns point
// into its input. The caller owns the input and must not change it afterwards.
package record
