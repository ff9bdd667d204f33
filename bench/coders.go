package bench

import (
	"bytes"
	"encoding/json"
	"errors"
	"reflect"
	"unsafe"

	"github.com/storegen/storegen/bench/db/users"
	"github.com/storegen/storegen/bench/pb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/record"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/storeimpl"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/types/known/timestamppb"
)

// Coder encodes one row, but for its id, and decodes it: what is left of a store
// without the store. It is for one goroutine.
type Coder interface {
	// Encode appends the row to a buffer.
	Encode(dst []byte) ([]byte, error)
	// Decode reads a row from bytes that are the caller's again behind it, unless
	// the coder borrows.
	Decode(b []byte) error
	// Row is what was decoded last, without its id.
	Row() *User
}

// CoderEntry is a coder in the list.
type CoderEntry struct {
	Name string
	New  func(u *User) (Coder, error)
}

// Names of coders that goals are about.
const (
	GeneratedCoder = "generated"
	BorrowedCoder  = "generated, borrowed"
	FastProto      = "vtprotobuf"
)

// Coders are all coders.
var Coders = []CoderEntry{
	{GeneratedCoder, func(u *User) (Coder, error) { return newRowCoder(u, false) }},
	{BorrowedCoder, func(u *User) (Coder, error) { return newRowCoder(u, true) }},
	{"twin", func(u *User) (Coder, error) { return &twinCoder{row: *u}, nil }},
	{"twin, borrowed", func(u *User) (Coder, error) { return &twinCoder{row: *u, borrow: true}, nil }},
	{FastProto, func(u *User) (Coder, error) { return &protoCoder{fast: true, in: message(u)}, nil }},
	{"vtprotobuf, unsafe", func(u *User) (Coder, error) { return &protoCoder{fast: true, inPlace: true, in: message(u)}, nil }},
	{"google protobuf", func(u *User) (Coder, error) { return &protoCoder{in: message(u)}, nil }},
	{"encoding/json", func(u *User) (Coder, error) { return &jsonCoder{row: *u}, nil }},
}

// own is what a row gets its memory from: a private copy, or the bytes as they
// are.
func own(b []byte, borrow bool) []byte {
	if borrow {
		return b
	}
	return bytes.Clone(b)
}

// UsersCodec takes the codec out of the store of users: it is not exported, since
// programs have no use for it.
func UsersCodec() (storeimpl.RowCodec, error) {
	db, err := store.Open(ctx, memory.New())
	if err != nil {
		return nil, err
	}
	defer db.Close()
	st, err := users.Open(ctx, db)
	if err != nil {
		return nil, err
	}
	f := reflect.ValueOf(st.Handle()).Elem().FieldByName("t").Elem().FieldByName("Codec")
	if !f.IsValid() {
		return nil, errors.New("the store of users holds no codec of its rows")
	}
	return reflect.NewAt(f.Type(), unsafe.Pointer(f.UnsafeAddr())).Elem().Interface().(storeimpl.RowCodec), nil
}

// rowCoder is the generated codec.
type rowCoder struct {
	codec  storeimpl.RowCodec
	row    User
	out    User
	borrow bool
}

func newRowCoder(u *User, borrow bool) (Coder, error) {
	c, err := UsersCodec()
	if err != nil {
		return nil, err
	}
	return &rowCoder{codec: c, row: *u, borrow: borrow}, nil
}

func (c *rowCoder) Encode(dst []byte) ([]byte, error) { return c.codec.AppendValue(dst, &c.row), nil }

func (c *rowCoder) Decode(b []byte) error {
	room := c.out.Tags[:0]
	if !c.borrow {
		room = nil
	}
	c.out = User{Tags: room}
	_, err := c.codec.DecodeValue(own(b, c.borrow), &c.out, record.AllFields, nil)
	return err
}

func (c *rowCoder) Row() *User { return &c.out }

type twinCoder struct {
	row    User
	out    User
	borrow bool
}

func (c *twinCoder) Encode(dst []byte) ([]byte, error) { return appendRow(dst, &c.row), nil }

func (c *twinCoder) Decode(b []byte) error {
	room := c.out.Tags[:0]
	if !c.borrow {
		room = nil
	}
	c.out = User{Tags: room}
	return decodeRow(own(b, c.borrow), &c.out)
}

func (c *twinCoder) Row() *User { return &c.out }

// message is a row in protocol buffers.
func message(u *User) *pb.UsersRow {
	return &pb.UsersRow{Username: u.Username, Role: u.Role, Email: u.Email, CreatedAt: timestamppb.New(u.CreatedAt), Active: u.Active, Tags: u.Tags, Hash: u.Hash}
}

type protoCoder struct {
	fast, inPlace bool
	in, out       *pb.UsersRow
}

func (c *protoCoder) Encode(dst []byte) ([]byte, error) {
	if !c.fast {
		return proto.MarshalOptions{}.MarshalAppend(dst, c.in)
	}
	n, size := len(dst), c.in.SizeVT()
	for cap(dst) < n+size {
		dst = append(dst[:cap(dst)], 0)
	}
	dst = dst[:n+size]
	_, err := c.in.MarshalToSizedBufferVT(dst[n:])
	return dst, err
}

func (c *protoCoder) Decode(b []byte) error {
	c.out = new(pb.UsersRow)
	switch {
	case c.inPlace:
		return c.out.UnmarshalVTUnsafe(own(b, false))
	case c.fast:
		return c.out.UnmarshalVT(b)
	}
	return proto.Unmarshal(b, c.out)
}

func (c *protoCoder) Row() *User {
	m := c.out
	return &User{Username: m.Username, Role: m.Role, Email: m.Email, CreatedAt: m.CreatedAt.AsTime(), Active: m.Active, Tags: m.Tags, Hash: m.Hash}
}

type jsonCoder struct{ row, out User }

func (c *jsonCoder) Encode(dst []byte) ([]byte, error) {
	b, err := json.Marshal(&c.row)
	return append(dst, b...), err
}

func (c *jsonCoder) Decode(b []byte) error {
	c.out = User{}
	return json.Unmarshal(b, &c.out)
}

func (c *jsonCoder) Row() *User {
	u := c.out
	u.ID = ""
	return &u
}
