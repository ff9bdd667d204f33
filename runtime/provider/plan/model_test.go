package plan_test

import (
	"bytes"
	stdcmp "cmp"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/kind"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"
	"github.com/storegen/storegen/runtime/provider/plan"
	"github.com/storegen/storegen/runtime/record"
	"pgregory.net/rapid"
)

// Few values, so that rows and constraints meet.
var (
	texts  = rapid.SampledFrom([]string{"", "a", "A", "ab", "b", "a\x00", "\xff", "\xff\xff"})
	small  = rapid.IntRange(0, 3)
	floats = rapid.SampledFrom([]float64{-1, 0, math.Copysign(0, -1), 0.5, 2, math.NaN(), math.Inf(-1)})
)

func anyItem(t *rapid.T) testtable.Item {
	it := testtable.Item{
		Tenant: texts.Draw(t, "tenant"), Name: texts.Draw(t, "name"),
		Status:  testtable.Status(rapid.IntRange(1, 4).Draw(t, "status")),
		Created: testtable.Start.AddDate(0, 0, small.Draw(t, "created")),
		Tags:    rapid.SliceOfN(texts, 0, 3).Draw(t, "tags"),
		Score:   floats.Draw(t, "score"), Count: int64(small.Draw(t, "count")),
		N32: uint32(small.Draw(t, "n32")), N64: uint64(small.Draw(t, "n64")),
		Flag: rapid.Bool().Draw(t, "flag"), Blob: []byte(texts.Draw(t, "blob")), Took: time.Duration(small.Draw(t, "took")),
	}
	// Unique columns, with values that constraints can hit.
	it.Email = it.Tenant + it.Name + strings.Repeat("x", len(it.Tenant))
	it.Ref[0], it.Ref[1] = byte(len(it.Name)), byte(rapid.IntRange(0, 9).Draw(t, "ref"))
	if small.Draw(t, "has priority") > 0 {
		it.Priority = record.Ptr(int32(small.Draw(t, "priority") - 1))
	}
	if small.Draw(t, "expires") == 0 {
		it.Expires = record.Ptr(testtable.Start.Add(time.Duration(small.Draw(t, "expires at")-1) * time.Hour))
	}
	for range small.Draw(t, "levels") {
		it.Levels = append(it.Levels, testtable.Status(rapid.IntRange(1, 5).Draw(t, "level")))
	}
	it.Ratios = rapid.SliceOfN(floats, 0, 2).Draw(t, "ratios")
	if small.Draw(t, "has doc") == 0 {
		it.Doc = json.RawMessage(`{"a":1}`)
	}
	return it
}

// anyValue draws a value of a column, sometimes null or of another kind.
func anyValue(t *rapid.T, c *provider.Column, elem bool) provider.Value {
	switch rapid.IntRange(0, 40).Draw(t, "odd") {
	case 0:
		return provider.Value{}
	case 1:
		return provider.Int64(1)
	}
	typ := c.Type
	if elem {
		typ = typ.Elem
	}
	n := small.Draw(t, "value")
	switch typ.Kind {
	case kind.String:
		return provider.String(texts.Draw(t, "text"))
	case kind.Bytes:
		return provider.Bytes([]byte(texts.Draw(t, "bytes")))
	case kind.Int32:
		return provider.Int32(int32(n - 1))
	case kind.Int64:
		return provider.Int64(int64(n))
	case kind.Uint32:
		return provider.Uint32(uint32(n))
	case kind.Uint64:
		return provider.Uint64(uint64(n))
	case kind.Float64:
		return provider.Float64(floats.Draw(t, "float"))
	case kind.Bool:
		return provider.Bool(n%2 == 0)
	case kind.Timestamp:
		return provider.Time(testtable.Start.AddDate(0, 0, n))
	case kind.Duration:
		return provider.Duration(time.Duration(n))
	case kind.Enum:
		if small.Draw(t, "named") == 0 {
			typ = nil // a number alone is as good
		}
		return provider.Enum(typ, int32(n+1))
	case kind.UUID:
		return provider.UUID([16]byte{byte(n), byte(rapid.IntRange(0, 9).Draw(t, "ref"))})
	case kind.JSON, kind.List, kind.Map, kind.Struct:
		return provider.JSON(`{"a":1}`)
	}
	panic("no values of kind " + typ.Kind.String())
}

func anyConstraint(t *rapid.T, def *provider.TableDef) plan.Constraint {
	// Columns that paths are on come more often.
	col := rapid.IntRange(0, len(def.Columns)-1).Draw(t, "column")
	if p := rapid.IntRange(0, 2*len(def.Paths)).Draw(t, "path"); p < len(def.Paths) {
		pc := def.Paths[p].Columns
		col = pc[rapid.IntRange(0, len(pc)-1).Draw(t, "path column")].Column
	}
	c := &def.Columns[col]
	out := plan.Constraint{Column: col, Op: plan.Op(rapid.IntRange(int(plan.Eq), int(plan.NotNull)).Draw(t, "op"))}
	isList := c.Type.Kind == kind.List
	switch out.Op {
	case plan.Contains:
		if !isList {
			out.Op = plan.Eq
		}
	case plan.Lt, plan.Le, plan.Gt, plan.Ge, plan.Eq:
		if isList {
			out.Op = plan.Contains
		}
	case plan.In:
		for range rapid.IntRange(0, 3).Draw(t, "values") {
			out.Values = append(out.Values, anyValue(t, c, false))
		}
		anyCase(t, def, &out)
		return out
	}
	if out.Op != plan.IsNull && out.Op != plan.NotNull {
		out.Value = anyValue(t, c, out.Op == plan.Contains)
	}
	anyCase(t, def, &out)
	return out
}

// anyCase has some comparisons of text look over its case.
func anyCase(t *rapid.T, def *provider.TableDef, c *plan.Constraint) {
	if k := def.Columns[c.Column].Type.Kind; k == kind.String && (c.Op == plan.Eq || c.Op == plan.In || c.Op == plan.Prefix) {
		c.Fold = rapid.Bool().Draw(t, "any case")
	}
}

// beginsInAnyCase looks for a beginning of a text that equals a prefix in any case.
func beginsInAnyCase(text, prefix string) bool {
	for n := range len(text) + 1 {
		if strings.EqualFold(text[:n], prefix) {
			return true
		}
	}
	return false
}

func anyQuery(t *rapid.T, def *provider.TableDef) plan.Query {
	q := plan.Query{Columns: provider.Cols(0)}
	for range rapid.IntRange(0, 4).Draw(t, "constraints") {
		q.Where = append(q.Where, anyConstraint(t, def))
	}
	for range rapid.IntRange(0, 3).Draw(t, "orders") {
		col := rapid.IntRange(0, len(def.Columns)-1).Draw(t, "order column")
		if p := rapid.IntRange(0, 2*len(def.Paths)).Draw(t, "order path"); p < len(def.Paths) {
			pc := def.Paths[p].Columns
			col = pc[rapid.IntRange(0, len(pc)-1).Draw(t, "order path column")].Column
		}
		q.Order = append(q.Order, plan.OrderBy{Column: col, Desc: rapid.Bool().Draw(t, "desc")})
	}
	for range rapid.IntRange(0, 3).Draw(t, "columns") {
		q.Columns.Add(rapid.IntRange(0, len(def.Columns)-1).Draw(t, "wanted"))
	}
	q.Grouped = rapid.IntRange(0, 3).Draw(t, "grouped") == 0
	q.Limit = int64(max(0, rapid.IntRange(-3, 5).Draw(t, "limit")))
	q.Stats = rapid.SampledFrom([]provider.Stats{{}, {Rows: 10, Known: true}, {Rows: 1e6, Known: true}}).Draw(t, "stats")
	return q
}

// queryOfPath is one that a path may be good for: its leading columns are fixed, in a
// list, bounded or left, and rows are ordered by some of them, with the key behind.
func queryOfPath(t *rapid.T, def *provider.TableDef) plan.Query {
	q := plan.Query{Columns: provider.Cols(0)}
	p := &def.Paths[rapid.IntRange(0, len(def.Paths)-1).Draw(t, "of path")]
	order := slices.Clone(p.Columns)
	for _, col := range def.Key {
		order = append(order, provider.PathColumn{Column: col})
	}
	for _, pc := range p.Columns {
		c := &def.Columns[pc.Column]
		w := plan.Constraint{Column: pc.Column, Op: plan.Eq}
		switch how := rapid.IntRange(0, 5).Draw(t, "how"); {
		case how == 0:
			continue
		case pc.Each:
			w.Op, w.Value = plan.Contains, anyValue(t, c, true)
		case how < 3:
			w.Op = plan.In
			for range rapid.IntRange(1, 3).Draw(t, "values") {
				w.Values = append(w.Values, anyValue(t, c, false))
			}
		case how < 5:
			w.Value = anyValue(t, c, false)
		default:
			w.Op = plan.Op(rapid.IntRange(int(plan.Lt), int(plan.Ge)).Draw(t, "op"))
			w.Value = anyValue(t, c, false)
		}
		anyCase(t, def, &w)
		q.Where = append(q.Where, w)
	}
	turned := rapid.Bool().Draw(t, "turned")
	for from := rapid.IntRange(0, len(order)-1).Draw(t, "order from"); from < len(order) && len(q.Order) < 3; from++ {
		desc := order[from].Desc != turned
		if small.Draw(t, "against") == 0 {
			desc = !desc
		}
		if !order[from].Each {
			q.Order = append(q.Order, plan.OrderBy{Column: order[from].Column, Desc: desc})
		}
	}
	q.Grouped = rapid.IntRange(0, 3).Draw(t, "grouped") == 0
	q.Limit = int64(max(0, rapid.IntRange(-3, 5).Draw(t, "limit")))
	return q
}

type shown struct {
	key    []byte
	values []provider.Value
	item   *testtable.Item
}

// holds compares as it is said, with no help of what is tested: a list with the one
// that was written.
func (r *shown) holds(def *provider.TableDef, c *plan.Constraint) bool {
	if c.Fold {
		v := r.values[c.Column]
		same := func(w provider.Value) bool { return w.Kind() == v.Kind() && strings.EqualFold(v.Text(), w.Text()) }
		switch {
		case v.IsNull() || c.Op != plan.In && c.Value.Kind() != v.Kind():
			return false
		case c.Op == plan.In:
			return slices.ContainsFunc(c.Values, same)
		case c.Op == plan.Prefix:
			return beginsInAnyCase(v.Text(), c.Value.Text())
		}
		return same(c.Value)
	}
	if c.Op != plan.Contains || c.Value.IsNull() {
		return c.Holds(r.values[c.Column])
	}
	switch def.Columns[c.Column].Name {
	case "tags":
		return slices.Contains(r.item.Tags, c.Value.Text())
	case "levels":
		return slices.Contains(r.item.Levels, testtable.Status(c.Value.Int64()))
	case "ratios":
		return slices.ContainsFunc(r.item.Ratios, func(f float64) bool { return stdcmp.Compare(f, c.Value.Float64()) == 0 })
	}
	return c.Holds(r.values[c.Column])
}

// brute is the answer to a query by looking at all rows.
func brute(def *provider.TableDef, all []shown, q *plan.Query) []shown {
	var out []shown
	for _, r := range all {
		if !slices.ContainsFunc(q.Where, func(c plan.Constraint) bool { return !r.holds(def, &c) }) {
			out = append(out, r)
		}
	}
	slices.SortStableFunc(out, func(a, b shown) int { return compare(q, a, b) })
	return out
}

func compare(q *plan.Query, a, b shown) int {
	for _, o := range q.Order {
		d := a.values[o.Column].Compare(b.values[o.Column])
		if o.Desc {
			d = -d
		}
		if d != 0 {
			return d
		}
	}
	return 0
}

func readAll(t *rapid.T, c provider.Cursor, columns []int, width int) []shown {
	var out []shown
	for c.Next() {
		r := shown{key: bytes.Clone(c.Key()), values: make([]provider.Value, width)}
		for _, col := range columns {
			r.values[col] = c.Value(col).Clone()
		}
		out = append(out, r)
	}
	if err := c.Close(); err != nil {
		t.Fatal(err)
	}
	return out
}

// Whatever path a query takes, its rows are those that a look at all rows finds, in
// the order asked for, as many as the limit lets through. Each path is tried too,
// not only the chosen one.
func TestQueriesAgainstAllRows(t *testing.T) {
	queries, plans, found := 0, 0, 0
	rapid.Check(t, func(t *rapid.T) {
		e, err := testtable.OpenEnv()
		if err != nil {
			t.Fatal(err)
		}
		p := provider.New(e.Items)
		def := p.Def()
		items := map[testtable.ItemKey]*testtable.Item{}
		for range rapid.IntRange(0, 30).Draw(t, "rows") {
			it := anyItem(t)
			if e.Items.Put(ctx, &it) == nil { // or a value is not unique
				items[testtable.ItemKey{Tenant: it.Tenant, Name: it.Name}] = &it
			}
		}
		every := make([]int, len(def.Columns))
		for i := range every {
			every[i] = i
		}
		c, err := p.Scan(ctx, &provider.ScanRequest{Columns: def.All()})
		if err != nil {
			t.Fatal(err)
		}
		all := readAll(t, c, every, len(every))
		for i := range all {
			all[i].item = items[testtable.ItemKey{Tenant: all[i].values[0].Text(), Name: all[i].values[1].Text()}]
		}
		for range 20 {
			q := anyQuery(t, def)
			if rapid.Bool().Draw(t, "about a path") {
				q = queryOfPath(t, def)
			}
			queries++
			chosen := plan.Choose(def, q)
			if wrongKind(def, &q) {
				refuses(t, chosen, p)
				continue
			}
			want := brute(def, all, &q)
			for _, pl := range append(chosen.Alternatives(), chosen) {
				c, err := pl.Run(ctx, p, provider.Scope{}, nil)
				if err != nil {
					t.Fatalf("%v\n%s", err, pl.Explain())
				}
				check(t, pl, &q, want, readAll(t, c, q.Columns.List(), len(every)))
				if pl.One && len(want) > 1 {
					t.Fatalf("one row was promised, and there are %d:\n%s", len(want), pl.Explain())
				}
				plans++
			}
			if len(want) > 0 {
				found++
			}
		}
		if err := e.Close(); err != nil {
			t.Fatal(err)
		}
	})
	t.Logf("%d queries, %d with rows, %d plans", queries, found, plans)
}

// wrongKind reports whether a query compares a column with what it never holds.
func wrongKind(def *provider.TableDef, q *plan.Query) bool {
	for _, c := range q.Where {
		k := def.Columns[c.Column].Kind
		if c.Op == plan.Contains {
			if k = def.Columns[c.Column].Type.Elem.Kind; !k.Scalar() {
				k = kind.JSON
			}
		}
		for _, v := range append(c.Values, c.Value) {
			if !v.IsNull() && v.Kind() != k {
				return true
			}
		}
		if c.Op == plan.Prefix && !k.Text() {
			return true
		}
	}
	return false
}

// refuses makes sure that a query that cannot be run is an error, in whatever way
// one runs it.
func refuses(t *rapid.T, pl *plan.Plan, p provider.Table) {
	if !errors.Is(pl.Err, engine.ErrInvalid) {
		t.Fatalf("where %+v: no error, but %v", pl.Query.Where, pl.Err)
	}
	if _, err := p.Scan(ctx, pl.Request(provider.Scope{})); !errors.Is(err, engine.ErrInvalid) {
		t.Fatalf("where %+v: the scan is taken: %v", pl.Query.Where, err)
	}
	c, err := pl.Run(ctx, p, provider.Scope{}, nil)
	if err == nil {
		if c.Next() {
			t.Fatalf("where %+v: a row", pl.Query.Where)
		}
		err = c.Close()
	}
	if !errors.Is(err, engine.ErrInvalid) {
		t.Fatalf("where %+v: run without an error: %v", pl.Query.Where, err)
	}
}

func check(t *rapid.T, p *plan.Plan, q *plan.Query, want, got []shown) {
	n := len(want)
	if q.Limit > 0 {
		n = min(n, int(q.Limit))
	}
	fail := func(format string, args ...any) {
		t.Helper()
		t.Fatalf("%s\nwhere %+v order %+v limit %d\n%s", fmt.Sprintf(format, args...), q.Where, q.Order, q.Limit, p.Explain())
	}
	if len(got) != n {
		fail("%d rows, want %d", len(got), n)
	}
	byKey := map[string]shown{}
	for _, r := range want {
		byKey[string(r.key)] = r
	}
	var before shown
	var ended []shown // a row of each group that another one has followed
	for i, r := range got {
		full, ok := byKey[string(r.key)]
		if !ok {
			fail("row %q does not match, or comes twice", r.key)
		}
		delete(byKey, string(r.key))
		switch {
		case q.Grouped:
			if slices.ContainsFunc(ended, func(e shown) bool { return compare(q, full, e) == 0 }) {
				fail("row %d is %q, and its group had ended", i, r.key)
			}
			if i > 0 && compare(q, full, before) != 0 {
				ended = append(ended, before)
			}
			before = full
		case compare(q, full, want[i]) != 0: // rows that are equal in the order may change places
			fail("row %d is %q, out of order", i, r.key)
		}
		for _, col := range q.Columns.List() {
			if diff := cmp.Diff(full.values[col].String(), r.values[col].String()); diff != "" {
				fail("column %d of row %q: %s", col, r.key, diff)
			}
		}
	}
}
