package txn

import (
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/errs"
)

// iterators are the iterators that a transaction or view has open.
type iterators struct {
	mu   sync.Mutex
	open []*Iterator
}

// Iterator is an iterator that is closed with its transaction or view at the latest.
type Iterator struct {
	engine.Iterator
	of    *iterators
	name  string      // of the table
	Ended atomic.Bool // by the end of the transaction; set with of.mu held
}

// Add has an iterator over a table closed with the transaction at the latest.
func (w *iterators) Add(it engine.Iterator, name string) *Iterator {
	x := &Iterator{Iterator: it, of: w, name: name}
	w.mu.Lock()
	w.open = append(w.open, x)
	w.mu.Unlock()
	return x
}

// end closes what is open, and says what that was in an ErrLeftOpen.
func (w *iterators) end() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.open) == 0 {
		return nil
	}
	var names []string
	for _, x := range w.open {
		x.Ended.Store(true)
		_ = x.Iterator.Close() // its error is of no interest to anybody any more
		names = append(names, x.name)
	}
	w.open = nil
	slices.Sort(names)
	return fmt.Errorf("%w when the function returned: over %s; stop it, or end the loop, before that", errs.ErrLeftOpen,
		strings.Join(slices.Compact(names), ", "))
}

// Take implements engine.BulkIterator.
func (x *Iterator) Take(n int, add func(key, value []byte) bool) bool {
	return engine.Take(x.Iterator, n, add)
}

// Err implements engine.Iterator.
func (x *Iterator) Err() error {
	if x.Ended.Load() {
		return errs.ErrTxDone
	}
	return x.Iterator.Err()
}

// Close implements engine.Iterator.
func (x *Iterator) Close() error {
	x.of.mu.Lock()
	defer x.of.mu.Unlock()
	if x.Ended.Load() {
		return errs.ErrTxDone
	}
	if i := slices.Index(x.of.open, x); i >= 0 {
		x.of.open = slices.Delete(x.of.open, i, i+1)
	}
	return x.Iterator.Close()
}
