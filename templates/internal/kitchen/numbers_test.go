package kitchen

import (
	"context"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
	"github.com/storegen/storegen/templates/internal/kitchen/db/lines/fixed"
	"github.com/storegen/storegen/templates/internal/kitchen/db/lines/short"
)

// BenchmarkNumbersInKeys is what varint and uvarint gain and cost in a whole table beside
// int64 and uint64: the table of docs/format.md.
func BenchmarkNumbersInKeys(b *testing.B) {
	for _, eng := range []string{"memory", "leveldb"} {
		b.Run("fixed/"+eng, func(b *testing.B) {
			benchNumbers(b, eng, fixed.Open, func(c, o, l, p uint64, d int64) *fixed.Line {
				return &fixed.Line{Customer: c, Order: o, Line: l, Product: p, Change: d, Note: "two of them"}
			}, func(s *fixed.Store) (int, error) { return s.ByProduct.Product(7).Scan().Count(b.Context()) })
		})
		b.Run("short/"+eng, func(b *testing.B) {
			benchNumbers(b, eng, short.Open, func(c, o, l, p uint64, d int64) *short.Line {
				return &short.Line{Customer: c, Order: o, Line: l, Product: p, Change: d, Note: "two of them"}
			}, func(s *short.Store) (int, error) { return s.ByProduct.Product(7).Scan().Count(b.Context()) })
		})
	}
}

// lines is how many rows the tables have.
const lines = 40_000

func benchNumbers[K comparable, V any, S store.EntityStore[K, V]](b *testing.B, kind string, open opener[S], row func(c, o, l, p uint64, d int64) *V, one func(S) (int, error)) {
	ctx := context.Background()
	start := func() (*store.DB, S) {
		var eng engine.Engine = memory.New()
		if kind == "leveldb" {
			eng = must(leveldb.Open(b.TempDir(), nil))
		}
		db := must(store.Open(ctx, eng, store.WithoutSync()))
		b.Cleanup(func() { db.Close() })
		return db, must(open(ctx, db))
	}
	put := func(s S, n uint64) error {
		const mix = 0x9E3779B97F4A7C15 // no two rows in the order of their keys
		x := n * mix
		return s.Put(ctx, row(x>>40%20_000, x>>20%400, n%8, x>>32%5000, int64(x>>50%200)-100))
	}
	db, s := start()
	for n := range uint64(lines) {
		if err := put(s, n); err != nil {
			b.Fatal(err)
		}
	}
	keyBytes := 0
	it := db.Engine().Iterate(ctx, engine.Range{Start: []byte{8}})
	for it.Next() {
		keyBytes += len(it.Key())
	}
	if err := it.Close(); err != nil {
		b.Fatal(err)
	}
	perRow := float64(keyBytes) / float64(must(s.Count(ctx)))
	b.Run("put", func(b *testing.B) {
		_, s := start()
		n := uint64(0)
		for b.Loop() {
			if err := put(s, n%lines); err != nil {
				b.Fatal(err)
			}
			n++
		}
		b.ReportMetric(perRow, "keybytes/row")
	})
	b.Run("scan", func(b *testing.B) {
		rows := 0
		for b.Loop() {
			rows = 0
			for _, err := range s.ScanAll(ctx) {
				if err != nil {
					b.Fatal(err)
				}
				rows++
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
	})
	b.Run("index", func(b *testing.B) {
		rows := 0
		for b.Loop() {
			rows = must(one(s))
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(max(rows, 1)), "ns/row")
	})
}
