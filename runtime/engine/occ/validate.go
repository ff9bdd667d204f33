package occ

import (
	"context"
	"slices"

	"github.com/storegen/storegen/runtime/engine"
)

// validate checks a transaction that writes nothing: with no error, all it has
// read was true at one moment, which is now.
func (r *resolver) validate(ctx context.Context, t *txState) error {
	r.mu.Lock()
	defer r.mu.Unlock()
	return r.check(ctx, t)
}

// check returns a conflict if a commit that t does not see wrote what t has
// read. It may give the lock up meanwhile. Commits up to t.checked are not
// looked at again.
func (r *resolver) check(ctx context.Context, t *txState) error {
	if r.skip {
		return nil
	}
	for r.suspect(t) {
		if r.dropped > t.checked {
			return &engine.ConflictError{}
		}
		news := r.log[r.head:]
		if n := len(news); n > 0 && news[0].version <= t.checked {
			news = news[t.checked+1-news[0].version:]
		}
		look := len(t.rec.uses) + len(t.rec.spans.list)
		for _, c := range news {
			look += len(c.uses)
			if look > lookMax {
				break
			}
		}
		if look <= lookMax {
			for _, c := range news {
				if c.doneAt != 0 && c.doneAt <= t.began {
					continue
				}
				if key := t.rec.readOf(&c.keySet); key != nil {
					return r.lost(ctx, c, key)
				}
			}
			t.checked = r.last.Load()
			return nil
		}

		// The commits that t does not see stay in the log until it ends, or are
		// dropped and not reused, so that they can be read without the lock.
		unseen := make([]*record, 0, len(news))
		for _, c := range news {
			if c.doneAt == 0 || c.doneAt > t.began {
				unseen = append(unseen, c)
			}
		}
		upTo := r.last.Load()
		r.mu.Unlock()
		var by *record
		var key []byte
		for _, c := range unseen {
			if key = t.rec.readOf(&c.keySet); key != nil {
				by = c
				break
			}
		}
		r.mu.Lock()
		if by != nil {
			return r.lost(ctx, by, key)
		}
		t.checked = upTo
	}
	return nil
}

// suspect reports whether a commit after t.checked may have written what t has
// read.
func (r *resolver) suspect(t *txState) bool {
	if r.last.Load() == t.checked {
		return false
	}
	if len(t.rec.spans.list) > 0 || r.cleared > t.checked {
		return true
	}
	for i := range t.rec.uses {
		if u := &t.rec.uses[i]; u.read && r.stripes[u.stripe()].wrote > t.checked {
			return true
		}
	}
	return false
}

// lost returns the conflict of a transaction with the commit c over a key, once
// c has ended: run again earlier, it would only lose to c again.
func (r *resolver) lost(ctx context.Context, c *record, key []byte) error {
	err := &engine.ConflictError{Key: slices.Clone(key)}
	if c.doneAt == 0 {
		if err := r.waitFor(ctx, c); err != nil {
			return err
		}
	}
	return err
}

// blocker returns a commit in flight that c must not overtake, or nil.
func (r *resolver) blocker(c *record) *record {
	if len(r.inflight) == 0 {
		return nil
	}
	r.markLate()
	suspect := r.spans > 0 || len(c.gone.list) > 0
	first := r.inflight[0].version
	for i := range c.uses {
		u := &c.uses[i]
		if s := &r.stripes[u.stripe()]; u.write >= 0 && (s.wrote >= first || s.read >= first) {
			suspect = true
			break
		}
	}
	if !suspect {
		return nil
	}
	for _, f := range r.inflight {
		if f.meets(&c.keySet) {
			return f
		}
		if f.reads != nil && f.reads.readOf(&c.keySet) != nil {
			return f
		}
	}
	return nil
}

// waitFor gives the lock up until c, which is in flight, has ended.
func (r *resolver) waitFor(ctx context.Context, c *record) error {
	if c.wait == nil {
		c.wait = make(chan struct{})
	}
	return r.sleep(ctx, c.wait)
}

// sleep gives the lock up until ch is closed, or returns the context's error.
func (r *resolver) sleep(ctx context.Context, ch <-chan struct{}) error {
	r.mu.Unlock()
	defer r.mu.Lock()
	select {
	case <-ch:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
