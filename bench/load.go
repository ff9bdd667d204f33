package bench

import (
	"errors"
	"fmt"
	"iter"
	"os"

	"github.com/storegen/storegen/bench/db/users"
	"github.com/storegen/storegen/engines/pebble"
	"github.com/storegen/storegen/runtime/engine/leveldb"
	"github.com/storegen/storegen/runtime/store"
)

// LoadWay is a way to bring many rows into an empty table.
type LoadWay struct {
	Name string
	Do   func(dir string, rows int) error
}

// LoadWays are those that are compared, the twin first.
var LoadWays = []LoadWay{
	{"twin, in batches of 1000", byBatches(openTwin)},
	{"generated, InsertMany of 1000", byBatches(openGenerated)},
	{"generated, Load", func(dir string, rows int) error {
		eng, err := leveldb.Open(dir, &leveldb.Options{BlockCache: 128 << 20})
		if err != nil {
			return err
		}
		return byLoad(eng, rows)
	}},
	{"pebble by hand, in batches of 1000", byBatches(openPebble)},
	{"generated on pebble, InsertMany of 1000", byBatches(openOnPebble)},
	{"generated on pebble, Load", func(dir string, rows int) error {
		eng, err := pebble.Open(dir, &pebble.Options{BlockCache: 128 << 20})
		if err != nil {
			return err
		}
		return byLoad(eng, rows)
	}},
}

// loadRows are the rows of a load, in an order that is not that of the keys.
func loadRows(n int) iter.Seq2[*User, error] {
	return func(yield func(*User, error) bool) {
		step := 7919 // a prime, so that each row comes once
		for i := range n {
			if !yield(Row(i*step%n), nil) {
				return
			}
		}
	}
}

func byBatches(open func(Options) (Contestant, error)) func(dir string, rows int) error {
	return func(dir string, rows int) error {
		c, err := open(Options{Dir: dir})
		if err != nil {
			return err
		}
		var batch []*User
		for u := range loadRows(rows) {
			if batch = append(batch, u); len(batch) < 1000 {
				continue
			}
			if err := c.InsertBatch(batch); err != nil {
				return errors.Join(err, c.Close())
			}
			batch = batch[:0]
		}
		return errors.Join(c.InsertBatch(batch), c.Close())
	}
}

func byLoad(eng compactable, rows int) error {
	db, err := store.Open(ctx, eng)
	if err != nil {
		return errors.Join(err, eng.Close())
	}
	n, err := users.Load(ctx, db, loadRows(rows))
	if err == nil && n != rows {
		err = fmt.Errorf("%d of %d rows were loaded", n, rows)
	}
	return errors.Join(err, db.Close())
}

// Run does it in a folder that is gone afterwards.
func (w LoadWay) Run(rows int) error {
	dir, err := os.MkdirTemp("", "bench-*")
	if err != nil {
		return err
	}
	return errors.Join(w.Do(dir, rows), os.RemoveAll(dir))
}
