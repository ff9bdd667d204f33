package testtable

import (
	"encoding/json"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"

	"github.com/storegen/storegen/runtime/storeimpl"
)

// ItemKey is the key of Item.
type ItemKey struct {
	Tenant string
	Name   string
}

// Status is an enum.
type Status int32

// The values of Status.
const (
	New    Status = 1
	Active Status = 2
	Done   Status = 3
)

// Size is a struct.
type Size struct {
	W, H int32
	Unit *string
}

// Place is a struct with a hidden field.
type Place struct {
	City string
	Code string // hidden
}

// Item has a field of every kind.
type Item struct {
	Tenant   string
	Name     string
	Email    string
	Status   Status
	Created  time.Time
	Priority *int32
	Tags     []string
	Score    float64
	Count    int64
	N32      uint32
	N64      uint64
	Flag     bool
	Blob     []byte
	Took     time.Duration
	Ref      [16]byte
	Doc      json.RawMessage
	Attrs    map[string]int64
	Size     Size
	Place    *Place
	Secret   string // hidden
	Expires  *time.Time
	Parts    []Size
	Levels   []Status
	Ratios   []float64
}

var (
	str    = catalog.Type{Kind: kind.String}
	i32    = catalog.Type{Kind: kind.Int32}
	status = catalog.Type{Kind: kind.Enum, Name: "Status", Params: kind.Params{Values: []kind.EnumValue{{Name: "new", Number: 1}, {Name: "active", Number: 2}, {Name: "done", Number: 3}}}}
	size   = catalog.Type{Kind: kind.Struct, Name: "Size", Fields: []catalog.Field{
		{Name: "w", Number: 1, Type: i32}, {Name: "h", Number: 2, Type: i32}, {Name: "unit", Number: 3, Type: str, Optional: true}}}
	place = catalog.Type{Kind: kind.Struct, Name: "Place", Fields: []catalog.Field{
		{Name: "city", Number: 1, Type: str}, {Name: "code", Number: 2, Type: str, Hidden: true}}}
)

func k(k catalog.Kind) catalog.Type { return catalog.Type{Kind: k} }

func list(t catalog.Type) catalog.Type { return catalog.Type{Kind: kind.List, Elem: &t} }

// ItemDesc describes the table of Item. The numbers of the fields are their
// positions plus 1.
var ItemDesc = itemDesc()

func itemDesc() *catalog.Table {
	n64 := k(kind.Int64)
	t := &catalog.Table{
		Name: "test.items", Doc: "Items of all kinds.", Row: "Item", Access: access.Public, KeyType: "ItemKey", Key: []int{0, 1},
		Fields: []catalog.Field{
			{Name: "tenant", Type: str, Doc: "Whose it is."},
			{Name: "name", Type: str},
			{Name: "email", Type: str},
			{Name: "status", Type: status},
			{Name: "created", Type: k(kind.Timestamp)},
			{Name: "priority", Type: i32, Optional: true},
			{Name: "tags", Type: list(str)},
			{Name: "score", Type: k(kind.Float64)},
			{Name: "count", Type: n64},
			{Name: "n32", Type: k(kind.Uint32)},
			{Name: "n64", Type: k(kind.Uint64)},
			{Name: "flag", Type: k(kind.Bool)},
			{Name: "blob", Type: k(kind.Bytes)},
			{Name: "took", Type: k(kind.Duration)},
			{Name: "ref", Type: k(kind.UUID)},
			{Name: "doc", Type: k(kind.JSON), Optional: true},
			{Name: "attrs", Type: catalog.Type{Kind: kind.Map, Elem: &n64}},
			{Name: "size", Type: size},
			{Name: "place", Type: place, Optional: true},
			{Name: "secret", Type: str, Hidden: true},
			{Name: "expires", Type: k(kind.Timestamp), Optional: true},
			{Name: "parts", Type: list(size)},
			{Name: "levels", Type: list(status)},
			{Name: "ratios", Type: list(k(kind.Float64))},
		},
		Indexes: []catalog.Index{
			{Name: "email", Unique: true, Columns: []catalog.Column{{Field: 2, Options: catalog.Options{Fold: true}}}},
			{Name: "status", Columns: []catalog.Column{{Field: 3}, {Field: 4, Options: catalog.Options{Desc: true}}}},
			{Name: "tag", Columns: []catalog.Column{{Field: 6, Options: catalog.Options{Each: true}}, {Field: 4}}},
			{Name: "priority", Columns: []catalog.Column{{Field: 5, Options: catalog.Options{Desc: true}}, {Field: 7}}, Include: []int{8}},
			{Name: "active", Columns: []catalog.Column{{Field: 4}}, Where: &catalog.Expr{Op: catalog.And, Args: []catalog.Expr{
				{Op: catalog.True, Field: 11},
				{Op: catalog.Eq, Args: []catalog.Expr{{Op: catalog.FieldOf, Field: 3}, {Op: catalog.Lit, Lit: "2"}}},
			}}},
			{Name: "cover", Columns: []catalog.Column{{Field: 9}}, Include: []int{3, 5, 7, 15, 16}},
			{Name: "secret", Columns: []catalog.Column{{Field: 19}}},
			{Name: "ref", Unique: true, Columns: []catalog.Column{{Field: 14, Options: catalog.Options{Desc: true}}}},
			{Name: "blob", Columns: []catalog.Column{{Field: 12, Options: catalog.Options{Desc: true}}, {Field: 13}, {Field: 10, Options: catalog.Options{Desc: true}}}},
		},
		TTL: &catalog.TTL{From: 20},
	}
	for i := range t.Fields {
		t.Fields[i].Number = i + 1
	}
	for i := range t.Indexes {
		t.Indexes[i].Number = i + 1
	}
	return t
}

// Items is the codec of Item.
type Items struct{}

var _ storeimpl.TypedCodec[ItemKey, Item] = Items{}

// Desc implements store.Codec.
func (Items) Desc() *catalog.Table { return ItemDesc }

// Key implements store.Codec.
func (Items) Key(v *Item) ItemKey { return ItemKey{v.Tenant, v.Name} }

// SetKey implements store.Codec.
func (Items) SetKey(v *Item, k ItemKey) { v.Tenant, v.Name = k.Tenant, k.Name }

// AppendKey implements store.Codec.
func (Items) AppendKey(dst []byte, k ItemKey) []byte {
	return keys.AppendStringLast(keys.AppendString(dst, k.Tenant), k.Name)
}

// DecodeKey implements store.Codec.
func (Items) DecodeKey(b []byte) (k ItemKey, err error) {
	r := keys.NewReader(b)
	k.Tenant = r.String()
	k.Name = r.StringLast()
	return k, r.Done()
}

func appendSize(dst []byte, num int, s *Size) []byte {
	dst, at := record.Begin(dst, num)
	if s.W != 0 {
		dst = record.AppendInt32(dst, 1, s.W)
	}
	if s.H != 0 {
		dst = record.AppendInt32(dst, 2, s.H)
	}
	if s.Unit != nil {
		dst = record.AppendString(dst, 3, *s.Unit)
	}
	return record.End(dst, at)
}

func readSize(r *record.Reader) (s Size) {
	m := r.Message()
	for m.Next() {
		switch m.Num() {
		case 1:
			s.W = m.Int32()
		case 2:
			s.H = m.Int32()
		case 3:
			s.Unit = record.Ptr(m.String())
		}
	}
	r.Nested(m.Err())
	return s
}

func appendDoc(dst []byte, v *Item) []byte {
	if v.Doc != nil {
		dst = record.AppendBytes(dst, 16, v.Doc)
	}
	return dst
}

func appendPriority(dst []byte, v *Item) []byte {
	if v.Priority != nil {
		dst = record.AppendInt32(dst, 6, *v.Priority)
	}
	return dst
}

func appendAttrs(dst []byte, v *Item) []byte {
	for _, k := range record.SortedKeys(v.Attrs) {
		var at int
		dst, at = record.Begin(dst, 17)
		dst = record.AppendString(dst, 1, k)
		dst = record.AppendInt64(dst, 2, v.Attrs[k])
		dst = record.End(dst, at)
	}
	return dst
}

// AppendValue implements store.Codec.
func (Items) AppendValue(dst []byte, v *Item) []byte {
	if v.Email != "" {
		dst = record.AppendString(dst, 3, v.Email)
	}
	if v.Status != 0 {
		dst = record.AppendEnum(dst, 4, int32(v.Status))
	}
	if !v.Created.IsZero() {
		dst = record.AppendTime(dst, 5, v.Created)
	}
	dst = appendPriority(dst, v)
	for _, t := range v.Tags {
		dst = record.AppendString(dst, 7, t)
	}
	if v.Score != 0 {
		dst = record.AppendFloat64(dst, 8, v.Score)
	}
	if v.Count != 0 {
		dst = record.AppendInt64(dst, 9, v.Count)
	}
	if v.N32 != 0 {
		dst = record.AppendUint32(dst, 10, v.N32)
	}
	if v.N64 != 0 {
		dst = record.AppendUint64(dst, 11, v.N64)
	}
	if v.Flag {
		dst = record.AppendBool(dst, 12, v.Flag)
	}
	if len(v.Blob) > 0 {
		dst = record.AppendBytes(dst, 13, v.Blob)
	}
	if v.Took != 0 {
		dst = record.AppendDuration(dst, 14, v.Took)
	}
	if v.Ref != [16]byte{} {
		dst = record.AppendUUID(dst, 15, v.Ref)
	}
	dst = appendDoc(dst, v)
	dst = appendAttrs(dst, v)
	dst = appendSize(dst, 18, &v.Size)
	if v.Place != nil {
		var at int
		dst, at = record.Begin(dst, 19)
		dst = record.AppendString(dst, 1, v.Place.City)
		dst = record.AppendString(dst, 2, v.Place.Code)
		dst = record.End(dst, at)
	}
	if v.Secret != "" {
		dst = record.AppendString(dst, 20, v.Secret)
	}
	if v.Expires != nil {
		dst = record.AppendTime(dst, 21, *v.Expires)
	}
	for i := range v.Parts {
		dst = appendSize(dst, 22, &v.Parts[i])
	}
	dst = record.AppendEnums(dst, 23, v.Levels)
	return record.AppendFloat64s(dst, 24, v.Ratios)
}

// DecodeValue implements store.Codec.
func (Items) DecodeValue(b []byte, v *Item) (unknown []byte, err error) {
	r := record.NewReader(b)
	for r.Next() {
		switch r.Num() {
		case 3:
			v.Email = r.String()
		case 4:
			v.Status = Status(r.Enum())
		case 5:
			v.Created = r.Time()
		case 6:
			v.Priority = record.Ptr(r.Int32())
		case 7:
			v.Tags = append(v.Tags, r.String())
		case 8:
			v.Score = r.Float64()
		case 9:
			v.Count = r.Int64()
		case 10:
			v.N32 = r.Uint32()
		case 11:
			v.N64 = r.Uint64()
		case 12:
			v.Flag = r.Bool()
		case 13:
			v.Blob = r.Bytes()
		case 14:
			v.Took = r.Duration()
		case 15:
			v.Ref = r.UUID()
		case 16:
			v.Doc = r.Bytes()
		case 17:
			var k string
			var x int64
			e := r.Message()
			for e.Next() {
				switch e.Num() {
				case 1:
					k = e.String()
				case 2:
					x = e.Int64()
				}
			}
			r.Nested(e.Err())
			if v.Attrs == nil {
				v.Attrs = map[string]int64{}
			}
			v.Attrs[k] = x
		case 18:
			v.Size = readSize(&r)
		case 19:
			v.Place = new(Place)
			m := r.Message()
			for m.Next() {
				switch m.Num() {
				case 1:
					v.Place.City = m.String()
				case 2:
					v.Place.Code = m.String()
				}
			}
			r.Nested(m.Err())
		case 20:
			v.Secret = r.String()
		case 21:
			v.Expires = record.Ptr(r.Time())
		case 22:
			v.Parts = append(v.Parts, readSize(&r))
		case 23:
			v.Levels = record.Enums(&r, v.Levels)
		case 24:
			v.Ratios = record.Float64s(&r, v.Ratios)
		default:
			unknown = r.AppendRaw(unknown)
		}
	}
	return unknown, r.Err()
}

// Default implements store.Codec: a status that is not given is new.
func (Items) Default(v *Item, now time.Time) {
	if v.Status == 0 {
		v.Status = New
	}
	if v.Created.IsZero() {
		v.Created = now.UTC()
	}
}

// Check implements store.Codec: the count is not negative.
func (Items) Check(v *Item) error {
	if v.Count < 0 {
		return record.Invalid("count", "count >= 0")
	}
	return record.ValidJSON("doc", v.Doc)
}

// Expires implements store.Codec.
func (Items) Expires(v *Item, _ time.Duration) (time.Time, bool) {
	if v.Expires == nil {
		return time.Time{}, false
	}
	return *v.Expires, true
}

// Entries implements store.Codec.
func (Items) Entries(e *storeimpl.Entries, v *Item) {
	e.End(keys.AppendString(e.Begin(0), keys.Fold(v.Email)))
	e.End(keys.AppendTimeDesc(keys.AppendEnum(e.Begin(1), int32(v.Status)), v.Created))
	for _, t := range v.Tags {
		e.End(keys.AppendTime(keys.AppendString(e.Begin(2), t), v.Created))
	}
	if v.Priority != nil {
		b := keys.AppendFloat64(keys.AppendInt32Desc(e.Begin(3), *v.Priority), v.Score)
		b = e.Include(b)
		if v.Count != 0 {
			b = record.AppendInt64(b, 9, v.Count)
		}
		e.End(b)
	}
	if v.Flag && v.Status == Active {
		e.End(keys.AppendTime(e.Begin(4), v.Created))
	}
	b := e.Include(keys.AppendUint32(e.Begin(5), v.N32))
	if v.Status != 0 {
		b = record.AppendEnum(b, 4, int32(v.Status))
	}
	b = appendPriority(b, v)
	if v.Score != 0 {
		b = record.AppendFloat64(b, 8, v.Score)
	}
	e.End(appendAttrs(appendDoc(b, v), v))
	e.End(keys.AppendString(e.Begin(6), v.Secret))
	e.End(keys.AppendUUIDDesc(e.Begin(7), v.Ref))
	b = keys.AppendBytesDesc(e.Begin(8), v.Blob)
	e.End(keys.AppendUint64Desc(keys.AppendDuration(b, v.Took), v.N64))
}
