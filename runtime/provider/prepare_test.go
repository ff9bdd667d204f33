package provider_test

import (
	"errors"
	"fmt"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"
)

// The description of a table is made once.
func TestOneDefinition(t *testing.T) {
	e := testtable.Open(t)
	var wg sync.WaitGroup
	defs := make([]*provider.TableDef, 8)
	for i := range defs {
		wg.Go(func() { defs[i] = provider.New(e.Items).Def() })
	}
	wg.Wait()
	for _, def := range defs {
		if def != defs[0] {
			t.Error("a table has two definitions")
		}
	}
	if n := testing.AllocsPerRun(10, func() { provider.New(e.Items) }); n > 2 {
		t.Errorf("%.0f allocations for a provider", n)
	}
	if provider.New(e.Items.As(access.Principal{})).Def() != defs[0] {
		t.Error("a guarded table has another definition")
	}
	if provider.New(e.Notes).Def() == defs[0] {
		t.Error("two tables have one definition")
	}
}

// A prepared table shows what the table does, for all scans.
func TestPrepare(t *testing.T) {
	e := testtable.Open(t)
	for i := range 30 {
		it := full("t", fmt.Sprintf("n%02d", i))
		it.Count, it.N32 = int64(i), uint32(i)
		insert(t, e, it)
	}
	plain := provider.New(e.Items)
	def := plain.Def()
	for path := range def.Paths {
		for _, columns := range []provider.ColSet{nil, def.Set("name"), def.Set("n32", "status", "score"), def.All()} {
			p, err := provider.Prepare(plain, path, columns)
			if err != nil {
				t.Fatal(err)
			}
			for range 3 {
				for _, req := range []provider.ScanRequest{
					{Path: path, Columns: columns},
					{Path: path, Columns: columns, Reverse: true, Limit: 4},
					{Columns: def.Set("count")},
					{Path: (path + 1) % len(def.Paths), Columns: columns},
					{Path: path, Columns: columns, Ranges: []provider.KeyRange{{Equal: []provider.Value{{}}}}},
				} {
					c, err := plain.Scan(ctx, &req)
					want := shows(t, c, err, req.Columns)
					c, err = p.Scan(ctx, &req)
					if diff := cmp.Diff(want, shows(t, c, err, req.Columns)); diff != "" {
						t.Fatalf("path %s, columns %v: -want +got:\n%s", def.Paths[path].Name, columns.List(), diff)
					}
				}
			}
		}
	}
	for _, bad := range []struct {
		path    int
		columns provider.ColSet
	}{{-1, nil}, {len(def.Paths), nil}, {0, provider.Cols(len(def.Columns))}} {
		if _, err := provider.Prepare(plain, bad.path, bad.columns); !errors.Is(err, engine.ErrInvalid) {
			t.Errorf("path %d and columns %v: %v", bad.path, bad.columns.List(), err)
		}
	}
	p, err := provider.Prepare(plain, 0, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := p.Scan(ctx, &provider.ScanRequest{Limit: -1}); !errors.Is(err, engine.ErrInvalid) {
		t.Errorf("a limit of -1: %v", err)
	}
}

// A cursor that has ended shows nothing, whatever its decoder is used for by then, and
// what was cloned stays.
func TestPreparedCursorThatHasEnded(t *testing.T) {
	e := testtable.Open(t)
	insert(t, e, full("t", "a"), full("t", "b"))
	plain := provider.New(e.Items)
	def := plain.Def()
	columns := def.Set("name", "doc", "tags")
	p, err := provider.Prepare(plain, 0, columns)
	if err != nil {
		t.Fatal(err)
	}
	req := &provider.ScanRequest{Columns: columns, Limit: 1}
	first, err := p.Scan(ctx, req)
	if err != nil || !first.Next() {
		t.Fatal(err)
	}
	name := first.Value(1).Clone()
	for range 2 {
		if err := first.Close(); err != nil {
			t.Error(err)
		}
	}
	var open []provider.Cursor
	for range 3 {
		c, err := p.Scan(ctx, &provider.ScanRequest{Columns: columns, Reverse: true})
		if err != nil || !c.Next() {
			t.Fatal(err)
		}
		open = append(open, c)
	}
	if first.Next() || !first.Value(1).IsNull() || first.(provider.ListCursor).Contains(def.ColumnNamed("tags"), provider.String("a")) || first.Key() != nil || first.Err() != nil {
		t.Error("a cursor that has ended shows something")
	}
	if n, err := first.(provider.BatchCursor).AppendTo(nil, 3); n != 0 || err != nil {
		t.Errorf("a batch of %d rows, %v", n, err)
	}
	for _, c := range open {
		if got := c.Value(1).String(); got != "b" || name.String() != "a" {
			t.Errorf("got %q and %q", got, name)
		}
		if err := c.Close(); err != nil {
			t.Error(err)
		}
	}
}

// Guarded tables stay so.
func TestPrepareGuarded(t *testing.T) {
	e := testtable.Open(t)
	for _, owner := range []string{"ann", "bob"} {
		n := testtable.Note{ID: testtable.NoteID{Owner: owner}, Text: owner}
		if err := e.Notes.Insert(ctx, &n); err != nil {
			t.Fatal(err)
		}
	}
	notes := provider.New(e.Notes)
	columns := notes.Def().Set("text")
	text := notes.Def().ColumnNamed("text")
	ann, bob := access.Principal{User: "ann", Role: access.User}, access.Principal{User: "bob", Role: access.User}
	for name, of := range map[string]provider.Table{
		"secured":           provider.Secure(notes, ann),
		"secured, as table": provider.Secure(struct{ provider.Table }{notes}, ann),
		"secured twice":     provider.Secure(provider.Secure(notes, ann), bob),
		"of a guarded one":  provider.Secure(provider.New(e.Notes.As(ann)), bob),
	} {
		p, err := provider.Prepare(of, 0, columns)
		if err != nil {
			t.Fatal(err)
		}
		for _, who := range []*access.Principal{nil, &bob} {
			c, err := p.Scan(ctx, &provider.ScanRequest{Scope: provider.Scope{Principal: who}, Columns: columns})
			if diff := cmp.Diff([]string{"ann"}, rows(t, c, err, text)); diff != "" {
				t.Errorf("%s: -want +got:\n%s", name, diff)
			}
		}
	}
}

// A prepared table is for several goroutines.
func TestPreparedTogether(t *testing.T) {
	e := testtable.Open(t)
	for i := range 20 {
		insert(t, e, full("t", fmt.Sprintf("n%02d", i)))
	}
	plain := provider.New(e.Items)
	columns := plain.Def().Set("name", "attrs")
	p, err := provider.Prepare(plain, 0, columns)
	if err != nil {
		t.Fatal(err)
	}
	var wg sync.WaitGroup
	for i := range 4 {
		wg.Go(func() {
			for j := range 50 {
				want := fmt.Sprintf("n%02d", (i+j)%20)
				c, err := p.Scan(ctx, &provider.ScanRequest{Columns: columns, Ranges: []provider.KeyRange{{Equal: []provider.Value{provider.String("t"), provider.String(want)}}}})
				if err != nil {
					t.Error(err)
					return
				}
				if !c.Next() || c.Value(1).String() != want {
					t.Errorf("want %s", want)
				}
				if err := c.Close(); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkPrepared(b *testing.B) {
	e := many(b, 10000)
	plain := provider.New(e.Items)
	def := plain.Def()
	look := &provider.ScanRequest{Columns: def.Set("count"), Ranges: []provider.KeyRange{{Equal: []provider.Value{provider.String("tenant"), provider.String("n005000")}}}}
	unique := &provider.ScanRequest{Path: def.PathNamed("ref"), Columns: def.Set("count"), Ranges: []provider.KeyRange{{Equal: []provider.Value{provider.UUID(ref("tenant/n005000"))}}}}
	for _, bench := range []struct {
		name string
		req  *provider.ScanRequest
	}{{"Key", look}, {"Unique", unique}} {
		prepared, err := provider.Prepare(plain, bench.req.Path, bench.req.Columns)
		if err != nil {
			b.Fatal(err)
		}
		for name, table := range map[string]provider.Table{"plain": plain, "prepared": prepared} {
			b.Run(bench.name+"/"+name, func(b *testing.B) {
				b.ReportAllocs()
				for b.Loop() {
					c, err := table.Scan(ctx, bench.req)
					if err != nil {
						b.Fatal(err)
					}
					if !c.Next() {
						b.Fatal("not there")
					}
					if err := c.Close(); err != nil {
						b.Fatal(err)
					}
				}
			})
		}
	}
	b.Run("Get", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := e.Items.Get(ctx, testtable.ItemKey{Tenant: "tenant", Name: "n005000"}); err != nil {
				b.Fatal(err)
			}
		}
	})
	b.Run("New", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			provider.New(e.Items)
		}
	})
}
