package txn

import (
	"bytes"
	"context"
	"errors"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
)

// batchRows bounds the transactions of work over a whole table.
const BatchRows = 1000

// InBatches does work that is too much for one commit: fn does the next n rows of it,
// or keys, in a transaction, which may be run again, and then is told of each commit,
// and whether to go on. n begins with most, and gets smaller where a commit is over a
// limit of the engine.
func (db *Runner) InBatches(ctx context.Context, most int, fn func(w *Writer, n int) error, then func() (more bool)) error {
	n := most
	if ops := db.Limits.MaxTxOps; ops > 0 {
		n = max(1, min(n, ops))
	}
	for {
		err := db.Run(ctx, db.Usual(), false, func(w *Writer) error { return fn(w, n) })
		switch {
		case errors.Is(err, errs.ErrTooLarge) && !errors.Is(err, engine.ErrUnknown) && n > 1:
			n /= 2
		case err != nil || !then():
			return err
		}
	}
}

// Clear deletes all keys from start up to but not including end, in batches. may is
// asked in each commit.
func (db *Runner) Clear(ctx context.Context, start, end []byte, may func(ctx context.Context, w *Writer) error) error {
	var last []byte // of a commit that was full
	return db.InBatches(ctx, BatchRows, func(w *Writer, n int) error {
		last = nil
		if err := may(ctx, w); err != nil {
			return err
		}
		it := w.Tx.Iterate(ctx, engine.Range{Start: start, End: end, KeysOnly: true, Limit: n})
		var found [][]byte
		for len(found) < n && it.Next() {
			found = append(found, bytes.Clone(it.Key()))
		}
		if err := it.Close(); err != nil {
			return err
		}
		for _, k := range found {
			if err := w.Tx.Delete(k); err != nil {
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
