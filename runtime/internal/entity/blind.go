package entity

import (
	"context"

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

// putsAlone reports whether a put is a batch of the engine, and nothing else: a blind one
// that is no part of a transaction, where nobody has to know of it.
func (t *Table) putsAlone(s *txn.Session, m mode) bool {
	return t.putsBlind(m) && s.W == nil && s.View == nil && t.guard == nil && t.DB.Hooks.Set.Load() == nil
}

// mostAlone is how many bytes a batch may have had whose memory is kept.
const mostAlone = 64 << 10

// putAlone writes a row as a batch of its own.
func (t *Table) putAlone(ctx context.Context, s *txn.Session, row any) error {
	sc := t.Scratch()
	defer t.Release(sc)
	sc.unread = true
	if err := t.ready(t.utc, s.Who, sc, row, modePut); err != nil {
		return err
	}
	sc.Value = t.Codec.AppendValue(layout.AppendHeader(sc.Value[:0], nil), row)
	if err := t.fits(sc, false); err != nil {
		return err
	}
	batch := sc.batch
	if sc.batch = nil; batch == nil { // it is not kept where the engine panics
		batch = t.DB.Eng.NewBatch()
	}
	batch.Put(sc.Key, sc.Value)
	err := t.DB.Eng.Write(ctx, batch, engine.WriteOptions{Sync: t.DB.Sync})
	if batch.Size() <= mostAlone {
		batch.Reset()
		sc.batch = batch
	}
	return err
}
