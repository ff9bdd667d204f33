package entity

import (
	"bytes"
	"context"
	"slices"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// deleteRows bounds the rows of one commit of a delete outside of a transaction.
const deleteRows = 5000

// Delete removes the rows and returns how many there were. In a transaction they are
// part of its commit. Outside of one, they are removed in commits of up to 5,000 rows, or
// of fewer where the engine's limits are smaller: each is of one state, and others may
// write between two of them. What an error leaves is what was not yet removed; the number
// that comes with it is of the rows that were.
//
//go:noinline
func (r *Query) Delete(ctx context.Context) (int, error) {
	if r.s.W != nil || r.s.View != nil {
		n := 0
		err := r.s.Write(ctx, false, func(w *txn.Writer) (err error) {
			n, _, _, err = r.deleteIn(ctx, w, nil, r.limit)
			return err
		})
		return n, r.t.FailFor(r.s.Who, "delete", nil, err)
	}
	total, matched := 0, 0
	var from, last []byte
	var gone, seen int
	err := r.t.DB.InBatches(ctx, deleteRows, func(w *txn.Writer, n int) (err error) {
		if r.limit > 0 {
			n = min(n, r.limit-matched)
		}
		gone, seen, last, err = r.deleteIn(ctx, w, from, n)
		if seen < n {
			last = nil // there are no more
		}
		return err
	}, func() bool {
		total, matched, from = total+gone, matched+seen, last
		return from != nil && (r.limit == 0 || matched < r.limit)
	})
	return total, r.t.FailFor(r.s.Who, "delete", nil, txn.Veil(r.s.Who, err))
}

// deleteIn removes rows in a transaction, up to limit of them, from behind a place in the
// run or from its beginning. It returns how many were there, how many matched, and the
// place of the last, if there are so many.
func (r *Query) deleteIn(ctx context.Context, w *txn.Writer, from []byte, limit int) (gone, seen int, last []byte, err error) {
	in := *r
	in.s = &txn.Session{Db: w.Db, R: w.Tx, W: w, Who: r.s.Who}
	in.limit = limit
	if err := in.t.Allow(in.s.Who, access.Write, nil); err != nil {
		return 0, 0, nil, err
	}
	var found [][]byte
	err = in.visitKeys(ctx, from, true, func(pk []byte, walk *Walk) (bool, error) {
		found = append(found, append(bytes.Clone(in.t.Rows), pk...))
		if len(found) == limit {
			last = walk.Where()
		}
		return true, nil
	})
	if err == nil && r.s.Over() {
		err = errs.ErrTxDone // a filter has ended it, and the writer may be another's
	}
	if err != nil {
		return 0, 0, nil, err
	}
	for some := range slices.Chunk(found, manyAhead) {
		n, err := in.t.deleteKeys(ctx, w, some)
		if err != nil {
			return 0, 0, nil, err
		}
		gone += n
	}
	return gone, len(found), last, nil
}

// deleteKeys removes the rows that have some stored keys, which are read together, and
// returns how many were there.
func (t *Table) deleteKeys(ctx context.Context, w *txn.Writer, stored [][]byte) (gone int, err error) {
	if len(stored) > 1 {
		defer w.EndAhead()
		for _, key := range stored {
			w.Ahead(key)
		}
		if err := t.readAhead(ctx, w, "delete"); err != nil {
			return 0, t.Fail("delete", nil, err)
		}
	}
	for _, key := range stored {
		there, err := t.DeleteKey(ctx, w, key)
		if err != nil {
			return 0, t.Fail("delete", key, err)
		}
		if there {
			gone++
		}
	}
	return gone, nil
}
