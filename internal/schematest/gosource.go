package schematest

import (
	"slices"
	"strings"

	"github.com/storegen/storegen/schema"
	"github.com/storegen/storegen/schema/diag"
	"github.com/storegen/storegen/schema/naming"
)

// FakeGo is a loader of a few Go types that do not exist.
func FakeGo(ask schema.GoAsk) *schema.GoSource {
	const model = "example.com/app/model"
	at := func(line int, name string) (diag.Pos, string) {
		return diag.Pos{File: "model.go", Line: line, Col: 6, EndCol: 6 + len(name)}, "type " + name
	}
	typ := func(path, name, zero string, form schema.GoForm) schema.GoType {
		return schema.GoType{Path: path, Package: path[strings.LastIndexByte(path, '/')+1:], Name: name, Form: form, Zero: zero, Comparable: zero != "nil"}
	}
	addr, id, tag := typ("net/netip", "Addr", "{}", schema.GoText), typ(model, "UserID", `""`, schema.GoScalar), typ(model, "Tag", `""`, schema.GoText)
	prefix := typ("net/netip", "Prefix", "{}", schema.GoText)
	addr.Order, prefix.Order = "its method Compare", "its method Compare"
	known := map[string]schema.GoDecl{
		"net/netip.Addr":   {Type: addr, Scalar: "string", Doc: "Addr is an address."},
		"net/netip.Prefix": {Type: prefix, Scalar: "string"},
		"time.Month":       {Type: schema.GoType{Path: "time", Package: "time", Name: "Month", Zero: "0", Comparable: true}, Scalar: "int64"},
		"image.Point": {Type: typ("image", "Point", "{}", schema.GoScalar), Fields: []schema.GoField{
			{Name: "x", GoName: "X", Type: "int64", Go: &schema.GoType{Name: "int", Zero: "0", Comparable: true}}, {Name: "y", GoName: "Y", Type: "int64", Go: &schema.GoType{Name: "int", Zero: "0", Comparable: true}},
		}},
		"net/url.URL":     {Type: typ("net/url", "URL", "{}", schema.GoBinary), Scalar: "bytes"},
		model + ".UserID": {Type: id, Scalar: "string", Doc: "UserID tells users apart."},
		model + ".Tag":    {Type: tag, Scalar: "string"},
		model + ".Photo":  {Type: typ(model, "Photo", "nil", schema.GoScalar), Scalar: "bytes"},
		model + ".Wait":   {Type: typ(model, "Wait", "0", schema.GoScalar), Scalar: "duration"},
		model + ".Zip": {Type: typ(model, "Zip", "{}", schema.GoScalar), Fields: []schema.GoField{
			{Name: "code", GoName: "Code", Type: "string"}, {Name: "part", GoName: "Part", Type: "int64", Go: &schema.GoType{Name: "int", Zero: "0", Comparable: true}},
		}},
		model + ".Place": {Type: typ(model, "Place", "", schema.GoScalar), Fields: []schema.GoField{
			{Name: "street", GoName: "Street", Type: "string", Doc: "Where."}, {Name: "zip", GoName: "ZIP", Type: "Zip?"}, {Name: "tags", GoName: "Tags", Type: "[]string", Go: &tag},
		}},
		model + ".User": {Type: typ(model, "User", "", schema.GoScalar), Fields: []schema.GoField{
			{Name: "id", GoName: "ID", Type: "string", Go: &id}, {Name: "name", GoName: "Name", Type: "string"}, {Name: "age", GoName: "Age", Type: "int64?", Go: &schema.GoType{Name: "int"}},
			{Name: "photo", GoName: "Photo", Type: "bytes"}, {Name: "home", GoName: "Home", Type: "Place"}, {Name: "by_tag", GoName: "ByTag", Type: "map[string]int64", Key: &tag},
			{Name: "from", GoName: "From", Type: "string?", Go: &addr},
		}},
		"log/slog.Level":   {Type: typ("log/slog", "Level", "0", schema.GoText), Scalar: "string"},
		model + ".Address": {Type: typ(model, "Address", "", schema.GoScalar), Fields: []schema.GoField{{Name: "street", GoName: "Street", Type: "string"}}},
		model + ".Account": {Type: typ(model, "Account", "", schema.GoScalar), Fields: []schema.GoField{
			{Name: "user_id", GoName: "UserID", Type: "string", Go: &id}, {Name: "email", GoName: "Email", Type: "string?"}, {Name: "role", GoName: "Role", Type: "string"},
		}},
		model + ".Node": {Type: typ(model, "Node", "", schema.GoScalar), Fields: []schema.GoField{{Name: "leaf", GoName: "Leaf", Type: "Leaf?"}}},
		model + ".Leaf": {Type: typ(model, "Leaf", "", schema.GoScalar), Fields: []schema.GoField{{Name: "node", GoName: "Node", Type: "Node?"}}},
		model + ".Bad":  {Type: typ(model, "Bad", "", schema.GoScalar), Problems: []schema.GoProblem{{Message: "Bad is bad", Help: "make it better"}}},
	}
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	for _, name := range []string{"Invoice", "Bill"} { // Bill is another version of it
		known["example.com/app/pb."+name] = fakeMessage(name)
		names = append(names, "example.com/app/pb."+name)
	}
	for _, name := range []string{"Axes", "Axles"} { // the same with other arrays
		known[model+"."+name] = fakeArrays(typ(model, name, "", schema.GoScalar))
		names = append(names, model+"."+name)
	}
	for _, name := range []string{"Wheel", "Wheels"} {
		known[model+"."+name] = schema.GoDecl{Type: typ(model, name, "", schema.GoScalar), Fields: []schema.GoField{
			{Name: "spokes", GoName: "Spokes", Type: "[]int32", Array: &schema.GoArray{Len: len(name)}},
		}}
		names = append(names, model+"."+name)
	}
	find := func(name string) *schema.GoDecl {
		d, ok := known[name]
		if !ok {
			return &schema.GoDecl{Problems: []schema.GoProblem{{Message: "there is no Go type " + name, Help: "write its name"}}}
		}
		line := slices.Index(names, name)*10 + 1
		d.For = name
		d.Pos, d.Source = at(line, d.Type.Name)
		for i := range d.Fields {
			f := &d.Fields[i]
			f.Pos, f.Source = diag.Pos{File: "model.go", Line: line + i + 1, Col: 2, EndCol: 2 + len(f.GoName)}, "\t"+f.GoName
		}
		return &d
	}
	out := &schema.GoSource{Rows: map[string]*schema.GoDecl{}, Types: map[string]*schema.GoDecl{}, Package: "example.com/app/db", Uses: map[string][]string{}}
	declared := map[string]string{}
	for _, t := range ask.Types {
		declared[t.Go] = t.Name
	}
	var nested func(d *schema.GoDecl)
	nested = func(d *schema.GoDecl) {
		for i := range d.Fields {
			name, optional := strings.CutSuffix(d.Fields[i].Type, "?")
			if !naming.Upper.MatchString(name) {
				continue
			}
			if as := declared[model+"."+name]; as != "" {
				d.Fields[i].Type = as
				if optional {
					d.Fields[i].Type += "?"
				}
				continue
			}
			if slices.ContainsFunc(out.Structs, func(s *schema.GoDecl) bool { return s.Name == name }) {
				continue
			}
			inner := find(model + "." + name)
			inner.Name, inner.For = name, d.For
			out.Structs = append(out.Structs, inner)
			nested(inner)
		}
	}
	for _, t := range ask.Types {
		d := find(t.Go)
		d.Name = t.Name
		if t.As == "scalar" {
			d.Type.Form = schema.GoScalar
		}
		out.Types[t.Name] = d
		nested(d)
	}
	for _, own := range ask.Own {
		out.Rows[own.Key()] = fakeOwn(own)
	}
	for _, name := range append(slices.Clone(ask.Rows), ask.Messages...) {
		out.Rows[name] = find(name)
		nested(out.Rows[name])
	}
	return out
}

// fakeArrays is a struct with arrays: those of Axles are longer, shorter, or slices.
func fakeArrays(typ schema.GoType) schema.GoDecl {
	field := func(name, elem string, lens ...int) schema.GoField {
		n := lens[0]
		if typ.Name == "Axles" {
			n = lens[1]
		}
		f := schema.GoField{Name: name, GoName: strings.ToUpper(name[:1]) + name[1:], Type: "[]" + elem}
		if n > 0 {
			f.Array = &schema.GoArray{Len: n}
		}
		return f
	}
	out := schema.GoDecl{Type: typ, Fields: []schema.GoField{
		{Name: "id", GoName: "ID", Type: "string"}, field("longer", "float64", 3, 4), field("shorter", "string", 3, 2),
		field("bounded", "int64", 0, 5), field("free", "int32", 2, 0), field("same", "bool", 3, 3),
	}}
	if typ.Name == "Axles" {
		out.Fields = append(out.Fields, field("states", "State", 0, 2), field("list", "State", 0, 0))
	}
	return out
}

// fakeMessage is a protobuf message: Bill has a field with another number than Invoice,
// one in another form, one that was renamed, and one that is new in the place of another.
func fakeMessage(name string) schema.GoDecl {
	typ := schema.GoType{Path: "example.com/app/pb", Package: "pb", Name: name}
	bill := name == "Bill"
	field := func(name, typ string, number int, wire schema.Wire) schema.GoField {
		goName := naming.GoName(name)
		return schema.GoField{Name: name, GoName: goName, Type: typ, From: &schema.FieldSource{GoName: goName, Number: number, Wire: wire, Pointer: strings.HasSuffix(typ, "?")}}
	}
	fields := []schema.GoField{field("id", "string", 1, schema.WireBytes), field("hash", "bytes", 2, schema.WireBytes), field("paid_at", "timestamp?", 4, schema.WireTime)}
	if bill {
		fields = append(fields, field("sum", "int64", 3, schema.WireVarint), field("balance", "int64", 5, schema.WireZigzag64), field("tags", "[]string", 7, schema.WireBytes))
	} else {
		fields = append(fields, field("total", "int64", 3, schema.WireVarint), field("balance", "int64", 5, schema.WireVarint), field("labels", "[]string", 6, schema.WireBytes))
	}
	return schema.GoDecl{
		Type: typ, Fields: fields, Codec: &schema.Codec{Type: typ},
		Left: map[string]schema.GoProblem{"address": {Pos: diag.Pos{File: "invoice.pb.go", Line: 9, Col: 2, EndCol: 9}, Source: "\tAddress *Address",
			Message: "is a message, a group or a map, which no column is", Help: "take another field; this one is stored and read with the message"}},
	}
}

// fakeOwn is a type that makes its bytes itself, and gives strings.
func fakeOwn(own schema.GoOwn) *schema.GoDecl {
	dot := strings.LastIndexByte(own.Go, '.')
	typ := schema.GoType{Path: own.Go[:dot], Package: own.Go[strings.LastIndexByte(own.Go, '/')+1 : dot], Name: own.Go[dot+1:]}
	d := &schema.GoDecl{Type: typ, For: own.Go, Codec: &schema.Codec{Type: typ, Marshal: "MarshalBinary", Unmarshal: "UnmarshalBinary", Own: true}}
	for i, g := range own.Gets {
		d.Fields = append(d.Fields, schema.GoField{
			Name: g.Column, GoName: g.Get, Type: "string", From: &schema.FieldSource{GoName: g.Get, Call: schema.CallMethod},
			Pos: diag.Pos{File: "own.go", Line: i + 1, Col: 6, EndCol: 6 + len(g.Get)}, Source: "func " + g.Get + "() string",
		})
	}
	return d
}
