package entity

import (
	"bytes"
	"context"
	"errors"
	"slices"
	"sync"

	"github.com/storegen/storegen/keys"
	"github.com/storegen/storegen/runtime/access"
	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/internal/txn"
)

// Walk shows the rows of a table, or what the entries of an index hold, one after the
// other: queries, index entries and raw cursors are read by it, and by nothing else. Rows
// that have expired are not shown, nor those that the session's principal does not own
// where rows have owners. It is for one goroutine, and must be closed.
//
// In a transaction it shows the rows as they were when it was opened, whatever the
// transaction writes meanwhile.
type Walk struct {
	WalkOptions
	t   *Table
	s   *txn.Session
	ctx context.Context

	start, end []byte // the range that iterators are opened over
	owned      bool   // only rows that the principal owns
	reader     engine.Reader
	endReader  func() error // nil: the reader is not the walk's own
	it         engine.Iterator
	tracked    *txn.Iterator     // it, in a view or transaction, which may end it
	opened     []engine.Iterator // over ranges behind that of it
	past       *txn.Past         // the rows as they are to be shown
	waits      *txn.Before       // is told of ranges that have yet to be opened

	batch batch
	at    int // of what is shown in the batch; -1 before the first
	ahead int // how many are taken next
	most  int // and at most
	shown int // in the batches before
	more  bool
	err   error
	body  []byte // of a row that was read by its entry, or is in the iterator's memory

	direct bool   // rows are shown where they are, without a batch: see nextPair
	key    []byte // then, of the row
}

// WalkOptions is what a walk is over.
type WalkOptions struct {
	// Index is a position in the description's Indexes, or ByKey.
	Index int
	// Start and End bound the walk: keys of the engine, within the rows or the index.
	Start, End []byte
	// From is a place to go on behind, or nil.
	From []byte
	// Then is further ranges, which are walked in this order one behind the other.
	Then []Range
	// Points, if there are any, are the keys that are looked at in place of ranges: keys of
	// the engine, in the order of the walk, within Start and End. Those of entries are of a
	// unique index, and at most MostPoints.
	Points  [][]byte
	Reverse bool
	// Limit is how many rows are wanted, for the engine and for reading ahead; 0 if that
	// is not known. It is no bound.
	Limit int
	// Values has the values of rows read. By an index its entries are read alone without.
	Values bool
	// MostValues is how many rows at most have their values read; 0 is all.
	MostValues int
	// Lend says that what is shown is used until the next step only.
	Lend bool
}

// Range is a range of rows or entries, as what follows in their keys behind the prefix that
// all have. A nil End is the end of the rows or the index.
type Range struct{ Start, End []byte }

// How many rows a walk takes at once: few at first, since the caller may stop soon.
// MostAhead is also how many rows of a page room is made for at first.
const (
	fewAhead  = 8
	MostAhead = 128
)

// walks are used again, as each read of many rows needs one.
var walks = sync.Pool{New: func() any {
	w := new(Walk)
	w.batch.init()
	return w
}}

// Walk begins a walk of a session, if that may read the table.
func (t *Table) Walk(ctx context.Context, s *txn.Session, o WalkOptions) (*Walk, error) {
	if err := t.Allow(s.Who, access.Read, nil); err != nil {
		return nil, err
	}
	w := walks.Get().(*Walk)
	w.WalkOptions, w.t, w.s, w.ctx = o, t, s, ctx
	w.start, w.end, w.reader = o.Start, o.End, s.R
	w.owned = s.Who != nil && t.Access == access.Owned
	w.clip(o.From)
	if !w.some() && len(w.Then) == 0 {
		return w, nil // no iterator: the end is reached
	}
	if w.readsRows() || len(w.Then) > 0 || len(w.Points) > MostPoints {
		reader, done, err := s.Steady(ctx)
		if err != nil {
			w.release()
			return nil, err
		}
		w.reader, w.endReader = reader, done
	}
	if w.readsRows() || len(w.Points) > MostPoints {
		w.past = s.BeginWalk()
	}
	w.ahead, w.most = w.firstAhead()
	w.direct = o.Lend && o.Values && o.Index == ByKey
	w.batch.begin(w)
	if w.more = true; w.some() {
		w.use(w.iterate())
	} else {
		w.more = w.nextRange()
	}
	if len(w.Then) > 0 && s.W != nil && !s.Over() {
		w.waits = s.W.RowsBefore()
		w.waits.Pending = append(w.waits.Pending, w)
	}
	return w, nil
}

// readsRows reports whether rows are read by the entries of an index.
func (w *Walk) readsRows() bool { return w.Index != ByKey && w.Values }

// some reports whether there can be anything in the range.
func (w *Walk) some() bool { return bytes.Compare(w.start, w.end) < 0 }

// clip narrows the range to what lies behind from, if that is not nil, and to the
// principal's own rows.
func (w *Walk) clip(from []byte) {
	switch {
	case from == nil:
	case w.Reverse:
		w.end = lesser(w.end, from)
	default:
		w.start = greater(w.start, append(bytes.Clone(from), 0))
	}
	if !w.owned || w.Index != ByKey {
		return
	}
	prefix, whole := w.t.owned(*w.s.Who)
	lo := append(bytes.Clone(w.t.Rows), prefix...)
	hi := keys.Successor(lo)
	if whole {
		hi = append(bytes.Clone(lo), 0)
	}
	w.start, w.end = greater(w.start, lo), lesser(w.end, hi)
}

func greater(a, b []byte) []byte {
	if bytes.Compare(a, b) >= 0 {
		return a
	}
	return b
}

func lesser(a, b []byte) []byte {
	if bytes.Compare(a, b) <= 0 {
		return a
	}
	return b
}

// iterate opens an iterator over the range.
func (w *Walk) iterate() engine.Iterator {
	var it engine.Iterator
	if len(w.Points) > 0 {
		it = w.openPoints()
	} else {
		keysOnly := w.Index == ByKey && !w.Values && !w.t.Expires
		it = w.reader.Iterate(w.ctx, engine.Range{Start: w.start, End: w.end, Reverse: w.Reverse, KeysOnly: keysOnly, Limit: w.Limit})
	}
	if w.s.Iterators != nil && !w.s.Over() {
		return w.s.Iterators.Add(it, w.t.Name)
	}
	return it
}

// use makes an iterator the one that is read.
func (w *Walk) use(it engine.Iterator) {
	w.it = it
	w.tracked, _ = it.(*txn.Iterator)
}

// nextRange goes on with the next range, if there is one.
func (w *Walk) nextRange() bool {
	for len(w.opened) == 0 && len(w.Then) > 0 {
		w.openRange()
	}
	if len(w.opened) == 0 {
		return false
	}
	if w.it != nil {
		_ = w.it.Close() // which has ended, without an error
	}
	w.use(w.opened[0])
	w.opened = w.opened[1:]
	return true
}

// openRange opens an iterator over the next range.
func (w *Walk) openRange() {
	w.start, w.end = w.t.Range(w.Index, w.Then[0])
	w.Then = w.Then[1:]
	if w.clip(nil); w.some() {
		w.opened = append(w.opened, w.iterate())
	}
}

// OpenRest implements txn.Pending.
func (w *Walk) OpenRest() {
	for len(w.Then) > 0 {
		w.openRange()
	}
}

// rangeOf is what the keys of an index, or of the rows, begin with, and the first key
// behind them.
func (t *Table) rangeOf(index int) (prefix, end []byte) {
	if index == ByKey {
		return t.Rows, t.End
	}
	ix := &t.Indexes[index]
	return ix.Prefix, ix.End
}

// Range is the keys of the engine that a span of an index, or of the rows, is.
func (t *Table) Range(index int, span Range) (start, end []byte) {
	prefix, end := t.rangeOf(index)
	if span.End != nil {
		end = append(bytes.Clone(prefix), span.End...)
	}
	return append(bytes.Clone(prefix), span.Start...), end
}

// firstAhead is how many are taken from the iterator at once, first and at most.
func (w *Walk) firstAhead() (first, most int) {
	switch {
	case w.s.W != nil && !w.readsRows():
		return 1, 1 // what is read ahead is one more thing to lose on
	case w.Limit > 0:
		return min(w.Limit, MostAhead), MostAhead
	}
	return fewAhead, MostAhead
}

// Err is the error that ended the walk early; nil at a true end.
func (w *Walk) Err() error { return w.err }

// Close ends the walk, which must not be used afterwards. Its error is Err, or that of
// closing what the walk had open.
func (w *Walk) Close() error {
	err := w.err
	if w.it != nil {
		if closed := w.it.Close(); err == nil {
			err = closed
		}
	}
	return w.finish(err)
}

// Stop is Close for a walk that was left early: what its iterators say then is no matter.
func (w *Walk) Stop(err error) error {
	if w.it != nil {
		_ = w.it.Close()
	}
	return w.finish(err)
}

// finish closes what else is open.
func (w *Walk) finish(err error) error {
	for _, it := range w.opened {
		err = errors.Join(err, it.Close())
	}
	w.past.End()
	if w.waits != nil {
		w.waits.Pending = slices.DeleteFunc(w.waits.Pending, func(p txn.Pending) bool { return p == w })
	}
	if w.endReader != nil {
		if done := w.endReader(); err == nil {
			err = done
		}
	}
	w.release()
	return err
}

// release gives the memory back, with nothing of what it held.
func (w *Walk) release() {
	w.batch.release()
	*w = Walk{batch: w.batch}
	walks.Put(w)
}
