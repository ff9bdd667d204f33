package leveldb_test

import (
	"encoding/binary"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	goleveldb "github.com/syndtr/goleveldb/leveldb"
	"github.com/syndtr/goleveldb/leveldb/filter"
	"github.com/syndtr/goleveldb/leveldb/opt"
)

const benchRows = 20000

func benchKey(buf []byte, i int) []byte { return fmt.Appendf(buf[:0], "user-%08d", i) }

// benchDB opens a database of benchRows rows of 100 bytes, compacted.
func benchDB(b *testing.B) *leveldb.DB { return benchDBOf(b, nil) }

func benchDBOf(b *testing.B, o *leveldb.Options) *leveldb.DB {
	b.Helper()
	db, err := leveldb.Open(b.TempDir(), o)
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() { db.Close() })
	fillBench(b, db)
	b.ReportAllocs()
	return db
}

func fillBench(b *testing.B, db *leveldb.DB) {
	b.Helper()
	batch := db.NewBatch()
	val := make([]byte, 100)
	rng := rand.New(rand.NewPCG(1, 1))
	for i := range benchRows {
		for j := range val {
			val[j] = byte('a' + rng.IntN(26))
		}
		batch.Put(benchKey(nil, i), val)
	}
	if err := db.Write(ctx, batch, engine.WriteOptions{}); err != nil {
		b.Fatal(err)
	}
	if err := db.Compact(ctx, nil, nil); err != nil {
		b.Fatal(err)
	}
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

// BenchmarkGetParallel is Get from all processors, beside goleveldb's own. Each
// goroutine goes through the rows by itself, so that nothing is shared but the
// database.
func BenchmarkGetParallel(b *testing.B) {
	parallel := func(b *testing.B, get func(key []byte) error) {
		var seed atomic.Uint64
		b.RunParallel(func(pb *testing.PB) {
			var buf []byte
			for n := seed.Add(benchRows / 7); pb.Next(); n++ {
				buf = benchKey(buf, spread(n))
				if err := get(buf); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	b.Run("engine", func(b *testing.B) {
		db := benchDB(b)
		parallel(b, func(key []byte) error {
			_, err := db.Get(ctx, key)
			return err
		})
	})
	b.Run("snapshot", func(b *testing.B) {
		db := benchDB(b)
		snap, err := db.Snapshot(ctx)
		if err != nil {
			b.Fatal(err)
		}
		defer snap.Close()
		parallel(b, func(key []byte) error {
			_, err := snap.Get(ctx, key)
			return err
		})
	})
	b.Run("goleveldb", func(b *testing.B) {
		dir := b.TempDir()
		db, err := leveldb.Open(dir, nil)
		if err != nil {
			b.Fatal(err)
		}
		fillBench(b, db)
		if err := db.Close(); err != nil {
			b.Fatal(err)
		}
		raw, err := goleveldb.OpenFile(dir, &opt.Options{
			BlockSize: leveldb.DefaultBlockSize, BlockCacheCapacity: leveldb.DefaultBlockCache,
			Filter: filter.NewBloomFilter(leveldb.DefaultBloomBits),
		})
		if err != nil {
			b.Fatal(err)
		}
		defer raw.Close()
		b.ReportAllocs()
		parallel(b, func(key []byte) error {
			_, err := raw.Get(key, nil)
			return err
		})
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

// BenchmarkGetManySorted is GetMany of keys in order that lie so many rows apart, on
// average, beside a Get of each. Both take turns, as they differ by less than a
// machine does from one minute to the next.
func BenchmarkGetManySorted(b *testing.B) {
	for _, levels := range []string{"compacted", "level 0"} {
		db := benchDBOf(b, &leveldb.Options{WriteBuffer: 256 << 10})
		if levels != "compacted" {
			rewriteSome(b, db)
		}
		snap, err := db.Snapshot(ctx)
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { snap.Close() })
		for _, n := range []int{8, 12, 20, 50, 128} {
			for _, apart := range []int{1, 2, 5, 10, 20, 100, 1000} {
				if n*apart > benchRows {
					continue
				}
				b.Run(fmt.Sprintf("%s/keys=%d/apart=%d", levels, n, apart), func(b *testing.B) {
					rng := rand.New(rand.NewPCG(1, 2))
					keys, vals := make([][]byte, n), make([][]byte, n)
					var took [2][]time.Duration
					ways := [2]func() error{
						func() error { return snap.GetMany(ctx, keys, vals) },
						func() error {
							for _, key := range keys {
								if _, err := snap.Get(ctx, key); err != nil {
									return err
								}
							}
							return nil
						},
					}
					// Rows that have one of so many values at random.
					pick := func() (there bool) {
						at := rng.IntN(benchRows)
						for i := range keys {
							for at++; rng.IntN(apart) != 0; at++ {
							}
							keys[i] = benchKey(keys[i], at)
						}
						return at < benchRows
					}
					turns := 0
					for ; b.Loop(); turns++ {
						for !pick() {
						}
						for i := range ways {
							way := (i + turns) % 2
							begun := time.Now()
							if err := ways[way](); err != nil {
								b.Fatal(err)
							}
							took[way] = append(took[way], time.Since(begun))
						}
					}
					b.ReportMetric(float64(median(took[0]))/float64(median(took[1])), "many/gets")
					b.ReportMetric(0, "ns/op")
				})
			}
		}
	}
}

func median(took []time.Duration) time.Duration {
	slices.Sort(took)
	return took[len(took)/2]
}

// rewriteSome writes a third of the rows again, in pieces of most of a write buffer,
// so that they are in three tables of level 0 and in memory.
func rewriteSome(b *testing.B, db *leveldb.DB) {
	b.Helper()
	rng := rand.New(rand.NewPCG(1, 3))
	val := make([]byte, 100)
	for range 4 {
		batch := db.NewBatch()
		for range benchRows / 12 {
			batch.Put(benchKey(nil, rng.IntN(benchRows)), val)
		}
		if err := db.Write(ctx, batch, engine.WriteOptions{}); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkChecksums is what checking the blocks of tables costs when they are
// read from the file, with the cache off: it is on in all other benchmarks. Both
// ways take turns, as they differ by less than a machine does from one minute to
// the next.
func BenchmarkChecksums(b *testing.B) {
	dir := b.TempDir()
	db, err := leveldb.Open(dir, nil)
	if err != nil {
		b.Fatal(err)
	}
	fillBench(b, db)
	if err := db.Close(); err != nil {
		b.Fatal(err)
	}
	open := func(strict opt.Strict) *goleveldb.DB {
		raw, err := goleveldb.OpenFile(dir, &opt.Options{
			DisableBlockCache: true, ReadOnly: true, Strict: opt.StrictReader | strict,
			Filter: filter.NewBloomFilter(leveldb.DefaultBloomBits),
		})
		if err != nil {
			b.Fatal(err)
		}
		b.Cleanup(func() { raw.Close() })
		return raw
	}
	const gets = 500
	var buf []byte
	for _, c := range []struct {
		name string
		per  int
		do   func(raw *goleveldb.DB, turn int) error
	}{
		{"Get", gets, func(raw *goleveldb.DB, turn int) error {
			for i := range gets {
				buf = benchKey(buf, spread(uint64(turn*gets+i)))
				if _, err := raw.Get(buf, nil); err != nil {
					return err
				}
			}
			return nil
		}},
		{"Scan", benchRows, func(raw *goleveldb.DB, _ int) error {
			it := raw.NewIterator(nil, nil)
			defer it.Release()
			for it.Next() {
			}
			return it.Error()
		}},
	} {
		b.Run(c.name, func(b *testing.B) {
			ways := []*goleveldb.DB{open(0), open(opt.StrictBlockChecksum)}
			var took [2]time.Duration
			turns := 0
			for b.Loop() {
				for i := range ways {
					way := (i + turns) % 2
					begun := time.Now()
					if err := c.do(ways[way], turns); err != nil {
						b.Fatal(err)
					}
					took[way] += time.Since(begun)
				}
				turns++
			}
			per := float64(turns * c.per)
			b.ReportMetric(float64(took[0].Nanoseconds())/per, "unchecked-ns/row")
			b.ReportMetric(float64(took[1].Nanoseconds())/per, "checked-ns/row")
			b.ReportMetric(0, "ns/op")
		})
	}
}

// readModifyWrite adds one to a row. free is the transaction before in this goroutine.
func readModifyWrite(db *leveldb.DB, key []byte, o engine.TxOptions, free *engine.Tx) error {
	once := func() error {
		o.Hint.Reuse = *free
		tx, err := db.Begin(ctx, o)
		if err != nil {
			return err
		}
		*free = tx
		v, err := tx.GetForUpdate(ctx, key)
		if err != nil {
			return errors.Join(err, tx.Rollback())
		}
		binary.BigEndian.PutUint64(v, binary.BigEndian.Uint64(v)+1)
		if err := tx.Put(key, v); err != nil {
			return errors.Join(err, tx.Rollback())
		}
		_, err = tx.Commit(ctx)
		return err
	}
	for {
		if err := once(); !errors.Is(err, engine.ErrConflict) {
			return err
		}
	}
}

// BenchmarkUpdate is a read-modify-write of one row. With sync, concurrent
// commits share a flush; held shows what a lock across the commit costs.
func BenchmarkUpdate(b *testing.B) {
	for _, sync := range []bool{false, true} {
		for name, reads := range map[string]engine.Reads{"point=false": engine.ReadsOneState, "point=true": engine.ReadsMayDiffer} {
			for _, workers := range []int{1, 64} {
				b.Run(fmt.Sprintf("sync=%v/%s/workers=%d", sync, name, workers), func(b *testing.B) {
					db := benchDB(b)
					o := engine.TxOptions{Sync: sync, Hint: engine.Hint{Reads: reads}}
					benchWorkers(b, workers, func(key []byte, free *engine.Tx) error { return readModifyWrite(db, key, o, free) })
				})
			}
		}
	}
	b.Run("sync=true/held/workers=64", func(b *testing.B) {
		db := benchDB(b)
		var mu sync.Mutex
		benchWorkers(b, 64, func(key []byte, free *engine.Tx) error {
			mu.Lock()
			defer mu.Unlock()
			return readModifyWrite(db, key, engine.TxOptions{Sync: true}, free)
		})
	})
}

// benchWorkers shares b.N operations, each on another row, between goroutines.
func benchWorkers(b *testing.B, workers int, op func(key []byte, free *engine.Tx) error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	b.ResetTimer()
	for range workers {
		wg.Go(func() {
			var buf []byte
			var free engine.Tx
			for {
				n := next.Add(1)
				if n > int64(b.N) {
					return
				}
				buf = benchKey(buf, spread(uint64(n)))
				if err := op(buf, &free); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}
