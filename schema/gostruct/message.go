package gostruct

import (
	"go/ast"
	"go/types"
	"reflect"
	"strconv"
	"strings"

	"github.com/storegen/storegen/schema"
)

// This file reads the structs that protoc-gen-go and its like make of messages. What
// they are in the wire format stands in the tags of their fields:
//
//	CustomerId string `protobuf:"bytes,2,opt,name=customer_id,json=customerId,proto3"`

// wellKnown are messages of protobuf's own that columns have.
var wellKnown = map[string]struct {
	typ  string
	wire schema.Wire
}{
	"google.golang.org/protobuf/types/known/timestamppb.Timestamp": {"timestamp", schema.WireTime},
}

// messageOf reads a message.
func (r *reader) messageOf(name string) {
	r.row = true
	spec := r.find(name)
	if spec == nil {
		return
	}
	st, ok := spec.Type.(*ast.StructType)
	o := r.pkg.TypesInfo.Defs[spec.Name]
	if !ok || o == nil {
		r.problem(spec.Name.Pos(), "name a message that protoc-gen-go has made", "%s is no struct", name)
		return
	}
	t, _ := o.Type().(*types.Named)
	if t == nil || !hasMethod(t, "ProtoReflect") && !hasMethod(t, "ProtoMessage") {
		r.problem(spec.Name.Pos(), "name a message that protoc-gen-go has made, or write row: {go: "+r.out.For+"}", "%s is no protobuf message", name)
		return
	}
	r.out.Codec = &schema.Codec{Type: r.out.Type}
	for _, names := range [][2]string{{"MarshalVT", "UnmarshalVT"}, {"Marshal", "Unmarshal"}} {
		if r.out.Codec.Marshal == "" && hasPair(t, names[0], names[1]) {
			r.out.Codec.Marshal, r.out.Codec.Unmarshal = names[0], names[1]
		}
	}
	if r.out.Codec.Marshal == "" && !hasMethod(t, "ProtoReflect") {
		r.problem(spec.Name.Pos(), "generate it with a newer protoc-gen-go, or with methods Marshal and Unmarshal", "%s is a message without ProtoReflect, which google.golang.org/protobuf/proto does not take", name)
		return
	}
	r.out.Left = map[string]schema.GoProblem{}
	for _, f := range st.Fields.List {
		for _, n := range f.Names {
			r.messageField(f, n)
		}
	}
	r.oneofs(name)
	if len(r.out.Fields) == 0 && len(r.out.Problems) == 0 {
		r.problem(spec.Name.Pos(), "give it a field that can be the key, and generate it with the open API", "%s has no fields that columns can be", name)
	}
}

// messageField reads a field of a message, which is a column or is left to the message.
func (r *reader) messageField(f *ast.Field, n *ast.Ident) {
	tag, ok := protoTag(f)
	if !ok {
		return // state of the message, or a oneof
	}
	pos, line := r.place(n.Pos())
	pos.EndCol = pos.Col + len([]rune(n.Name))
	left := func(why string) {
		r.out.Left[tag.name] = schema.GoProblem{Pos: pos, Source: line, Message: why, Help: "take another field; this one is stored and read with the message"}
	}
	if !n.IsExported() {
		left("cannot be reached by other packages: it was generated for the opaque API")
		return
	}
	c, wire, pointer, why := r.messageColumn(f.Type, tag)
	if why != "" {
		left(why)
		return
	}
	r.out.Fields = append(r.out.Fields, schema.GoField{
		Name: tag.name, GoName: n.Name, Type: c.typ, Go: c.of, Doc: strings.TrimSpace(f.Doc.Text()), Pos: pos, Source: line,
		From: &schema.FieldSource{GoName: n.Name, Number: tag.number, Wire: wire, Pointer: pointer},
	})
}

// messageColumn is the column that a field of a message is, or why it is none.
func (r *reader) messageColumn(e ast.Expr, tag messageTag) (c column, wire schema.Wire, pointer bool, why string) {
	t := types.Unalias(r.pkg.TypesInfo.TypeOf(e))
	if p, ok := t.(*types.Pointer); ok {
		if n, ok := types.Unalias(p.Elem()).(*types.Named); ok && n.Obj().Pkg() != nil {
			if known, ok := wellKnown[n.Obj().Pkg().Path()+"."+n.Obj().Name()]; ok {
				return column{typ: known.typ + "?"}, known.wire, true, ""
			}
		}
	}
	inner := t
	for range 2 {
		switch x := inner.(type) {
		case *types.Pointer:
			inner = types.Unalias(x.Elem())
		case *types.Slice:
			inner = types.Unalias(x.Elem())
		}
	}
	switch inner.Underlying().(type) {
	case *types.Struct, *types.Map, *types.Interface:
		return c, "", false, "is a message, a group or a map, which no column is"
	}
	switch {
	case tag.repeated && tag.wire != schema.WireBytes && tag.wire != schema.WireVarint:
		return c, "", false, "is a list of numbers in a form that no list of a column has"
	case tag.wire == "":
		return c, "", false, "is written in a way that no column is"
	}
	c = r.column(e, "scalar")
	if c.problem != "" {
		return c, "", false, "has the type " + text(e) + ", which " + c.problem
	}
	if c.of != nil && c.of.Form != schema.GoScalar {
		return c, "", false, "has a form of its own in Go"
	}
	of := strings.TrimSuffix(strings.TrimPrefix(c.typ, "[]"), "?")
	kinds := map[schema.Wire]string{
		schema.WireVarint: "bool int32 int64 uint32 uint64", schema.WireZigzag32: "int32", schema.WireZigzag64: "int64", schema.WireBytes: "string bytes",
		schema.WireFixed32: "int32 uint32 float32", schema.WireFixed64: "int64 uint64 float64",
	}
	scalar := of
	if s := schema.Scalar(of); s == nil || !strings.Contains(" "+kinds[tag.wire]+" ", " "+scalar+" ") || strings.HasPrefix(c.typ, "map") {
		return c, "", false, "is a message, a group or a map, which no column is"
	}
	_, pointer = e.(*ast.StarExpr)
	return c, tag.wire, pointer, ""
}

// oneofs notes the fields of the oneofs of a message: each is in a struct of its own.
func (r *reader) oneofs(message string) {
	for _, file := range r.pkg.Syntax {
		for _, d := range file.Decls {
			g, ok := d.(*ast.GenDecl)
			if !ok {
				continue
			}
			for _, s := range g.Specs {
				spec, ok := s.(*ast.TypeSpec)
				if !ok || !strings.HasPrefix(spec.Name.Name, message+"_") {
					continue
				}
				st, ok := spec.Type.(*ast.StructType)
				if !ok || len(st.Fields.List) != 1 || len(st.Fields.List[0].Names) != 1 {
					continue
				}
				if tag, ok := protoTag(st.Fields.List[0]); ok && tag.oneof {
					pos, line := r.place(st.Fields.List[0].Pos())
					r.out.Left[tag.name] = schema.GoProblem{Pos: pos, Source: line, Message: "is one of a oneof", Help: "take another field; this one is stored and read with the message"}
				}
			}
		}
	}
}

// A messageTag is what the tag protobuf of a field says.
type messageTag struct {
	wire            schema.Wire
	number          int
	name            string
	repeated, oneof bool
}

func protoTag(f *ast.Field) (messageTag, bool) {
	if f.Tag == nil {
		return messageTag{}, false
	}
	quoted, err := strconv.Unquote(f.Tag.Value)
	if err != nil {
		return messageTag{}, false
	}
	value, ok := reflect.StructTag(quoted).Lookup("protobuf")
	parts := strings.Split(value, ",")
	if !ok || len(parts) < 3 {
		return messageTag{}, false
	}
	tag := messageTag{wire: schema.Wire(parts[0]), repeated: parts[2] == "rep"}
	if tag.number, err = strconv.Atoi(parts[1]); err != nil || tag.number < 1 {
		return messageTag{}, false
	}
	for _, p := range parts[3:] {
		if name, ok := strings.CutPrefix(p, "name="); ok {
			tag.name = snake(name)
		}
		tag.oneof = tag.oneof || p == "oneof"
	}
	switch tag.wire {
	case schema.WireVarint, schema.WireZigzag32, schema.WireZigzag64, schema.WireFixed32, schema.WireFixed64, schema.WireBytes:
	default:
		tag.wire = ""
	}
	return tag, tag.name != ""
}

func hasMethod(t *types.Named, name string) bool {
	return types.NewMethodSet(types.NewPointer(t)).Lookup(t.Obj().Pkg(), name) != nil
}
