// Package boundmem is memory with a bound, for decoders that believe the lengths which a file
// names. It fits the allocators of Apache Arrow, and knows nothing of that.
package boundmem

import (
	"fmt"
	"sync"
)

// Allocator is an allocator of Arrow.
type Allocator interface {
	Allocate(size int) []byte
	Reallocate(size int, b []byte) []byte
	Free(b []byte)
}

// A TooMuch is what an allocator panics with, as it has no errors: its callers recover.
type TooMuch struct{ Bound int }

func (e TooMuch) Error() string {
	return fmt.Sprintf("it takes more than %d MiB of memory at once", e.Bound>>20)
}

// New returns an allocator over another one, which at no time gives out more than bound bytes.
// It may be used by several goroutines.
func New(bound int, over Allocator) *Bounded { return &Bounded{bound: bound, over: over} }

// Bounded is an allocator with a bound. Asked for more, it panics with a TooMuch.
type Bounded struct {
	over  Allocator
	bound int

	mu   sync.Mutex
	used int
}

// Used is how much is given out and was not freed.
func (b *Bounded) Used() int {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.used
}

// take counts n bytes, which may be less than none.
func (b *Bounded) take(n int) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if n > b.bound-b.used {
		panic(TooMuch{b.bound})
	}
	b.used += n
}

// Allocate implements Allocator.
func (b *Bounded) Allocate(size int) []byte {
	if size < 0 {
		panic(TooMuch{b.bound})
	}
	b.take(size)
	return b.over.Allocate(size)
}

// Reallocate implements Allocator.
func (b *Bounded) Reallocate(size int, old []byte) []byte {
	if size < 0 {
		panic(TooMuch{b.bound})
	}
	b.take(size - len(old))
	return b.over.Reallocate(size, old)
}

// Free implements Allocator.
func (b *Bounded) Free(old []byte) {
	b.take(-len(old))
	b.over.Free(old)
}
