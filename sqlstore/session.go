package sqlstore

import (
	"context"
	"errors"

	"github.com/ncruces/go-sqlite3"

	"github.com/storegen/storegen/runtime/provider"
	"github.com/storegen/storegen/runtime/store"
)

// session is what a connection has open in the store.
type session struct {
	pool *pool
	raw  *sqlite3.Conn
	one  *sqlite3.Stmt // that makes values; nil until it is needed
	// snapshot is what statements outside of a transaction read, as long as one is under way.
	snapshot reading
	// tx is the transaction, from its first read or write on.
	tx  reading
	txn *store.Transaction // tx, where it is open and not for reading alone
	// reads says that the transaction was begun as one that only reads.
	reads bool
	// writing says that SQLite has a write of a table under way.
	writing bool
	marks   []savepoint
	// named says that the statement that is prepared is a SAVEPOINT, and outermost that one
	// has begun the transaction.
	named, outermost bool
	broken           bool  // out of memory: SQLite may be in any state
	last             error // of the store or of the authorizer, in the call under way
}

// reading is a state of the database that cursors walk over.
type reading struct {
	tx      *store.Tx // nil while it is not open
	end     func() error
	cursors []*cursor
}

// errEnded is what rows say that are read on behind the end of their transaction.
var errEnded = errors.New("the transaction that the rows were read in has ended: close them before that")

// enter makes a cursor one of the state that its statement reads: the first one takes it.
func (s *session) enter(ctx context.Context, c *cursor) (provider.Scope, error) {
	if c.read != nil {
		return provider.Scope{Tx: c.read.tx}, nil
	}
	r := &s.snapshot
	if s.tx.tx != nil || !s.raw.GetAutocommit() {
		r = &s.tx
		if err := s.begin(); err != nil {
			return provider.Scope{}, err
		}
	} else if r.tx == nil {
		snap, err := s.pool.db.Snapshot(ctx)
		if err != nil {
			return provider.Scope{}, err
		}
		r.tx, r.end = snap.Tx(), snap.Close
		s.pool.open.Add(1)
	}
	c.read, c.at = r, len(r.cursors)
	r.cursors = append(r.cursors, c)
	return provider.Scope{Tx: r.tx}, nil
}

// leave takes a cursor out of the state that it reads. The last one of a statement outside
// of a transaction closes it.
func (s *session) leave(c *cursor) error {
	r := c.read
	if r == nil {
		return nil
	}
	c.read = nil
	last := len(r.cursors) - 1
	r.cursors[c.at] = r.cursors[last]
	r.cursors[c.at].at = c.at
	r.cursors[last] = nil
	r.cursors = r.cursors[:last]
	if last > 0 || r != &s.snapshot {
		return nil
	}
	return s.close(r)
}

// close ends a state.
func (s *session) close(r *reading) error {
	if r.tx == nil {
		return nil
	}
	for len(r.cursors) > 0 {
		c := r.cursors[len(r.cursors)-1]
		if c.rows != nil {
			c.rows.Close()
			c.rows, c.lost = nil, errEnded
		}
		c.read = nil
		r.cursors = r.cursors[:len(r.cursors)-1]
	}
	end := r.end
	r.tx, r.end = nil, nil
	if r == &s.tx {
		s.txn, s.writing, s.marks = nil, false, s.marks[:0]
	}
	s.pool.open.Add(-1)
	return end()
}

// begin begins the transaction, if it has not begun.
func (s *session) begin() error {
	if s.tx.tx != nil {
		return nil
	}
	if s.reads {
		snap, err := s.pool.db.Snapshot(context.Background())
		if err != nil {
			return err
		}
		s.tx.tx, s.tx.end = snap.Tx(), snap.Close
		s.pool.open.Add(1)
		return nil
	}
	// It outlives the statement that it begins with, and so that statement's context.
	tx, err := s.pool.db.Begin(context.Background())
	if err != nil {
		return err
	}
	s.txn, s.tx.tx, s.tx.end = tx, tx.Tx(), tx.Rollback
	s.pool.open.Add(1)
	return nil
}

// settle ends the transaction behind a statement that has ended it for SQLite, which says so
// by itself only where something was written.
func (s *session) settle() error {
	if !s.raw.GetAutocommit() {
		return nil
	}
	s.outermost, s.reads = false, false
	return s.close(&s.tx)
}
