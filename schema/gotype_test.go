package schema

import (
	"encoding/json"
	"fmt"
	"github.com/google/go-cmp/cmp"
	"slices"
	"strings"
	"testing"
)

// fakeGo is a loader of Go types that are nowhere: those below, and none besides.
func fakeGo(ask GoAsk) *GoSource {
	const model = "example.com/app/model"
	at := func(line int, name string) (Pos, string) {
		return Pos{File: "model.go", Line: line, Col: 6, EndCol: 6 + len(name)}, "type " + name
	}
	typ := func(path, name, zero string, form GoForm) GoType {
		return GoType{Path: path, Package: path[strings.LastIndexByte(path, '/')+1:], Name: name, Form: form, Zero: zero, Comparable: zero != "nil"}
	}
	addr, id, tag := typ("net/netip", "Addr", "{}", GoText), typ(model, "UserID", `""`, GoScalar), typ(model, "Tag", `""`, GoText)
	known := map[string]GoDecl{
		"net/netip.Addr":   {Type: addr, Scalar: "string", Doc: "Addr is an address."},
		"net/netip.Prefix": {Type: typ("net/netip", "Prefix", "{}", GoText), Scalar: "string"},
		"time.Month":       {Type: GoType{Path: "time", Package: "time", Name: "Month", Zero: "0", Comparable: true}, Scalar: "int64"},
		"image.Point": {Type: typ("image", "Point", "{}", GoScalar), Fields: []GoField{
			{Name: "x", GoName: "X", Type: "int64", Go: &GoType{Name: "int", Zero: "0", Comparable: true}}, {Name: "y", GoName: "Y", Type: "int64", Go: &GoType{Name: "int", Zero: "0", Comparable: true}},
		}},
		"net/url.URL":     {Type: typ("net/url", "URL", "{}", GoBinary), Scalar: "bytes"},
		model + ".UserID": {Type: id, Scalar: "string", Doc: "UserID tells users apart."},
		model + ".Tag":    {Type: tag, Scalar: "string"},
		model + ".Photo":  {Type: typ(model, "Photo", "nil", GoScalar), Scalar: "bytes"},
		model + ".Wait":   {Type: typ(model, "Wait", "0", GoScalar), Scalar: "duration"},
		model + ".Zip": {Type: typ(model, "Zip", "{}", GoScalar), Fields: []GoField{
			{Name: "code", GoName: "Code", Type: "string"}, {Name: "part", GoName: "Part", Type: "int64", Go: &GoType{Name: "int", Zero: "0", Comparable: true}},
		}},
		model + ".Place": {Type: typ(model, "Place", "", GoScalar), Fields: []GoField{
			{Name: "street", GoName: "Street", Type: "string", Doc: "Where."}, {Name: "zip", GoName: "ZIP", Type: "Zip?"}, {Name: "tags", GoName: "Tags", Type: "[]string", Go: &tag},
		}},
		model + ".User": {Type: typ(model, "User", "", GoScalar), Fields: []GoField{
			{Name: "id", GoName: "ID", Type: "string", Go: &id}, {Name: "name", GoName: "Name", Type: "string"}, {Name: "age", GoName: "Age", Type: "int64?", Go: &GoType{Name: "int"}},
			{Name: "photo", GoName: "Photo", Type: "bytes"}, {Name: "home", GoName: "Home", Type: "Place"}, {Name: "by_tag", GoName: "ByTag", Type: "map[string]int64", Key: &tag},
			{Name: "from", GoName: "From", Type: "string?", Go: &addr},
		}},
		"log/slog.Level":   {Type: typ("log/slog", "Level", "0", GoText), Scalar: "string"},
		model + ".Address": {Type: typ(model, "Address", "", GoScalar), Fields: []GoField{{Name: "street", GoName: "Street", Type: "string"}}},
		model + ".Account": {Type: typ(model, "Account", "", GoScalar), Fields: []GoField{
			{Name: "user_id", GoName: "UserID", Type: "string", Go: &id}, {Name: "email", GoName: "Email", Type: "string?"}, {Name: "role", GoName: "Role", Type: "string"},
		}},
		model + ".Node": {Type: typ(model, "Node", "", GoScalar), Fields: []GoField{{Name: "leaf", GoName: "Leaf", Type: "Leaf?"}}},
		model + ".Leaf": {Type: typ(model, "Leaf", "", GoScalar), Fields: []GoField{{Name: "node", GoName: "Node", Type: "Node?"}}},
		model + ".Bad":  {Type: typ(model, "Bad", "", GoScalar), Problems: []GoProblem{{Message: "Bad is bad", Mend: "make it better"}}},
	}
	names := make([]string, 0, len(known))
	for name := range known {
		names = append(names, name)
	}
	slices.Sort(names)
	find := func(name string) *GoDecl {
		d, ok := known[name]
		if !ok {
			return &GoDecl{Problems: []GoProblem{{Message: "there is no Go type " + name, Mend: "write its name"}}}
		}
		line := slices.Index(names, name)*10 + 1
		d.For = name
		d.Pos, d.Source = at(line, d.Type.Name)
		for i := range d.Fields {
			f := &d.Fields[i]
			f.Pos, f.Source = Pos{File: "model.go", Line: line + i + 1, Col: 2, EndCol: 2 + len(f.GoName)}, "\t"+f.GoName
		}
		return &d
	}
	out := &GoSource{Rows: map[string]*GoDecl{}, Types: map[string]*GoDecl{}, Base: "example.com/app/db", Uses: map[string][]string{}}
	declared := map[string]string{}
	for _, t := range ask.Types {
		declared[t.Go] = t.Name
	}
	var nested func(d *GoDecl)
	nested = func(d *GoDecl) {
		for i := range d.Fields {
			name, optional := strings.CutSuffix(d.Fields[i].Type, "?")
			if !upperName.MatchString(name) {
				continue
			}
			if as := declared[model+"."+name]; as != "" {
				d.Fields[i].Type = as
				if optional {
					d.Fields[i].Type += "?"
				}
				continue
			}
			if slices.ContainsFunc(out.Structs, func(s *GoDecl) bool { return s.Name == name }) {
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
			d.Type.Form = GoScalar
		}
		out.Types[t.Name] = d
		nested(d)
	}
	for _, name := range ask.Rows {
		out.Rows[name] = find(name)
		nested(out.Rows[name])
	}
	return out
}

// Types and rows that are in Go already, with all that can be said of them.
func TestGoTypes(t *testing.T) {
	sources := readSources(newReporter(), "testdata/gotypes")
	set, err := ParseGo(sources, nil, fakeGo)
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "gotypes/set.txt", dump(set)+"\n"+string(set.Lock.Format()))
	again, err := ParseGo(sources, &Source{Name: "storegen.lock", Data: set.Lock.Format()}, fakeGo)
	if err != nil {
		t.Fatal(err)
	}
	if want, got := dump(set), dump(again); want != got {
		t.Errorf("with its own lock:\n%s\nwithout one:\n%s", got, want)
	}
}

// What cannot be done with types that are in Go already.
func TestGoMistakes(t *testing.T) {
	_, err := ParseGo(readSources(newReporter(), "testdata/gomistakes"), nil, fakeGo)
	ds, ok := err.(Diagnostics)
	if !ok {
		t.Fatalf("%v, want Diagnostics", err)
	}
	checkPlaces(t, ds)
	golden(t, "gomistakes/want.txt", ds.Error()+"\n")
	data, err := json.MarshalIndent(ds, "", "  ")
	if err != nil {
		t.Fatal(err)
	}
	golden(t, "gomistakes/want.json", string(data)+"\n")
}

// A package that imports what would import it is found before Go says so.
func TestGoCycles(t *testing.T) {
	files := []Source{
		{Name: "types.yaml", Data: []byte("types:\n  Home: {go: example.com/app/model.Place}\n  Both: {struct: {a: string, home: \"[]Home\"}}\n")},
		{Name: "users.yaml", Data: []byte("table: app.users\naccess: public\nrow: {go: example.com/app/model.User}\nkey: id\n")},
		{Name: "moves.yaml", Data: []byte("table: moves\naccess: public\nkey: id\nfields: {id: string, to: Home}\n")},
	}
	for uses, want := range map[string]int{"": 0, "models": 1, "app/users": 1, "moves": 1, "other": 0} {
		_, err := ParseGo(files, nil, func(ask GoAsk) *GoSource {
			s := fakeGo(ask)
			s.Uses["example.com/app/model"] = []string{s.Base + "/" + uses}
			return s
		})
		ds, _ := err.(Diagnostics)
		if len(ds) != want || want > 0 && ds[0].Rule != ruleGoType {
			t.Errorf("%q: %v", uses, err)
		}
	}
}

// An index over what is stored as text is told of, and is no mistake.
func TestTextOrder(t *testing.T) {
	files := []Source{
		{Name: "types.yaml", Data: []byte("types:\n  Addr: {go: net/netip.Addr}\n  ID: {go: example.com/app/model.UserID}\n")},
		{Name: "t.yaml", Data: []byte("table: t\naccess: public\nkey: id\nfields: {id: ID, addr: Addr, more: \"[]Addr\", s: string}\nindexes: {a: [s, addr], m: each more, s: s}\n")},
	}
	set, err := ParseGo(files, nil, fakeGo)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, d := range set.Warnings {
		got = append(got, fmt.Sprintf("%s:%d:%d %s: %s", d.File, d.Line, d.Col, d.Rule, d.Message))
	}
	want := []string{
		"t.yaml:5:18 text-order: addr is indexed by the text of net/netip.Addr, and texts are in the order of their bytes: 10 comes before 9",
		"t.yaml:5:28 text-order: more is indexed by the text of net/netip.Addr, and texts are in the order of their bytes: 10 comes before 9",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
