package store

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/storegen/storegen/runtime/engine"
)

// ErrLeftOpen is what a transaction or view returns whose function ended while an
// iterator of it was still open, as one that iter.Pull made and nobody stopped.
// The iterator is closed, and ErrTxDone from then on; a transaction is not
// committed, since its function was not through with it.
var ErrLeftOpen = errors.New("an iterator was left open")

// walks is the iterators that a transaction or view has open.
type walks struct {
	mu   sync.Mutex
	open []*walk
}

// walk is an iterator that is closed with its transaction or view at the latest.
type walk struct {
	engine.Iterator
	of    *walks
	name  string      // of the table
	ended atomic.Bool // by the end of the transaction; set with of.mu held
}

func (w *walks) add(it engine.Iterator, name string) *walk {
	x := &walk{Iterator: it, of: w, name: name}
	w.mu.Lock()
	w.open = append(w.open, x)
	w.mu.Unlock()
	return x
}

// end closes what is open, and says what that was in an ErrLeftOpen.
func (w *walks) end() error {
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.open) == 0 {
		return nil
	}
	var names []string
	for _, x := range w.open {
		x.ended.Store(true)
		_ = x.Iterator.Close() // its error is of no interest to anybody any more
		names = append(names, x.name)
	}
	w.open = nil
	slices.Sort(names)
	return fmt.Errorf("%w when the function returned: over %s; stop it, or end the loop, before that", ErrLeftOpen,
		strings.Join(slices.Compact(names), ", "))
}

// Take implements engine.BulkIterator.
func (x *walk) Take(n int, add func(key, value []byte) bool) bool {
	return engine.Take(x.Iterator, n, add)
}

// Err implements engine.Iterator.
func (x *walk) Err() error {
	if x.ended.Load() {
		return ErrTxDone
	}
	return x.Iterator.Err()
}

// Close implements engine.Iterator.
func (x *walk) Close() error {
	x.of.mu.Lock()
	defer x.of.mu.Unlock()
	if x.ended.Load() {
		return ErrTxDone
	}
	if i := slices.Index(x.of.open, x); i >= 0 {
		x.of.open = slices.Delete(x.of.open, i, i+1)
	}
	return x.Iterator.Close()
}
