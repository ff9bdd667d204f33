package provider_test

import (
	"fmt"
	"testing"

	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/provider/internal/testtable"
)

// many fills a table in large transactions.
func many(tb testing.TB, n int) *testtable.Env {
	tb.Helper()
	e := testtable.Open(tb)
	var batch []*testtable.Item
	for i := range n {
		it := full("tenant", fmt.Sprintf("n%06d", i))
		it.Count, it.N32 = int64(i), uint32(i)
		batch = append(batch, &it)
		if len(batch) == 1000 || i == n-1 {
			if err := e.Items.InsertMany(ctx, batch); err != nil {
				tb.Fatal(err)
			}
			batch = nil
		}
	}
	return e
}

// scans are the ways to read rows that allocate nothing for a row.
func scans(def *provider.TableDef) map[string]provider.ScanRequest {
	return map[string]provider.ScanRequest{
		"Key":      {Columns: def.Set("tenant", "name")},
		"Row":      {Columns: def.Set("name", "count")},
		"Document": {Columns: def.Set("count", "size", "levels", "attrs")},
		"Covered":  {Path: def.PathNamed("cover"), Columns: def.Set("n32", "status", "score")},
	}
}

// Scanning allocates nothing for a row: twice the rows, the same allocations but
// for what the engine does in pages.
func TestScansAllocateNothingPerRow(t *testing.T) {
	const n = 4000
	e := many(t, n)
	p := provider.New(e.Items)
	for name, req := range scans(p.Def()) {
		columns := req.Columns.List()
		var sum uint64
		allocs := testing.AllocsPerRun(3, func() {
			c, err := p.Scan(ctx, &req)
			if err != nil {
				t.Fatal(err)
			}
			rows := 0
			for c.Next() {
				for _, col := range columns {
					sum += c.Value(col).Uint64()
				}
				rows++
			}
			if err := c.Close(); err != nil || rows != n {
				t.Fatalf("%d rows, %v", rows, err)
			}
		})
		if allocs > n/40 {
			t.Errorf("%s: %.0f allocations for %d rows", name, allocs, n)
		}
	}
}

func BenchmarkScan(b *testing.B) {
	const n = 10000
	e := many(b, n)
	p := provider.New(e.Items)
	all := scans(p.Def())
	all["Index"] = provider.ScanRequest{Path: p.Def().PathNamed("status"), Columns: p.Def().Set("count")}
	for _, name := range []string{"Key", "Row", "Document", "Covered", "Index"} {
		req := all[name]
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			columns := req.Columns.List()
			var sum uint64
			for left := b.N; left > 0; {
				req.Limit = int64(min(left, n))
				c, err := p.Scan(ctx, &req)
				if err != nil {
					b.Fatal(err)
				}
				for c.Next() {
					for _, col := range columns {
						sum += c.Value(col).Uint64()
					}
					left--
				}
				if err := c.Close(); err != nil {
					b.Fatal(err)
				}
			}
			_ = sum
		})
	}
}

func BenchmarkLookup(b *testing.B) {
	e := many(b, 10000)
	p := provider.New(e.Items)
	req := &provider.ScanRequest{Columns: p.Def().Set("count"), Limit: 1,
		Ranges: []provider.KeyRange{{Equal: []provider.Value{provider.String("tenant"), provider.String("n005000")}}}}
	b.ReportAllocs()
	for b.Loop() {
		c, err := p.Scan(ctx, req)
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
}
