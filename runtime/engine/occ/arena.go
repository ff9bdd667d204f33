package occ

// Sizes of an arena's blocks, in bytes: the first, the largest, and the largest
// that is kept for the next user.
const (
	arenaFirst = 512
	arenaMax   = 1 << 20
	arenaKeep  = 64 << 10
)

// arena hands out byte slices that live until reset. Slices do not move when it
// grows.
type arena struct {
	block []byte
	grown bool // it has handed out of blocks that it no longer has
}

// alloc returns n bytes, whose content is undefined.
func (a *arena) alloc(n int) []byte {
	if cap(a.block)-len(a.block) < n {
		size := min(max(2*cap(a.block), arenaFirst), arenaMax)
		a.grown = a.grown || len(a.block) > 0
		a.block = make([]byte, 0, max(size, n))
	}
	o := len(a.block)
	a.block = a.block[:o+n]
	return a.block[o : o+n : o+n]
}

// copy returns a copy of b; nil stays nil.
func (a *arena) copy(b []byte) []byte {
	if b == nil {
		return nil
	}
	c := a.alloc(len(b))
	copy(c, b)
	return c
}

// reset takes back what was handed out. It reports whether that may keep memory
// alive that the arena does not, so that it should be forgotten.
func (a *arena) reset() (forget bool) {
	forget = a.grown
	if cap(a.block) > arenaKeep {
		a.block, forget = nil, true
	}
	a.block, a.grown = a.block[:0], false
	return forget
}
