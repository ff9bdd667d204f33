package txn

import (
	"context"
	"sync/atomic"
	"time"

	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
)

// Session is where the operations of a table run: on the latest state, each
// commit alone; in a view; or in a transaction.
type Session struct {
	Db   *Runner
	R    engine.Reader
	W    *Writer      // in a transaction only
	over *atomic.Bool // W was a user's, who has it no more; nil where it is no user's
	View *time.Time   // of a view: one time for all of it

	Iterators *iterators        // of a view or transaction: what is open
	Who       *access.Principal // nil: trusted code
}

// Time is the moment that decides what has expired.
func (s *Session) Time() time.Time {
	switch {
	case s.View != nil:
		return *s.View
	case s.W == nil:
		return s.Db.Now()
	case s.Over():
		return time.Time{} // the writer is another's, and reads of this one fail
	}
	return s.W.time()
}

// Over reports whether the session is of a transaction that has ended.
func (s *Session) Over() bool { return s.over != nil && s.over.Load() }

// Write runs fn in the session's transaction, or in one of its own. point is
// for a single row. fn must let go of the writer.
func (s *Session) Write(ctx context.Context, point bool, fn func(w *Writer) error) error {
	return s.write(ctx, s.Db.Usual(), point, fn)
}

// WriteBlind is Write for what only puts.
func (s *Session) WriteBlind(ctx context.Context, fn func(w *Writer) error) error {
	o := s.Db.Usual()
	o.Blind = true
	return s.write(ctx, o, true, fn)
}

func (s *Session) write(ctx context.Context, o Options, point bool, fn func(w *Writer) error) error {
	switch {
	case s.Over():
		return errs.ErrTxDone
	case s.W != nil:
		return Veil(s.Who, fn(s.W))
	case s.View != nil:
		return errs.ErrReadOnly
	}
	return Veil(s.Who, s.Db.Run(ctx, o, point, fn))
}

// Steady returns a reader of one state for an operation that reads more than
// once, and what ends it.
func (s *Session) Steady(ctx context.Context) (engine.Reader, func() error, error) {
	if s.W != nil || s.View != nil {
		return s.R, func() error { return nil }, nil
	}
	snap, err := s.Db.Eng.Snapshot(ctx)
	if err != nil {
		return nil, nil, err
	}
	return snap, snap.Close, nil
}

// As is the session under the rules for a principal.
func (s *Session) As(p access.Principal) *Session {
	guarded := *s
	guarded.Who = &p
	if s.W != nil && !s.Over() {
		s.W.opts.guarded = true
	}
	return &guarded
}
