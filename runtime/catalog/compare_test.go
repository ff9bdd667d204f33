package catalog_test

import (
	"encoding/json"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
)

// base is a table that uses every part of a description.
func base() *catalog.Table {
	return &catalog.Table{
		Name: "app.things", Number: 3, Doc: "Things.", Row: "Thing", Access: access.Public,
		Fields: []catalog.Field{
			{Name: "id", Number: 1, Type: catalog.Type{Kind: catalog.String, Name: "ThingID"}},
			{Name: "kind", Number: 2, Type: catalog.Type{Kind: catalog.Enum, Name: "Kind", Values: []catalog.EnumValue{{Name: "a", Number: 1}}}},
			{Name: "tags", Number: 3, Type: catalog.Type{Kind: catalog.List, Elem: &catalog.Type{Kind: catalog.String}}},
			{Name: "made", Number: 4, Type: catalog.Type{Kind: catalog.Timestamp}, Optional: true},
			{Name: "size", Number: 5, Type: catalog.Type{Kind: catalog.Struct, Fields: []catalog.Field{{Name: "w", Number: 1, Type: catalog.Type{Kind: catalog.Int32}}}}},
			{Name: "more", Number: 6, Type: catalog.Type{Kind: catalog.Map, Elem: &catalog.Type{Kind: catalog.Int64}}},
		},
		Key: []int{0}, KeyType: "ThingID",
		Indexes: []catalog.Index{
			{Name: "kind", Number: 1, Columns: []catalog.Column{{Field: 1}, {Field: 3, Desc: true}}, Include: []int{4}},
			{Name: "tag", Number: 2, Columns: []catalog.Column{{Field: 2, Each: true, Fold: true}}, Unique: true,
				Where: &catalog.Expr{Op: "==", Args: []catalog.Expr{{Op: "field", Field: 1}, {Op: "lit", Lit: "1"}}}},
		},
		TTL: &catalog.TTL{From: 3, Keep: time.Hour},
		Per: []catalog.Field{{Name: "app", Type: catalog.Type{Kind: catalog.String}}},
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
			c.Fields[1].Name, c.Fields[1].Hidden, c.Fields[2].Optional = "sort", true, false
			c.Indexes[0].Name, c.Indexes[0].Doc = "sort", "Sorted."
		}, nil},
		{"a new value of an enum", func(c *catalog.Table) {
			c.Fields[1].Type.Values = append(c.Fields[1].Type.Values, catalog.EnumValue{Name: "b", Number: 2})
		}, nil},
		{"a new field", func(c *catalog.Table) {
			c.Fields = append(c.Fields, catalog.Field{Name: "x", Number: 9, Type: catalog.Type{Kind: catalog.Bool}})
		}, nil},
		{"a field gone", func(c *catalog.Table) { c.Fields = c.Fields[:5] }, nil},
		{"fields in another order", func(c *catalog.Table) {
			c.Fields[1], c.Fields[3] = c.Fields[3], c.Fields[1]
			c.Indexes[0].Columns[0].Field, c.Indexes[0].Columns[1].Field = 3, 1
			c.Indexes[1].Where.Args[0].Field, c.TTL.From = 3, 1
		}, nil},
		{"another time to live", func(c *catalog.Table) { c.TTL.Keep = time.Minute }, nil},
		{"type of a field", func(c *catalog.Table) { c.Fields[3].Type.Kind = catalog.Int64 }, []string{
			"field made: the database has timestamp, the code has int64",
			"rebuild: index kind: the database has (2:enum, 4:timestamp? desc) include (5:struct), the code has (2:enum, 4:int64? desc) include (5:struct)"}},
		{"type of a list's elements", func(c *catalog.Table) { c.Fields[2].Type.Elem = &catalog.Type{Kind: catalog.Bytes} }, []string{
			"field tags: the database has []string, the code has []bytes",
			`rebuild: index tag: the database has unique (each fold 3:[]string) where ==(field(2), "1"), the code has unique (each fold 3:[]bytes) where ==(field(2), "1")`}},
		{"type of a map's values", func(c *catalog.Table) { c.Fields[5].Type.Elem = &catalog.Type{Kind: catalog.String} }, []string{
			"field more: the database has map[string]int64, the code has map[string]string"}},
		{"a struct's new field", func(c *catalog.Table) {
			c.Fields[4].Type.Fields = append(c.Fields[4].Type.Fields, catalog.Field{Name: "h", Number: 2, Type: catalog.Type{Kind: catalog.Int32}})
		}, nil},
		{"type of a struct's field", func(c *catalog.Table) {
			c.Fields[4].Type.Fields = []catalog.Field{{Name: "w", Number: 1, Type: catalog.Type{Kind: catalog.String}}}
		}, []string{
			"field size: the database has {1:int32}, the code has {1:string}"}},
		{"an indexed field no longer optional", func(c *catalog.Table) { c.Fields[3].Optional = false }, []string{
			"rebuild: index kind: the database has (2:enum, 4:timestamp? desc) include (5:struct), the code has (2:enum, 4:timestamp desc) include (5:struct)"}},
		{"key", func(c *catalog.Table) { c.Key = []int{0, 3} }, []string{
			"key: the database has (1:string), the code has (1:string, 4:timestamp)"}},
		{"family", func(c *catalog.Table) { c.Per = nil }, []string{"family: the database has 0:string, the code has nothing"}},
		{"an index gone", func(c *catalog.Table) { c.Indexes = c.Indexes[:1] }, []string{
			`rebuild: index tag: the database has unique (each fold 3:[]string) where ==(field(2), "1"), the code has nothing`}},
		{"a new index", func(c *catalog.Table) {
			c.Indexes = append(c.Indexes, catalog.Index{Name: "made", Number: 7, Columns: []catalog.Column{{Field: 3}}})
		}, []string{"rebuild: index made: the database has nothing, the code has (4:timestamp?)"}},
		{"an index no longer unique", func(c *catalog.Table) { c.Indexes[1].Unique = false }, []string{
			`rebuild: index tag: the database has unique (each fold 3:[]string) where ==(field(2), "1"), the code has (each fold 3:[]string) where ==(field(2), "1")`}},
		{"direction", func(c *catalog.Table) { c.Indexes[0].Columns[1].Desc = false }, []string{
			"rebuild: index kind: the database has (2:enum, 4:timestamp? desc) include (5:struct), the code has (2:enum, 4:timestamp?) include (5:struct)"}},
		{"condition", func(c *catalog.Table) {
			c.Indexes[1].Where = &catalog.Expr{Op: "or", Args: []catalog.Expr{*c.Indexes[1].Where, {Op: "has", Field: 3}}}
		}, []string{
			`rebuild: index tag: the database has unique (each fold 3:[]string) where ==(field(2), "1"), the code has unique (each fold 3:[]string) where or(==(field(2), "1"), has(4?))`}},
		{"included fields", func(c *catalog.Table) { c.Indexes[0].Include = nil }, []string{
			"rebuild: index kind: the database has (2:enum, 4:timestamp? desc) include (5:struct), the code has (2:enum, 4:timestamp? desc)"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			code := base()
			c.change(code)
			var got []string
			for _, d := range catalog.Compare(base(), code) {
				text := d.String()
				if d.Rebuild {
					text = "rebuild: " + text
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

func TestCovers(t *testing.T) {
	more, less := base(), base()
	more.Fields = append(more.Fields, catalog.Field{Name: "x", Number: 9, Type: catalog.Type{Kind: catalog.Bool}})
	less.Fields = less.Fields[:5]
	inside := base()
	inside.Fields[4].Type.Fields = append(inside.Fields[4].Type.Fields, catalog.Field{Name: "h", Number: 2, Type: catalog.Type{Kind: catalog.Int32}})
	for _, c := range []struct {
		name         string
		code, stored *catalog.Table
		want         bool
	}{
		{"itself", base(), base(), true},
		{"one field more", more, base(), true},
		{"one field less", less, base(), false},
		{"one more in a struct", inside, base(), true},
		{"one less in a struct", base(), inside, false},
		{"one more and one less", &catalog.Table{Fields: more.Fields[1:]}, base(), false},
	} {
		if got := catalog.Covers(c.code, c.stored); got != c.want {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
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
	if catalog.Map.String() != "map" || catalog.Kind(0).String() != "" && catalog.Kind(99).String() != "unknown" {
		t.Error("names of kinds are wrong")
	}
}
