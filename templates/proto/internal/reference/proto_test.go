package reference_test

import (
	"bytes"
	"cmp"
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	gocmp "github.com/google/go-cmp/cmp"
	"google.golang.org/protobuf/encoding/prototext"
	"google.golang.org/protobuf/encoding/protowire"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/reflect/protoreflect"
	"google.golang.org/protobuf/reflect/protoregistry"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/dynamicpb"
	_ "google.golang.org/protobuf/types/known/timestamppb"

	"github.com/storegen/storegen/generated/models"
	"github.com/storegen/storegen/generated/system/users"
	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/rawstore"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/runtime/store/storetest"
	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/describe"
	"github.com/storegen/storegen/schema/load"
	"github.com/storegen/storegen/templates/internal/kitchen/db/sink/everything"
	storegenproto "github.com/storegen/storegen/templates/proto"
)

func loadSet(t *testing.T, dir string) *schema.Set {
	t.Helper()
	set, err := load.Schemas(&load.Config{Schemas: dir, Lock: filepath.Join(dir, "storegen.lock")})
	if err != nil {
		t.Fatal(err)
	}
	return set
}

// What is written keeps the rules of the language.
func TestCompiles(t *testing.T) {
	for _, dir := range []string{"../../../../schema/tables", "../../../internal/kitchen/schema", "../../testdata/clashes"} {
		compile(t, storegenproto.FromSet(describe.Set(loadSet(t, dir)), "app.db"), "proto3")
	}
}

// A row as it is stored is what the .proto says.
func TestDecodeRow(t *testing.T) {
	ctx := context.Background()
	st, _ := storetest.New(t, func(ctx context.Context, db *store.DB) (*users.Store, error) { return users.Open(ctx, db) })
	email := "alice@example.com"
	if err := st.Insert(ctx, &users.User{UserID: "u1", Username: "Alice", PasswordHash: "h", Role: models.RoleDBA, Email: &email}); err != nil {
		t.Fatal(err)
	}
	key := models.UserID("u1").AppendKey(nil)
	value, err := rawstore.Of(st.Handle()).Get(ctx, key)
	if err != nil {
		t.Fatal(err)
	}
	file := compile(t, storegenproto.FromSet(describe.Set(loadSet(t, "../../../../schema/tables")), "db"), "proto3")
	got := decode(t, file, "SystemUsersRow", value)
	const want = `username: "Alice" password_hash: "h" role: ROLE_DBA email: "alice@example.com"
auth_type: AUTH_TYPE_PASSWORD storage_mode: STORAGE_MODE_TABLE
created_at: {seconds: 1767225600} updated_at: {seconds: 1767225600}`
	wanted := dynamicpb.NewMessage(got.Descriptor())
	if err := prototext.Unmarshal([]byte(want), wanted); err != nil {
		t.Fatal(err)
	}
	if !proto.Equal(wanted, got) {
		t.Errorf("got  %s\nwant %s", prototext.Format(got), prototext.Format(wanted))
	}
}

// Rows with fields of every kind, in every form. They are read as proto2, which
// has the same bytes: its strings may hold what is not UTF-8, as those of rows may.
func TestDecodeEverything(t *testing.T) {
	ctx := context.Background()
	st, _ := storetest.New(t, func(ctx context.Context, db *store.DB) (*everything.Store, error) { return everything.Open(ctx, db) })
	file := compile(t, storegenproto.FromSet(describe.Set(loadSet(t, "../../../internal/kitchen/schema")), "db"), "proto2")
	rng := rand.New(rand.NewPCG(1, 2))
	seen := map[string]bool{}
	for i := range uint64(100) {
		var v everything.Thing
		storetest.Fill(rng, st, &v)
		v.ID = i
		if err := st.Insert(ctx, &v); err != nil {
			t.Fatal(err)
		}
		value, err := rawstore.Of(st.Handle()).Get(ctx, keys.AppendUint64(nil, i))
		if err != nil {
			t.Fatal(err)
		}
		got := decode(t, file, "SinkEverythingRow", value)
		got.Range(func(f protoreflect.FieldDescriptor, _ protoreflect.Value) bool {
			seen[string(f.Name())] = true
			return true
		})
		if got.Get(got.Descriptor().Fields().ByName("int32")).Int() != int64(v.Int32) {
			t.Fatalf("int32 is %v in the message, and %d in the row", got.Get(got.Descriptor().Fields().ByName("int32")), v.Int32)
		}
		if has := got.Has(got.Descriptor().Fields().ByName("string_opt")); has != (v.StringOpt != nil) {
			t.Fatalf("string_opt is there in the message: %v; in the row: %v", has, v.StringOpt != nil)
		}
		if n := got.Get(got.Descriptor().Fields().ByName("duration_list")).List().Len(); n != len(v.DurationList) {
			t.Fatalf("duration_list has %d elements in the message, and %d in the row", n, len(v.DurationList))
		}
	}
	fields := file.Messages().ByName("SinkEverythingRow").Fields()
	for i := range fields.Len() {
		if name := string(fields.Get(i).Name()); !seen[name] {
			t.Errorf("no row has the field %s", name)
		}
	}
}

// An entry of a map without a value is one whose value is the zero of its protobuf type,
// as other writers may leave it out: read by its type, and shown by a provider.
func TestEntriesWithoutValues(t *testing.T) {
	ctx := context.Background()
	eng := memory.New()
	db, err := store.Open(ctx, eng)
	if err != nil {
		t.Fatal(err)
	}
	st, err := everything.Open(ctx, db)
	if err != nil {
		t.Fatal(err)
	}
	file := compile(t, storegenproto.FromSet(describe.Set(loadSet(t, "../../../internal/kitchen/schema")), "db"), "proto2")
	var full everything.Thing
	storetest.Fill(rand.New(rand.NewPCG(1, 2)), st, &full)
	if err := st.Put(ctx, &full); err != nil {
		t.Fatal(err)
	}
	raw, id := rawstore.Of(st.Handle()), keys.AppendUint64(nil, full.ID)
	value, err := raw.Get(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	var key []byte // of the row, for the engine
	it := eng.Iterate(ctx, engine.Range{})
	for it.Next() {
		if k := it.Key(); k[0] != 0 && k[1] == 0 && bytes.HasSuffix(k, id) {
			key = bytes.Clone(k)
		}
	}
	if err := it.Close(); err != nil {
		t.Fatal(err)
	}
	// shown is a row that another program stored: as a provider shows it, and as it is
	// when it was read and written by its type.
	shown := func(body []byte) (string, error) {
		b := eng.NewBatch()
		b.Put(key, append([]byte{1}, body...))
		if err := eng.Write(ctx, b, engine.WriteOptions{}); err != nil {
			return "", err
		}
		p := st.Provider()
		c, err := p.Scan(ctx, &provider.ScanRequest{Columns: p.Def().All()})
		if err != nil {
			return "", err
		}
		defer c.Close()
		var text string
		for c.Next() {
			for i := range p.Def().Columns {
				text += " " + c.Value(i).JSON()
			}
		}
		if err := c.Err(); err != nil || text == "" {
			return "", cmp.Or(err, errors.New("there is no row"))
		}
		v, err := st.Get(ctx, full.ID)
		if err != nil {
			return "", err
		}
		if err := st.Put(ctx, &v); err != nil {
			return "", err
		}
		written, err := raw.Get(ctx, id)
		return fmt.Sprintf("%s %x", text, written), err
	}
	fields := file.Messages().ByName("SinkEverythingRow").Fields()
	looked := 0
	for i := range fields.Len() {
		f := fields.Get(i)
		if !f.IsMap() {
			continue
		}
		m := decode(t, file, "SinkEverythingRow", value)
		m.Clear(f)
		body, err := proto.Marshal(m)
		if err != nil {
			t.Fatal(err)
		}
		without := protowire.AppendBytes(protowire.AppendTag(body, f.Number(), protowire.BytesType), nil)
		entries := decode(t, file, "SinkEverythingRow", without)
		with, err := proto.Marshal(entries) // which has keys and values that are zero, too
		if err != nil {
			t.Fatal(err)
		}
		want, err := shown(with)
		if err != nil {
			continue // the zero is no value there, as "" is no decimal
		}
		looked++
		if got, err := shown(without); err != nil || got != want {
			t.Errorf("%s: %v\n%s", f.Name(), err, gocmp.Diff(want, got))
		}
	}
	if looked < 20 {
		t.Errorf("only %d maps were looked at", looked)
	}
}

// decode reads a value, and fails where anything in it is not in the message.
func decode(t *testing.T, file protoreflect.FileDescriptor, message string, value []byte) *dynamicpb.Message {
	t.Helper()
	d := file.Messages().ByName(protoreflect.Name(message))
	if d == nil {
		t.Fatalf("there is no message %s", message)
	}
	m := dynamicpb.NewMessage(d)
	if err := proto.Unmarshal(value, m); err != nil {
		t.Fatal(err)
	}
	if bytes := m.GetUnknown(); len(bytes) > 0 {
		t.Fatalf("%s does not know all fields of the row: %x", message, bytes)
	}
	return m
}

// compile makes a descriptor of a File, as protoc would, and fails where it
// breaks a rule of the language.
func compile(t *testing.T, f *storegenproto.File, syntax string) protoreflect.FileDescriptor {
	t.Helper()
	d := &descriptorpb.FileDescriptorProto{
		Name: proto.String("values.proto"), Package: &f.Package, Syntax: &syntax, Dependency: f.Imports,
	}
	enums := map[string]bool{}
	for _, e := range f.Enums {
		enums[e.Name] = true
		x := &descriptorpb.EnumDescriptorProto{Name: &e.Name}
		for _, v := range e.Values {
			x.Value = append(x.Value, &descriptorpb.EnumValueDescriptorProto{Name: &v.Name, Number: &v.Number})
		}
		for _, r := range e.Reserved {
			n := proto.Int32(int32(r.Number))
			x.ReservedRange = append(x.ReservedRange, &descriptorpb.EnumDescriptorProto_EnumReservedRange{Start: n, End: n})
		}
		d.EnumType = append(d.EnumType, x)
	}
	for _, m := range f.Messages {
		d.MessageType = append(d.MessageType, message(f.Package, m, enums, syntax == "proto3"))
	}
	file, err := protodesc.NewFile(d, protoregistry.GlobalFiles)
	if err != nil {
		t.Fatalf("%v\n%s", err, f)
	}
	return file
}

func message(pkg string, m *storegenproto.Message, enums map[string]bool, presence bool) *descriptorpb.DescriptorProto {
	x := &descriptorpb.DescriptorProto{Name: &m.Name}
	for _, r := range m.Reserved {
		x.ReservedRange = append(x.ReservedRange, &descriptorpb.DescriptorProto_ReservedRange{
			Start: proto.Int32(int32(r.Number)), End: proto.Int32(int32(r.Number) + 1),
		})
	}
	field := func(name string, number int, typ string, label descriptorpb.FieldDescriptorProto_Label) *descriptorpb.FieldDescriptorProto {
		fd := &descriptorpb.FieldDescriptorProto{Name: &name, Number: proto.Int32(int32(number)), Label: label.Enum()}
		scalar, isScalar := descriptorpb.FieldDescriptorProto_Type_value["TYPE_"+strings.ToUpper(typ)]
		switch {
		case isScalar && typ == strings.ToLower(typ):
			fd.Type = descriptorpb.FieldDescriptorProto_Type(scalar).Enum()
		case enums[typ]:
			fd.Type, fd.TypeName = descriptorpb.FieldDescriptorProto_TYPE_ENUM.Enum(), proto.String("."+pkg+"."+typ)
		case strings.Contains(typ, "."):
			fd.Type, fd.TypeName = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), proto.String("."+typ)
		default:
			fd.Type, fd.TypeName = descriptorpb.FieldDescriptorProto_TYPE_MESSAGE.Enum(), proto.String("."+pkg+"."+typ)
		}
		return fd
	}
	const one, many = descriptorpb.FieldDescriptorProto_LABEL_OPTIONAL, descriptorpb.FieldDescriptorProto_LABEL_REPEATED
	var optional []string
	for _, f := range m.Fields {
		switch {
		case f.MapKey != "":
			entry := mapEntry(f.Name)
			x.NestedType = append(x.NestedType, &descriptorpb.DescriptorProto{
				Name:    &entry,
				Field:   []*descriptorpb.FieldDescriptorProto{field("key", 1, f.MapKey, one), field("value", 2, f.Type, one)},
				Options: &descriptorpb.MessageOptions{MapEntry: proto.Bool(true)},
			})
			x.Field = append(x.Field, field(f.Name, f.Number, m.Name+"."+entry, many))
			last := x.Field[len(x.Field)-1]
			last.TypeName = proto.String("." + pkg + "." + m.Name + "." + entry)
		case f.Repeated:
			x.Field = append(x.Field, field(f.Name, f.Number, f.Type, many))
		default:
			fd := field(f.Name, f.Number, f.Type, one)
			if f.Optional && presence {
				fd.Proto3Optional, fd.OneofIndex = proto.Bool(true), proto.Int32(int32(len(optional)))
				optional = append(optional, "_"+f.Name)
			}
			x.Field = append(x.Field, fd)
		}
	}
	for _, name := range optional {
		x.OneofDecl = append(x.OneofDecl, &descriptorpb.OneofDescriptorProto{Name: &name})
	}
	slices.SortFunc(x.NestedType, func(a, b *descriptorpb.DescriptorProto) int { return strings.Compare(a.GetName(), b.GetName()) })
	return x
}

// mapEntry is the name that protoc gives the entries of a map.
func mapEntry(field string) string {
	var b strings.Builder
	for part := range strings.SplitSeq(field, "_") {
		if part != "" {
			b.WriteString(strings.ToUpper(part[:1]) + part[1:])
		}
	}
	return b.String() + "Entry"
}
