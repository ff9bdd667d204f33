package pb

import "google.golang.org/protobuf/proto"

// Marshalled counts the calls of MarshalVT.
var Marshalled int

// MarshalVT is what vtprotobuf would have generated.
func (x *Event) MarshalVT() ([]byte, error) {
	Marshalled++
	return proto.Marshal(x)
}

// UnmarshalVT is the inverse of MarshalVT.
func (x *Event) UnmarshalVT(b []byte) error { return proto.Unmarshal(b, x) }
