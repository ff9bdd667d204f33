package txn

import (
	"bytes"
	"context"
	"errors"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
)

// BatchRows bounds the transactions of work over a whole table.
const BatchRows = 1000

// InBatches does work that is too much for one commit: fn does the next n rows of it,
// or keys, in a transaction, which may be run again, and then is told of each commit,
// and whether to go on. n begins with most, and gets smaller where a commit is over a
// limit of the engine.
func (db *Runner) InBatches(ctx context.Context, most int, fn func(w *Writer, n int) error, then func() (more bool)) error {
	n := db.Fits(most)
	for {
		err := db.Run(ctx, db.Usual(), false, func(w *Writer) error { return fn(w, n) })
		switch {
		case tooLarge(err) && n > 1:
			n /= 2
		case err != nil || !then():
			return err
		}
	}
}

// InPieces is InBatches for n things that are known: fn does those from one to before
// another, and then is told of each commit. It returns how many were done at once in the
// end.
func (db *Runner) InPieces(ctx context.Context, o Options, point bool, n int, fn func(w *Writer, from, to int) error, then func(to int)) (size int, err error) {
	size = db.Fits(n)
	for from := 0; from < n; {
		to := min(from+size, n)
		err := db.Run(ctx, o, point, func(w *Writer) error { return fn(w, from, to) })
		switch {
		case tooLarge(err) && to-from > 1:
			size = (to - from) / 2
		case err != nil:
			return size, err
		default:
			then(to)
			from = to
		}
	}
	return size, nil
}

// Fits is how many of n things that take one write each can be in one commit, at most.
func (db *Runner) Fits(n int) int {
	if ops := db.Limits.MaxTxOps; ops > 0 {
		n = max(1, min(n, ops))
	}
	return n
}

// tooLarge reports whether a transaction may be run again with less to do.
func tooLarge(err error) bool {
	return errors.Is(err, errs.ErrTooLarge) && !errors.Is(err, engine.ErrUnknown)
}

// Clear deletes all keys from start up to but not including end: at once, where the engine
// deletes ranges and there are more than a batch of them, and in batches otherwise. may is
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
		if len(found) == n && db.DeletesRanges() {
			// Few keys are deleted one by one: what an engine keeps for a range makes
			// reads beside it dearer.
			return db.DeleteRange(w, start, end)
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

// DeletesRanges reports whether the engine has DeleteRange.
func (db *Runner) DeletesRanges() bool {
	_, ok := db.Eng.(engine.RangeDeleter)
	return ok
}

// DeleteRange is that of the engine, in a writer's transaction.
func (db *Runner) DeleteRange(w *Writer, start, end []byte) error {
	return db.Eng.(engine.RangeDeleter).DeleteRange(w.Tx, start, end)
}
