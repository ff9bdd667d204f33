package occ

import (
	"bytes"
	"fmt"

	"github.com/storegen/storegen/runtime/engine"
)

// RangeBatch is a BaseBatch that deletes the keys of a range, whatever is there when it is
// applied. All batches of a base are, or none is.
type RangeBatch interface {
	BaseBatch
	// DeleteRange deletes the keys from start up to but not including end, which comes
	// behind it. The batch writes no other key between them.
	DeleteRange(start, end []byte)
}

var errDeletedRange = fmt.Errorf("%w: the key is in a range that the transaction has deleted", engine.ErrInvalid)

// DeleteRange is engine.RangeDeleter's, for an engine whose base makes RangeBatches. (It is
// no method of DB, which would make a RangeDeleter of every engine over one.)
func DeleteRange(d *DB, tx engine.Tx, start, end []byte) error {
	own, ok := tx.(*Tx)
	if !ok || own.memory.db != d {
		return fmt.Errorf("%w: the transaction is not of this engine", engine.ErrInvalid)
	}
	t := own.state.Load()
	if t == nil {
		return engine.ErrTxDone
	}
	err := t.deleteRange(start, end)
	if err != nil && t.err == nil {
		t.err = err
	}
	return err
}

func (t *txState) deleteRange(start, end []byte) error {
	for _, bound := range [][]byte{start, end} {
		if err := checkDelete(&t.db.opts.Limits, bound); err != nil {
			return err
		}
	}
	if bytes.Compare(start, end) >= 0 {
		return nil
	}
	if _, ok := t.batch.(RangeBatch); !ok {
		return fmt.Errorf("%w: the engine deletes no ranges", engine.ErrInvalid)
	}
	for i := range t.rec.uses {
		key := t.rec.key(i)
		if t.rec.uses[i].write >= 0 && bytes.Compare(start, key) <= 0 && bytes.Compare(key, end) < 0 {
			return fmt.Errorf("%w: the transaction has written a key of the range that it deletes", engine.ErrInvalid)
		}
	}
	t.rec.gone.add(start, end)
	return nil
}

// left returns an error for a key that is in a range which the transaction has deleted.
func (s *keySet) left(key []byte) error {
	if len(s.gone.list) > 0 && s.gone.has(key) {
		return errDeletedRange
	}
	return nil
}

// leftOf is left for all keys of a range.
func (s *keySet) leftOf(r engine.Range) error {
	if s.gone.meeting(span{r.Start, r.End}) != nil {
		return errDeletedRange
	}
	return nil
}

// fillRanges puts the ranges that were deleted into a batch. From then on they do not
// change, so that others may look at them.
func (s *keySet) fillRanges(b BaseBatch) {
	if len(s.gone.list) == 0 {
		return
	}
	s.gone.merge()
	for _, sp := range s.gone.list {
		b.(RangeBatch).DeleteRange(sp.start, sp.end)
	}
}

// readIn returns a key that was read in one of the ranges, or nil. There is one.
func (s *keySet) readIn(gone *spans) []byte {
	for i := range s.uses {
		if key := s.key(i); s.uses[i].read && gone.has(key) {
			return key
		}
	}
	for _, sp := range s.spans.list {
		if key := gone.meeting(sp); key != nil {
			return key
		}
	}
	return nil
}

// wroteIn reports whether a key was written in one of the ranges.
func (s *keySet) wroteIn(gone *spans) bool {
	if len(gone.list) == 0 {
		return false
	}
	for i := range s.uses {
		if s.uses[i].write >= 0 && gone.has(s.key(i)) {
			return true
		}
	}
	return false
}

// meeting returns the first key that a range can have in common with one of these, which
// all have a start; nil where there is none.
func (s *spans) meeting(r span) []byte {
	for _, sp := range s.list {
		first := sp.start
		if bytes.Compare(first, r.start) < 0 {
			first = r.start
		}
		if (sp.end == nil || bytes.Compare(first, sp.end) < 0) && (r.end == nil || bytes.Compare(first, r.end) < 0) {
			return first
		}
	}
	return nil
}
