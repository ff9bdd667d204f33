package occ

import (
	"bytes"
	"context"
	"runtime"
	"strconv"

	"github.com/storegen/storegen/runtime/engine"
)

// A goroutine that writes through the engine while an exclusive transaction of its own runs
// would wait for itself, and all other commits with it. The arguments of a write do not show
// that; the goroutine does. It is looked at only where an exclusive transaction begins, and
// where a commit is about to wait for one.

// goroutines are the goroutine that calls, and that which waits for it: the one that
// made it by iter.Pull.
type goroutines struct{ self, puller uint64 }

// callers looks at the stack, for which Go has no other way.
func callers() (g goroutines) {
	buf := make([]byte, 8<<10)
	n := runtime.Stack(buf, false)
	for n == len(buf) {
		buf = make([]byte, 2*len(buf))
		n = runtime.Stack(buf, false)
	}
	buf = buf[:n]
	// "goroutine 7 [running]:" is the first line, and "created by iter.Pull in
	// goroutine 6" the last but one, which names a line of a file.
	if rest, ok := bytes.CutPrefix(buf, []byte("goroutine ")); ok {
		g.self = number(rest)
	}
	if at := bytes.LastIndex(buf, []byte("\ncreated by iter.Pull")); at >= 0 {
		if _, rest, ok := bytes.Cut(buf[at:], []byte(" in goroutine ")); ok {
			g.puller = number(rest)
		}
	}
	return g
}

// number is the number that b begins with, or 0.
func number(b []byte) uint64 {
	end := 0
	for end < len(b) && '0' <= b[end] && b[end] <= '9' {
		end++
	}
	n, _ := strconv.ParseUint(string(b[:end]), 10, 64) // 0 is no goroutine
	return n
}

// waitForExclusive gives the lock up until the exclusive transaction may have ended.
func (r *resolver) waitForExclusive(ctx context.Context) error {
	if owner := r.owner; owner.self != 0 {
		if g := callers(); g.self == owner.self || g.puller == owner.self || g.self == owner.puller {
			return engine.ErrNested
		}
	}
	return r.sleep(ctx, r.free)
}
