package txn

import (
	"context"
	"errors"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
)

// Snapshot is one state of the database, for readers that cannot do their work
// inside of a function as View wants it: query engines.
type Snapshot struct {
	tx   *Tx
	snap engine.Snapshot
}

// Snapshot returns the state of the database as it is now, which must be
// closed. One time decides in it what has expired.
func (db *Runner) Snapshot(ctx context.Context) (*Snapshot, error) {
	snap, err := db.Eng.Snapshot(ctx)
	if err != nil {
		return nil, err
	}
	now := db.Now()
	s := &Snapshot{tx: new(Tx), snap: snap}
	s.tx.session = Session{Db: db, R: (*view)(s), View: &now, over: &s.tx.over, Iterators: new(iterators)}
	return s, nil
}

// Tx is the view of the snapshot, for the methods that take one.
func (s *Snapshot) Tx() *Tx { return s.tx }

// Close releases the snapshot. It is an ErrLeftOpen if an iterator of it was
// still open, which is closed then. Closing twice is no error.
func (s *Snapshot) Close() error { return errors.Join(s.tx.end(), s.snap.Close()) }

// view reads in a snapshot until that is closed.
type view Snapshot

func (v *view) reader() (engine.Reader, error) {
	if v.tx.over.Load() {
		return nil, errs.ErrTxDone
	}
	return v.snap, nil
}

// Get implements engine.Reader.
func (v *view) Get(ctx context.Context, key []byte) ([]byte, error) {
	r, err := v.reader()
	if err != nil {
		return nil, err
	}
	return r.Get(ctx, key)
}

// Has implements engine.Reader.
func (v *view) Has(ctx context.Context, key []byte) (bool, error) {
	r, err := v.reader()
	if err != nil {
		return false, err
	}
	return r.Has(ctx, key)
}

// GetMany implements engine.Reader.
func (v *view) GetMany(ctx context.Context, keys, vals [][]byte) error {
	r, err := v.reader()
	if err != nil {
		return err
	}
	return r.GetMany(ctx, keys, vals)
}

// Iterate implements engine.Reader.
func (v *view) Iterate(ctx context.Context, of engine.Range) engine.Iterator {
	r, err := v.reader()
	if err != nil {
		return failedIterator{errs.ErrTxDone}
	}
	return r.Iterate(ctx, of)
}
