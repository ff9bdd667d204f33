package enginetest

import (
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
)

// short is a transaction as the store runs it.
var short = engine.TxOptions{Hint: mayConflict}

// readings are the ways to read a key.
var readings = map[string]func(tx engine.Tx, key string) (string, error){
	"Get": func(tx engine.Tx, key string) (string, error) {
		v, err := tx.Get(ctx, []byte(key))
		return string(v), err
	},
	"Has": func(tx engine.Tx, key string) (string, error) {
		if ok, err := tx.Has(ctx, []byte(key)); err != nil || ok {
			return "new", err // what the test makes of a key that was not there
		}
		return "old", nil
	},
	"GetMany": func(tx engine.Tx, key string) (string, error) {
		vals := make([][]byte, 1)
		err := tx.GetMany(ctx, [][]byte{[]byte(key)}, vals)
		return string(vals[0]), err
	},
	"Iterate": func(tx engine.Tx, key string) (string, error) {
		it := tx.Iterate(ctx, engine.Range{Start: []byte(key), End: []byte(key + "\x00")})
		v := ""
		if it.Next() {
			v = string(it.Value())
		}
		return v, it.Close()
	},
}

// testShortLoses: a short transaction whose reads do not fit together any more
// reads nothing else, and does not commit, whatever its function makes of it.
func testShortLoses(t *testing.T, e engine.Engine) {
	for name, read := range readings {
		for i := range 4 {
			commits, writes := i%2 == 0, i < 2
			put(t, e, "a", "old", "b", "old")
			tx := begin(t, e, short)
			wantGet(t, tx, "a", "old")
			put(t, e, "a", "new", "b", "new")
			b, err := read(tx, "b")
			if err == nil {
				if name != "Has" && b != "old" { // an engine that has a snapshot all the same
					t.Errorf("%s: the first key is old and the second %s", name, b)
				}
				must(t, "Rollback", tx.Rollback())
				continue
			}
			wantErr(t, name, err, engine.ErrConflict)
			for name, read := range readings {
				_, err := read(tx, "c")
				wantErr(t, name+" afterwards", err, engine.ErrConflict)
			}
			if writes {
				must(t, "Put", tx.Put([]byte("x"), []byte("1")))
			}
			if commits {
				wantErr(t, "Commit", commit(tx), engine.ErrConflict)
			} else {
				wantErr(t, "Rollback", tx.Rollback(), engine.ErrConflict)
			}
			wantGet(t, e, "x", "-")
		}
	}
}

// testShortReadsOn: what a short transaction reads after others have committed is
// checked at its own commit as what it read before.
func testShortReadsOn(t *testing.T, e engine.Engine) {
	keys := []string{"m", "a", "z", "c", "b", "y"}
	for _, lost := range append(keys, "") {
		for _, key := range keys {
			put(t, e, key, "old")
		}
		tx := begin(t, e, short)
		wantWalk(t, "a range", tx, engine.Range{Start: []byte("n"), End: []byte("o")})
		wantGet(t, tx, keys[0], "old")
		wantGet(t, tx, keys[1], "old")
		put(t, e, "x", "new")
		for _, key := range keys[2:] {
			wantGet(t, tx, key, "old")
		}
		must(t, "Put", tx.Put([]byte("w"), []byte("1")))
		want := engine.ErrConflict
		if lost == "" {
			lost, want = "other", nil
		}
		put(t, e, lost, "new")
		if err := commit(tx); !errors.Is(err, want) {
			t.Errorf("Commit after a write of %s: %v, want %v", lost, err, want)
		}
	}
}

// testShortState: while others move amounts between keys and open and close them,
// each short transaction sees one state, also where it reads key by key and where
// it is to fail in the end.
func testShortState(t *testing.T, e engine.Engine) {
	const keys, workers, rounds, total = 6, 6, 150, 60
	key := func(i int) []byte { return fmt.Appendf(nil, "k%d", i) }
	put(t, e, "k0", string(numBytes(total)))
	var wg sync.WaitGroup
	for w := range workers {
		wg.Go(func() {
			rnd := rand.New(rand.NewPCG(7, uint64(w)))
			for range rounds {
				o := short
				for try := 0; ; try++ {
					o.Exclusive = try > 6 // where the engine can keep others out
					tx := begin(t, e, o)
					have, sum, err := readAll(tx, rnd, keys, key)
					if err == nil && sum != total {
						t.Errorf("a transaction sees a sum of %d, want %d", sum, total)
					}
					from, to := rnd.IntN(keys), rnd.IntN(keys)
					if err == nil && from != to && have[from] > 0 {
						n := 1 + rnd.Uint64N(have[from])
						err = errors.Join(add(tx, key(from), have[from], -n), add(tx, key(to), have[to], n))
					}
					if err != nil {
						_ = tx.Rollback() // the error is known
					} else {
						_, err = tx.Commit(ctx)
					}
					if err == nil {
						break
					}
					wantErr(t, "transaction", err, engine.ErrConflict)
				}
			}
		})
	}
	wg.Wait()
	_, sum, err := readAll(e, rand.New(rand.NewPCG(1, 1)), keys, key)
	if err != nil || sum != total {
		t.Errorf("afterwards the sum is %d, want %d (error %v)", sum, total, err)
	}
}

// readAll reads all keys, in one way or another.
func readAll(r engine.Reader, rnd *rand.Rand, n int, key func(i int) []byte) (have []uint64, sum uint64, err error) {
	have = make([]uint64, n)
	keep := func(i int, v []byte) {
		if v != nil {
			have[i] = num(v)
			sum += have[i]
		}
	}
	switch rnd.IntN(3) {
	case 0:
		for _, i := range rnd.Perm(n) {
			v, err := r.Get(ctx, key(i))
			if err != nil && !errors.Is(err, engine.ErrNotFound) {
				return nil, 0, err
			}
			keep(i, v)
		}
	case 1:
		half := n / 2
		for i, v := range make([][]byte, half) {
			if v, err = r.Get(ctx, key(i)); err != nil && !errors.Is(err, engine.ErrNotFound) {
				return nil, 0, err
			}
			keep(i, v)
		}
		keys, vals := make([][]byte, n-half), make([][]byte, n-half)
		for i := range keys {
			keys[i] = key(half + i)
		}
		if err := r.GetMany(ctx, keys, vals); err != nil {
			return nil, 0, err
		}
		for i, v := range vals {
			keep(half+i, v)
		}
	default:
		first, err := r.Has(ctx, key(0))
		if err != nil {
			return nil, 0, err
		}
		it := r.Iterate(ctx, engine.Range{Start: key(0), End: []byte("l")})
		for it.Next() {
			keep(int(it.Key()[1]-'0'), it.Value())
		}
		if err := it.Close(); err != nil {
			return nil, 0, err
		}
		if first != (have[0] > 0) {
			return nil, 0, fmt.Errorf("a key that Has calls %v holds %d in the same transaction", first, have[0])
		}
	}
	return have, sum, nil
}

// add writes what a key holds with n added; one that holds nothing is deleted.
func add(tx engine.Tx, key []byte, has, n uint64) error {
	if has+n == 0 {
		return tx.Delete(key)
	}
	return tx.Put(key, numBytes(has+n))
}

// write writes what fn puts into a batch.
func write(e engine.Engine, fn func(b engine.Batch)) error {
	b := e.NewBatch()
	fn(b)
	return e.Write(ctx, b, engine.WriteOptions{})
}
