package txn

import (
	"context"
	"math/rand/v2"
	"sync/atomic"
	"time"
)

// Pauses between the tries of a transaction that loses against others: a random time, of
// which the longest doubles with each try. They are pauses between goroutines and
// machines, so they go by the machine's clock.
const (
	firstPause    = 3                     // the tries before this one go on at once
	shortestPause = 20 * time.Microsecond // before doubling, or what a commit takes if that is longer
	longestPause  = 10 * time.Millisecond // or longestTimes of what a commit takes
	longestTimes  = 16
)

// Pace is about how long commits take. It is measured by transactions that have lost
// before, so that others pay nothing for it.
type Pace struct{ commit atomic.Int64 }

// Saw takes in how long a commit took: an eighth of the difference, after the first.
func (p *Pace) Saw(took time.Duration) {
	before := p.commit.Load()
	if before == 0 {
		p.commit.Store(int64(took))
		return
	}
	p.commit.Store(before + (int64(took)-before)/8)
}

// Longest is the longest pause behind a try.
func (p *Pace) Longest(try int) time.Duration {
	commit := time.Duration(p.commit.Load())
	most := max(longestPause, longestTimes*commit)
	return min(most, max(shortestPause, commit)<<min(try, 16))
}

// pause waits behind a try, or until ctx ends.
func (p *Pace) pause(ctx context.Context, try int) error {
	if try < firstPause {
		return ctx.Err()
	}
	t := time.NewTimer(rand.N(p.Longest(try)))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}
