package plan_test

import (
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"
	"github.com/storegen/storegen/runtime/provider/plan"
)

// unknown adds a constraint whose value comes later.
func (b query) unknown(column string, op plan.Op) query {
	b.q.Where = append(b.q.Where, plan.Constraint{Column: b.def.ColumnNamed(column), Op: op, Unknown: true})
	return b
}

func (b query) equalOnly(columns ...string) query {
	b.q.EqualOnly = b.def.Set(columns...)
	return b
}

func list(v ...provider.Value) []provider.Value { return v }

// itemsOf fills a table: n32 and count from 0 on, and every other status.
func itemsOf(t *testing.T, n int) (*testtable.Env, *provider.Provider) {
	e := testtable.Open(t)
	for i := range n {
		it := item("t", fmt.Sprintf("n%02d", i))
		it.N32, it.Count, it.Status = uint32(i), int64(i), testtable.Status(1+i%2)
		it.Created = testtable.Start.AddDate(0, 0, i)
		insert(t, e, it)
	}
	return e, provider.New(e.Items)
}

func TestBind(t *testing.T) {
	_, table := itemsOf(t, 6)
	all := query{def: table.Def()}.columns("name")
	null := provider.Value{}
	n32 := all.unknown("n32", plan.Ge).unknown("n32", plan.Lt).order("n32").limit(2)
	tests := []struct {
		name   string
		q      query
		values [][]provider.Value
		path   string
		exact  string // by constraint
		left   []int
		limit  int64
		want   string
	}{
		{"a range", n32, [][]provider.Value{list(u32(1)), list(u32(5))}, "cover", "true true", nil, 2, "n01 n02"},
		{"an empty range", n32, [][]provider.Value{list(u32(5)), list(u32(1))}, "cover", "true true", nil, 2, ""},
		{"an integer of another kind", n32, [][]provider.Value{list(provider.Int64(1)), list(provider.Uint8(2))}, "cover", "true true", nil, 2, "n01"},
		{"a null", n32, [][]provider.Value{list(null), list(u32(5))}, "cover", "true true", nil, 2, ""},
		{"a bound beyond the column", n32, [][]provider.Value{list(u32(4)), list(provider.Int64(1 << 40))}, "cover", "true false", []int{1}, 0, "n04 n05"},
		{"a negative bound of what is never negative", n32, [][]provider.Value{list(provider.Int64(-1)), list(u32(1))}, "cover", "false true", []int{0}, 0, "n00"},
		{"another kind", n32, [][]provider.Value{list(s("1")), list(u32(2))}, "cover", "false true", []int{0}, 0, "n00 n01"},
		{"one value known", all.where("status", plan.Eq, enum(2)).unknown("created", plan.Gt).limit(9), [][]provider.Value{list(day(1))}, "status", "true true", nil, 9, "n05 n03"},
		{"what stands behind what does not fit", all.unknown("status", plan.Eq).unknown("created", plan.Gt).limit(9), [][]provider.Value{list(s("new")), list(day(3))}, "status", "false false", []int{0}, 0, "n04 n05"},
		{"an order that holds no more", all.unknown("status", plan.Eq).order("created").limit(3), [][]provider.Value{list(s("new"))}, "status", "false", []int{0}, 0, "n00 n01 n02 n03 n04 n05"},
		{"a list", all.unknown("n32", plan.In).order("n32 desc"), [][]provider.Value{list(u32(3), provider.Int64(1), null, u32(3), provider.Int64(-1))}, "cover", "true", nil, 0, "n03 n01"},
		{"a negative bound of uint64", all.unknown("n64", plan.Gt), [][]provider.Value{list(provider.Int64(-1))}, "key", "false", []int{0}, 0, "n00 n01 n02 n03 n04 n05"},
		{"a list, and a bound", all.unknown("n32", plan.In).where("n32", plan.Gt, u32(1)).limit(1), [][]provider.Value{list(u32(0), u32(3))}, "cover", "true false", nil, 0, "n03"},
		{"an empty list", all.unknown("n32", plan.In), [][]provider.Value{nil}, "cover", "true", nil, 0, ""},
		{"a list of what it never is", all.unknown("n32", plan.In), [][]provider.Value{list(provider.Int64(-1), null)}, "cover", "true", nil, 0, ""},
		{"a list with what does not fit", all.unknown("n32", plan.In), [][]provider.Value{list(u32(3), s("1"))}, "cover", "false", []int{0}, 0, "n00 n01 n02 n03 n04 n05"},
		{"equal to what it never is", all.unknown("n32", plan.Eq), [][]provider.Value{list(provider.Int64(-1))}, "cover", "true", nil, 0, ""},
		{"a tight bound and an unknown one", all.where("n32", plan.Ge, u32(3)).unknown("n32", plan.Ge), [][]provider.Value{list(u32(1))}, "cover", "true true", nil, 0, "n03 n04 n05"},
		{"a column that nothing serves", all.unknown("count", plan.Eq).limit(1), [][]provider.Value{list(provider.Int64(2))}, "key", "false", nil, 0, "n02"},
		{"null and unknown", all.where("priority", plan.IsNull).unknown("priority", plan.Gt), [][]provider.Value{list(i32(1))}, "key", "true true", nil, 0, ""},
		{"no range of what has another order", all.where("status", plan.Gt, enum(1)).equalOnly("status").limit(1), nil, "key", "false", []int{0}, 0, "n00 n01 n02 n03 n04 n05"},
		{"equality of what has another order", all.where("status", plan.Eq, enum(2)).where("status", plan.Lt, enum(2)).equalOnly("status").order("created").limit(2), nil, "status", "true false", []int{1}, 0, "n01 n03 n05"},
		{"an order that holds no more, of what has another order and one value", all.where("tenant", plan.Eq, s("t")).unknown("count", plan.Eq).unknown("status", plan.Eq).equalOnly("status").order("status", "count desc", "name desc"), [][]provider.Value{list(s("1")), list(enum(2))}, "key", "true false false", []int{1}, 0, "n05 n03 n01"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			p := plan.Choose(table.Def(), tt.q.q).Bind(tt.values)
			if p.Err != nil {
				t.Fatal(p.Err)
			}
			if got := table.Def().Paths[p.Path].Name; got != tt.path {
				t.Errorf("by %s, want %s", got, tt.path)
			}
			if got := strings.Trim(fmt.Sprint(p.Exact), "[]"); got != tt.exact {
				t.Errorf("exact %s, want %s", got, tt.exact)
			}
			if diff := cmp.Diff(tt.left, p.Unchecked()); diff != "" {
				t.Errorf("left to the caller, -want +got:\n%s", diff)
			}
			if p.Limit != tt.limit {
				t.Errorf("limit %d, want %d", p.Limit, tt.limit)
			}
			c, err := p.Run(ctx, table, provider.Scope{}, nil)
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for c.Next() {
				got = append(got, c.Value(1).String())
			}
			if err := c.Close(); err != nil {
				t.Fatal(err)
			}
			if diff := cmp.Diff(tt.want, strings.Join(got, " ")); diff != "" {
				t.Errorf("rows, -want +got:\n%s", diff)
			}
		})
	}
}

// A plan that lacks values gives no rows, which would be a wrong answer, but an error.
func TestBindIsNeeded(t *testing.T) {
	_, table := itemsOf(t, 2)
	q := query{def: table.Def()}.columns("name").unknown("n32", plan.Gt).unknown("n32", plan.In)
	p := plan.Choose(table.Def(), q.q)
	if _, err := p.Run(ctx, table, provider.Scope{}, nil); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("run without values: %v", err)
	}
	if _, err := table.Scan(ctx, p.Request(provider.Scope{})); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("scanned without values: %v", err)
	}
	for _, values := range [][][]provider.Value{nil, {list(u32(1))}, {nil, nil}, {list(u32(1), u32(2)), nil}, {list(u32(1)), nil, nil}} {
		b := p.Bind(values)
		if !errors.Is(b.Err, engine.ErrInvalid) || b.Path != -1 {
			t.Errorf("values %q: %v", values, b.Err)
		}
	}
	wrong := plan.Choose(table.Def(), query{def: table.Def()}.unknown("n32", plan.Prefix).q)
	if wrong.Err == nil || wrong.Bind([][]provider.Value{list(s(""))}).Err == nil {
		t.Error("a prefix of a number is planned")
	}
}

// A plan is bound by many at once, and again and again.
func TestBindAgain(t *testing.T) {
	_, table := itemsOf(t, 10)
	q := query{def: table.Def()}.columns("name").unknown("n32", plan.Eq)
	p := plan.Choose(table.Def(), q.q)
	var wg sync.WaitGroup
	for i := range 10 {
		wg.Go(func() {
			c, err := p.Bind([][]provider.Value{list(u32(uint32(i)))}).Run(ctx, table, provider.Scope{}, nil)
			if err != nil {
				t.Error(err)
				return
			}
			if !c.Next() || c.Value(1).String() != fmt.Sprintf("n%02d", i) || c.Next() {
				t.Errorf("not row %d", i)
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
}

// Several lists whose product is too large leave one of them to be checked, also where
// that shows with the values only.
func TestBindManyRanges(t *testing.T) {
	e := testtable.Open(t)
	insert(t, e, item("7", "8"), item("7", "x"))
	table := provider.New(e.Items)
	q := query{def: table.Def()}.columns("name").unknown("tenant", plan.In).unknown("name", plan.In)
	var digits []provider.Value
	for i := range 100 {
		digits = append(digits, s(fmt.Sprint(i)))
	}
	p := plan.Choose(table.Def(), q.q).Bind([][]provider.Value{digits, digits})
	if n := len(p.Ranges); n != 100 {
		t.Errorf("%d ranges, want 100", n)
	}
	c, err := p.Run(ctx, table, provider.Scope{}, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	if !c.Next() || c.Value(1).String() != "8" || c.Next() {
		t.Error("not the one row")
	}
}

func BenchmarkBind(b *testing.B) {
	def := provider.New(testtable.Open(b).Items).Def()
	q := query{def: def}.columns("count").unknown("tenant", plan.Eq).unknown("name", plan.Eq)
	p := plan.Choose(def, q.q)
	values := [][]provider.Value{list(s("t")), list(s("n"))}
	b.Run("Choose", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			plan.Choose(def, q.q)
		}
	})
	b.Run("Bind", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			p.Bind(values)
		}
	})
}
