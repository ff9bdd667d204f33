package txn

import (
	"context"
	"errors"
	"time"

	"github.com/storegen/storegen/runtime/commits"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
	"github.com/storegen/storegen/runtime/internal/layout"
	"github.com/storegen/storegen/runtime/internal/rowguard"
)

// Writer is a transaction, try by try.
type Writer struct {
	Db   *Runner
	Tx   engine.Tx // nil between tries
	idle engine.Tx // the last one, which the engine may begin again
	opts Options
	try  int
	Set  bool // now and at are
	now  time.Time
	At   layout.Instant // now, as expiries are stored
	Gone []GoneRow

	blind     *blind // the transaction where it only puts; nil until it did
	ahead     ahead
	unused    []Tx      // for transactions to come
	iterators iterators // that a user's function has open
	undo      *undo     // to take writes back; nil: there was no savepoint
	before    *Before   // for those of them that go by an index; nil: there was none
	// The innermost of the updates whose functions are running.
	Updating *Updating
	Changes  commits.Changes  // for the hooks
	Touched  rowguard.Touched // for the row caches

	Clock func() time.Time // is the method utc
}

// ExclusiveAfter is the number of conflicts after which a transaction runs
// alone, so that a long one is not starved by short ones.
const ExclusiveAfter = 8

// run runs fn, try by try, until it commits or fails for good.
func (w *Writer) run(ctx context.Context, point bool, fn func(w *Writer) error) error {
	for {
		err := w.begin(ctx, point)
		if err == nil {
			err = fn(w)
		}
		again, err := w.end(ctx, err)
		if !again {
			return err
		}
	}
}

// begin begins the next try.
func (w *Writer) begin(ctx context.Context, point bool) error {
	w.try++
	w.Set, w.Gone, w.before = false, w.Gone[:0], nil
	hint := engine.Hint{Writes: w.opts.Writes, Reuse: w.idle}
	switch {
	case point:
		hint.Reads = engine.ReadsMayDiffer
	case w.try == 1 && w.opts.Tries > 1:
		// What is not run again, and what has lost before, reads one state from the
		// beginning.
		hint.Reads = engine.ReadsMayConflict
	}
	if hooks := w.Db.Hooks.Set.Load(); hooks != nil || w.Changes.Hooks != nil {
		w.Changes = commits.Changes{Hooks: hooks}
	}
	if w.opts.Blind && w.Changes.Hooks == nil {
		return w.beginBlind(ctx)
	}
	tx, err := w.Db.Eng.Begin(ctx, engine.TxOptions{Sync: w.opts.Sync, Exclusive: w.try > ExclusiveAfter, Hint: hint})
	if err != nil {
		return err
	}
	w.Tx, w.idle = tx, tx
	return nil
}

// commit commits the try, and has its changes delivered to the hooks.
func (w *Writer) commit(ctx context.Context, tx engine.Tx) error {
	if w.try > 1 {
		defer func(start time.Time) { w.Db.pace.Saw(time.Since(start)) }(time.Now())
	}
	if len(w.Changes.List) > 0 {
		return w.Db.Hooks.Commit(ctx, tx, w.Changes, w.time())
	}
	_, err := tx.Commit(ctx)
	return err
}

// end ends a try, of which err came back. It reports whether there is to be
// another one.
func (w *Writer) end(ctx context.Context, err error) (again bool, _ error) {
	tx := w.Tx
	w.Tx = nil // also where the commit panics
	switch {
	case tx == nil:
	case err == nil:
		w.Touched.Announce()
		err = w.commit(ctx, tx)
	default:
		// What the function made of a read that lost is no matter.
		if lost := tx.Rollback(); lost != nil {
			err = lost
		}
	}
	w.Touched.End(err)
	switch {
	case err == nil:
		w.committed()
		return false, nil
	case !errors.Is(err, errs.ErrConflict), errors.Is(err, engine.ErrUnknown):
		return false, err // where the outcome is unknown, it may have happened
	case w.try >= w.opts.Tries:
		if err = w.Db.conflict(err, w.try); w.opts.guarded {
			err = veiled(err)
		}
		return false, err
	}
	if err := w.Db.pace.pause(ctx, w.try); err != nil {
		return false, err
	}
	return true, nil
}

// release gives the writer back, with nothing that belongs to its transaction.
// One that has not ended, as its function did not return, is rolled back.
func (w *Writer) release() {
	if w.Tx != nil {
		_ = w.Tx.Rollback() // the function has panicked, or ended its goroutine: no error gets to anybody
	}
	if len(w.Gone) > 0 {
		clear(w.Gone)
	}
	w.Touched.Reset() // which a panic may have left
	for u := w.Updating; u != nil; u = u.Outer {
		u.Over = true
	}
	w.Updating = nil
	w.Tx, w.try, w.Gone, w.before, w.undo = nil, 0, w.Gone[:0], nil, nil
	if len(w.ahead.keys) > 0 { // which a panic may have left
		w.EndAhead()
	}
	if w.Changes.Hooks != nil {
		w.Changes = commits.Changes{}
	}
	w.Db.Writers.Put(w)
}

// time is the moment that decides what has expired, one for all of a try. Many
// writes need none.
func (w *Writer) time() time.Time {
	if !w.Set {
		w.Set, w.now = true, w.Db.Now()
		w.At = layout.InstantOf(w.now)
	}
	return w.now
}

// utc is time as rows hold it.
func (w *Writer) utc() time.Time { return w.time().UTC() }

// Expired reports whether something that expires then, or never, is gone.
func (w *Writer) Expired(expiry []byte) bool {
	if expiry == nil {
		return false
	}
	w.time()
	return w.At.Expired(expiry)
}

// Find reads a key that the transaction is about to write.
func (w *Writer) Find(ctx context.Context, key []byte) (value []byte, found bool, err error) {
	if w.ahead.on {
		if value, ok := w.ahead.take(key); ok {
			return value, value != nil, nil
		}
	}
	value, err = w.Tx.GetForUpdate(ctx, key)
	if IsNotFound(err) {
		return nil, false, nil
	}
	return value, err == nil, err
}

// IsNotFound is errors.Is, which mostly has nothing to look for: engines return the
// error as it is.
func IsNotFound(err error) bool {
	return err == engine.ErrNotFound || err != nil && errors.Is(err, engine.ErrNotFound)
}
