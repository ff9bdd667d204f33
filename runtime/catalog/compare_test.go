package catalog_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/kind"
)

// base is a table that uses every part of a description.
func base() *catalog.Table {
	return &catalog.Table{
		Name: "app.things", Number: 3, Doc: "Things.", Row: "Thing", Access: access.Public,
		Fields: []catalog.Field{
			{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.String, Name: "ThingID"}},
			{Name: "kind", Number: 2, Type: catalog.Type{Kind: kind.Enum, Name: "Kind", Params: kind.Params{Values: []kind.EnumValue{{Name: "a", Number: 1}}}}},
			{Name: "tags", Number: 3, Type: catalog.Type{Kind: kind.List, Elem: &catalog.Type{Kind: kind.String}}},
			{Name: "made", Number: 4, Type: catalog.Type{Kind: kind.Timestamp}, Optional: true},
			{Name: "size", Number: 5, Type: catalog.Type{Kind: kind.Struct, Fields: []catalog.Field{{Name: "w", Number: 1, Type: catalog.Type{Kind: kind.Int32}}}}},
			{Name: "more", Number: 6, Type: catalog.Type{Kind: kind.Map, Elem: &catalog.Type{Kind: kind.Int64}}},
		},
		Key: []int{0}, KeyType: "ThingID",
		Indexes: []catalog.Index{
			{Name: "kind", Number: 1, Columns: []catalog.Column{{Field: 1}, {Field: 3, Options: catalog.Options{Desc: true}}}, Include: []int{4}},
			{Name: "tag", Number: 2, Columns: []catalog.Column{{Field: 2, Options: catalog.Options{Each: true, Fold: true}}}, Unique: true,
				Where: &catalog.Expr{Op: catalog.Eq, Args: []catalog.Expr{{Op: catalog.FieldOf, Field: 1}, {Op: catalog.Lit, Lit: "1"}}}},
		},
		TTL: &catalog.TTL{From: 3, Keep: time.Hour},
		Per: []catalog.Field{{Name: "app", Type: catalog.Type{Kind: kind.String}}},
	}
}

func TestCompare(t *testing.T) {
	for _, c := range []struct {
		name   string
		change func(code *catalog.Table)
		want   []string // both sides as text; "rebuild: " where indexes alone differ
	}{
		{"nothing", func(*catalog.Table) {}, nil},
		{"documentation, names and limits", func(c *catalog.Table) {
			c.Doc, c.Row, c.KeyType, c.Access = "Other.", "Other", "Other", access.Private
			c.Fields[1].Name, c.Fields[1].Was = "sort", []string{"kind"}
			c.Fields[1].Hidden, c.Fields[2].Optional = true, false
			c.Indexes[0].Name, c.Indexes[0].Doc = "sort", "Sorted."
		}, nil},
		{"a new value of an enum", func(c *catalog.Table) {
			c.Fields[1].Type.Values = append(c.Fields[1].Type.Values, catalog.EnumValue{Name: "b", Number: 2})
		}, nil},
		{"a new field", func(c *catalog.Table) {
			c.Fields = append(c.Fields, catalog.Field{Name: "x", Number: 9, Type: catalog.Type{Kind: kind.Bool}})
		}, nil},
		{"other keys of a map", func(c *catalog.Table) { c.Fields[5].Type.MapKey = &catalog.Type{Kind: kind.Uint64} },
			[]string{"field more: the database has map[string]int64, the code has map[uint64]int64"}},
		{"named keys of a map", func(c *catalog.Table) { c.Fields[5].Type.MapKey = &catalog.Type{Kind: kind.String, Max: 9} }, nil},
		{"a field gone", func(c *catalog.Table) { c.Fields = c.Fields[:5] }, nil},
		{"fields in another order", func(c *catalog.Table) {
			c.Fields[1], c.Fields[3] = c.Fields[3], c.Fields[1]
			c.Indexes[0].Columns[0].Field, c.Indexes[0].Columns[1].Field = 3, 1
			c.Indexes[1].Where.Args[0].Field, c.TTL.From = 3, 1
		}, nil},
		{"another time to live", func(c *catalog.Table) { c.TTL.Keep = time.Minute }, nil},
		{"type of a field", func(c *catalog.Table) { c.Fields[3].Type.Kind = kind.Int64 }, []string{
			"field made: the database has timestamp, the code has int64",
			"rebuild: index kind: the database has (kind:enum, made:timestamp? desc) include (size:struct), the code has (kind:enum, made:int64? desc) include (size:struct)"}},
		{"type of a list's elements", func(c *catalog.Table) { c.Fields[2].Type.Elem = &catalog.Type{Kind: kind.Bytes} }, []string{
			"field tags: the database has []string, the code has []bytes",
			`rebuild: index tag: the database has unique (each fold tags:[]string) where ==(field(kind), "1"), the code has unique (each fold tags:[]bytes) where ==(field(kind), "1")`}},
		{"type of a map's values", func(c *catalog.Table) { c.Fields[5].Type.Elem = &catalog.Type{Kind: kind.String} }, []string{
			"field more: the database has map[string]int64, the code has map[string]string"}},
		{"a struct's new field", func(c *catalog.Table) {
			c.Fields[4].Type.Fields = append(c.Fields[4].Type.Fields, catalog.Field{Name: "h", Number: 2, Type: catalog.Type{Kind: kind.Int32}})
		}, nil},
		{"type of a struct's field", func(c *catalog.Table) {
			c.Fields[4].Type.Fields = []catalog.Field{{Name: "w", Number: 1, Type: catalog.Type{Kind: kind.String}}}
		}, []string{
			"field size: the database has {1:int32}, the code has {1:string}"}},
		{"an indexed field no longer optional", func(c *catalog.Table) { c.Fields[3].Optional = false }, []string{
			"rebuild: index kind: the database has (kind:enum, made:timestamp? desc) include (size:struct), the code has (kind:enum, made:timestamp desc) include (size:struct)"}},
		{"key", func(c *catalog.Table) { c.Key = []int{0, 3} }, []string{
			"key: the database has (1:string), the code has (1:string, 4:timestamp)"}},
		{"family", func(c *catalog.Table) { c.Per = nil }, []string{"family: the database has 0:string, the code has nothing"}},
		{"an index gone", func(c *catalog.Table) { c.Indexes = c.Indexes[:1] }, []string{
			`rebuild: index tag: the database has unique (each fold tags:[]string) where ==(field(kind), "1"), the code has nothing`}},
		{"a new index", func(c *catalog.Table) {
			c.Indexes = append(c.Indexes, catalog.Index{Name: "made", Number: 7, Columns: []catalog.Column{{Field: 3}}})
		}, []string{"rebuild: index made: the database has nothing, the code has (made:timestamp?)"}},
		{"an index no longer unique", func(c *catalog.Table) { c.Indexes[1].Unique = false }, []string{
			`rebuild: index tag: the database has unique (each fold tags:[]string) where ==(field(kind), "1"), the code has (each fold tags:[]string) where ==(field(kind), "1")`}},
		{"direction", func(c *catalog.Table) { c.Indexes[0].Columns[1].Desc = false }, []string{
			"rebuild: index kind: the database has (kind:enum, made:timestamp? desc) include (size:struct), the code has (kind:enum, made:timestamp?) include (size:struct)"}},
		{"condition", func(c *catalog.Table) {
			c.Indexes[1].Where = &catalog.Expr{Op: catalog.Or, Args: []catalog.Expr{*c.Indexes[1].Where, {Op: catalog.Has, Field: 3}}}
		}, []string{
			`rebuild: index tag: the database has unique (each fold tags:[]string) where ==(field(kind), "1"), the code has unique (each fold tags:[]string) where or(==(field(kind), "1"), has(made?))`}},
		{"included fields", func(c *catalog.Table) { c.Indexes[0].Include = nil }, []string{
			"rebuild: index kind: the database has (kind:enum, made:timestamp? desc) include (size:struct), the code has (kind:enum, made:timestamp? desc)"}},
		{"an index over a new field of an old name", func(c *catalog.Table) { c.Fields[3].Number = 14 }, []string{
			"rebuild: index kind: the database has (2:enum, 4:timestamp? desc) include (5:struct), the code has (2:enum, 14:timestamp? desc) include (5:struct)"}},
		{"another number", func(c *catalog.Table) { c.Number = 4 }, []string{
			"named: table: the database has number 3 under this name, the code has number 4"}},
		{"a field's number with another name", func(c *catalog.Table) { c.Fields[1].Name = "sort" }, []string{
			"named: field 2: the database has kind, the code has sort"}},
		{"fields that changed places", func(c *catalog.Table) {
			c.Fields[3].Name, c.Fields[1].Name = c.Fields[1].Name, c.Fields[3].Name
		}, []string{
			"named: field 2: the database has kind, the code has made", "named: field 4: the database has made, the code has kind"}},
		{"a field that a newer program renamed", func(c *catalog.Table) {
			c.Fields[1].Name, c.Fields[1].Was = "sort", []string{"sorting", "kind"}
		}, nil},
		{"another enum", func(c *catalog.Table) { c.Fields[1].Type.Values = []catalog.EnumValue{{Name: "b", Number: 1}} }, []string{
			"named: field kind, value 1: the database has a, the code has b"}},
		{"a renamed value of an enum", func(c *catalog.Table) {
			c.Fields[1].Type.Values = []catalog.EnumValue{{Name: "b", Number: 1, Was: []string{"a"}}}
		}, nil},
		{"another struct", func(c *catalog.Table) { c.Fields[4].Type.Fields[0].Name = "x" }, []string{
			"named: field size.1: the database has w, the code has x"}},
		{"another parameter of a family", func(c *catalog.Table) { c.Per[0].Name = "user" }, []string{
			"named: parameter 1: the database has app, the code has user"}},
		{"a renamed parameter of a family", func(c *catalog.Table) { c.Per[0].Name, c.Per[0].Was = "user", []string{"app"} }, nil},
		{"a list that is an array now", func(c *catalog.Table) { c.Fields[2].Type.Len = 3 }, []string{
			`rebuild: index tag: the database has unique (each fold tags:[]string) where ==(field(kind), "1"), the code has unique (each fold tags:[3]string) where ==(field(kind), "1")`}},
		{"an array in a struct that an index includes", func(c *catalog.Table) {
			c.Fields[4].Type.Fields = append(c.Fields[4].Type.Fields, catalog.Field{Name: "h", Number: 2, Type: catalog.Type{Kind: kind.List, Len: 2, Elem: &catalog.Type{Kind: kind.Int32}}})
		}, []string{
			"rebuild: index kind: the database has (kind:enum, made:timestamp? desc) include (size:struct), the code has (kind:enum, made:timestamp? desc) include (size:struct{2:[2]})"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code := base()
			c.change(code)
			var got []string
			for _, d := range catalog.Compare(base(), code) {
				text := d.String()
				switch {
				case d.Rebuild:
					text = "rebuild: " + text
				case d.Named:
					text = "named: " + text
				}
				got = append(got, text)
			}
			if diff := cmp.Diff(c.want, got); diff != "" {
				t.Errorf("(-want +got)\n%s", diff)
			}
			if back := catalog.Compare(code, base()); len(back) != len(got) {
				t.Errorf("the other way round there are %d differences, not %d", len(back), len(got))
			}
		})
	}
}

// A struct that has no place for what it does not know loses it.
func TestCompareSealed(t *testing.T) {
	sealed := func(fields ...catalog.Field) *catalog.Table {
		b := base()
		b.Fields[4].Type.Sealed, b.Fields[4].Type.Fields = true, fields
		return b
	}
	got := catalog.Compare(base(), sealed())
	want := []catalog.Difference{{What: "field size.w", Stored: "int32", Lossy: true}}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
	if got := catalog.Compare(base(), sealed(base().Fields[4].Type.Fields...)); got != nil {
		t.Errorf("with all fields: %v", got)
	}
	if merged := catalog.Merge(base(), sealed()); len(merged.Fields[4].Type.Fields) != 0 {
		t.Errorf("what is lost is still described: %v", merged.Fields[4].Type)
	}
}

// What is stored of a table says all that any program has said of it.
func TestMerge(t *testing.T) {
	x := catalog.Field{Name: "x", Number: 9, Type: catalog.Type{Kind: kind.Bool}}
	h := catalog.Field{Name: "h", Number: 2, Type: catalog.Type{Kind: kind.Int32}}
	change := func(f func(b *catalog.Table)) *catalog.Table {
		b := base()
		f(b)
		return b
	}
	lastTo := func(name string, was ...string) *catalog.Table {
		return change(func(b *catalog.Table) { b.Fields[5].Name, b.Fields[5].Was = name, was })
	}
	for _, c := range []struct {
		name               string
		stored, code, want *catalog.Table
	}{
		{"itself", base(), base(), base()},
		{"the code has a field more", base(), change(func(b *catalog.Table) { b.Fields = append(b.Fields, x) }),
			change(func(b *catalog.Table) { b.Fields = append(b.Fields, x) })},
		{"the code has one less and one more", base(), change(func(b *catalog.Table) { b.Fields[5] = x }),
			change(func(b *catalog.Table) { b.Fields = append(b.Fields[:5:5], x, b.Fields[5]) })},
		{"a struct has a field less", change(func(b *catalog.Table) { b.Fields[4].Type.Fields = append(b.Fields[4].Type.Fields, h) }), base(),
			change(func(b *catalog.Table) { b.Fields[4].Type.Fields = append(b.Fields[4].Type.Fields, h) })},
		{"an enum has a value less", base(), change(func(b *catalog.Table) { b.Fields[1].Type.Values = []catalog.EnumValue{{Name: "b", Number: 2}} }),
			change(func(b *catalog.Table) {
				b.Fields[1].Type.Values = []catalog.EnumValue{{Name: "b", Number: 2}, {Name: "a", Number: 1}}
			})},
		{"expiry comes although a field goes", change(func(b *catalog.Table) { b.TTL = nil }), change(func(b *catalog.Table) { b.Fields = b.Fields[:5] }), base()},
		{"a rename", base(), lastTo("rest", "more"), lastTo("rest", "more")},
		{"back to the program before the rename", lastTo("rest", "more"), base(), lastTo("rest", "more")},
		{"a second rename", lastTo("rest", "more"), lastTo("left", "rest"), lastTo("left", "rest", "more")},
	} {
		if diff := cmp.Diff(c.want, catalog.Merge(c.stored, c.code)); diff != "" {
			t.Errorf("%s (-want +got):\n%s", c.name, diff)
		}
		if diffs := catalog.Compare(c.want, c.code); len(diffs) > 0 {
			t.Errorf("%s: what was merged does not fit the code: %v", c.name, diffs)
		}
		if diff := cmp.Diff(c.want, catalog.Merge(c.want, c.code)); diff != "" {
			t.Errorf("%s, merged again (-want +got):\n%s", c.name, diff)
		}
	}
}

// A description survives the JSON in which a database keeps it.
func TestJSON(t *testing.T) {
	b, err := json.Marshal(base())
	if err != nil {
		t.Fatal(err)
	}
	var back catalog.Table
	if err := json.Unmarshal(b, &back); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(base(), &back); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}

func TestLookUp(t *testing.T) {
	b := base()
	if got := []int{b.FieldNamed("made"), b.FieldNamed("none")}; got[0] != 3 || got[1] != -1 {
		t.Errorf("fields are at %v", got)
	}
	if !b.IsKey(0) || b.IsKey(1) {
		t.Error("IsKey is wrong")
	}
	if b.IndexNumbered(2) != &b.Indexes[1] || b.IndexNumbered(5) != nil {
		t.Error("IndexNumbered is wrong")
	}
}

// An array may become longer, or a slice; stored rows do not fit a shorter one.
func TestCompareArrays(t *testing.T) {
	table := func(n int) *catalog.Table {
		axes := catalog.Field{Name: "axes", Number: 2, Type: catalog.Type{Kind: kind.List, Len: n, Elem: &catalog.Type{Kind: kind.Float64}}}
		return &catalog.Table{Name: "things", Number: 1, Key: []int{0}, Fields: []catalog.Field{
			{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.String}}, axes,
			{Name: "parts", Number: 3, Type: catalog.Type{Kind: kind.List, Elem: &catalog.Type{Kind: kind.Struct, Name: "Part", Fields: []catalog.Field{axes}}}},
		}, Indexes: []catalog.Index{{Name: "id", Number: 1, Columns: []catalog.Column{{Options: catalog.Options{Desc: true}}}, Include: []int{2},
			Where: &catalog.Expr{Op: catalog.Has, Field: 1}}}}
	}
	for _, c := range []struct {
		stored, code int
		want         []string
	}{
		{3, 3, nil},
		{3, 4, []string{"index id: the database has (id:string desc) where has(axes[3]) include (parts:[]struct{2:[3]}), the code has (id:string desc) where has(axes[4]) include (parts:[]struct{2:[4]})"}},
		{3, 0, []string{"index id: the database has (id:string desc) where has(axes[3]) include (parts:[]struct{2:[3]}), the code has (id:string desc) where has(axes) include (parts:[]struct)"}},
		{4, 3, []string{
			"field axes: the database has [4]float64, the code has [3]float64",
			"field parts: the database has []{2:[4]float64}, the code has []{2:[3]float64}",
			"index id: the database has (id:string desc) where has(axes[4]) include (parts:[]struct{2:[4]}), the code has (id:string desc) where has(axes[3]) include (parts:[]struct{2:[3]})",
		}},
	} {
		var got []string
		for _, d := range catalog.Compare(table(c.stored), table(c.code)) {
			got = append(got, d.String())
			if fields := d.What != "index id"; d.Refused() != fields {
				t.Errorf("%d to %d: %s is refused: %v", c.stored, c.code, d, d.Refused())
			}
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%d to %d (-want +got):\n%s", c.stored, c.code, diff)
		}
	}
}
