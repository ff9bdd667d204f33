package plan_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/dynamic"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/plan"
	"github.com/storegen/storegen/runtime/store"
)

// wordsAndColours is a table of 24 rows, with an index over words whose case is folded, and one
// over colours and then numbers.
func wordsAndColours(t *testing.T) (p *provider.Provider, colours *catalog.Type) {
	db, err := store.Open(ctx, memory.New())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	colours = &catalog.Type{Kind: kind.Enum, Name: "Colour", Params: kind.Params{Values: []kind.EnumValue{{Name: "red", Number: 1}, {Name: "blue", Number: 2}}}}
	table, err := dynamic.Open(ctx, db, &catalog.Table{
		Name: "t", Number: 1, Access: access.Public, Key: []int{0},
		Fields: []catalog.Field{
			{Name: "id", Number: 1, Type: catalog.Type{Kind: kind.Int64}},
			{Name: "word", Number: 2, Type: catalog.Type{Kind: kind.String}},
			{Name: "n", Number: 3, Type: catalog.Type{Kind: kind.Int64}},
			{Name: "colour", Number: 4, Type: *colours},
		},
		Indexes: []catalog.Index{
			{Name: "word", Number: 1, Columns: []catalog.Column{{Field: 1, Options: catalog.Options{Fold: true}}}},
			{Name: "colour", Number: 2, Columns: []catalog.Column{{Field: 3}, {Field: 2, Options: catalog.Options{Desc: true}}}, Include: []int{1}},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	p = provider.New(table)
	for i := range 24 {
		if _, err := p.Insert(ctx, provider.Scope{}, []provider.Value{
			provider.Int64(int64(i)), provider.String([]string{"a", "A", "b"}[i%3]), provider.Int64(int64(i % 4)), provider.Enum(colours, int32(1+i%2)),
		}); err != nil {
			t.Fatal(err)
		}
	}
	return p, colours
}

// Words that are equal in any case are found by an index whose case is folded, and are still
// several words.
func TestAnyCase(t *testing.T) {
	p, _ := wordsAndColours(t)
	def := p.Def()
	word := def.ColumnNamed("word")
	tests := []struct {
		name  string
		where plan.Constraint
		path  string
		want  string
	}{
		{"equal", plan.Constraint{Op: plan.Eq, Value: provider.String("A"), Fold: true}, "word", strings.Repeat("A", 8) + strings.Repeat("a", 8)},
		{"equal in its case", plan.Constraint{Op: plan.Eq, Value: provider.String("A")}, "word", strings.Repeat("A", 8)},
		{"one of some", plan.Constraint{Op: plan.In, Values: []provider.Value{provider.String("B"), provider.String("a")}, Fold: true}, "word", strings.Repeat("A", 8) + strings.Repeat("a", 8) + strings.Repeat("b", 8)},
		{"begins with", plan.Constraint{Op: plan.Prefix, Value: provider.String("B"), Fold: true}, "word", strings.Repeat("b", 8)},
		{"a null", plan.Constraint{Op: plan.Eq, Fold: true}, "key", ""},
	}
	for _, tt := range tests {
		for _, later := range []bool{false, true} {
			tt.where.Column = word
			q := plan.Query{Columns: def.Set("word"), Where: []plan.Constraint{tt.where}, Order: []plan.OrderBy{{Column: word}}}
			if later {
				q.Where[0] = plan.Constraint{Column: word, Op: tt.where.Op, Fold: tt.where.Fold, Unknown: true}
			}
			pl := plan.Choose(def, q)
			if later {
				values := tt.where.Values
				if tt.where.Op != plan.In {
					values = []provider.Value{tt.where.Value}
				}
				pl = pl.Bind([][]provider.Value{values})
			}
			if path := def.Paths[pl.Path].Name; path != tt.path && !pl.Nothing {
				t.Errorf("%s: by %s, want by %s\n%s", tt.name, path, tt.path, pl.Explain())
			}
			c, err := pl.Run(ctx, p, provider.Scope{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got string
			for c.Next() {
				got += c.Value(word).Text()
			}
			if err := c.Close(); err != nil || got != tt.want {
				t.Errorf("%s, values later %v: %q, %v; want %q", tt.name, later, got, err, tt.want)
			}
		}
	}
}

// TestGrouped tells which paths have equal rows together, and that these are together in
// what is run, also where the path cannot do that.
func TestGrouped(t *testing.T) {
	p, colours := wordsAndColours(t)
	def := p.Def()
	tests := []struct {
		name  string
		order []string
		where []plan.Constraint
		path  string
		as    bool // the path has the rows so
	}{
		{"a column whose order is another one", []string{"colour"}, nil, "colour", true},
		{"two columns the other way round", []string{"n", "colour"}, nil, "colour", true},
		{"with the key behind", []string{"id", "n", "colour"}, nil, "key", true},
		{"the second column", []string{"n"}, nil, "key", false},
		{"the second column, where the first is fixed", []string{"n"}, []plan.Constraint{{Column: 3, Op: plan.Eq, Value: provider.Enum(colours, 2)}}, "colour", true},
		{"the first and the third", []string{"colour", "id"}, nil, "key", true},
		{"a column whose case is folded", []string{"word"}, nil, "key", false},
		{"what is not in the path", []string{"colour", "word"}, nil, "key", false},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			q := plan.Query{Columns: def.All(), Where: tt.where, Grouped: true, EqualOnly: def.Set("colour"), Stats: provider.Stats{Rows: 24, Known: true}}
			for _, name := range tt.order {
				q.Order = append(q.Order, plan.OrderBy{Column: def.ColumnNamed(name)})
			}
			pl := plan.Choose(def, q)
			if path := def.Paths[pl.Path].Name; path != tt.path || pl.Ordered != tt.as {
				t.Errorf("by %s, together %v; want by %s, %v\n%s", path, pl.Ordered, tt.path, tt.as, pl.Explain())
			}
			c, err := pl.Run(ctx, p, provider.Scope{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var groups []string
			seen := map[string]bool{}
			n := 0
			for ; c.Next(); n++ {
				var group string
				for _, o := range q.Order {
					group += fmt.Sprintln(c.Value(o.Column))
				}
				if len(groups) == 0 || groups[len(groups)-1] != group {
					if seen[group] {
						t.Errorf("the group %q comes twice", group)
					}
					seen[group] = true
					groups = append(groups, group)
				}
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			want := 24
			if len(tt.where) > 0 {
				want = 12
			}
			if diff := cmp.Diff(want, n); diff != "" {
				t.Error(diff)
			}
		})
	}
}
