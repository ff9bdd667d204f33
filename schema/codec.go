package schema

// A Codec makes the bytes of rows that are stored whole, as one value which knows
// itself how it becomes bytes: the key is among them.
type Codec struct {
	// Type is the struct of the program. The row of the table holds a pointer to it.
	Type GoType
	// Marshal and Unmarshal are the methods that make the bytes and read them; "" are
	// the functions of google.golang.org/protobuf/proto.
	Marshal, Unmarshal string
	// Own says that they are in a form of the program's own, and no message.
	Own bool
}

// Word is what the lock says of rows that are stored whole, "" of others.
func (c *Codec) Word() string {
	switch {
	case c == nil:
		return ""
	case c.Own:
		return "own"
	}
	return "message"
}

// A FieldSource says where the value of a column comes from in a row that is stored
// whole.
type FieldSource struct {
	GoName string // of the field, or of what gives the value
	Call   Call   // how that is called
	Number int    // of the field in the protobuf wire format; 0 for what is no message
	Wire   Wire
	// Pointer says that the field of the message is a pointer to the value.
	Pointer bool
}

// Call is what gives the value of a column.
type Call int

// What it is: a field, a method, or a function that takes the value or a pointer to it.
const (
	CallField Call = iota
	CallMethod
	CallFunc
	CallFuncPointer
)

// Wire is how protobuf writes a value.
type Wire string

// The ways, by the words that protoc-gen-go has for them. A message of protobuf's own
// is written as one; Go code of it has a type of its own.
const (
	WireVarint   Wire = "varint"
	WireZigzag32 Wire = "zigzag32"
	WireZigzag64 Wire = "zigzag64"
	WireFixed32  Wire = "fixed32"
	WireFixed64  Wire = "fixed64"
	WireBytes    Wire = "bytes"
	WireTime     Wire = "timestamp" // google.protobuf.Timestamp
)

// Wire is how the value of a field is written in a message; "" for most of its kind.
func (f *Field) Wire() string {
	if f.From == nil {
		return ""
	}
	switch w := f.From.Wire; {
	case w == WireVarint, w == WireBytes, w == WireTime, !f.Type.ElemOrSelf().Kind.Integer():
		return ""
	default:
		return string(w)
	}
}
