package commits

import (
	"context"
	"slices"
	"sync"
	"time"
)

// deliveries brings what commits have done to the hooks in the order of the commits,
// which the engine's numbers tell. Commits end in any order, and there are gaps between
// their numbers. So each gets a ticket before it is sent: once all tickets up to some
// moment are given back, no commit with a smaller number than one that had ended by that
// moment can still come.
//
// No commit waits for another: what has to wait is kept here, and is delivered by the
// goroutine of the commit that it waited for.
type deliveries struct {
	mu      sync.Mutex
	tickets uint64         // given out so far
	sent    []uint64       // tickets of commits that have not ended, in order
	ended   []delivery     // commits that have, by number
	waiters []ticketWaiter // for tickets to be given back
}

// delivery is a commit whose turn has not come.
type delivery struct {
	number  uint64
	until   uint64 // the last ticket that was given out when it had ended
	changes Changes
	at      time.Time
}

// ticketWaiter waits until all tickets up to one are given back.
type ticketWaiter struct {
	until uint64
	done  chan struct{}
}

func (d *deliveries) take() (ticket uint64) {
	d.mu.Lock()
	defer d.mu.Unlock()
	d.tickets++
	d.sent = append(d.sent, d.tickets)
	return d.tickets
}

// end gives a ticket back. The number is 0 where nothing is known to be committed.
func (d *deliveries) end(hs *Hooks, ticket, number uint64, cs Changes, at time.Time) {
	d.mu.Lock()
	defer d.mu.Unlock()
	i, _ := slices.BinarySearch(d.sent, ticket)
	d.sent = slices.Delete(d.sent, i, i+1)
	if number > 0 {
		i, _ := slices.BinarySearchFunc(d.ended, number, func(e delivery, n uint64) int {
			if e.number < n {
				return -1
			}
			return 1
		})
		d.ended = slices.Insert(d.ended, i, delivery{number, d.tickets, cs, at})
	}
	d.deliver(hs)
}

// deliver hands over what no commit can come before any more. The lock is held.
func (d *deliveries) deliver(hs *Hooks) {
	through := d.tickets // all up to this one are given back
	if len(d.sent) > 0 {
		through = d.sent[0] - 1
	}
	n := len(d.ended)
	for n > 0 && d.ended[n-1].until > through {
		n--
	}
	for i := range n {
		hs.publish(&d.ended[i].changes, d.ended[i].at)
	}
	d.ended = slices.Delete(d.ended, 0, n)
	d.waiters = slices.DeleteFunc(d.waiters, func(w ticketWaiter) bool {
		if w.until > through {
			return false
		}
		close(w.done)
		return true
	})
}

// wait returns once the hooks have in their queues what had ended before the call, or,
// if all is set, what had been sent.
func (d *deliveries) wait(ctx context.Context, all bool) error {
	d.mu.Lock()
	if len(d.ended) == 0 && (!all || len(d.sent) == 0) {
		d.mu.Unlock()
		return nil
	}
	w := ticketWaiter{until: d.tickets, done: make(chan struct{})}
	d.waiters = append(d.waiters, w)
	d.mu.Unlock()
	select {
	case <-w.done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
