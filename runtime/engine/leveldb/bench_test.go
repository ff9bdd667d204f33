package leveldb_test

import (
	"context"
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
)

const benchRows = 20000

func benchKey(buf []byte, i int) []byte { return fmt.Appendf(buf[:0], "user-%08d", i) }

// benchDB opens a database of benchRows rows of 100 bytes, compacted.
func benchDB(b *testing.B) *leveldb.DB {
	b.Helper()
	db, err := leveldb.Open(b.TempDir(), nil)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	batch := db.NewBatch()
	val := make([]byte, 100)
	for i := range benchRows {
		batch.Put(benchKey(nil, i), val)
	}
	if err := db.Write(ctx, batch, engine.WriteOptions{}); err != nil {
		b.Fatal(err)
	}
	if err := db.Compact(ctx, nil, nil); err != nil {
		b.Fatal(err)
	}
	b.ReportAllocs()
	return db
}

// spread returns another row each time.
func spread(n uint64) int { return int(n * 7919 % benchRows) }

func BenchmarkGet(b *testing.B) {
	db := benchDB(b)
	var buf []byte
	for n := uint64(0); b.Loop(); n++ {
		buf = benchKey(buf, spread(n))
		if _, err := db.Get(ctx, buf); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkGetParallel(b *testing.B) {
	db := benchDB(b)
	var next atomic.Uint64
	b.RunParallel(func(pb *testing.PB) {
		var buf []byte
		for pb.Next() {
			buf = benchKey(buf, spread(next.Add(1)))
			if _, err := db.Get(ctx, buf); err != nil {
				b.Error(err)
				return
			}
		}
	})
}

func BenchmarkIterate(b *testing.B) {
	for _, reverse := range []bool{false, true} {
		b.Run(fmt.Sprintf("1000/reverse=%v", reverse), func(b *testing.B) {
			db := benchDB(b)
			rng := engine.Range{Start: benchKey(nil, 5000), End: benchKey(nil, 6000), Reverse: reverse}
			for b.Loop() {
				it := db.Iterate(ctx, rng)
				n := 0
				for it.Next() {
					n += len(it.Value())
				}
				if err := it.Close(); err != nil || n != 100*1000 {
					b.Fatal(n, err)
				}
			}
		})
	}
}

// readModifyWrite adds one to a row.
func readModifyWrite(db *leveldb.DB, key []byte, o engine.WriteOptions) error {
	for {
		err := db.Update(ctx, o, func(ctx context.Context, tx engine.Tx) error {
			v, err := tx.GetForUpdate(ctx, key)
			if err != nil {
				return err
			}
			binary.BigEndian.PutUint64(v, binary.BigEndian.Uint64(v)+1)
			return tx.Put(key, v)
		})
		if !errors.Is(err, engine.ErrConflict) {
			return err
		}
	}
}

// BenchmarkUpdate is a read-modify-write of one row. With sync, concurrent
// commits share a flush; held shows what a lock across the commit costs.
func BenchmarkUpdate(b *testing.B) {
	for _, sync := range []bool{false, true} {
		for _, point := range []bool{false, true} {
			for _, workers := range []int{1, 64} {
				b.Run(fmt.Sprintf("sync=%v/point=%v/workers=%d", sync, point, workers), func(b *testing.B) {
					db := benchDB(b)
					o := engine.WriteOptions{Sync: sync, Point: point}
					benchWorkers(b, workers, func(key []byte) error { return readModifyWrite(db, key, o) })
				})
			}
		}
	}
	b.Run("sync=true/held/workers=64", func(b *testing.B) {
		db := benchDB(b)
		var mu sync.Mutex
		benchWorkers(b, 64, func(key []byte) error {
			mu.Lock()
			defer mu.Unlock()
			return readModifyWrite(db, key, engine.WriteOptions{Sync: true})
		})
	})
}

// benchWorkers shares b.N operations, each on another row, between goroutines.
func benchWorkers(b *testing.B, workers int, op func(key []byte) error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range workers {
		wg.Go(func() {
			var buf []byte
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				buf = benchKey(buf, spread(uint64(n)))
				if err := op(buf); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
