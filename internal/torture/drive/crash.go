package drive

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"

	"github.com/storegen/storegen/runtime/engine"
	"github.com/storegen/storegen/runtime/engine/memory"
	"github.com/storegen/storegen/runtime/store"
)

// Power is what can be done to the disk under the first engine.
type Power struct {
	// Fail lets the disk fail for good after some more operations.
	Fail func(after int)
	// Cut takes the power away and opens what is left. The engine that was open is
	// closed already.
	Cut func() (engine.Engine, error)
}

// state is what there was after a commit that a power cut may go back to.
type state[K comparable, V any] struct {
	pairs [][2][]byte // all of the engine
	rows  map[K]V
	keys  []K
}

// now is the state of the second engine and of the model.
func (d *driver[K, V, Q, S]) now() (state[K, V], error) {
	pairs, err := d.pairsOf(d.b.eng)
	return state[K, V]{pairs: pairs, rows: maps.Clone(d.rows), keys: slices.Clone(d.keys)}, err
}

func (d *driver[K, V, Q, S]) pairsOf(eng engine.Engine) ([][2][]byte, error) {
	it := eng.Iterate(d.ctx, engine.Range{})
	defer it.Close()
	var out [][2][]byte
	for it.Next() {
		out = append(out, [2][]byte{bytes.Clone(it.Key()), bytes.Clone(it.Value())})
	}
	return out, it.Close()
}

func samePairs(x, y [][2][]byte) bool {
	return slices.EqualFunc(x, y, func(x, y [2][]byte) bool { return samePair(x[0], x[1], y[0], y[1]) })
}

// cursorKey is where a database has what its cursors are sealed with: it is random,
// and each has another.
var cursorKey = []byte{0, 6}

// samePair compares two keys with their values.
func samePair(xk, xv, yk, yv []byte) bool {
	return bytes.Equal(xk, yk) && (bytes.Equal(xv, yv) || bytes.Equal(xk, cursorKey))
}

// remember notes the state after a step, which has made one commit or none.
func (d *driver[K, V, Q, S]) remember() error {
	if d.e.Power == nil {
		return nil
	}
	s, err := d.now()
	if err != nil {
		return err
	}
	last := len(d.states) - 1
	switch {
	case last >= 0 && samePairs(d.states[last].pairs, s.pairs):
		d.states[last] = s // nothing was committed, so nothing was synced either
	case d.synced:
		d.states = []state[K, V]{s}
	default:
		d.states = append(d.states, s)
	}
	d.synced = false
	return nil
}

// crash cuts the power, between two commits or within one, and opens what is
// left. It must be what there was after one of the commits since the last synced
// one, whole: then the model and the second engine go back to there, and all go
// on together.
func (d *driver[K, V, Q, S]) crash() error {
	states := d.states
	if d.rng.IntN(2) == 0 {
		after, err := d.within()
		if err != nil {
			return err
		}
		states = append(states, after...)
	}
	d.a.db.Close() // the disk may have failed
	eng, err := d.e.Power.Cut()
	if err != nil {
		return fmt.Errorf("opening after a power cut: %w", err)
	}
	if d.a, err = d.start(eng); err != nil {
		return fmt.Errorf("opening after a power cut: %w", err)
	}
	left, err := d.pairsOf(eng)
	if err != nil {
		return err
	}
	for _, s := range slices.Backward(states) {
		if samePairs(s.pairs, left) {
			return d.back(s)
		}
	}
	return fmt.Errorf("a power cut left %d keys that are not those after any of the last %d commits", len(left), len(states))
}

// within puts a row on the first engine while its disk fails, and returns the
// state that this leads to, if the row is written after all.
func (d *driver[K, V, Q, S]) within() ([]state[K, V], error) {
	v := d.row()
	w := v
	before, err := d.now()
	if err != nil {
		return nil, err
	}
	// The second engine tells what becomes of the row, and then forgets it.
	berr := d.b.table.Put(d.ctx, &w)
	if berr == nil {
		d.note(w)
	}
	after, err := d.now()
	if err != nil {
		return nil, err
	}
	if err := d.back(before); err != nil {
		return nil, err
	}
	d.e.Power.Fail(d.rng.IntN(3))
	w = v
	switch aerr := d.a.table.Put(d.ctx, &w); {
	case aerr == nil && berr != nil:
		return nil, fmt.Errorf("%w: one engine takes a row, the other says %w", errDisagree, berr)
	case aerr != nil && berr != nil && !errors.Is(aerr, store.ErrUnique) && !errors.Is(aerr, store.ErrExists):
		return nil, fmt.Errorf("%w: one engine says %w, the other %w", errDisagree, aerr, berr)
	case berr != nil:
		return nil, nil
	}
	return []state[K, V]{after}, nil
}

// back takes the model and the second engine back to a state.
func (d *driver[K, V, Q, S]) back(s state[K, V]) error {
	mem := memory.New()
	b := mem.NewBatch()
	for _, p := range s.pairs {
		b.Put(p[0], p[1])
	}
	err := mem.Write(d.ctx, b, engine.WriteOptions{})
	if err != nil {
		return errors.Join(err, mem.Close())
	}
	if err := d.b.db.Close(); err != nil {
		return err
	}
	if d.b, err = d.start(mem); err != nil {
		return err
	}
	d.rows, d.keys = maps.Clone(s.rows), slices.Clone(s.keys)
	d.states = []state[K, V]{s}
	return nil
}
