package plan_test

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/catalog"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"
	"github.com/storegen/storegen/runtime/provider/plan"

	"github.com/storegen/storegen/runtime/storeimpl"
)

var update = flag.Bool("update", false, "write the golden files again")

var ctx = context.Background()

func s(v string) provider.Value   { return provider.String(v) }
func i32(v int32) provider.Value  { return provider.Int32(v) }
func u32(v uint32) provider.Value { return provider.Uint32(v) }

func enum(n int32) provider.Value { return provider.Enum(&testtable.ItemDesc.Fields[3].Type, n) }

func day(n int) provider.Value { return provider.Time(testtable.Start.AddDate(0, 0, n)) }

// query builds a query by the names of columns.
type query struct {
	def *provider.TableDef
	q   plan.Query
}

func (b query) where(column string, op plan.Op, values ...provider.Value) query {
	c := plan.Constraint{Column: b.def.ColumnNamed(column), Op: op}
	if op == plan.In {
		c.Values = values
	} else if len(values) > 0 {
		c.Value = values[0]
	}
	b.q.Where = append(b.q.Where, c)
	return b
}

func (b query) order(columns ...string) query {
	for _, c := range columns {
		name, desc := strings.CutSuffix(c, " desc")
		b.q.Order = append(b.q.Order, plan.OrderBy{Column: b.def.ColumnNamed(name), Desc: desc})
	}
	return b
}

func (b query) limit(n int64) query {
	b.q.Limit = n
	return b
}

func (b query) columns(names ...string) query {
	b.q.Columns = b.def.Set(names...)
	return b
}

func (b query) rows(n int64) query {
	b.q.Stats = provider.Stats{Rows: n, Known: true}
	return b
}

func TestExplain(t *testing.T) {
	def := provider.New(testtable.Open(t).Items).Def()
	all := query{def: def, q: plan.Query{Columns: def.All()}}
	tests := []struct {
		name string
		q    query
	}{
		{"all rows", all},
		{"all rows, limited", all.limit(10)},
		{"key", all.where("tenant", plan.Eq, s("t")).where("name", plan.Eq, s("n"))},
		{"key prefix", all.where("tenant", plan.Eq, s("t"))},
		{"key range", all.where("tenant", plan.Eq, s("t")).where("name", plan.Gt, s("a")).where("name", plan.Ge, s("b")).where("name", plan.Lt, s("c"))},
		{"text prefix", all.where("tenant", plan.Prefix, s("t"))},
		{"keys in a list", all.where("tenant", plan.In, s("b"), s("a"), s("b"), provider.Value{}).where("name", plan.In, s("x"), s("y")).order("tenant", "name").limit(3)},
		{"unique, folded", all.where("email", plan.Eq, s("Alice")).limit(1)},
		{"folded, with a bound", all.where("email", plan.Gt, s("Alice"))},
		{"folded prefix", all.where("email", plan.Prefix, s("Al"))},
		{"newest first within a status", all.where("status", plan.Eq, enum(2)).order("created desc").limit(50)},
		{"oldest first within a status", all.where("status", plan.Eq, enum(2)).order("created").limit(50)},
		{"newest first, and something to check", all.where("status", plan.Eq, enum(2)).where("count", plan.Gt, provider.Int64(5)).order("created desc").limit(50)},
		{"two statuses", all.where("status", plan.In, enum(1), enum(3)).where("created", plan.Ge, day(1))},
		{"an order that no path has", all.order("count desc").limit(3)},
		{"order by key, backwards", all.order("tenant desc", "name desc").limit(3)},
		{"partial index", all.where("flag", plan.Eq, provider.Bool(true)).where("status", plan.Eq, enum(2)).where("created", plan.Lt, day(3)).limit(7)},
		{"partial index, not implied", all.where("flag", plan.Eq, provider.Bool(true)).where("created", plan.Lt, day(3))},
		{"sparse", all.where("priority", plan.Le, i32(5)).order("priority desc")},
		{"sparse, present", all.where("priority", plan.NotNull).order("priority desc", "score").columns("count", "tenant")},
		{"sparse, absent", all.where("priority", plan.IsNull)},
		{"each", all.where("tags", plan.Contains, s("x")).where("created", plan.Ge, day(1)).order("created").limit(5)},
		{"covered", all.where("n32", plan.Ge, u32(3)).where("n32", plan.Le, u32(9)).columns("status", "doc", "score").limit(5)},
		{"not covered", all.where("n32", plan.Ge, u32(3)).where("n32", plan.Le, u32(9)).columns("status", "count").limit(5)},
		{"wrong kind", all.where("n32", plan.Eq, i32(3))},
		{"contradiction", all.where("n32", plan.Gt, u32(3)).where("n32", plan.Lt, u32(3))},
		{"null", all.where("n32", plan.Eq, provider.Value{})},
		{"absent where it cannot be", all.where("n32", plan.IsNull)},
		{"in nothing", all.where("n32", plan.In)},
		{"implied", all.where("n32", plan.Eq, u32(3)).where("n32", plan.Lt, u32(9)).where("count", plan.NotNull).limit(2)},
		{"few rows", all.where("status", plan.In, enum(1), enum(2), enum(3)).rows(10)},
		{"many rows", all.where("status", plan.Eq, enum(1)).rows(1e9)},
		{"unique, descending", all.where("ref", plan.Eq, provider.UUID([16]byte{1})).order("count", "score desc").limit(1)},
		{"descending bytes", all.where("blob", plan.Eq, provider.Bytes([]byte("x"))).where("took", plan.Gt, provider.Duration(time.Second)).order("took desc", "n64").limit(1)},
		{"values that come later", all.unknown("status", plan.Eq).unknown("created", plan.Gt).where("created", plan.Lt, day(3)).order("created desc").limit(5)},
		{"a list that comes later", all.where("tenant", plan.Eq, s("t")).unknown("name", plan.In)},
		{"a partial index, by a value that comes later", all.where("flag", plan.Eq, provider.Bool(true)).unknown("status", plan.Eq)},
		{"a column with another order", all.where("status", plan.Gt, enum(1)).order("status").equalOnly("status").limit(5)},
	}
	var b strings.Builder
	for _, tt := range tests {
		p := plan.Choose(def, tt.q.q)
		if again := plan.Choose(def, tt.q.q).Explain(); again != p.Explain() {
			t.Errorf("%s: two plans of one query differ", tt.name)
		}
		fmt.Fprintf(&b, "# %s\n%s\n", tt.name, p.Explain())
	}
	path := filepath.Join("testdata", "explain.txt")
	if *update {
		if err := os.MkdirAll("testdata", 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(b.String()), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(string(want), b.String()); diff != "" {
		t.Errorf("%s differs, -want +got (go test -update writes it again):\n%s", path, diff)
	}
}

// The reference's case: planning reads nothing.
func TestPlanningReadsNothing(t *testing.T) {
	e := testtable.Open(t)
	e.Engine.Reset()
	p := provider.New(e.Items)
	stats, err := p.Stats(ctx)
	if err != nil {
		t.Fatal(err)
	}
	q := query{def: p.Def()}.where("status", plan.Eq, enum(1)).order("created desc").limit(1).q
	q.Stats = stats
	if plan.Choose(p.Def(), q).Explain() == "" {
		t.Error("no explanation")
	}
	if n := e.Engine.Gets.Load() + e.Engine.Pairs.Load() + e.Engine.Snaps.Load() + e.Engine.Open.Load(); n != 0 {
		t.Errorf("planning read %d times", n)
	}
}

func item(tenant, name string) testtable.Item {
	it := testtable.Item{Tenant: tenant, Name: name, Email: tenant + name, Status: testtable.New, Created: testtable.Start}
	copy(it.Ref[:], tenant+"/"+name)
	return it
}

func insert(t testing.TB, e *testtable.Env, items ...testtable.Item) {
	t.Helper()
	for i := range items {
		if err := e.Items.Insert(ctx, &items[i]); err != nil {
			t.Fatal(err)
		}
	}
}

func selectNames(t testing.TB, e *testtable.Env, q query, keep func(provider.Cursor) bool) []string {
	t.Helper()
	q.q.Columns = q.q.Columns.Clone()
	q.q.Columns.Add(1)
	c, _, err := plan.Select(ctx, provider.New(e.Items), provider.Scope{}, q.q, keep)
	if err != nil {
		t.Fatal(err)
	}
	defer c.Close()
	var out []string
	for c.Next() {
		out = append(out, c.Value(1).String())
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	if c.Next() || c.Key() != nil || !c.Value(1).IsNull() {
		t.Error("a closed cursor shows a row")
	}
	return out
}

// The reference's cases: a filter with LIMIT 1 finds the second row when the first
// does not match; the limit never hides a match, sorted or not.
func TestLimitNeverHidesAMatch(t *testing.T) {
	e := testtable.Open(t)
	def := provider.New(e.Items).Def()
	for i := range 30 {
		it := item("t", fmt.Sprintf("n%02d", i))
		it.Status, it.Count = testtable.Active, int64(i%10)
		it.Created = testtable.Start.Add(time.Duration(i) * time.Hour)
		insert(t, e, it)
	}
	q := query{def: def}
	three := func(c provider.Cursor) bool { return c.Value(8).Int64() == 3 }
	tests := []struct {
		name string
		q    query
		keep func(provider.Cursor) bool
		want []string
	}{
		{"residual", q.where("count", plan.Eq, provider.Int64(1)).limit(1), nil, []string{"n01"}},
		{"residual on an index", q.where("status", plan.Eq, enum(2)).where("count", plan.Eq, provider.Int64(1)).order("created desc").limit(2), nil, []string{"n21", "n11"}},
		{"predicate", q.columns("count").limit(1), three, []string{"n03"}},
		{"predicate and order", q.columns("count").order("name desc").limit(2), three, []string{"n23", "n13"}},
		{"predicate and a sort", q.columns("count").order("score", "created desc").limit(2), three, []string{"n23", "n13"}},
		{"sort", q.order("count desc", "name").limit(4), nil, []string{"n09", "n19", "n29", "n08"}},
		{"pushed", q.where("status", plan.Eq, enum(2)).order("created").limit(2), nil, []string{"n00", "n01"}},
		{"nothing", q.where("count", plan.In).limit(2), nil, nil},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, selectNames(t, e, tt.q, tt.keep)); diff != "" {
			t.Errorf("%s: -want +got:\n%s", tt.name, diff)
		}
	}
}

// The reference's case, by hand: newest first within a status reads no more than it
// shows.
func TestPushedLimitReadsLittle(t *testing.T) {
	e := testtable.Open(t)
	for i := range 300 {
		it := item("t", fmt.Sprintf("n%03d", i))
		it.Created = testtable.Start.Add(time.Duration(i) * time.Hour)
		insert(t, e, it)
	}
	e.Engine.Reset()
	q := query{def: provider.New(e.Items).Def()}.where("status", plan.Eq, enum(1)).order("created desc").limit(3).columns("count")
	if diff := cmp.Diff([]string{"n299", "n298", "n297"}, selectNames(t, e, q, nil)); diff != "" {
		t.Error(diff)
	}
	if n := e.Engine.Pairs.Load() + e.Engine.Gets.Load(); n != 6 {
		t.Errorf("%d entries and rows were read for 3 rows", n)
	}
}

// An INs' product that is too large leaves one of them to be checked.
func TestManyRanges(t *testing.T) {
	e := testtable.Open(t)
	def := provider.New(e.Items).Def()
	insert(t, e, item("7", "8"), item("7", "x"))
	var list []provider.Value
	for i := range 2000 {
		list = append(list, s(fmt.Sprint(i)))
	}
	q := query{def: def}.where("tenant", plan.In, list...).where("name", plan.In, list...)
	p := plan.Choose(def, q.q)
	if len(p.Ranges) > 2000 {
		t.Errorf("%d ranges", len(p.Ranges))
	}
	if diff := cmp.Diff([]string{"8"}, selectNames(t, e, q, nil)); diff != "" {
		t.Error(diff)
	}
}

func TestImpliedConditions(t *testing.T) {
	field := func(name string) int { return testtable.ItemDesc.FieldNamed(name) }
	lit := func(op catalog.Op, name, value string) catalog.Expr {
		return catalog.Expr{Op: op, Args: []catalog.Expr{{Op: catalog.FieldOf, Field: field(name)}, {Op: catalog.Lit, Lit: value}}}
	}
	not := func(e catalog.Expr) catalog.Expr { return catalog.Expr{Op: catalog.Not, Args: []catalog.Expr{e}} }
	and := func(e ...catalog.Expr) catalog.Expr { return catalog.Expr{Op: catalog.And, Args: e} }
	or := func(e ...catalog.Expr) catalog.Expr { return catalog.Expr{Op: catalog.Or, Args: e} }
	flagged := catalog.Expr{Op: catalog.True, Field: field("flag")}
	hasPriority := catalog.Expr{Op: catalog.Has, Field: field("priority")}
	hasTags := catalog.Expr{Op: catalog.Has, Field: field("tags")}

	db := testtable.Open(t)
	base := provider.New(db.Items).Def()
	q := query{def: base}
	yes, no := provider.Bool(true), provider.Bool(false)
	tests := []struct {
		where catalog.Expr
		q     query
		want  bool
		exact bool // all constraints follow from the condition
	}{
		{flagged, q.where("flag", plan.Eq, yes), true, true},
		{flagged, q.where("flag", plan.Eq, no), false, false},
		{flagged, q, false, false},
		{not(flagged), q.where("flag", plan.Eq, no), true, true},
		{not(flagged), q.where("flag", plan.Eq, yes), false, false},
		{hasPriority, q.where("priority", plan.Gt, i32(1)), true, false},
		{hasPriority, q.where("priority", plan.NotNull), true, true},
		{hasPriority, q.where("priority", plan.IsNull), false, false},
		{not(hasPriority), q.where("priority", plan.IsNull), true, true},
		{not(hasPriority), q.where("priority", plan.Eq, i32(1)), false, false},
		{hasTags, q.where("tags", plan.NotNull), false, false}, // not null is not "not empty"
		{lit(">=", "priority", "5"), q.where("priority", plan.Ge, i32(5)), true, true},
		{lit(">=", "priority", "5"), q.where("priority", plan.Gt, i32(5)), true, false},
		{lit(">=", "priority", "5"), q.where("priority", plan.Gt, i32(4)), false, false},
		{lit(">=", "priority", "5"), q.where("priority", plan.In, i32(5), i32(7)), true, false},
		{lit(">=", "priority", "5"), q.where("priority", plan.In, i32(4), i32(7)), false, false},
		{lit("<", "priority", "5"), q.where("priority", plan.Le, i32(4)), true, false},
		{lit("<", "priority", "5"), q.where("priority", plan.Le, i32(5)), false, false},
		{lit(">", "priority", "5"), q.where("priority", plan.Ge, i32(5)), false, false},
		{lit(">", "priority", "5"), q.where("priority", plan.Ge, i32(6)), true, false},
		{lit(">", "priority", "5"), q.where("priority", plan.Gt, i32(5)), true, true},
		{lit("<", "priority", "5"), q.where("priority", plan.Lt, i32(5)), true, true},
		{lit("<=", "priority", "5"), q.where("priority", plan.Lt, i32(5)), true, false},
		{lit("!=", "priority", "5"), q.where("priority", plan.IsNull), true, false},
		{lit("!=", "priority", "5"), q.where("priority", plan.Eq, i32(4)), true, false},
		{lit("!=", "priority", "5"), q.where("priority", plan.Gt, i32(5)), true, false},
		{lit("!=", "priority", "5"), q.where("priority", plan.Ge, i32(5)), false, false},
		{not(lit("!=", "priority", "5")), q.where("priority", plan.Eq, i32(5)), true, false},
		{lit("==", "status", "2"), q.where("status", plan.Eq, enum(2)), true, true},
		{or(lit("==", "status", "2"), flagged), q.where("status", plan.Eq, enum(2)), true, false},
		{or(lit("==", "status", "2"), flagged), q.where("status", plan.Eq, enum(1)), false, false},
		{not(or(lit("==", "status", "2"), flagged)), q.where("status", plan.Eq, enum(1)).where("flag", plan.Eq, no), true, false},
		{not(or(lit("==", "status", "2"), flagged)), q.where("status", plan.Eq, enum(1)), false, false},
		{not(or(lit("==", "status", "2"), flagged)), q.where("flag", plan.Eq, no), false, false},
		{not(and(lit("==", "status", "2"), flagged)), q.where("status", plan.Eq, enum(1)), true, false},
		{not(and(lit("==", "status", "2"), flagged)), q.where("status", plan.Eq, enum(2)), false, false},
		{and(lit("==", "status", "2"), flagged), q.where("status", plan.Eq, enum(2)).where("flag", plan.Eq, yes), true, true},
		{and(lit("==", "status", "2"), flagged), q.where("status", plan.Eq, enum(2)), false, false},
		{lit("==", "tenant", "a"), q.where("tenant", plan.Eq, s("a")), true, true},
		{lit(">", "took", "1000"), q.where("took", plan.Gt, provider.Duration(1000)), true, true},
		{lit(">", "n64", "1000"), q.where("n64", plan.Gt, provider.Uint64(2000)), true, false},
		{lit(">", "count", "-1"), q.where("count", plan.Gt, provider.Int64(0)), true, false},
		{lit(">", "score", "0.5"), q.where("score", plan.Gt, provider.Float64(0.75)), true, false},
		{lit("==", "n32", "7"), q.where("n32", plan.Eq, u32(7)), true, true},
		{lit("==", "blob", "x"), q.where("blob", plan.Eq, provider.Bytes([]byte("x"))), true, true},
		{catalog.Expr{Op: catalog.Eq, Args: []catalog.Expr{{Op: catalog.FieldOf, Field: field("tenant")}, {Op: catalog.FieldOf, Field: field("name")}}}, q.where("tenant", plan.Eq, s("a")).where("name", plan.Eq, s("a")), false, false},
		{catalog.Expr{Op: catalog.Gt, Args: []catalog.Expr{{Op: catalog.LenOf, Field: field("tags")}, {Op: catalog.Lit, Lit: "1"}}}, q, false, false},
	}
	for i, tt := range tests {
		// One index with the condition, on a column that no constraint names.
		desc := *testtable.ItemDesc
		desc.Name = fmt.Sprint("test.partial", i)
		desc.Indexes = []catalog.Index{{Name: "partial", Number: 1, Columns: []catalog.Column{{Field: field("created")}}, Where: &tt.where}}
		table, err := storeimpl.OpenTyped(ctx, db.DB, partial{desc: &desc})
		if err != nil {
			t.Fatal(err)
		}
		got := tt.q.order("created").q
		p := plan.Choose(provider.New(table).Def(), got)
		if taken := p.Path == 1; taken != tt.want {
			t.Errorf("%d: taken is %t, want %t:\n%s", i, taken, tt.want, p.Explain())
			continue
		}
		if exact := len(got.Where) > 0 && len(p.Residual()) == 0; tt.want && exact != tt.exact {
			t.Errorf("%d: exact is %t, want %t:\n%s", i, exact, tt.exact, p.Explain())
		}
	}

	// A bool that may be absent is not false where it is not true.
	desc := *testtable.ItemDesc
	desc.Name, desc.Fields = "test.absent", slices.Clone(desc.Fields)
	desc.Fields[field("flag")].Optional = true
	where := not(flagged)
	desc.Indexes = []catalog.Index{{Name: "partial", Number: 1, Columns: []catalog.Column{{Field: field("created")}}, Where: &where}}
	table, err := storeimpl.OpenTyped(ctx, db.DB, partial{desc: &desc})
	if err != nil {
		t.Fatal(err)
	}
	for _, tt := range []struct {
		q     query
		taken bool
	}{
		{q.where("flag", plan.Eq, no), true},
		{q.where("flag", plan.IsNull), true},
		{q.where("flag", plan.NotNull), false},
	} {
		p := plan.Choose(provider.New(table).Def(), tt.q.order("created").q)
		if taken := p.Path == 1; taken != tt.taken || taken && len(p.Residual()) == 0 {
			t.Errorf("a bool that may be absent: taken is %t, residual %v:\n%s", taken, p.Residual(), p.Explain())
		}
	}
}

// An index that depends on a hidden field, by a column or by its condition, wherever in
// that, is no path: its order and its rows would tell of the field.
func TestHiddenFieldsMakeNoPath(t *testing.T) {
	field := func(name string) int { return testtable.ItemDesc.FieldNamed(name) }
	secret := catalog.Expr{Op: catalog.Eq, Args: []catalog.Expr{{Op: catalog.FieldOf, Field: field("secret")}, {Op: catalog.Lit, Lit: "x"}}}
	has := catalog.Expr{Op: catalog.Has, Field: field("secret")}
	flagged := catalog.Expr{Op: catalog.True, Field: field("flag")}
	shown := []catalog.Column{{Field: field("created")}}
	db := testtable.Open(t)
	for name, tt := range map[string]struct {
		ix   catalog.Index
		path bool
	}{
		"shown":          {catalog.Index{Columns: shown, Where: &flagged}, true},
		"a column":       {catalog.Index{Columns: append(shown[:1:1], catalog.Column{Field: field("secret")})}, false},
		"a condition":    {catalog.Index{Columns: shown, Where: &secret}, false},
		"has":            {catalog.Index{Columns: shown, Where: &has}, false},
		"not":            {catalog.Index{Columns: shown, Where: &catalog.Expr{Op: catalog.Not, Args: []catalog.Expr{has}}}, false},
		"and":            {catalog.Index{Columns: shown, Where: &catalog.Expr{Op: catalog.And, Args: []catalog.Expr{flagged, secret}}}, false},
		"or":             {catalog.Index{Columns: shown, Where: &catalog.Expr{Op: catalog.Or, Args: []catalog.Expr{flagged, secret}}}, false},
		"included alone": {catalog.Index{Columns: shown, Include: []int{field("secret")}}, true},
	} {
		desc := *testtable.ItemDesc
		desc.Name = "test." + strings.ReplaceAll(name, " ", "_")
		tt.ix.Name, tt.ix.Number = "it", 1
		desc.Indexes = []catalog.Index{tt.ix}
		table, err := storeimpl.OpenTyped(ctx, db.DB, partial{desc: &desc})
		if err != nil {
			t.Fatal(err)
		}
		if def := provider.New(table).Def(); (def.PathNamed("it") >= 0) != tt.path {
			t.Errorf("%s: a path is %t, want %t", name, !tt.path, tt.path)
		}
	}
}

// partial is the codec of Item with another description; no rows are written.
type partial struct {
	testtable.Items
	desc *catalog.Table
}

func (p partial) Desc() *catalog.Table { return p.desc }

// Of several bounds the tightest counts, and at one value the open one.
func TestTightestBound(t *testing.T) {
	e := testtable.Open(t)
	for i := range 6 {
		it := item("t", fmt.Sprint(i))
		it.N32 = uint32(i)
		insert(t, e, it)
	}
	q := query{def: provider.New(e.Items).Def()}
	tests := []struct {
		q    query
		want []string
	}{
		{q.where("n32", plan.Ge, u32(2)).where("n32", plan.Gt, u32(2)).where("n32", plan.Ge, u32(1)), []string{"3", "4", "5"}},
		{q.where("n32", plan.Gt, u32(2)).where("n32", plan.Ge, u32(2)), []string{"3", "4", "5"}},
		{q.where("n32", plan.Le, u32(2)).where("n32", plan.Lt, u32(2)).where("n32", plan.Le, u32(4)), []string{"0", "1"}},
		{q.where("n32", plan.Lt, u32(2)).where("n32", plan.Le, u32(2)), []string{"0", "1"}},
		{q.where("n32", plan.Ge, u32(2)).where("n32", plan.Le, u32(2)), []string{"2"}},
	}
	for i, tt := range tests {
		if p := plan.Choose(tt.q.def, tt.q.q); len(p.Residual()) > 0 || p.Def.Paths[p.Path].Name != "cover" {
			t.Errorf("%d:\n%s", i, p.Explain())
		}
		if diff := cmp.Diff(tt.want, selectNames(t, e, tt.q, nil)); diff != "" {
			t.Errorf("%d: -want +got:\n%s", i, diff)
		}
	}
}

// A column of a folded index finds text whatever its case, and shows only what the
// constraint says.
func TestFold(t *testing.T) {
	e := testtable.Open(t)
	for i, email := range []string{"Alice", "bob", "K-sign \u212a", "caf\u00c9", "\xc3\xa9\xff"} {
		it := item("t", fmt.Sprint(i))
		it.Email = email
		insert(t, e, it)
	}
	q := query{def: provider.New(e.Items).Def()}
	tests := []struct {
		op   plan.Op
		text string
		want []string
	}{
		{plan.Eq, "Alice", []string{"0"}},
		{plan.Eq, "ALICE", nil},
		{plan.Prefix, "Al", []string{"0"}},
		{plan.Prefix, "al", nil},
		{plan.Prefix, "K-sign \xe2\x84", []string{"2"}}, // a character that is cut short
		{plan.Prefix, "caf\xc3", []string{"3"}},
		{plan.Prefix, "\xc3\xa9", []string{"4"}},
		{plan.Prefix, "", []string{"0", "1", "2", "3", "4"}},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, selectNames(t, e, q.where("email", tt.op, s(tt.text)).order("name"), nil)); diff != "" {
			t.Errorf("email %s %q: -want +got:\n%s", tt.op, tt.text, diff)
		}
	}
}

func BenchmarkChoose(b *testing.B) {
	def := provider.New(testtable.Open(b).Items).Def()
	q := query{def: def}.where("status", plan.Eq, enum(2)).where("created", plan.Ge, day(1)).where("count", plan.Gt, provider.Int64(5)).order("created desc").limit(50).columns("name").q
	b.ReportAllocs()
	for b.Loop() {
		plan.Choose(def, q)
	}
}

// A query that names what is not there, or compares what cannot be compared, is an
// error and never an empty answer.
func TestQueriesThatMeanNothing(t *testing.T) {
	e := testtable.Open(t)
	p := provider.New(e.Items)
	all := query{def: p.Def()}
	tests := []struct {
		name string
		q    plan.Query
		want string
	}{
		{"column of a constraint", plan.Query{Where: []plan.Constraint{{Column: -1, Op: plan.Eq, Value: s("x")}}}, "where: there is no column -1"},
		{"column too far", plan.Query{Where: []plan.Constraint{{Column: 99, Op: plan.IsNull}}}, "where: there is no column 99"},
		{"case of a number", plan.Query{Where: []plan.Constraint{{Column: all.def.ColumnNamed("n32"), Op: plan.Eq, Value: u32(1), Fold: true}}}, "n32: only =, in and starts with compare text in any case"},
		{"case of a range", plan.Query{Where: []plan.Constraint{{Column: all.def.ColumnNamed("email"), Op: plan.Lt, Value: s("a"), Fold: true}}}, "email: only =, in and starts with compare text in any case"},
		{"order", plan.Query{Order: []plan.OrderBy{{Column: -1}}}, "order: there is no column -1"},
		{"order of a known answer", plan.Query{Where: all.where("n32", plan.Eq, provider.Value{}).q.Where, Order: []plan.OrderBy{{Column: 99}}}, "order: there is no column 99"},
		{"columns", plan.Query{Columns: provider.Cols(0, 99)}, "columns: one is asked for that is not there"},
		{"negative column", plan.Query{Columns: provider.Cols(-1)}, "columns: one is asked for that is not there"},
		{"name of no column", plan.Query{Columns: p.Def().Set("tennant")}, "columns: one is asked for that is not there"},
		{"limit", plan.Query{Limit: -1}, "limit: -1 is negative"},
		{"no operator", plan.Query{Where: []plan.Constraint{{Column: 0, Value: s("x")}}}, "tenant: there is no operator 0"},
		{"operator", plan.Query{Where: []plan.Constraint{{Column: 0, Op: 99, Value: s("x")}}}, "tenant: there is no operator 99"},
		{"kind", all.where("n32", plan.Lt, i32(1)).q, "n32: the value 1 is int32, and it is compared with uint32"},
		{"kind of one of many", all.where("n32", plan.In, u32(1), provider.Value{}, s("1")).q, "n32: the value 1 is string"},
		{"kind of a document", all.where("tags", plan.Eq, s("x")).q, "tags: the value x is string, and it is compared with json"},
		{"prefix", all.where("n32", plan.Prefix, u32(1)).q, "n32 is uint32, which has no prefixes"},
		{"contains", all.where("tenant", plan.Contains, s("x")).q, "tenant is string, and only a list contains values"},
		{"contains in a map", all.where("attrs", plan.Contains, provider.Int64(1)).q, "attrs is map"},
		{"kind of an element", all.where("tags", plan.Contains, provider.Bytes([]byte("x"))).q, "tags: the value 0x78 is bytes, and it is compared with string"},
		{"name of an enum", all.where("levels", plan.Contains, s("new")).q, "levels: the value new is string, and it is compared with enum"},
	}
	for _, tt := range tests {
		pl := plan.Choose(p.Def(), tt.q)
		if !errors.Is(pl.Err, engine.ErrInvalid) || !strings.Contains(fmt.Sprint(pl.Err), tt.want) {
			t.Errorf("%s: planned with %v, want %q", tt.name, pl.Err, tt.want)
		}
		if text := pl.Explain(); !strings.Contains(text, tt.want) {
			t.Errorf("%s: explained as %s", tt.name, text)
		}
		c, err := pl.Run(ctx, p, provider.Scope{}, nil)
		if err == nil {
			if c.Next() {
				t.Errorf("%s: a row", tt.name)
			}
			err = c.Close()
		}
		if !errors.Is(err, engine.ErrInvalid) {
			t.Errorf("%s: run with %v", tt.name, err)
		}
		if _, err := p.Scan(ctx, pl.Request(provider.Scope{})); !errors.Is(err, engine.ErrInvalid) {
			t.Errorf("%s: the scan of its request: %v", tt.name, err)
		}
	}
	null := all.where("tags", plan.Contains, provider.Value{}).where("n32", plan.In).q
	if pl := plan.Choose(p.Def(), null); pl.Err != nil || !pl.Nothing {
		t.Errorf("a null is of any kind and equals nothing: %v", pl.Err)
	}
}

// A cursor shows the columns that were asked for, also where others are read for a
// constraint or a sort.
func TestOnlyColumnsAskedFor(t *testing.T) {
	e := testtable.Open(t)
	for i := range 3 {
		it := testtable.Item{Tenant: "t", Name: fmt.Sprint(i), Email: fmt.Sprint(i), Count: int64(i), N32: 7, Ref: [16]byte{byte(i)}}
		if err := e.Items.Insert(ctx, &it); err != nil {
			t.Fatal(err)
		}
	}
	p := provider.New(e.Items)
	all := query{def: p.Def()}.columns("name")
	name := p.Def().ColumnNamed("name")
	for what, q := range map[string]query{
		"scanned": all,
		"checked": all.where("count", plan.Ge, provider.Int64(0)),
		"sorted":  all.order("count desc"),
		"both":    all.where("count", plan.Ge, provider.Int64(0)).order("n64", "count"),
	} {
		for _, col := range []string{"count", "n64", "score", "secret"} {
			c, _, err := plan.Select(ctx, p, provider.Scope{}, q.q, nil)
			if err != nil {
				t.Fatal(err)
			}
			at := p.Def().ColumnNamed(col) // -1 for what is hidden
			if !c.Next() || c.Value(name).IsNull() {
				t.Errorf("%s: no row, or no name", what)
			}
			if v := c.Value(at); !v.IsNull() {
				t.Errorf("%s: %s is %s", what, col, v)
			}
			if c.Next() || !errors.Is(c.Err(), engine.ErrInvalid) || !errors.Is(c.Close(), engine.ErrInvalid) {
				t.Errorf("%s: reading %s is no error", what, col)
			}
		}
	}
}

// A cursor of others has documents alone. They tell of all that is text whether a
// list contains it.
func TestMatchesByDocuments(t *testing.T) {
	e := testtable.Open(t)
	it := testtable.Item{Tenant: "t", Tags: []string{"a", "\ufffd", "\xff"}, Levels: []testtable.Status{2, 17}, Ratios: []float64{1.5}}
	if err := e.Items.Insert(ctx, &it); err != nil {
		t.Fatal(err)
	}
	p := provider.New(e.Items)
	for _, tt := range []struct {
		column string
		elem   provider.Value
		want   bool
	}{
		{"tags", s("a"), true}, {"tags", s("b"), false}, {"tags", s("\ufffd"), true}, {"tags", s("\xff"), false},
		{"levels", enum(2), true}, {"levels", provider.Enum(nil, 2), true}, {"levels", provider.Enum(nil, 17), true}, {"levels", enum(1), false},
		{"ratios", provider.Float64(1.5), true}, {"ratios", provider.Value{}, false},
	} {
		pl := plan.Choose(p.Def(), query{def: p.Def()}.columns("levels").where("count", plan.Ge, provider.Int64(-9)).where(tt.column, plan.Contains, tt.elem).q)
		if pl.Nothing {
			continue
		}
		for _, pl := range pl.Alternatives() {
			if p.Def().Paths[pl.Path].Name != "key" {
				continue
			}
			c, err := p.Scan(ctx, pl.Request(provider.Scope{}))
			if err != nil {
				t.Fatal(err)
			}
			if !c.Next() || pl.Matches(struct{ provider.Cursor }{c}) != tt.want {
				t.Errorf("%s contains %s: not %t, or an error: %v", tt.column, tt.elem, tt.want, c.Err())
			}
			if err := c.Close(); err != nil {
				t.Error(err)
			}
		}
	}
}
