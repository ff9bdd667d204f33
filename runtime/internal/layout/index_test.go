package layout

import (
	"testing"

	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/record"
)

func TestIndexedFields(t *testing.T) {
	text := func(num int) catalog.Field {
		return catalog.Field{Number: num, Type: catalog.Type{Kind: kind.String}}
	}
	of := func(num int, k kind.Kind) catalog.Field {
		return catalog.Field{Number: num, Type: catalog.Type{Kind: k}}
	}
	list := catalog.Field{Number: 9, Type: catalog.Type{Kind: kind.List, Elem: &catalog.Type{Kind: kind.String}}}
	on := func(fields ...int) (cols []catalog.Column) {
		for _, f := range fields {
			cols = append(cols, catalog.Column{Field: f})
		}
		return cols
	}
	both := &catalog.Expr{Op: catalog.And, Args: []catalog.Expr{{Op: catalog.Has, Field: 1}, {Op: catalog.True, Field: 2}}}
	for _, c := range []struct {
		name    string
		fields  []catalog.Field
		index   catalog.Index
		want    []int // numbers
		pointed bool
	}{
		{"columns", []catalog.Field{text(1), text(2), text(3)}, catalog.Index{Columns: on(0, 2)}, []int{1, 3}, false},
		{"included", []catalog.Field{text(1), text(2)}, catalog.Index{Columns: on(0), Include: []int{1}}, []int{1, 2}, false},
		{"conditions", []catalog.Field{text(1), text(2), of(3, kind.Bool)}, catalog.Index{Columns: on(0), Where: both}, []int{1, 2, 3}, false},
		{"a large number", []catalog.Field{text(1), text(80)}, catalog.Index{Columns: on(1)}, []int{80}, false},
		{"bytes", []catalog.Field{text(1), of(2, kind.Bytes)}, catalog.Index{Columns: on(1)}, []int{2}, true},
		{"bytes that are not indexed", []catalog.Field{text(1), of(2, kind.Bytes)}, catalog.Index{Columns: on(0)}, []int{1}, false},
		{"JSON", []catalog.Field{text(1), of(2, kind.JSON)}, catalog.Index{Columns: on(0), Include: []int{1}}, []int{1, 2}, true},
		{"elements", []catalog.Field{text(1), list}, catalog.Index{Columns: on(1)}, []int{9}, true},
	} {
		desc := &catalog.Table{Fields: c.fields, Indexes: []catalog.Index{c.index}}
		var want record.Fields
		for _, num := range c.want {
			want.Add(num)
		}
		if got := IndexedFields(desc); got != want {
			t.Errorf("%s: the indexed fields are %b, want %b", c.name, got, want)
		}
		if got := Pointed(desc); got != c.pointed {
			t.Errorf("%s: Pointed is %v, want %v", c.name, got, c.pointed)
		}
	}
}
