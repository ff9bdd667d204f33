package store

import (
	"bytes"
	"context"
	"errors"

	"github.com/storegen/storegen/runtime/engine"
)

// batchRows bounds the transactions of work over a whole table.
const batchRows = 1000

// inBatches does work that is too much for one commit: fn does the next n rows of it,
// or keys, in a transaction, which may be run again, and then is told of each commit,
// and whether to go on. n begins with most, and gets smaller where a commit is over a
// limit of the engine.
func (db *runner) inBatches(ctx context.Context, most int, fn func(w *writer, n int) error, then func() (more bool)) error {
	n := most
	if ops := db.limits.MaxTxOps; ops > 0 {
		n = max(1, min(n, ops))
	}
	for {
		err := db.run(ctx, db.usual(), false, func(w *writer) error { return fn(w, n) })
		switch {
		case errors.Is(err, ErrTooLarge) && !errors.Is(err, engine.ErrUnknown) && n > 1:
			n /= 2
		case err != nil || !then():
			return err
		}
	}
}

// clear deletes all keys from start up to but not including end, in batches. may is
// asked in each commit.
func (db *runner) clear(ctx context.Context, start, end []byte, may func(ctx context.Context, w *writer) error) error {
	var last []byte // of a commit that was full
	return db.inBatches(ctx, batchRows, func(w *writer, n int) error {
		last = nil
		if err := may(ctx, w); err != nil {
			return err
		}
		it := w.tx.Iterate(ctx, engine.Range{Start: start, End: end, KeysOnly: true, Limit: n})
		var found [][]byte
		for len(found) < n && it.Next() {
			found = append(found, bytes.Clone(it.Key()))
		}
		if err := it.Close(); err != nil {
			return err
		}
		for _, k := range found {
			if err := w.tx.Delete(k); err != nil {
				return err
			}
		}
		if len(found) == n {
			last = found[n-1]
		}
		return nil
	}, func() bool {
		start = last // an engine may have to step over what was deleted
		return start != nil
	})
}
