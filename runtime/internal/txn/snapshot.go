package txn

import (
	"context"
	"errors"

	"github.com/storegen/storegen/runtime/engine"
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
	return &Snapshot{tx: &Tx{session: Session{Db: db, R: snap, View: &now, Iterators: new(iterators)}}, snap: snap}, nil
}

// Tx is the view of the snapshot, for the methods that take one.
func (s *Snapshot) Tx() *Tx { return s.tx }

// Close releases the snapshot. It is an ErrLeftOpen if an iterator of it was
// still open, which is closed then. Closing twice is no error.
func (s *Snapshot) Close() error { return errors.Join(s.tx.end(), s.snap.Close()) }
