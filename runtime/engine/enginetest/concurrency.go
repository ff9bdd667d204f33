package enginetest

import (
	"context"
	"encoding/binary"
	"fmt"
	"math/rand/v2"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

func num(v []byte) uint64 { return binary.BigEndian.Uint64(v) }

func numBytes(n uint64) []byte { return binary.BigEndian.AppendUint64(nil, n) }

// increment adds n to a counter.
func increment(ctx context.Context, tx engine.Tx, key []byte, n uint64) error {
	v, err := tx.GetForUpdate(ctx, key)
	if err != nil {
		return err
	}
	return tx.Put(key, numBytes(num(v)+n))
}

func testCounters(t *testing.T, e engine.Engine) { counters(t, e, engine.TxOptions{}, false) }

func testCountersMayDiffer(t *testing.T, e engine.Engine) {
	counters(t, e, engine.TxOptions{Hint: mayDiffer(true)}, false)
}

func testCountersMayConflict(t *testing.T, e engine.Engine) {
	counters(t, e, engine.TxOptions{Hint: mayConflict}, false)
}

// counters: increments from many goroutines add up, those made exclusively after
// a conflict included, which do not conflict if alone is set.
func counters(t *testing.T, e engine.Engine, o engine.TxOptions, alone bool) {
	const workers, rounds, keys = 8, 60, 3
	b := e.NewBatch()
	for k := range keys {
		b.Put(fmt.Appendf(nil, "n%d", k), numBytes(0))
	}
	must(t, "Write", e.Write(ctx, b, engine.WriteOptions{}))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			for i := range rounds {
				o := o
				o.Sync = i%20 == 0
				key := fmt.Appendf(nil, "n%d", (w+i)%keys)
				for try := 0; ; try++ {
					o.Exclusive = try >= 3
					err := Update(ctx, e, o, func(ctx context.Context, tx engine.Tx) error {
						return increment(ctx, tx, key, 1)
					})
					if err == nil {
						break
					}
					if o.Exclusive && alone {
						t.Errorf("an exclusive transaction failed: %v", err)
						return
					}
					wantErr(t, "Update", err, engine.ErrConflict)
				}
			}
		})
	}
	wg.Wait()
	var sum uint64
	for k := range keys {
		v, err := e.Get(ctx, fmt.Appendf(nil, "n%d", k))
		must(t, "Get", err)
		sum += num(v)
	}
	if sum != workers*rounds {
		t.Errorf("the counters add up to %d, want %d", sum, workers*rounds)
	}
}

// testBank: transfers between accounts leave the total as it is, in every
// snapshot, in every transaction and in every single iteration.
func testBank(t *testing.T, e engine.Engine) {
	const accounts, workers, rounds, each = 10, 4, 80, 1000
	acc := func(i int) []byte { return fmt.Appendf(nil, "acc%02d", i) }
	b := e.NewBatch()
	for i := range accounts {
		b.Put(acc(i), numBytes(each))
	}
	must(t, "Write", e.Write(ctx, b, engine.WriteOptions{}))
	total := func(ctx context.Context, r engine.Reader, reverse bool) (sum uint64, n int, err error) {
		it := r.Iterate(ctx, engine.Range{Start: []byte("acc"), End: []byte("acd"), Reverse: reverse})
		for it.Next() {
			sum += num(it.Value())
			n++
		}
		return sum, n, it.Close()
	}
	check := func(what string, sum uint64, n int, err error) bool {
		if err != nil || sum != accounts*each {
			t.Errorf("%s: total is %d in %d accounts, want %d (error %v)", what, sum, n, accounts*each, err)
			return false
		}
		return true
	}
	var wg, watchers sync.WaitGroup
	var done atomic.Bool
	for w := range workers {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(1, uint64(w)))
			for range rounds {
				from, to := rnd.IntN(accounts), rnd.IntN(accounts)
				if from == to {
					continue
				}
				amount := uint64(rnd.IntN(10))
				// An account with nothing in it is closed, and opened by a deposit.
				err := update(e, engine.TxOptions{Hint: engine.Hint{Reads: engine.Reads(rnd.IntN(3))}}, func(ctx context.Context, tx engine.Tx) error {
					vals := make([][]byte, 2)
					if err := tx.GetManyForUpdate(ctx, [][]byte{acc(from), acc(to)}, vals); err != nil {
						return err
					}
					var have, other uint64
					if vals[0] != nil {
						have = num(vals[0])
					}
					if vals[1] != nil {
						other = num(vals[1])
					}
					if have <= amount {
						amount = have
						if err := tx.Delete(acc(from)); err != nil {
							return err
						}
					} else if err := tx.Put(acc(from), numBytes(have-amount)); err != nil {
						return err
					}
					return tx.Put(acc(to), numBytes(other+amount))
				})
				if err != nil {
					t.Errorf("transfer: %v", err)
					return
				}
			}
		})
	}
	watch := func(fn func(i int) bool) {
		watchers.Go(func() {
			for i := 0; !done.Load() && fn(i); i++ {
			}
		})
	}
	watch(func(i int) bool {
		snap, err := e.Snapshot(ctx)
		if err != nil {
			t.Errorf("Snapshot: %v", err)
			return false
		}
		defer snap.Close()
		sum, n, err := total(ctx, snap, i%2 == 0)
		ok := check("snapshot", sum, n, err)
		sum, n, err = total(ctx, snap, i%2 == 1)
		return ok && check("snapshot, read again", sum, n, err)
	})
	watch(func(i int) bool {
		sum, n, err := total(ctx, e, i%2 == 0)
		return check("iteration", sum, n, err)
	})
	watch(func(int) bool {
		keys, vals := make([][]byte, accounts), make([][]byte, accounts)
		for i := range keys {
			keys[i] = acc(i)
		}
		err := e.GetMany(ctx, keys, vals)
		var sum uint64
		for _, v := range vals {
			if v != nil {
				sum += num(v)
			}
		}
		return check("GetMany", sum, accounts, err)
	})
	watch(func(i int) bool {
		var sum uint64
		var n int
		err := update(e, engine.TxOptions{Hint: mayDiffer(i%2 == 0)}, func(ctx context.Context, tx engine.Tx) (err error) {
			sum, n, err = total(ctx, tx, i%3 == 0)
			if err != nil || i%5 > 0 {
				return err
			}
			return tx.Put([]byte("audit"), numBytes(sum))
		})
		return check("transaction", sum, n, err)
	})
	wg.Wait()
	done.Store(true)
	watchers.Wait()
	sum, n, err := total(ctx, e, false)
	check("at the end", sum, n, err)
}

// testBlindAgainstUpdate: a batch written blindly takes its place among the
// transactions. A writer sets two keys to the same number without looking, and
// transactions copy one of them to the other: they must never differ.
func testBlindAgainstUpdate(t *testing.T, e engine.Engine) {
	const rounds = 300
	put2 := func(n uint64) error {
		b := e.NewBatch()
		b.Put([]byte("x"), numBytes(n))
		b.Put([]byte("y"), numBytes(n))
		return e.Write(ctx, b, engine.WriteOptions{})
	}
	must(t, "Write", put2(0))
	var wg sync.WaitGroup
	wg.Go(func() {
		for i := range uint64(rounds) {
			if err := put2(i + 1); err != nil {
				t.Errorf("Write: %v", err)
			}
		}
	})
	for _, o := range []engine.TxOptions{{}, {Hint: mayDiffer(true)}} {
		wg.Go(func() {
			for range rounds {
				var x, y uint64
				err := update(e, o, func(ctx context.Context, tx engine.Tx) error {
					vx, err := tx.Get(ctx, []byte("x"))
					if err != nil {
						return err
					}
					vy, err := tx.Get(ctx, []byte("y"))
					if err != nil {
						return err
					}
					x, y = num(vx), num(vy)
					// Let the writer in: a commit that then overlooked it would put
					// y behind x.
					runtime.Gosched()
					return tx.Put([]byte("y"), vx)
				})
				if err != nil || x != y {
					t.Errorf("Update: x=%d, y=%d, %v", x, y, err)
					return
				}
			}
		})
	}
	wg.Wait()
	keys, vals := [][]byte{[]byte("x"), []byte("y")}, make([][]byte, 2)
	must(t, "GetMany", e.GetMany(ctx, keys, vals))
	if !slices.Equal(vals[0], vals[1]) || num(vals[0]) != rounds {
		t.Errorf("at the end: x=%d, y=%d, want %d", num(vals[0]), num(vals[1]), rounds)
	}
}

// testReadersNeverGoBack: "copy" is only ever set to what "orig" was in the same
// transaction, and "orig" only grows. So once a reader has seen an orig, copy
// must not change to an older one.
//
// It needs a blind write to wait for a transaction in flight that has read its
// key: otherwise the reader sees the new orig while the commit that relied on
// the old one is still to come.
func testReadersNeverGoBack(t *testing.T, e engine.Engine) {
	const rounds = 200
	put(t, e, "orig", string(numBytes(0)), "copy", string(numBytes(0)))
	var wg, readers sync.WaitGroup
	var done atomic.Bool
	wg.Go(func() {
		for i := range uint64(rounds) {
			b := e.NewBatch()
			b.Put([]byte("orig"), numBytes(i+1))
			if err := e.Write(ctx, b, engine.WriteOptions{}); err != nil {
				t.Errorf("Write: %v", err)
			}
		}
	})
	wg.Go(func() {
		for range rounds {
			err := update(e, engine.TxOptions{Hint: mayDiffer(true)}, func(ctx context.Context, tx engine.Tx) error {
				v, err := tx.Get(ctx, []byte("orig"))
				if err != nil {
					return err
				}
				return tx.Put([]byte("copy"), v)
			})
			if err != nil {
				t.Errorf("Update: %v", err)
			}
		}
	})
	for range 2 {
		readers.Go(func() {
			read := func(key string) uint64 {
				v, err := e.Get(ctx, []byte(key))
				if err != nil {
					t.Errorf("Get: %v", err)
					return 0
				}
				return num(v)
			}
			for !done.Load() {
				orig := read("orig")
				first := read("copy")
				second := read("copy")
				if second != first && second < orig {
					t.Errorf("copy became %d after orig was seen as %d", second, orig)
					return
				}
			}
		})
	}
	wg.Wait()
	done.Store(true)
	readers.Wait()
}
