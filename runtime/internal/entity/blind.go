package entity

import (
	"context"
	"time"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// putsBlind reports whether a write does without the row before, as a put of a table that
// says so does. Rows of a table that had a TTL before may have their places in the order of
// expiry.
func (t *Table) putsBlind(m mode) bool { return m == modePut && t.Desc.Blind && !t.Expires }

// blind reports whether it does so in a transaction: somebody may be to see the row
// before, a hook or a walk. What is stored is the same then.
func (t *Table) blind(w *txn.Writer, m mode) bool {
	return t.putsBlind(m) && !w.Changes.Watches(t.Space) && !w.Walked()
}

// putsAlone reports whether puts are a batch of the engine, and nothing else: blind ones
// that are no part of a transaction, where nobody has to know of it.
func (t *Table) putsAlone(s *txn.Session, m mode) bool {
	return t.putsBlind(m) && s.W == nil && s.View == nil && t.guard == nil && t.DB.Hooks.Set.Load() == nil
}

// mostAlone is how many bytes a batch may have had whose memory is kept.
const mostAlone = 256 << 10

// putAlone writes a row as a batch of its own.
func (t *Table) putAlone(ctx context.Context, s *txn.Session, row any) error {
	return t.alone(ctx, func(sc *Scratch, batch engine.Batch) error { return t.addAlone(s, sc, batch, row) })
}

// putManyAlone writes n rows as one batch, which have one time as those of a transaction.
func (t *Table) putManyAlone(ctx context.Context, s *txn.Session, n int, row func(i int) any) error {
	return t.alone(ctx, func(sc *Scratch, batch engine.Batch) error {
		for i := range n {
			r := row(i)
			if isNil(r) {
				return t.nilRow(modePut.String(), i)
			}
			if err := t.addAlone(s, sc, batch, r); err != nil {
				return t.Fail(modePut.String(), sc.Key, err)
			}
		}
		return nil
	})
}

// addAlone adds a row to a batch.
func (t *Table) addAlone(s *txn.Session, sc *Scratch, batch engine.Batch, row any) error {
	if err := t.ready(sc.utc, s.Who, sc, row, modePut); err != nil {
		return err
	}
	sc.Value = t.Codec.AppendValue(layout.AppendHeader(sc.Value[:0], nil), row)
	if err := t.fits(sc, false); err != nil {
		return err
	}
	batch.Put(sc.Key, sc.Value)
	return nil
}

// alone writes a batch that add fills.
func (t *Table) alone(ctx context.Context, add func(sc *Scratch, batch engine.Batch) error) error {
	sc := t.Scratch()
	defer t.Release(sc)
	sc.unread, sc.now = true, time.Time{}
	batch := sc.batch
	if sc.batch = nil; batch == nil { // it is not kept where something panics
		batch = t.DB.Eng.NewBatch()
	}
	err := add(sc, batch)
	if err == nil {
		err = t.DB.Eng.Write(ctx, batch, engine.WriteOptions{Sync: t.DB.Sync})
	}
	if batch.Size() <= mostAlone {
		batch.Reset()
		sc.batch = batch
	}
	return err
}
