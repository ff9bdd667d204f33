package occ

// Sizes of an arena's blocks, in bytes: the first, the largest, and the largest
// that is kept for the next user.
const (
	arenaFirst = 512
	arenaMax   = 1 << 20
	arenaKeep  = 1 << 20
)

// arena hands out byte slices that live until reset. Slices do not move when it
// grows.
type arena struct {
	block []byte
	past  int // bytes of the blocks that it has handed out of and no longer has
}

// size is about how many bytes of memory are handed out, or ready for that.
func (a *arena) size() int { return cap(a.block) + a.past }

// alloc returns n bytes, whose content is undefined.
func (a *arena) alloc(n int) []byte {
	if cap(a.block)-len(a.block) < n {
		size := min(max(2*cap(a.block), arenaFirst), arenaMax)
		if len(a.block) > 0 {
			a.past += cap(a.block)
		}
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
	forget = a.past > 0
	if cap(a.block) > arenaKeep {
		a.block, forget = nil, true
	}
	a.block, a.past = a.block[:0], 0
	return forget
}
