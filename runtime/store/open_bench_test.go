package store_test

import (
	"testing"

	"github.com/storegen/storegen/generated/system"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// BenchmarkOpen opens a database that is there, with its seven tables.
func BenchmarkOpen(b *testing.B) {
	eng := open{memory.New()}
	db := must(store.Open(ctx, eng))
	must(system.Open(ctx, db))
	b.ReportAllocs()
	for b.Loop() {
		db := must(store.Open(ctx, eng))
		must(system.Open(ctx, db))
	}
}
