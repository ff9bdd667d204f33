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

// LoadWay is a way to bring many rows into a table.
type LoadWay struct {
	Name string
	// Do adds the part of them that has a number: 0 to an empty table, 1 to one that has
	// those of before, which lie between these.
	Do func(dir string, rows, part int) error
}

// LoadWays are those that are compared, the twin first.
var LoadWays = []LoadWay{
	{"twin, in batches of 1000", byBatches(openTwin)},
	{"generated, InsertMany of 1000", byBatches(openGenerated)},
	{"generated, Load", byLoad(func(dir string) (compactable, error) {
		return leveldb.Open(dir, &leveldb.Options{BlockCache: 128 << 20})
	})},
	{"pebble by hand, in batches of 1000", byBatches(openPebble)},
	{"generated on pebble, InsertMany of 1000", byBatches(openOnPebble)},
	{"generated on pebble, Load", byLoad(func(dir string) (compactable, error) {
		return pebble.Open(dir, &pebble.Options{BlockCache: 128 << 20})
	})},
}

// loadParts is how many parts there are.
const loadParts = 2

// loadRows are the rows of a load, in an order that is not that of the keys.
func loadRows(n, part int) iter.Seq2[*User, error] {
	return func(yield func(*User, error) bool) {
		step := 7919 // a prime, so that each row comes once
		for i := range n {
			if !yield(Row(i*step%n*loadParts+part), nil) {
				return
			}
		}
	}
}

func byBatches(open func(Options) (Contestant, error)) func(dir string, rows, part int) error {
	return func(dir string, rows, part int) error {
		c, err := open(Options{Dir: dir})
		if err != nil {
			return err
		}
		var batch []*User
		for u := range loadRows(rows, part) {
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

func byLoad(open func(dir string) (compactable, error)) func(dir string, rows, part int) error {
	return func(dir string, rows, part int) error {
		eng, err := open(dir)
		if err != nil {
			return err
		}
		db, err := store.Open(ctx, eng)
		if err != nil {
			return errors.Join(err, eng.Close())
		}
		n, err := users.Load(ctx, db, loadRows(rows, part))
		if err == nil && n != rows {
			err = fmt.Errorf("%d of %d rows were loaded", n, rows)
		}
		return errors.Join(err, db.Close())
	}
}

// Run does it in a folder that is gone afterwards, part after part. done is called after each
// part, and begin before it.
func (w LoadWay) Run(rows int, begin, done func()) (err error) {
	dir, err := os.MkdirTemp("", "bench-*")
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()
	for part := range loadParts {
		begin()
		if err := w.Do(dir, rows, part); err != nil {
			return err
		}
		done()
	}
	return nil
}
