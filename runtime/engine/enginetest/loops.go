package enginetest

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/storegen/storegen/runtime/engine"
	"pgregory.net/rapid"
)

// The tests here read, write and let others commit while iterators of a transaction
// are open. What a transaction has read is kept as questions to a state of the
// engine: all of them must be answered with yes by one state that was there since it
// began, at each moment; and by the last one where it commits and has written.

// looped is a transaction in which loops are open.
type looped struct {
	tx     engine.Tx
	differ bool               // its reads may
	states []model            // committed since the beginning, the first and the last included
	own    []func(m model)    // its writes, in order
	asked  []func(model) bool // whether a state explains a read
	told   []string           // the reads, for messages
	loops  []*loop
}

// loop is an open iterator.
type loop struct {
	it   engine.Iterator
	rng  engine.Range
	asOf int    // of the transaction's writes, how many it shows
	last string // what it has shown last
	any  bool   // it has shown something
	// What the iterator gave as it stands, and what that was: it must stay.
	key, val   []byte
	kept, keep string
}

// seen is a state with the first n writes of the transaction in it.
func (l *looped) seen(m model, n int) model {
	m = maps.Clone(m)
	for _, w := range l.own[:n] {
		w(m)
	}
	return m
}

// ask notes a read, and returns an error unless a state explains all that was read.
func (l *looped) ask(what string, explains func(m model) bool) error {
	l.asked, l.told = append(l.asked, explains), append(l.told, what)
	if l.differ || l.explained(l.states) {
		return nil
	}
	return fmt.Errorf("no state explains %s", strings.Join(l.told, "; "))
}

// explained reports whether one of the states explains all that was read.
func (l *looped) explained(states []model) bool {
	return slices.ContainsFunc(states, func(m model) bool {
		for _, explains := range l.asked {
			if !explains(m) {
				return false
			}
		}
		return true
	})
}

// get reads a key, by one of the ways there are.
func (l *looped) get(how, key string) error {
	n := len(l.own)
	var val string
	var there bool
	switch how {
	case "get", "many":
		var v []byte
		var err error
		if how == "get" {
			if v, err = l.tx.Get(ctx, []byte(key)); errors.Is(err, engine.ErrNotFound) {
				err = nil
			}
		} else {
			vals := [][]byte{[]byte("left over")}
			err = l.tx.GetMany(ctx, [][]byte{[]byte(key)}, vals)
			v = vals[0]
		}
		if err != nil {
			return err
		}
		val, there = string(v), v != nil
	case "has":
		var err error
		if there, err = l.tx.Has(ctx, []byte(key)); err != nil {
			return err
		}
	}
	return l.ask(fmt.Sprintf("%s %q = %q, %v", how, key, val, there), func(m model) bool {
		v, ok := l.seen(m, n)[key]
		return ok == there && (how == "has" || v == val)
	})
}

// open opens a loop.
func (l *looped) open(rng engine.Range) {
	l.loops = append(l.loops, &loop{it: l.tx.Iterate(ctx, rng), rng: rng, asOf: len(l.own)})
}

// step moves a loop on, in one of the two ways there are.
func (l *looped) step(o *loop, take bool) error {
	var pair string
	there := false
	if take {
		o.key, o.val = nil, nil
		engine.Take(o.it, 1, func(k, v []byte) bool {
			pair, there = string(k)+"="+string(v), true
			return true
		})
	} else if there = o.it.Next(); there {
		o.key, o.val = o.it.Key(), o.it.Value()
		o.kept, o.keep = string(o.key), string(o.val)
		pair = o.kept + "=" + o.keep
	}
	if !there {
		o.key, o.val = nil, nil
		if err := o.it.Err(); err != nil {
			return err
		}
	}
	rng := o.rng // what is left of it
	if o.any && rng.Reverse {
		rng.End = []byte(o.last)
	} else if o.any {
		rng.Start = []byte(o.last + "\x00")
	}
	if there {
		o.last, _, _ = strings.Cut(pair, "=")
		o.any = true
	}
	asOf := o.asOf
	return l.ask(fmt.Sprintf("next of %q to %q, reverse=%v, shows %q", rng.Start, rng.End, rng.Reverse, pair), func(m model) bool {
		left := l.seen(m, asOf).walk(rng)
		if !there {
			return len(left) == 0
		}
		return len(left) > 0 && left[0] == pair
	})
}

// stay returns an error if what a loop stands on has changed under its holder.
func (o *loop) stay() error {
	if o.key == nil {
		return nil
	}
	if string(o.key) != o.kept || string(o.val) != o.keep || !bytes.Equal(o.it.Key(), o.key) || !bytes.Equal(o.it.Value(), o.val) {
		return fmt.Errorf("a loop stood on %q=%q, and %q=%q is there before it went on", o.kept, o.keep, o.key, o.val)
	}
	return nil
}

// end commits, and returns what the engine holds then.
func (l *looped) end() (model, error) {
	last := l.states[len(l.states)-1]
	switch err := commit(l.tx); {
	case errors.Is(err, engine.ErrConflict) && len(l.states) > 1:
		return last, nil
	case err != nil:
		return nil, fmt.Errorf("commit: %w", err)
	}
	for _, o := range l.loops {
		if o.it.Next() {
			return nil, errors.New("a loop goes on after the commit")
		}
	}
	among := l.states
	if len(l.own) > 0 || l.differ {
		among = among[len(among)-1:]
	}
	if !l.explained(among) {
		return nil, fmt.Errorf("committed, though it read what is no more: %s", strings.Join(l.told, "; "))
	}
	return l.seen(last, len(l.own)), nil
}

// testLoops runs random transactions with loops in them, beside commits of others.
func (s *suite) testLoops(tt *testing.T) {
	rapid.Check(tt, func(t *rapid.T) {
		e := s.open(tt)
		defer e.Close()
		m := model{}
		write := func() {
			b := e.NewBatch()
			m = maps.Clone(m)
			if rapid.IntRange(0, 4).Draw(t, "clear") == 0 {
				m.clear(t, e)
				return
			}
			m.write(t, b)
			if err := e.Write(ctx, b, engine.WriteOptions{}); err != nil {
				t.Fatalf("Write: %v", err)
			}
		}
		write()
		var free engine.Tx // the one before
		for range rapid.IntRange(1, 4).Draw(t, "transactions") {
			o := engine.TxOptions{Hint: engine.Hint{Reads: engine.ReadsMayConflict, Reuse: free}}
			if rapid.IntRange(0, 3).Draw(t, "hint") == 0 {
				o.Hint.Reads = rapid.SampledFrom([]engine.Reads{engine.ReadsOneState, engine.ReadsMayDiffer}).Draw(t, "reads")
			}
			l := &looped{differ: o.Hint.Reads == engine.ReadsMayDiffer, states: []model{m}}
			var err error
			l.tx, err = e.Begin(ctx, o)
			free = l.tx
			if err != nil {
				t.Fatalf("Begin: %v", err)
			}
			m = l.random(t, m, func() model { write(); return m })
		}
		m.check(t, "after the transactions", e)
	})
}

// random takes a transaction through a random program and returns what the engine
// holds after it. other lets another commit happen.
func (l *looped) random(t *rapid.T, m model, other func() model) model {
	step := func() error {
		switch rapid.IntRange(0, 9).Draw(t, "step") {
		case 0:
			m = other()
			l.states = append(l.states, m)
		case 1:
			key := drawKey(t)
			return l.get(rapid.SampledFrom([]string{"get", "has", "many"}).Draw(t, "how"), key)
		case 2, 3:
			if len(l.loops) < 4 {
				l.open(drawRange(t))
			}
		case 4:
			key, val := drawKey(t), rapid.StringMatching(`[a-z]{1,6}`).Draw(t, "val")
			l.own = append(l.own, func(m model) { m[key] = val })
			return l.tx.Put([]byte(key), []byte(val))
		case 5:
			key := drawKey(t)
			l.own = append(l.own, func(m model) { delete(m, key) })
			return l.tx.Delete([]byte(key))
		default:
			if len(l.loops) == 0 {
				return nil
			}
			i := rapid.IntRange(0, len(l.loops)-1).Draw(t, "loop")
			if rapid.IntRange(0, 7).Draw(t, "close") == 0 {
				o := l.loops[i]
				l.loops = slices.Delete(l.loops, i, i+1)
				return o.it.Close()
			}
			return l.step(l.loops[i], rapid.Bool().Draw(t, "take"))
		}
		return nil
	}
	for range rapid.IntRange(1, 25).Draw(t, "steps") {
		err := step()
		for _, o := range l.loops {
			if err == nil {
				err = o.stay()
			}
		}
		switch {
		case errors.Is(err, engine.ErrConflict) && len(l.states) > 1:
			if err := l.tx.Rollback(); !errors.Is(err, engine.ErrConflict) {
				t.Fatalf("Rollback after a read that lost: %v", err)
			}
			return m
		case err != nil:
			t.Fatal(err)
		}
	}
	m, err := l.end()
	if err != nil {
		t.Fatal(err)
	}
	return m
}
