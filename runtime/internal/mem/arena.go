// Package mem is memory that is given out in blocks, and used again. It knows nothing of
// what is in it.
package mem

// Arena gives out memory in blocks, so that a walk over many rows allocates
// seldom. What it has given out is never used again.
type Arena struct {
	block  []byte
	last   []byte // the block from its beginning
	size   int
	Expect int // how many pieces are wanted, all like the first, if that is known
}

const (
	firstBlock = 1 << 10
	mostBlock  = 32<<10 - 8 // the most that Go allocates from its caches: larger ones cost 6 % of a scan more
)

// Take gives out n bytes.
func (a *Arena) Take(n int) []byte {
	if n > len(a.block) {
		a.size = min(max(2*a.size, firstBlock, n*min(a.Expect, mostBlock)), mostBlock)
		a.Expect = 0
		a.block = make([]byte, max(a.size, n))
		a.last = a.block
	}
	out := a.block[:n:n]
	a.block = a.block[n:]
	return out
}

// Reset has the last block given out again: what was given out before must not be used.
func (a *Arena) Reset() { a.block = a.last }
