package admin

import (
	"bytes"
	"context"
	"errors"
	"slices"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/entity"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Swept is what a sweep has done.
type Swept struct {
	Removed int // expired rows that are gone now
	// Aside is the number of expired rows that cannot be read, and are put aside as
	// Repair does: Aside lists them. Verify finds what entries they had.
	Aside int
	// Orphans is the number of entries in the order of expiry that no row has, which
	// are removed.
	Orphans int
	// Left is about the number of expired rows of tables that this program has not
	// opened; they stay hidden and take room until one does that has, or until
	// DropTable.
	Left int
	// More is set where the limit ended the sweep before the work was done.
	More bool
}

// sweepBatch is how many rows a sweep removes in one commit.
const sweepBatch = 256

// Sweep removes expired rows with all that belongs to them, the longest expired
// first, up to limit of them; 0 is no limit. Expired rows are never seen anyway:
// this gives their room back. It reads only rows that have expired, and commits
// every few hundred.
func Sweep(ctx context.Context, of Database, limit int) (Swept, error) {
	db := of.Internal()
	var total Swept
	prefix := keys.AppendUvarint(nil, layout.SpaceExpiry)
	// A row is gone at the moment of its expiry, so entries of now are due. Each is
	// looked at again when its row is removed, so one walk will do for all commits.
	end := keys.Successor(keys.AppendTime(prefix, db.Now()))
	start, left := db.Unswept.Begin(prefix)
	total.Left = left
	it := db.Eng.Iterate(ctx, engine.Range{Start: start, End: end, KeysOnly: true, Limit: limit})
	defer it.Close()
	b := dueBatch{size: sweepBatch}
	for {
		most := b.size
		if limit > 0 {
			most = min(most, limit-total.Removed)
		}
		through, err := b.read(it, most)
		if err != nil {
			return total, err
		}
		err = remove(ctx, db, &b, &total)
		if err == nil && through {
			db.Unswept.End(end, total.Left)
		}
		if err != nil || through {
			return total, err
		}
		if limit > 0 && total.Removed >= limit {
			total.More = it.Next()
			return total, it.Close()
		}
	}
}

// dueBatch is the entries of one commit, in memory that is used for all of them.
type dueBatch struct {
	size   int // how many are removed at once, which the engine's limits may make fewer
	rows   []dueEntry
	tables []*entity.Table // of the rows; nil where this program has not opened it
	mem    []byte          // the entries, one behind the other
	// The stored keys of the rows of one table among them, and what is there.
	keyMem     []byte
	keys, vals [][]byte
}

// dueEntry is where a dueRow is in the memory of its batch.
type dueEntry struct {
	start, pk, end int
	space          uint64
	bad            bool // it cannot be read
}

// row is what is to be removed for an entry.
func (b *dueBatch) row(i int) (expiry, pk []byte) {
	p := b.rows[i]
	return b.mem[p.start+1:][:layout.ExpirySize], b.mem[p.pk:p.end]
}

// read takes up to most entries, and reports whether the walk is through.
func (b *dueBatch) read(it engine.Iterator, most int) (through bool, err error) {
	b.rows, b.tables, b.mem = b.rows[:0], b.tables[:0], b.mem[:0]
	for len(b.rows) < most {
		if !it.Next() {
			return true, it.Close()
		}
		if b.rows == nil { // not before something is due, which is seldom
			b.rows, b.tables, b.mem = make([]dueEntry, 0, most), make([]*entity.Table, 0, most), make([]byte, 0, 32*most)
		}
		key := it.Key()
		start := len(b.mem)
		d, err := layout.ParseDue(key)
		if err != nil { // it is of no row
			b.mem = append(b.mem, key...)
			b.rows = append(b.rows, dueEntry{start: start, pk: len(b.mem), end: len(b.mem), bad: true})
			continue
		}
		b.mem = append(b.mem, key...)
		b.rows = append(b.rows, dueEntry{start: start, pk: len(b.mem) - len(d.Pk), end: len(b.mem), space: d.Space})
	}
	return false, nil
}

// remove removes rows that are due, in one commit unless the engine's limits make it
// several, and adds to total what it has done.
func remove(ctx context.Context, db *entity.DB, b *dueBatch, total *Swept) (err error) {
	left := 0
	for i, d := range b.rows {
		var t *entity.Table
		if i > 0 && d.space == b.rows[i-1].space {
			t = b.tables[i-1]
		} else if t, err = db.TableOf(ctx, d.space); err != nil {
			return err
		}
		b.tables = append(b.tables, t)
		if t == nil && !d.bad {
			left++
		}
	}
	total.Left += left
	if len(b.rows) == left {
		return nil
	}
	o := db.Usual()
	o.Writes = 2 * len(b.rows) // the rows and these entries
	var did Swept
	size, err := db.InPieces(ctx, o, true, len(b.rows), func(w *txn.Writer, from, to int) error {
		did = Swept{}
		return b.remove(ctx, w, from, to, &did)
	}, func(int) {
		total.Removed += did.Removed
		total.Aside += did.Aside
		total.Orphans += did.Orphans
	})
	if size < len(b.rows) {
		b.size = size
	}
	return err
}

// remove removes the rows of a batch from one to before another.
func (b *dueBatch) remove(ctx context.Context, w *txn.Writer, from, to int, did *Swept) error {
	for i := from; i < to; {
		// The rows of a table come one after the other, as a rule.
		t := b.tables[i]
		end := i + 1
		for end < to && b.tables[end] == t {
			end++
		}
		err := error(nil)
		if t == nil {
			err = b.dropBad(w, i, end, did)
		} else {
			err = removeDue(ctx, t, w, b, i, end, did)
		}
		if err != nil {
			return err
		}
		i = end
	}
	return nil
}

// dropBad removes those entries of a batch, from one to before another, that cannot be read.
func (b *dueBatch) dropBad(w *txn.Writer, from, end int, did *Swept) error {
	for _, p := range b.rows[from:end] {
		if !p.bad {
			continue
		}
		if err := w.Tx.Delete(b.mem[p.start:p.end]); err != nil {
			return err
		}
		did.Orphans++
	}
	return nil
}

// removeDue removes those rows of a batch, from one to before another, that still have
// the expiry that they are listed with.
func removeDue(ctx context.Context, t *entity.Table, w *txn.Writer, b *dueBatch, from, end int, did *Swept) error {
	if err := readDue(ctx, t, w, b, from, end); err != nil {
		return err
	}
	sc := t.Scratch()
	defer t.Release(sc)
	for i := from; i < end; i++ {
		sc.Key = append(sc.Key[:0], b.keys[i-from]...)
		if err := removeExpired(ctx, t, w, sc, b, i, b.vals[i-from], did); err != nil {
			return t.Fail("sweep", sc.Key, err)
		}
	}
	return nil
}

// readDue reads those rows together, in the order of their keys, which they have in
// the batch from then on: an engine far away is asked once, and one at hand steps
// from row to row where they lie near each other.
func readDue(ctx context.Context, t *entity.Table, w *txn.Writer, b *dueBatch, from, end int) error {
	rows := b.rows[from:end]
	slices.SortFunc(rows, func(p, q dueEntry) int {
		return bytes.Compare(b.mem[p.pk:p.end], b.mem[q.pk:q.end])
	})
	size := 0
	for _, p := range rows {
		size += len(t.Rows) + p.end - p.pk
	}
	b.keyMem = slices.Grow(b.keyMem[:0], size) // so that keys can point into it
	b.keys, b.vals = b.keys[:0], slices.Grow(b.vals[:0], len(rows))[:len(rows)]
	for _, p := range rows {
		start := len(b.keyMem)
		b.keyMem = append(append(b.keyMem, t.Rows...), b.mem[p.pk:p.end]...)
		b.keys = append(b.keys, b.keyMem[start:])
	}
	err := w.Tx.GetManyForUpdate(ctx, b.keys, b.vals)
	if err == nil {
		return nil
	}
	// Which one it was is to be in the error.
	for _, key := range b.keys {
		if _, _, err := w.Find(ctx, key); err != nil {
			return t.Fail("sweep", key, err)
		}
	}
	return t.Fail("sweep", nil, err)
}

// removeExpired removes the row at sc.key, if it is there, still has the expiry that
// it was listed with, and that is over. A row that cannot be read is put aside, since it
// would be met by every sweep.
func removeExpired(ctx context.Context, t *entity.Table, w *txn.Writer, sc *entity.Scratch, b *dueBatch, i int, stored []byte, did *Swept) error {
	listed, _ := b.row(i)
	entry := b.mem[b.rows[i].start:b.rows[i].end]
	if stored == nil {
		return dropOrphan(ctx, w, entry, did)
	}
	expiry, _, err := layout.SplitValue(stored)
	switch {
	case err == nil && !bytes.Equal(expiry, listed):
		return dropOrphan(ctx, w, entry, did)
	case err == nil && !w.Expired(expiry):
		return nil // the clock has been set back
	case err == nil:
		_, err = t.Remove(w, sc, stored)
	}
	if err == nil {
		did.Removed++
		return nil
	}
	if !errors.Is(err, errs.ErrCorrupt) && !errors.Is(err, layout.ErrFormat) {
		return err
	}
	did.Aside++
	if err := moveAside(t, w, sc.Key, stored); err != nil {
		return err
	}
	return w.Tx.Delete(entry)
}

// dropOrphan removes an entry that no row has, unless that has happened since the sweep
// came by.
func dropOrphan(ctx context.Context, w *txn.Writer, entry []byte, did *Swept) error {
	_, found, err := w.Find(ctx, entry)
	if err != nil || !found {
		return err
	}
	did.Orphans++
	return w.Tx.Delete(entry)
}
