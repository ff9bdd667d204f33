package provider

import (
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

// A list that is an array in Go has all its elements, also where not all are stored, and
// none besides.
func TestArrays(t *testing.T) {
	floats, texts := catalog.Type{Kind: kind.Float64}, catalog.Type{Kind: kind.String}
	part := catalog.Type{Kind: kind.Struct, Name: "Part", Fields: []catalog.Field{{Name: "at", Number: 1, Type: catalog.Type{Kind: kind.List, Len: 2, Elem: &floats}}, {Name: "note", Number: 2, Type: texts, Optional: true}}}
	run := func(b []byte, v ...float64) []byte { return record.AppendFloat64s(b, 1, v) }
	text := func(b []byte, v string) []byte { return record.AppendString(b, 1, v) }
	nested := func(b, body []byte) []byte {
		b, at := record.Begin(b, 1)
		return record.End(append(b, body...), at)
	}
	for _, c := range []struct {
		name     string
		elem     *catalog.Type
		body     []byte
		want     string // "" where there are too many
		has, not []Value
	}{
		{"nothing", &floats, nil, "[0,0,0]", []Value{Float64(0)}, []Value{Float64(1), String(""), {}}},
		{"some", &floats, run(nil, 1), "[1,0,0]", []Value{Float64(0), Float64(1)}, []Value{Float64(2)}},
		{"runs", &floats, run(run(run(nil, 1), 2), 3), "[1,2,3]", []Value{Float64(3)}, []Value{Float64(0)}},
		{"all", &floats, run(nil, 1, 2, 3), "[1,2,3]", []Value{Float64(3)}, []Value{Float64(0)}},
		{"too many", &floats, run(nil, 1, 2, 3, 4), "", nil, nil},
		{"too many in runs", &floats, run(run(nil, 1, 2, 3), 4), "", nil, nil},
		{"no text", &texts, nil, `["","",""]`, []Value{String("")}, []Value{String("a")}},
		{"texts", &texts, text(text(nil, "a"), "b"), `["a","b",""]`, []Value{String(""), String("b")}, []Value{String("c")}},
		{"too many texts", &texts, text(text(text(text(nil, ""), ""), ""), ""), "", nil, nil},
		{"structs", &part, nested(nil, run(nil, 5)), `[{"at":[5,0]},{"at":[0,0]},{"at":[0,0]}]`,
			[]Value{JSON(`{"at":[0,0]}`), JSON(`{"at":[5,0]}`)}, []Value{JSON(`{"at":[5]}`), JSON(`{}`)}},
		{"too many in a struct", &part, nested(nil, run(nil, 5, 6, 7)), "", nil, nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			typ := &catalog.Type{Kind: kind.List, Len: 3, Elem: c.elem}
			var s scratch
			got, _, err := s.field(nil, c.body, 1, typ)
			if c.want == "" {
				if err == nil || !strings.Contains(err.Error(), "more elements than the") {
					t.Errorf("%s, %v", got, err)
				}
				return
			}
			if err != nil || string(got) != c.want {
				t.Errorf("%s, %v, want %s", got, err, c.want)
			}
			for _, v := range c.has {
				if !s.contains(c.body, 1, typ, v) {
					t.Errorf("%v is not in it", v)
				}
			}
			for _, v := range c.not {
				if s.contains(c.body, 1, typ, v) {
					t.Errorf("%v is in it", v)
				}
			}
		})
	}
}
