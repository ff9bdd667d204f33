package store

import (
	"bytes"
	"context"
	"errors"
	"sync"
	"time"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/engine"
)

// Swept is what a sweep has done.
type Swept struct {
	Removed int // expired rows that are gone now
	// Left is the number of expired rows of tables that this program has not
	// opened; they stay hidden and take room until one does that has.
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
func (db *DB) Sweep(ctx context.Context, limit int) (Swept, error) {
	var total Swept
	var from []byte
	for {
		most := sweepBatch
		if limit > 0 {
			most = min(most, limit-total.Removed)
		}
		due, next, err := db.due(ctx, from, most)
		if err != nil {
			return total, err
		}
		n, left, err := db.remove(ctx, due)
		total.Removed += n
		total.Left += left
		if err != nil || next == nil {
			return total, err
		}
		if limit > 0 && total.Removed >= limit {
			total.More = true
			return total, nil
		}
		from = next
	}
}

// dueRow is an entry in the order of expiry.
type dueRow struct {
	entry  []byte
	expiry []byte
	space  uint64
	pk     []byte
}

// parseDue takes an entry in the order of expiry apart; the result points into
// it.
func parseDue(entry []byte) (dueRow, error) {
	r := keys.NewReader(entry)
	r.Uvarint()
	r.Time()
	d := dueRow{entry: entry, space: r.Uvarint(), pk: r.Rest()}
	if r.Err() != nil {
		return dueRow{}, corrupt(entry, r.Err())
	}
	d.expiry = entry[1 : 1+expirySize]
	return d, nil
}

// due reads up to most entries that are due, from a place on, and the place to
// go on from, nil at the end.
func (db *DB) due(ctx context.Context, from []byte, most int) (due []dueRow, next []byte, err error) {
	prefix := keys.AppendUvarint(nil, spaceExpiry)
	if from == nil {
		from = prefix
	}
	// A row is gone at the moment of its expiry, so entries of now are due.
	end := keys.Successor(keys.AppendTime(prefix, db.Now()))
	it := db.eng.Iterate(ctx, engine.Range{Start: from, End: end, KeysOnly: true, Limit: most + 1})
	defer it.Close()
	var mem arena
	for it.Next() {
		if len(due) == most {
			return due, bytes.Clone(it.Key()), it.Close()
		}
		d, err := parseDue(mem.copy(it.Key()))
		if err != nil {
			return nil, nil, err
		}
		due = append(due, d)
	}
	return due, nil, it.Close()
}

// remove removes rows that are due, in one commit.
func (db *DB) remove(ctx context.Context, due []dueRow) (removed, left int, err error) {
	tables := make([]*table, len(due))
	for i, d := range due {
		if tables[i], err = db.tableOf(ctx, d.space); err != nil {
			return 0, 0, err
		}
		if tables[i] == nil {
			left++
		}
	}
	if len(due) == left {
		return 0, left, nil
	}
	var key []byte
	err = db.run(ctx, db.usual(), true, func(w *writer) error {
		removed = 0
		for i, d := range due {
			t := tables[i]
			if t == nil {
				continue
			}
			key = append(append(key[:0], t.rows...), d.pk...)
			stored, there, err := w.expiredNow(ctx, key, d.expiry)
			if err == nil && there {
				removed++
				_, err = t.remove(w, key, stored)
			}
			if err != nil {
				return t.fail("sweep", key, err)
			}
		}
		return nil
	})
	return removed, left, err
}

// expiredNow reads the row at key, and reports whether it is there and still has
// the expiry that it was listed with.
func (w *writer) expiredNow(ctx context.Context, key, expiry []byte) (stored []byte, there bool, err error) {
	stored, found, err := w.find(ctx, key)
	if err != nil || !found {
		return nil, false, err
	}
	has, _, err := splitValue(stored)
	return stored, bytes.Equal(has, expiry) && w.expired(has), corrupt(key, err)
}

// tableOf is the table of a space, if this program has opened it or another
// member of its family.
func (db *DB) tableOf(ctx context.Context, space uint64) (*table, error) {
	db.mu.Lock()
	t := db.tables[space]
	families := len(db.families)
	db.mu.Unlock()
	if t != nil || families == 0 {
		return t, nil
	}
	var rec memberRecord
	err := readRecord(ctx, db.eng, keys.AppendUvarint(catalogKey(catalogReverse), space), &rec)
	if errors.Is(err, ErrNotFound) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	db.mu.Lock()
	open := db.families[rec.Family]
	db.mu.Unlock()
	if open == nil {
		return nil, nil
	}
	return open(rec.Space, rec.Text), nil
}

// SweepOptions says how often a background sweeper works and how much it does.
type SweepOptions struct {
	// Every is the time between two sweeps; the default is a minute.
	Every time.Duration
	// Rate is the most rows that are removed in one such time; 0 is no bound.
	Rate int
	// Report, if set, gets what each sweep did.
	Report func(Swept, error)
}

// StartSweeper sweeps in the background, by the clock of the database, until
// ctx ends or the function it returns is called, which waits for the end of a
// sweep that is under way. An error of one sweep does not end the next.
func (db *DB) StartSweeper(ctx context.Context, o SweepOptions) (stop func()) {
	if o.Every <= 0 {
		o.Every = time.Minute
	}
	ctx, cancel := context.WithCancel(ctx)
	var done sync.WaitGroup
	done.Go(func() {
		for {
			select {
			case <-ctx.Done():
				return
			case <-db.clock.After(o.Every):
			}
			swept, err := db.Sweep(ctx, o.Rate)
			if o.Report != nil {
				o.Report(swept, err)
			}
			if errors.Is(err, ErrClosed) {
				return
			}
		}
	})
	return func() {
		cancel()
		done.Wait()
	}
}
