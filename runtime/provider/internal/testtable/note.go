package testtable

import (
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"

	"github.com/storegen/storegen/runtime/storeimpl"
)

// NoteID is the key of Note: a struct in one field.
type NoteID struct {
	Owner string
	Page  uint32
	Line  int64
}

// Note belongs to a user.
type Note struct {
	ID   NoteID
	Text string
}

// NoteDesc describes the table of Note.
var NoteDesc = &catalog.Table{
	Name: "test.notes", Row: "Note", Access: access.Owned, Key: []int{0}, KeyType: "NoteID",
	Fields: []catalog.Field{
		{Name: "id", Type: catalog.Type{Kind: kind.Struct, Name: "NoteID", Fields: []catalog.Field{
			{Name: "owner", Type: str},
			{Name: "at", Type: catalog.Type{Kind: kind.Struct, Name: "At", Fields: []catalog.Field{
				{Name: "page", Type: k(kind.Uint32)}, {Name: "line", Type: k(kind.Int64)}}}},
		}}},
		{Name: "text", Number: 2, Type: str},
	},
	Indexes: []catalog.Index{{Name: "text", Number: 1, Columns: []catalog.Column{{Field: 1}}}},
	Per:     []catalog.Field{{Name: "book", Type: str}},
}

// Notes is the codec of Note.
type Notes struct{}

var _ storeimpl.TypedCodec[NoteID, Note] = Notes{}

// Desc implements store.Codec.
func (Notes) Desc() *catalog.Table { return NoteDesc }

// Key implements store.Codec.
func (Notes) Key(v *Note) NoteID { return v.ID }

// SetKey implements store.Codec.
func (Notes) SetKey(v *Note, k NoteID) { v.ID = k }

// AppendKey implements store.Codec.
func (Notes) AppendKey(dst []byte, k NoteID) []byte {
	return keys.AppendInt64(keys.AppendUint32(keys.AppendString(dst, k.Owner), k.Page), k.Line)
}

// DecodeKey implements store.Codec.
func (Notes) DecodeKey(b []byte) (k NoteID, err error) {
	r := keys.NewReader(b)
	k.Owner, k.Page, k.Line = r.String(), r.Uint32(), r.Int64()
	return k, r.Done()
}

// AppendValue implements store.Codec.
func (Notes) AppendValue(dst []byte, v *Note) []byte {
	if v.Text == "" {
		return dst
	}
	return record.AppendString(dst, 2, v.Text)
}

// DecodeValue implements store.Codec.
func (Notes) DecodeValue(b []byte, v *Note) (unknown []byte, err error) {
	r := record.NewReader(b)
	for r.Next() {
		if r.Num() == 2 {
			v.Text = r.String()
			continue
		}
		unknown = r.AppendRaw(unknown)
	}
	return unknown, r.Err()
}

// Default implements store.Codec.
func (Notes) Default(*Note, time.Time) {}

// Check implements store.Codec.
func (Notes) Check(*Note) error { return nil }

// Expires implements store.Codec.
func (Notes) Expires(*Note, time.Duration) (time.Time, bool) { return time.Time{}, false }

// Entries implements store.Codec.
func (Notes) Entries(e *storeimpl.Entries, v *Note) { e.End(keys.AppendString(e.Begin(0), v.Text)) }
