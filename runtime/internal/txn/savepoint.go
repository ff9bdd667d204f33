package txn

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/storegen/storegen/runtime/errs"
)

// Savepoint is a place in a transaction to which its writes can be taken back.
type Savepoint int

// undo is what takes the writes of a transaction back, as long as it has savepoints: what
// each key had before it was written. A transaction without any keeps nothing.
type undo struct {
	last  Savepoint // given so far
	marks []mark    // savepoints that are there, in their order
	keys  []oldKey
}

// mark is a savepoint.
type mark struct {
	id                  Savepoint
	keys, gone, changes int // how many there were
}

// oldKey is a key as it was for the transaction before it wrote it; its value is nil where
// it was not there.
type oldKey struct{ key, value []byte }

// note keeps a key before it is written.
func (w *Writer) note(key []byte) error {
	value, err := w.Tx.Get(context.Background(), key)
	if err != nil && !IsNotFound(err) {
		return err
	}
	w.undo.keys = append(w.undo.keys, oldKey{bytes.Clone(key), value})
	return nil
}

// Savepoint marks the place that the transaction is at.
func (t *Transaction) Savepoint() (Savepoint, error) {
	t.mu.Lock()
	defer t.mu.Unlock()
	if t.ended {
		return 0, errs.ErrTxDone
	}
	w := t.w
	if w.undo == nil {
		w.undo = new(undo)
	}
	u := w.undo
	u.last++
	u.marks = append(u.marks, mark{u.last, len(u.keys), len(w.Gone), w.Changes.Mark()})
	return u.last, nil
}

// errSavepoint says that there is no such savepoint.
var errSavepoint = errors.New("no such savepoint: it was released, or the transaction was rolled back to one before it")

// at is the place of a savepoint in marks.
func (t *Transaction) at(s Savepoint) (int, error) {
	if t.ended {
		return 0, errs.ErrTxDone
	}
	if u := t.w.undo; u != nil {
		if i := slices.IndexFunc(u.marks, func(m mark) bool { return m.id == s }); i >= 0 {
			return i, nil
		}
	}
	return 0, fmt.Errorf("%w: %w", errs.ErrInvalid, errSavepoint)
}

// RollbackTo takes back what the transaction has written since a savepoint, which stays;
// those behind it are no more. What it has read stays read.
func (t *Transaction) RollbackTo(s Savepoint) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	i, err := t.at(s)
	if err != nil {
		return err
	}
	w, m := t.w, t.w.undo.marks[i]
	since := w.undo.keys[m.keys:]
	w.undo.keys, w.undo.marks = w.undo.keys[:m.keys], w.undo.marks[:i+1]
	for _, k := range slices.Backward(since) {
		if err := w.restore(k); err != nil {
			return err
		}
	}
	clear(w.Gone[m.gone:])
	w.Gone = w.Gone[:m.gone]
	w.Changes.Rewind(m.changes)
	return nil
}

// restore gives a key the value that it had.
func (w *Writer) restore(k oldKey) error {
	if w.Walked() {
		// To the walks that are open it is one more write.
		now, err := w.Tx.Get(context.Background(), k.key)
		if err != nil && !IsNotFound(err) {
			return err
		}
		w.before.keepStored(k.key, now)
	}
	if k.value == nil {
		return w.Tx.Delete(k.key)
	}
	return w.Tx.Put(k.key, k.value)
}

// Release forgets a savepoint, and those behind it. What was written stays.
func (t *Transaction) Release(s Savepoint) error {
	t.mu.Lock()
	defer t.mu.Unlock()
	i, err := t.at(s)
	if err != nil {
		return err
	}
	u := t.w.undo
	if u.marks = u.marks[:i]; i == 0 {
		clear(u.keys)
		u.keys = u.keys[:0]
		t.w.Changes.Unmark()
	}
	return nil
}
