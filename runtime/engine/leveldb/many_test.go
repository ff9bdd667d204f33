package leveldb

import (
	"fmt"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

// TestGetManySteps: rows near each other are not looked up one by one, each of which
// allocates more than ten times.
func TestGetManySteps(t *testing.T) {
	db, err := Open(t.TempDir(), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer db.Close()
	key := func(i int) []byte { return fmt.Appendf(nil, "k%05d", i) }
	b := db.NewBatch()
	for i := range 10_000 {
		b.Put(key(i), []byte("value"))
	}
	if err := db.Write(background, b, engine.WriteOptions{}); err != nil {
		t.Fatal(err)
	}
	if err := db.Compact(background, nil, nil); err != nil {
		t.Fatal(err)
	}
	snap, err := db.Snapshot(background)
	if err != nil {
		t.Fatal(err)
	}
	defer snap.Close()
	const n = 50
	for apart, steps := range map[int]bool{1: true, 5: true, 10: true, 200: false} {
		for _, reverse := range []bool{false, true} {
			keys, vals := make([][]byte, n), make([][]byte, n)
			for i := range keys {
				keys[i] = key(i * apart)
				if reverse {
					keys[i] = key((n - i) * apart)
				}
			}
			allocs := testing.AllocsPerRun(20, func() {
				if err := snap.GetMany(background, keys, vals); err != nil {
					t.Fatal(err)
				}
			})
			if got := allocs < 2*n; got != steps {
				t.Errorf("%d apart, reverse=%v: %d keys are read with %v allocations; stepping is %v, want %v", apart, reverse, n, allocs, got, steps)
			}
		}
	}
}
